SELECT 'dbo' AS TABLE_SCHEMA, m.name AS TABLE_NAME, c.name AS COLUMN_NAME, c.pk AS ORDINAL
FROM sqlite_master m
JOIN pragma_table_info(m.name) c
WHERE m.type = 'table' AND c.pk > 0 AND m.name NOT LIKE 'sqlite%'
