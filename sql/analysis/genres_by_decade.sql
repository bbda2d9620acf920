/* How has the popularity of each genre's tracks moved by decade of release? */
SELECT
  genre,
  CAST(FLOOR(release_year / 10) * 10 AS INTEGER) AS decade,
  SUM(tracks) AS tracks,
  SUM(average_popularity * tracks) / SUM(tracks) AS average_popularity
FROM genre_by_year
WHERE release_year IS NOT NULL
GROUP BY genre, CAST(FLOOR(release_year / 10) * 10 AS INTEGER)
ORDER BY genre, decade
