-- Check constraints stand in the text of their table only.
SELECT 'dbo' AS TABLE_SCHEMA, m.name AS TABLE_NAME, 'dbo' AS CONSTRAINT_SCHEMA, m.sql AS CHECKS_OF
FROM sqlite_master m
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
