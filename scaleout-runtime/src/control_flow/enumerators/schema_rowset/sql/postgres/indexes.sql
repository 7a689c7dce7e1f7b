-- All indexes are trees (1), as OLE DB has nothing else for them but hash tables.
SELECT current_database() AS TABLE_CATALOG, n.nspname AS TABLE_SCHEMA, t.relname AS TABLE_NAME,
    current_database() AS INDEX_CATALOG, n.nspname AS INDEX_SCHEMA, i.relname AS INDEX_NAME,
    CASE WHEN x.indisprimary THEN 'True' ELSE 'False' END AS PRIMARY_KEY,
    CASE WHEN x.indisunique THEN 'True' ELSE 'False' END AS "UNIQUE",
    CASE WHEN x.indisclustered THEN 'True' ELSE 'False' END AS "CLUSTERED",
    '1' AS "TYPE", a.attnum AS ORDINAL_POSITION,
    pg_get_indexdef(x.indexrelid, a.attnum, false) AS COLUMN_NAME,
    CASE x.indoption[a.attnum - 1] % 2 WHEN 1 THEN 2 ELSE 1 END AS "COLLATION",
    i.relpages AS PAGES, pg_get_expr(x.indpred, x.indrelid) AS FILTER_CONDITION, 'False' AS INTEGRATED
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indexrelid AND a.attnum BETWEEN 1 AND x.indnkeyatts
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
