-- How often and how long each track was played, by country.
-- partition_by: country
SELECT
  track_id,
  COUNT(*) AS streams,
  SUM(TRY_CAST(seconds AS BIGINT)) AS seconds,
  COUNT(DISTINCT month) AS months,
  country
FROM streams
WHERE TRY_CAST(stream_id AS BIGINT) IS NOT NULL AND country <> ''
GROUP BY track_id, country
