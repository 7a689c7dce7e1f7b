-- It keeps no names of foreign keys.
SELECT 'dbo' AS CONSTRAINT_SCHEMA, 'dbo' AS UNIQUE_CONSTRAINT_SCHEMA, f.match AS MATCH_OPTION,
    f.on_update AS UPDATE_RULE, f.on_delete AS DELETE_RULE
FROM sqlite_master m
JOIN pragma_foreign_key_list(m.name) f
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND f.seq = 0
