SELECT 'dbo' AS PK_TABLE_SCHEMA, f.[table] AS PK_TABLE_NAME, f.[to] AS PK_COLUMN_NAME,
    'dbo' AS FK_TABLE_SCHEMA, m.name AS FK_TABLE_NAME, f.[from] AS FK_COLUMN_NAME, f.seq + 1 AS ORDINAL,
    f.on_update AS UPDATE_RULE, f.on_delete AS DELETE_RULE
FROM sqlite_master m
JOIN pragma_foreign_key_list(m.name) f
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
