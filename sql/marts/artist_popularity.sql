SELECT
  artist_id,
  MAX(artist_name) AS artist_name,
  COUNT(*) AS tracks,
  AVG(popularity) AS average_popularity,
  MAX(popularity) AS highest_popularity,
  MIN(release_year) AS first_year,
  MAX(release_year) AS last_year
FROM track_catalogue
GROUP BY artist_id
