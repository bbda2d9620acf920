-- One row per track. LEFT JOIN: a track whose artist, album or features are in quarantine stays, with nulls.
SELECT
  t.track_id,
  t.track_name,
  t.artist_id,
  a.artist_name,
  b.album_name,
  b.release_year,
  t.popularity,
  t.duration_min,
  f.danceability,
  f.energy,
  f.valence,
  f.tempo
FROM tracks t
LEFT JOIN artists a ON t.artist_id = a.artist_id
LEFT JOIN albums b ON t.album_id = b.album_id AND t.artist_id = b.artist_id
LEFT JOIN features f ON t.track_id = f.track_id
