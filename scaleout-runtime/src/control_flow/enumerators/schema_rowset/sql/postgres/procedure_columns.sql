-- The columns of functions that are declared with TABLE.
SELECT current_database() AS PROCEDURE_CATALOG, n.nspname AS PROCEDURE_SCHEMA, p.proname AS PROCEDURE_NAME,
    p.proargnames[k.at] AS COLUMN_NAME, 1 AS ROWSET_NUMBER,
    rank() OVER (PARTITION BY p.oid ORDER BY k.at) AS ORDINAL_POSITION, 'True' AS IS_NULLABLE,
    CASE t.typname WHEN 'varchar' THEN 'nvarchar' WHEN 'bpchar' THEN 'nchar' ELSE t.typname END
        AS DECLARED_TYPE
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN LATERAL generate_subscripts(p.proargmodes, 1) AS k(at)
JOIN pg_catalog.pg_type t ON t.oid = p.proallargtypes[k.at]
WHERE p.proargmodes[k.at] = 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
