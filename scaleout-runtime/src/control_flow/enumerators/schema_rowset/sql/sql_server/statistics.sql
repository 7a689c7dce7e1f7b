SELECT DB_NAME() AS TABLE_CATALOG, s.name AS TABLE_SCHEMA, t.name AS TABLE_NAME, SUM(p.rows) AS CARDINALITY
FROM sys.tables t
JOIN sys.schemas s ON s.schema_id = t.schema_id
JOIN sys.partitions p ON p.object_id = t.object_id AND p.index_id < 2
GROUP BY s.name, t.name
