-- The types that values have a counterpart for.
SELECT t.typname AS TYPE_NAME, t.typname AS LOCAL_TYPE_NAME,
    CASE t.typname WHEN 'varchar' THEN 'nvarchar(10485760)' WHEN 'bpchar' THEN 'nchar(10485760)'
        WHEN 'name' THEN 'nvarchar(63)' ELSE t.typname END AS DECLARED_TYPE,
    CASE t.typname WHEN 'numeric' THEN 'precision,scale' WHEN 'varchar' THEN 'max length'
        WHEN 'bpchar' THEN 'length' END AS CREATE_PARAMS
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname = 'pg_catalog' AND t.typname IN ('bool', 'int2', 'int4', 'int8', 'float4', 'float8',
    'numeric', 'money', 'varchar', 'bpchar', 'name', 'text', 'xml', 'json', 'jsonb', 'bytea', 'uuid',
    'date', 'time', 'timestamp', 'timestamptz')
