SELECT name AS TYPE_NAME, name AS LOCAL_TYPE_NAME,
    CASE WHEN name = 'real' THEN 'float4'
        WHEN name IN ('nchar', 'nvarchar') THEN name + '(4000)'
        WHEN name IN ('char', 'varchar', 'binary', 'varbinary') THEN name + '(8000)'
        ELSE name END AS DECLARED_TYPE,
    CASE WHEN name IN ('decimal', 'numeric') THEN 'precision,scale'
        WHEN name IN ('char', 'nchar', 'binary') THEN 'length'
        WHEN name IN ('varchar', 'nvarchar', 'varbinary') THEN 'max length' END AS CREATE_PARAMS
FROM sys.types
WHERE is_user_defined = 0 AND name <> 'sysname'
