-- Check constraints stand in the text of their table only.
SELECT 'dbo' AS CONSTRAINT_SCHEMA, m.sql AS CHECKS_OF
FROM sqlite_master m
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
