SELECT current_database() AS TABLE_CATALOG, t.nspname AS TABLE_SCHEMA, r.relname AS TABLE_NAME,
    current_database() AS CONSTRAINT_CATALOG, n.nspname AS CONSTRAINT_SCHEMA, c.conname AS CONSTRAINT_NAME,
    pg_get_expr(c.conbin, c.conrelid) AS CHECK_CLAUSE, obj_description(c.oid, 'pg_constraint') AS DESCRIPTION
FROM pg_catalog.pg_constraint c
JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
JOIN pg_catalog.pg_class r ON r.oid = c.conrelid
JOIN pg_catalog.pg_namespace t ON t.oid = r.relnamespace
WHERE c.contype = 'c' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
