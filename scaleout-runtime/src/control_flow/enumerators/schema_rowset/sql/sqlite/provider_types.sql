-- Its storage classes; every declared type is one of them.
SELECT 'integer' AS TYPE_NAME, 'integer' AS LOCAL_TYPE_NAME, 'integer' AS DECLARED_TYPE
UNION ALL SELECT 'real', 'real', 'real'
UNION ALL SELECT 'text', 'text', 'text'
UNION ALL SELECT 'blob', 'blob', 'blob'
UNION ALL SELECT 'numeric', 'numeric', 'numeric'
