-- Partitioned and foreign tables are tables; what the server has of its own is of the system.
SELECT current_database() AS TABLE_CATALOG, n.nspname AS TABLE_SCHEMA, c.relname AS TABLE_NAME,
    CASE WHEN n.nspname IN ('pg_catalog', 'information_schema') THEN 'SYSTEM ' ELSE '' END
        || CASE WHEN c.relkind IN ('v', 'm') THEN 'VIEW' ELSE 'TABLE' END AS TABLE_TYPE,
    obj_description(c.oid, 'pg_class') AS DESCRIPTION
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
    AND n.nspname <> 'pg_toast' AND n.nspname NOT LIKE 'pg~_temp%' ESCAPE '~'
