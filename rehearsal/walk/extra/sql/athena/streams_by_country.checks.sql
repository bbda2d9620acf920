SELECT CASE WHEN COUNT(*) > 0 THEN 0 ELSE 1 END FROM {table};
SELECT COUNT(*) FROM {table} WHERE track_id IS NULL OR streams < 1 OR seconds < 0;
SELECT COUNT(*) - COUNT(DISTINCT track_id || '@' || country) FROM {table}
