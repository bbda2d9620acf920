SELECT
  CASE GROUPING_ID(artist_name, genre_name, year, country)
    WHEN 7 THEN 'artist' WHEN 11 THEN 'genre' WHEN 13 THEN 'year' ELSE 'country'
  END AS dimension,
  COALESCE(artist_name, genre_name, CAST(year AS STRING), country) AS value,
  SUM(amount) AS revenue,
  COUNT(*) AS lines
FROM (SELECT artist_name, genre_name, year(invoiced_at) AS year, country, amount FROM sales)
GROUP BY GROUPING SETS ((artist_name), (genre_name), (year), (country))
