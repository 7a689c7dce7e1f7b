-- Environments, their variables, and the references of projects to them.

CREATE TABLE environment (
    environment_id INTEGER PRIMARY KEY AUTOINCREMENT,
    folder_id INTEGER NOT NULL REFERENCES folder (folder_id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT,
    created_by_name TEXT NOT NULL,
    created_time TEXT NOT NULL,
    UNIQUE (folder_id, name_key)
);

CREATE TABLE environment_variable (
    variable_id INTEGER PRIMARY KEY AUTOINCREMENT,
    environment_id INTEGER NOT NULL REFERENCES environment (environment_id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT,
    data_type TEXT NOT NULL,
    sensitive INTEGER NOT NULL,
    value TEXT,
    secret BLOB,
    UNIQUE (environment_id, name_key)
);

-- A reference names its environment and may outlive it, hence no foreign key to it. The folder's name
-- is NULL, and its key empty, where the environment is sought in the folder of the project.
CREATE TABLE environment_reference (
    reference_id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL REFERENCES project (project_id),
    environment_folder_name TEXT,
    environment_folder_key TEXT NOT NULL,
    environment_name TEXT NOT NULL,
    environment_key TEXT NOT NULL,
    UNIQUE (project_id, environment_folder_key, environment_key)
);

-- The environment variable that gives the value, instead of a server value.
ALTER TABLE object_parameter ADD COLUMN referenced_variable_name TEXT;
ALTER TABLE execution_parameter ADD COLUMN referenced_variable_name TEXT;

-- The reference that an execution was created with, and where it led then.
ALTER TABLE execution ADD COLUMN reference_id INTEGER;
ALTER TABLE execution ADD COLUMN reference_type TEXT;
ALTER TABLE execution ADD COLUMN environment_folder_name TEXT;
ALTER TABLE execution ADD COLUMN environment_name TEXT;

CREATE VIEW environments AS
SELECT environment_id, name, folder_id, description, NULL AS created_by_sid, created_by_name,
    created_time
FROM environment;

CREATE VIEW environment_variables AS
SELECT variable_id, environment_id, name, description, data_type AS type, sensitive, value
FROM environment_variable;

CREATE VIEW environment_references AS
SELECT reference_id, project_id,
    CASE WHEN environment_folder_name IS NULL THEN 'R' ELSE 'A' END AS reference_type,
    environment_folder_name, environment_name, 'N' AS validation_status, NULL AS last_validation_time
FROM environment_reference;

DROP VIEW object_parameters;
CREATE VIEW object_parameters AS
SELECT p.parameter_id, p.project_id, p.object_type, p.object_name, p.parameter_name, p.data_type,
    p.required, p.sensitive, p.description, p.design_value AS design_default_value,
    p.server_value AS default_value,
    CASE WHEN p.referenced_variable_name IS NULL THEN 'V' ELSE 'R' END AS value_type, p.value_set,
    p.referenced_variable_name, 'N' AS validation_status, NULL AS last_validation_time
FROM object_parameter p
JOIN project ON project.object_version_lsn = p.object_version_lsn;

DROP VIEW executions;
CREATE VIEW executions AS
SELECT e.execution_id, e.folder_name, e.project_name, e.package_name, e.reference_id,
    e.reference_type, e.environment_folder_name, e.environment_name, e.project_lsn,
    NULL AS executed_as_sid, o.caller_name AS executed_as_name, e.use32bitruntime, o.operation_type,
    o.created_time, o.object_type, o.object_id, o.status, o.start_time, o.end_time,
    NULL AS caller_sid, o.caller_name, o.process_id, NULL AS stopped_by_sid, o.stopped_by_name,
    NULL AS dump_id,
    (SELECT property_value FROM master_property WHERE property_name = 'MACHINE_NAME') AS server_name,
    (SELECT property_value FROM master_property WHERE property_name = 'MACHINE_NAME') AS machine_name,
    coalesce(o.lease_worker, o.last_worker) AS worker_agent_id,
    NULL AS total_physical_memory_kb, NULL AS available_physical_memory_kb,
    NULL AS total_page_file_kb, NULL AS available_page_file_kb, NULL AS cpu_count,
    o.attempts - o.lost AS executed_count
FROM execution e
JOIN operation o ON o.operation_id = e.execution_id;

CREATE VIEW execution_parameter_sources AS
SELECT execution_parameter_id, execution_id, object_type, parameter_name,
    CASE value_source
        WHEN 'D' THEN 'design default' WHEN 'S' THEN 'server value'
        WHEN 'R' THEN 'environment variable' ELSE 'execution'
    END AS value_source,
    referenced_variable_name
FROM execution_parameter;
