SELECT t.track_id, t.track_name, t.composer
FROM tracks t
LEFT ANTI JOIN invoice_lines l ON t.track_id = l.track_id
