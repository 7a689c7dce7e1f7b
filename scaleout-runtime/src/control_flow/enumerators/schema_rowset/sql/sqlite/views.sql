SELECT 'dbo' AS TABLE_SCHEMA, name AS TABLE_NAME, sql AS VIEW_DEFINITION,
    'False' AS CHECK_OPTION, 'False' AS IS_UPDATABLE
FROM sqlite_master
WHERE type = 'view'
