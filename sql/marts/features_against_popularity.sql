-- Bands of a fifth: 0.0, 0.2, 0.4, 0.6, 0.8; the value 1.0 belongs to the last.
SELECT
  CAST(LEAST(FLOOR(danceability * 5), 4) / 5 AS DECIMAL(2, 1)) AS danceability_from,
  CAST(LEAST(FLOOR(energy * 5), 4) / 5 AS DECIMAL(2, 1)) AS energy_from,
  COUNT(*) AS tracks,
  AVG(popularity) AS average_popularity,
  AVG(tempo) AS average_tempo
FROM track_catalogue
WHERE danceability IS NOT NULL AND energy IS NOT NULL
GROUP BY 1, 2
