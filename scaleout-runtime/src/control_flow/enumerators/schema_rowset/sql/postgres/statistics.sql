-- The planner's estimate; it is unknown before the first ANALYZE.
SELECT current_database() AS TABLE_CATALOG, n.nspname AS TABLE_SCHEMA, c.relname AS TABLE_NAME,
    CASE WHEN 0 <= c.reltuples THEN CAST(c.reltuples AS bigint) END AS CARDINALITY
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
