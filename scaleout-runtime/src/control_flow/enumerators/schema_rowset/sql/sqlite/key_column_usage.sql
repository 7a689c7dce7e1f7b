-- It keeps no names of primary and foreign keys.
SELECT 'dbo' AS CONSTRAINT_SCHEMA, '' AS CONSTRAINT_NAME, 'dbo' AS TABLE_SCHEMA, m.name AS TABLE_NAME,
    c.name AS COLUMN_NAME, c.pk AS ORDINAL_POSITION
FROM sqlite_master m
JOIN pragma_table_info(m.name) c
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND 0 < c.pk
UNION ALL
SELECT 'dbo', i.name, 'dbo', m.name, c.name, c.seqno + 1
FROM sqlite_master m
JOIN pragma_index_list(m.name) i
JOIN pragma_index_info(i.name) c
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND i.origin = 'u'
UNION ALL
SELECT 'dbo', '', 'dbo', m.name, f.[from], f.seq + 1
FROM sqlite_master m
JOIN pragma_foreign_key_list(m.name) f
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
