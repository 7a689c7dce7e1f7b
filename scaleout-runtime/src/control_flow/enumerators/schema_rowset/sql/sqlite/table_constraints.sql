-- It keeps no names of keys; check constraints are read from the text of their table.
SELECT 'dbo' AS CONSTRAINT_SCHEMA, '' AS CONSTRAINT_NAME, 'dbo' AS TABLE_SCHEMA, m.name AS TABLE_NAME,
    'PRIMARY KEY' AS CONSTRAINT_TYPE, '' AS CHECKS_OF
FROM sqlite_master m
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
    AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE 0 < c.pk)
UNION ALL
SELECT 'dbo', i.name, 'dbo', m.name, 'UNIQUE', ''
FROM sqlite_master m
JOIN pragma_index_list(m.name) i
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND i.origin = 'u'
UNION ALL
SELECT 'dbo', '', 'dbo', m.name, 'FOREIGN KEY', ''
FROM sqlite_master m
JOIN pragma_foreign_key_list(m.name) f
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND f.seq = 0
UNION ALL
SELECT 'dbo', '', 'dbo', m.name, 'CHECK', m.sql
FROM sqlite_master m
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
