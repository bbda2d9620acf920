-- How often and how long each track was played, by country.
-- partition_by: country
SELECT
  track_id,
  COUNT(*) AS plays,
  SUM(TRY_CAST(seconds AS BIGINT)) AS seconds,
  COUNT(DISTINCT month) AS months,
  country
FROM plays
WHERE TRY_CAST(play_id AS BIGINT) IS NOT NULL AND country <> ''
GROUP BY track_id, country
