-- Deferrability: 1 initially deferred, 2 initially immediate, 3 not deferrable.
SELECT current_database() AS PK_TABLE_CATALOG, pn.nspname AS PK_TABLE_SCHEMA, pt.relname AS PK_TABLE_NAME,
    pa.attname AS PK_COLUMN_NAME, current_database() AS FK_TABLE_CATALOG, fn.nspname AS FK_TABLE_SCHEMA,
    ft.relname AS FK_TABLE_NAME, fa.attname AS FK_COLUMN_NAME,
    array_position(c.conkey, fa.attnum) AS ORDINAL,
    CASE c.confupdtype WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
        WHEN 'd' THEN 'SET DEFAULT' ELSE 'NO ACTION' END AS UPDATE_RULE,
    CASE c.confdeltype WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
        WHEN 'd' THEN 'SET DEFAULT' ELSE 'NO ACTION' END AS DELETE_RULE,
    i.relname AS PK_NAME, c.conname AS FK_NAME,
    CASE WHEN NOT c.condeferrable THEN 3 WHEN c.condeferred THEN 1 ELSE 2 END AS DEFERRABILITY
FROM pg_catalog.pg_constraint c
JOIN pg_catalog.pg_class pt ON pt.oid = c.confrelid
JOIN pg_catalog.pg_namespace pn ON pn.oid = pt.relnamespace
JOIN pg_catalog.pg_class ft ON ft.oid = c.conrelid
JOIN pg_catalog.pg_namespace fn ON fn.oid = ft.relnamespace
JOIN pg_catalog.pg_class i ON i.oid = c.conindid
JOIN pg_catalog.pg_attribute fa ON fa.attrelid = c.conrelid
JOIN pg_catalog.pg_attribute pa ON pa.attrelid = c.confrelid
    AND array_position(c.confkey, pa.attnum) = array_position(c.conkey, fa.attnum)
WHERE c.contype = 'f'
