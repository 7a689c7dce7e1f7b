-- Looking closer: customized logging levels, data taps, contexts of messages, dumps, performance
-- counters; and validations, which run on workers as executions do.

CREATE TABLE customized_logging_level (
    level_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    profile_value INTEGER NOT NULL,
    events_value INTEGER NOT NULL,
    created_by_name TEXT NOT NULL,
    created_time TEXT NOT NULL
);

-- What the level of the option CUSTOMIZED_LOGGING_LEVEL logged when the execution was started.
ALTER TABLE execution ADD COLUMN level_name TEXT;
ALTER TABLE execution ADD COLUMN profile_value INTEGER;
ALTER TABLE execution ADD COLUMN events_value INTEGER;
-- The dump that was written last, and the one that was asked for and is not written.
ALTER TABLE execution ADD COLUMN dump_id TEXT;
ALTER TABLE execution ADD COLUMN wanted_dump_id TEXT;

CREATE TABLE data_tap (
    data_tap_id INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id INTEGER NOT NULL REFERENCES execution (execution_id),
    -- One of the two names the data flow task.
    package_path TEXT,
    task_guid TEXT,
    path_id TEXT NOT NULL,
    file_name TEXT NOT NULL,
    max_rows INTEGER
);
CREATE INDEX data_tap_by_execution ON data_tap (execution_id);

ALTER TABLE message ADD COLUMN event_guid TEXT;
ALTER TABLE message ADD COLUMN info_id INTEGER;

CREATE TABLE message_context (
    context_id INTEGER PRIMARY KEY AUTOINCREMENT,
    operation_id INTEGER NOT NULL REFERENCES operation (operation_id),
    message_id INTEGER NOT NULL,
    event_guid TEXT NOT NULL,
    depth INTEGER NOT NULL,
    package_path TEXT NOT NULL,
    context_type INTEGER NOT NULL,
    source_name TEXT NOT NULL,
    source_id TEXT NOT NULL,
    property_name TEXT NOT NULL,
    property_value TEXT NOT NULL
);
CREATE INDEX message_context_by_operation ON message_context (operation_id, message_id);

-- Only of executions that run; what the worker said last.
CREATE TABLE performance_counter (
    execution_id INTEGER NOT NULL REFERENCES execution (execution_id),
    counter_name TEXT NOT NULL,
    counter_value INTEGER NOT NULL,
    PRIMARY KEY (execution_id, counter_name)
);

-- A validation has a row in `execution` too, for its lease, attempts and log.
CREATE TABLE validation (
    validation_id INTEGER NOT NULL PRIMARY KEY REFERENCES operation (operation_id),
    environment_scope TEXT NOT NULL,
    validate_type TEXT NOT NULL,
    reference_id INTEGER
);

-- Parts of an operation: a package that is validated with one set of values.
CREATE TABLE operation_info (
    info_id INTEGER PRIMARY KEY AUTOINCREMENT,
    operation_id INTEGER NOT NULL REFERENCES operation (operation_id),
    object_name TEXT NOT NULL,
    object_type INTEGER NOT NULL,
    reference_id INTEGER,
    status INTEGER NOT NULL,
    -- Its values are wrong, whatever the worker finds.
    values_invalid INTEGER NOT NULL DEFAULT 0,
    start_time TEXT,
    end_time TEXT
);
CREATE INDEX operation_info_by_operation ON operation_info (operation_id);

-- When an operation is stopped by itself: VALIDATION_TIMEOUT.
ALTER TABLE operation ADD COLUMN stop_at TEXT;
CREATE INDEX operation_stop_at ON operation (stop_at) WHERE stop_at IS NOT NULL;

ALTER TABLE object_parameter ADD COLUMN validation_status TEXT NOT NULL DEFAULT 'N';
ALTER TABLE object_parameter ADD COLUMN last_validation_time TEXT;
ALTER TABLE environment_reference ADD COLUMN validation_status TEXT NOT NULL DEFAULT 'N';
ALTER TABLE environment_reference ADD COLUMN last_validation_time TEXT;

CREATE VIEW customized_logging_levels AS
SELECT level_id, name, description, profile_value, events_value, NULL AS created_by_sid,
    created_by_name, created_time
FROM customized_logging_level;

CREATE VIEW execution_data_taps AS
SELECT data_tap_id, execution_id, package_path, path_id AS dataflow_path_id_string,
    task_guid AS dataflow_task_guid, max_rows, file_name AS filename
FROM data_tap;

CREATE VIEW executables AS
SELECT executable_id, execution_id, executable_name, executable_guid, package_name, package_path
FROM executable;

CREATE VIEW event_message_context AS
SELECT context_id AS Context_id, message_id AS Event_message_id, depth AS Context_depth,
    package_path AS Package_path, context_type AS Context_type, source_name AS Context_source_name,
    source_id AS Context_source_id, property_name AS Property_name,
    property_value AS Property_value, event_guid AS event_message_guid
FROM message_context;

CREATE VIEW extended_operation_info AS
SELECT info_id, operation_id, object_name, object_type, reference_id, status, start_time, end_time
FROM operation_info;

CREATE VIEW validations AS
SELECT v.validation_id, v.environment_scope, v.validate_type, e.folder_name, e.project_name,
    e.project_lsn, e.use32bitruntime, v.reference_id, o.operation_type, o.object_name, o.object_type,
    o.object_id, o.start_time, o.end_time, o.status, NULL AS caller_sid, o.caller_name, o.process_id,
    NULL AS stopped_by_sid, o.stopped_by_name,
    (SELECT property_value FROM master_property WHERE property_name = 'MACHINE_NAME') AS server_name,
    (SELECT property_value FROM master_property WHERE property_name = 'MACHINE_NAME') AS machine_name,
    NULL AS dump_id
FROM validation v
JOIN operation o ON o.operation_id = v.validation_id
JOIN execution e ON e.execution_id = v.validation_id;

DROP VIEW operation_messages;
CREATE VIEW operation_messages AS
SELECT message_id AS operation_message_id, operation_id, message_time, message_type,
    message_source_type, message, info_id AS extended_info_id
FROM message;

DROP VIEW event_messages;
CREATE VIEW event_messages AS
SELECT message_id AS Event_message_ID, operation_id AS Operation_id, message_time AS Message_time,
    message_type AS Message_type, message_source_type AS Message_source_type, message,
    info_id AS Extended_info_id, package_name AS Package_name, event_name AS Event_name,
    message_source_name AS Message_source_name, message_source_id AS Message_source_id,
    subcomponent_name AS Subcomponent_name, package_path AS Package_path,
    execution_path AS Execution_path, NULL AS threadID, message_code AS Message_code,
    event_guid AS event_message_guid
FROM message;

DROP VIEW object_parameters;
CREATE VIEW object_parameters AS
SELECT p.parameter_id, p.project_id, p.object_type, p.object_name, p.parameter_name, p.data_type,
    p.required, p.sensitive, p.description, p.design_value AS design_default_value,
    p.server_value AS default_value,
    CASE WHEN p.referenced_variable_name IS NULL THEN 'V' ELSE 'R' END AS value_type, p.value_set,
    p.referenced_variable_name, p.validation_status, p.last_validation_time
FROM object_parameter p
JOIN project ON project.object_version_lsn = p.object_version_lsn;

DROP VIEW environment_references;
CREATE VIEW environment_references AS
SELECT reference_id, project_id,
    CASE WHEN environment_folder_name IS NULL THEN 'R' ELSE 'A' END AS reference_type,
    environment_folder_name, environment_name, validation_status, last_validation_time
FROM environment_reference;

DROP VIEW executions;
CREATE VIEW executions AS
SELECT e.execution_id, e.folder_name, e.project_name, e.package_name, e.reference_id,
    e.reference_type, e.environment_folder_name, e.environment_name, e.project_lsn,
    NULL AS executed_as_sid, o.caller_name AS executed_as_name, e.use32bitruntime, o.operation_type,
    o.created_time, o.object_type, o.object_id, o.status, o.start_time, o.end_time,
    NULL AS caller_sid, o.caller_name, o.process_id, NULL AS stopped_by_sid, o.stopped_by_name,
    e.dump_id,
    (SELECT property_value FROM master_property WHERE property_name = 'MACHINE_NAME') AS server_name,
    (SELECT property_value FROM master_property WHERE property_name = 'MACHINE_NAME') AS machine_name,
    coalesce(o.lease_worker, o.last_worker) AS worker_agent_id,
    NULL AS total_physical_memory_kb, NULL AS available_physical_memory_kb,
    NULL AS total_page_file_kb, NULL AS available_page_file_kb, NULL AS cpu_count,
    o.attempts - o.lost AS executed_count
FROM execution e
JOIN operation o ON o.operation_id = e.execution_id
WHERE o.operation_type = 200;

DROP VIEW execution_report;
CREATE VIEW execution_report AS
SELECT e.execution_id, e.folder_name, e.project_name, e.package_name,
    coalesce(o.lease_worker, o.last_worker) AS worker_agent_id,
    coalesce(w.display_name_set, w.display_name) AS worker_name,
    o.status,
    CASE o.status
        WHEN 1 THEN 'created' WHEN 2 THEN 'running' WHEN 3 THEN 'canceled' WHEN 4 THEN 'failed'
        WHEN 5 THEN 'pending' WHEN 6 THEN 'ended unexpectedly' WHEN 7 THEN 'succeeded'
        WHEN 8 THEN 'stopping' ELSE 'completed'
    END AS status_name,
    o.created_time, o.start_time, o.end_time,
    CAST(round((julianday(o.end_time) - julianday(o.start_time)) * 86400000) AS INTEGER) AS duration_ms,
    (SELECT coalesce(sum(r.rows_sent), 0) FROM path_rows r
        WHERE r.execution_id = e.execution_id AND r.attempt = o.attempts AND r.into_destination = 1) AS rows,
    (SELECT count(*) FROM message m
        WHERE m.operation_id = e.execution_id AND m.attempt = o.attempts AND m.message_type = 120) AS errors,
    (SELECT count(*) FROM message m
        WHERE m.operation_id = e.execution_id AND m.attempt = o.attempts AND m.message_type = 110) AS warnings,
    (SELECT group_concat(target, '; ') FROM (
        SELECT DISTINCT x.target FROM execution_output x
        WHERE x.execution_id = e.execution_id AND x.attempt = o.attempts ORDER BY x.target)) AS outputs,
    o.attempts - o.lost AS executed_count, o.lost AS lost_count, e.retry_count,
    (SELECT a.last_sequence IS NOT NULL AND a.durable_through >= a.last_sequence FROM attempt a
        WHERE a.execution_id = e.execution_id AND a.attempt = o.attempts) AS log_complete
FROM execution e
JOIN operation o ON o.operation_id = e.execution_id
LEFT JOIN worker w ON w.worker_id = coalesce(o.lease_worker, o.last_worker)
WHERE o.operation_type = 200;
