-- Plays of tracks that the catalogue does not know are left out.
SELECT
  c.artist_id,
  MAX(c.artist_name) AS artist_name,
  COUNT(*) AS plays,
  CAST(SUM(p.listened_ms) AS BIGINT) AS listened_ms
FROM plays p
JOIN track_catalogue c ON p.track_id = c.track_id
GROUP BY c.artist_id
