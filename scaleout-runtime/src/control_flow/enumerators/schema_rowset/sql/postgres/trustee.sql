-- Who can log in is a user (1), any other role a group (2).
SELECT rolname AS TRUSTEE_NAME, CASE WHEN rolcanlogin THEN 1 ELSE 2 END AS TRUSTEE_TYPE
FROM pg_catalog.pg_roles
