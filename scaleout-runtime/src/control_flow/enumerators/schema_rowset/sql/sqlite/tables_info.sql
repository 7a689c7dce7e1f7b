SELECT 'dbo' AS TABLE_SCHEMA, name AS TABLE_NAME,
    CASE type WHEN 'view' THEN 'VIEW' ELSE 'TABLE' END AS TABLE_TYPE, 'False' AS BOOKMARKS
FROM sqlite_master
WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'
