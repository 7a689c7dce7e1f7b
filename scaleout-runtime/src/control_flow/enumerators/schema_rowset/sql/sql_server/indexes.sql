SELECT DB_NAME() AS TABLE_CATALOG, s.name AS TABLE_SCHEMA, t.name AS TABLE_NAME,
    DB_NAME() AS INDEX_CATALOG, s.name AS INDEX_SCHEMA, i.name AS INDEX_NAME,
    CASE i.is_primary_key WHEN 1 THEN 'True' ELSE 'False' END AS PRIMARY_KEY,
    CASE i.is_unique WHEN 1 THEN 'True' ELSE 'False' END AS "UNIQUE",
    CASE i.type WHEN 1 THEN 'True' ELSE 'False' END AS "CLUSTERED",
    '1' AS "TYPE", i.fill_factor AS FILL_FACTOR, k.key_ordinal AS ORDINAL_POSITION, c.name AS COLUMN_NAME,
    CASE k.is_descending_key WHEN 1 THEN 2 ELSE 1 END AS "COLLATION",
    i.filter_definition AS FILTER_CONDITION, CASE i.type WHEN 1 THEN 'True' ELSE 'False' END AS INTEGRATED
FROM sys.indexes i
JOIN sys.tables t ON t.object_id = i.object_id
JOIN sys.schemas s ON s.schema_id = t.schema_id
JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id
JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id
WHERE 0 < k.key_ordinal
