SELECT current_database() AS TABLE_CATALOG, n.nspname AS TABLE_SCHEMA, c.relname AS TABLE_NAME,
    a.attname AS COLUMN_NAME,
    (SELECT COUNT(*) FROM pg_catalog.pg_attribute b
     WHERE b.attrelid = a.attrelid AND 0 < b.attnum AND b.attnum <= a.attnum AND NOT b.attisdropped)
        AS ORDINAL_POSITION,
    CASE WHEN d.oid IS NULL THEN 'False' ELSE 'True' END AS COLUMN_HASDEFAULT,
    pg_get_expr(d.adbin, d.adrelid) AS COLUMN_DEFAULT,
    CASE WHEN a.attnotnull THEN 'False' ELSE 'True' END AS IS_NULLABLE,
    CASE t.typname WHEN 'varchar' THEN 'nvarchar' WHEN 'bpchar' THEN 'nchar' ELSE t.typname END
        || COALESCE('(' || substring(format_type(a.atttypid, a.atttypmod) from '[0-9][0-9,]*') || ')', '') AS DECLARED_TYPE,
    col_description(c.oid, a.attnum) AS DESCRIPTION
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE 0 < a.attnum AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
