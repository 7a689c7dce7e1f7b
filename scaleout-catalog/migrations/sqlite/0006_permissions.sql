-- Logins and roles, permissions on objects, and the record of who did what.

-- Logins and roles share their names and ids, as permissions are granted to both.
CREATE TABLE principal (
    principal_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    is_role INTEGER NOT NULL,
    is_enabled INTEGER NOT NULL DEFAULT 1,
    password_hash TEXT,
    certificate_thumbprint TEXT UNIQUE,
    created_by_name TEXT NOT NULL,
    created_time TEXT NOT NULL,
    last_login_time TEXT
);

INSERT INTO principal (principal_id, name, name_key, is_role, created_by_name, created_time)
SELECT column1, column2, column2, 1, 'sysadmin',
    (SELECT min(applied_time) FROM schema_migration)
FROM (VALUES (1, 'public'), (2, 'sysadmin'), (3, 'ssis_admin'), (4, 'ssis_cluster_executor'),
    (5, 'ssis_cluster_worker'), (6, 'ssis_logreader'), (7, 'ssis_monitor'));
-- Logins have ids of their own from 101 on.
UPDATE sqlite_sequence SET seq = 100 WHERE name = 'principal';

CREATE TABLE principal_role (
    principal_id INTEGER NOT NULL REFERENCES principal (principal_id),
    role_id INTEGER NOT NULL REFERENCES principal (principal_id),
    PRIMARY KEY (principal_id, role_id)
);

-- Whoever had a token has a login.
INSERT INTO principal (name, name_key, is_role, created_by_name, created_time)
SELECT min(name), lower(name), 0, 'sysadmin', min(created_time) FROM token GROUP BY lower(name);
INSERT INTO principal_role (principal_id, role_id)
SELECT DISTINCT p.principal_id, r.principal_id FROM token t
JOIN principal p ON p.name_key = lower(t.name) AND p.is_role = 0
JOIN principal r ON r.name_key = t.role AND r.is_role = 1
WHERE t.role <> 'public';

ALTER TABLE token RENAME TO token_before;
CREATE TABLE token (
    token_id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash TEXT NOT NULL UNIQUE,
    principal_id INTEGER NOT NULL REFERENCES principal (principal_id),
    -- `login` from logging in, `personal` for scripts, `local` in the master's folder.
    kind TEXT NOT NULL,
    description TEXT,
    created_time TEXT NOT NULL,
    expires_time TEXT
);
CREATE INDEX token_by_principal ON token (principal_id);
CREATE INDEX token_by_end ON token (expires_time);
INSERT INTO token (token_hash, principal_id, kind, created_time)
SELECT t.token_hash, p.principal_id, 'local', t.created_time FROM token_before t
JOIN principal p ON p.name_key = lower(t.name) AND p.is_role = 0;
DROP TABLE token_before;

-- What is granted or denied. Types and numbers are those of `explicit_object_permissions`; rows go
-- with their object and with their principal.
CREATE TABLE object_permission (
    object_type INTEGER NOT NULL,
    object_id INTEGER NOT NULL,
    principal_id INTEGER NOT NULL REFERENCES principal (principal_id),
    permission_type INTEGER NOT NULL,
    is_deny INTEGER NOT NULL,
    grantor_id INTEGER NOT NULL,
    PRIMARY KEY (object_type, object_id, principal_id, permission_type)
) WITHOUT ROWID;
CREATE INDEX object_permission_by_principal
    ON object_permission (principal_id, object_type, permission_type, is_deny, object_id);
CREATE INDEX object_permission_by_grantor ON object_permission (grantor_id);

CREATE TABLE audit_event (
    audit_id INTEGER PRIMARY KEY AUTOINCREMENT,
    audit_time TEXT NOT NULL,
    login_name TEXT NOT NULL,
    address TEXT,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    outcome TEXT NOT NULL
);
CREATE INDEX audit_event_by_time ON audit_event (audit_time);

CREATE VIEW principals AS
SELECT principal_id, name, CASE WHEN is_role THEN 'ROLE' ELSE 'LOGIN' END AS type_desc
FROM principal;

CREATE VIEW logins AS
SELECT principal_id, name, is_enabled, password_hash IS NOT NULL AS has_password,
    certificate_thumbprint, created_by_name, created_time, last_login_time
FROM principal WHERE NOT is_role;

CREATE VIEW login_roles AS
SELECT p.name AS login_name, r.name AS role_name FROM principal_role m
JOIN principal p ON p.principal_id = m.principal_id
JOIN principal r ON r.principal_id = m.role_id;

CREATE VIEW tokens AS
SELECT t.token_id, p.name AS login_name, t.kind, t.description, t.created_time, t.expires_time
FROM token t JOIN principal p ON p.principal_id = t.principal_id;

CREATE VIEW audit_log AS
SELECT audit_id, audit_time, login_name, address, action, object, outcome FROM audit_event;

CREATE VIEW explicit_object_permissions AS
SELECT object_type, object_id, principal_id, permission_type, is_deny, grantor_id
FROM object_permission;

-- What an administrator has, and whoever reads the database itself is one: every permission that
-- the object can have. What others have of it is decided where the catalog is asked.
CREATE VIEW effective_object_permissions AS
SELECT 1 AS object_type, f.folder_id AS object_id, t.column1 AS permission_type FROM folder f
CROSS JOIN (VALUES (1), (2), (4), (100), (101), (102), (103), (104)) t
UNION ALL
SELECT 2, p.project_id, t.column1 FROM project p CROSS JOIN (VALUES (1), (2), (3), (4)) t
UNION ALL
SELECT 3, e.environment_id, t.column1 FROM environment e CROSS JOIN (VALUES (1), (2), (4)) t
UNION ALL
SELECT 4, o.operation_id, t.column1 FROM operation o CROSS JOIN (VALUES (1), (2), (4)) t;
