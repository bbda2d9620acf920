-- A track is in many playlists: its genres are made distinct before they are joined to the catalogue.
SELECT
  g.genre,
  c.release_year,
  COUNT(*) AS tracks,
  AVG(c.popularity) AS average_popularity
FROM (SELECT DISTINCT genre, track_id FROM playlist_tracks) g
JOIN track_catalogue c ON g.track_id = c.track_id
GROUP BY g.genre, c.release_year
