SELECT 'dbo' AS TABLE_SCHEMA, m.name AS TABLE_NAME, c.name AS COLUMN_NAME,
    c.cid + 1 AS ORDINAL_POSITION,
    CASE WHEN c.dflt_value IS NULL THEN 'False' ELSE 'True' END AS COLUMN_HASDEFAULT,
    c.dflt_value AS COLUMN_DEFAULT,
    CASE WHEN c.[notnull] = 1 THEN 'False' ELSE 'True' END AS IS_NULLABLE,
    c.type AS DECLARED_TYPE
FROM sqlite_master m
JOIN pragma_table_info(m.name) c
WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite%'
