SELECT CAST(happened_at AS DATE) AS day, COUNT(*) AS events, MAX(magnitude) AS strongest
FROM earthquakes
GROUP BY CAST(happened_at AS DATE)
