SELECT 'dbo' AS TABLE_SCHEMA, m.name AS TABLE_NAME, 'dbo' AS INDEX_SCHEMA, i.name AS INDEX_NAME,
    CASE i.origin WHEN 'pk' THEN 'True' ELSE 'False' END AS PRIMARY_KEY,
    CASE i.[unique] WHEN 1 THEN 'True' ELSE 'False' END AS "UNIQUE",
    'False' AS "CLUSTERED", '1' AS "TYPE", c.seqno + 1 AS ORDINAL_POSITION, c.name AS COLUMN_NAME,
    CASE c.[desc] WHEN 1 THEN 2 ELSE 1 END AS "COLLATION", 'False' AS INTEGRATED
FROM sqlite_master m
JOIN pragma_index_list(m.name) i
JOIN pragma_index_xinfo(i.name) c
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND c.key = 1
