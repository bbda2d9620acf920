-- Written by `python -m headgate.verify --write-contract`.
SELECT
  wave,
  COUNT(*) AS row_count,
  CAST(SUM(amount) AS BIGINT) AS amount
FROM verify_probe
GROUP BY wave
