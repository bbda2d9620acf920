/* Which artists are the most popular, by the average over their tracks? */
SELECT artist_name, AVG(popularity) AS average_popularity, COUNT(*) AS tracks
FROM track_catalogue
WHERE artist_name IS NOT NULL
GROUP BY artist_name
ORDER BY average_popularity DESC, artist_name
LIMIT 10
