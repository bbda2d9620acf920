/* The most popular energetic tracks of the newest year in the catalogue. */
SELECT track_name, artist_name, release_year, popularity, energy
FROM track_catalogue
WHERE energy >= 0.8 AND release_year = (SELECT MAX(release_year) FROM track_catalogue)
ORDER BY popularity DESC, energy DESC, track_id
LIMIT 20
