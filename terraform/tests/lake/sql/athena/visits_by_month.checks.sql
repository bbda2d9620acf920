SELECT count(*) FROM {table} WHERE page IS NULL;
SELECT count(*) FROM {table} WHERE times < 1
