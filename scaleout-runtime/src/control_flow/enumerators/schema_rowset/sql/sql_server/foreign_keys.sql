SELECT DB_NAME() AS PK_TABLE_CATALOG, ps.name AS PK_TABLE_SCHEMA, pt.name AS PK_TABLE_NAME,
    pc.name AS PK_COLUMN_NAME, DB_NAME() AS FK_TABLE_CATALOG, fs.name AS FK_TABLE_SCHEMA,
    ft.name AS FK_TABLE_NAME, fc.name AS FK_COLUMN_NAME, k.constraint_column_id AS ORDINAL,
    REPLACE(f.update_referential_action_desc, '_', ' ') AS UPDATE_RULE,
    REPLACE(f.delete_referential_action_desc, '_', ' ') AS DELETE_RULE,
    i.name AS PK_NAME, f.name AS FK_NAME, 3 AS DEFERRABILITY
FROM sys.foreign_keys f
JOIN sys.foreign_key_columns k ON k.constraint_object_id = f.object_id
JOIN sys.tables pt ON pt.object_id = k.referenced_object_id
JOIN sys.schemas ps ON ps.schema_id = pt.schema_id
JOIN sys.columns pc ON pc.object_id = k.referenced_object_id AND pc.column_id = k.referenced_column_id
JOIN sys.tables ft ON ft.object_id = k.parent_object_id
JOIN sys.schemas fs ON fs.schema_id = ft.schema_id
JOIN sys.columns fc ON fc.object_id = k.parent_object_id AND fc.column_id = k.parent_column_id
LEFT JOIN sys.indexes i ON i.object_id = f.referenced_object_id AND i.index_id = f.key_index_id
