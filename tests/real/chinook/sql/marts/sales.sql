SELECT l.invoice_line_id, l.invoice_id, l.track_id, r.artist_name, g.genre_name, i.country, c.email AS customer_email,
       i.invoiced_at, l.amount
FROM invoice_lines l
JOIN invoices i ON l.invoice_id = i.invoice_id
JOIN customers c ON i.customer_id = c.customer_id
JOIN tracks t ON l.track_id = t.track_id
JOIN genres g ON t.genre_id = g.genre_id
JOIN albums a ON t.album_id = a.album_id
JOIN artists r ON a.artist_id = r.artist_id
