-- Visits by page and month.
-- partition_by: month
SELECT page, sum(times) AS times, date_format(seen_on, '%Y-%m') AS month
FROM visits
GROUP BY page, date_format(seen_on, '%Y-%m')
