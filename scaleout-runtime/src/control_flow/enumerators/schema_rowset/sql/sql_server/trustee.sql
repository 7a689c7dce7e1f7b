-- A role and a group of the domain are groups (2).
SELECT name AS TRUSTEE_NAME, CASE WHEN type IN ('R', 'G', 'X') THEN 2 ELSE 1 END AS TRUSTEE_TYPE
FROM sys.database_principals
