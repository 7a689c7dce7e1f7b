-- The number of rows is in the table `sqlite_stat1`, which is there after the first ANALYZE only.
SELECT 'dbo' AS TABLE_SCHEMA, name AS TABLE_NAME
FROM sqlite_master
WHERE type = 'table' AND name NOT LIKE 'sqlite%'
