-- Looking closer: customized logging levels, data taps, contexts of messages, dumps, performance
-- counters; and validations, which run on workers as executions do.

CREATE TABLE customized_logging_level (
    level_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    name_key text NOT NULL UNIQUE,
    description text NOT NULL,
    profile_value bigint NOT NULL,
    events_value bigint NOT NULL,
    created_by_name text NOT NULL,
    created_time timestamptz NOT NULL
);

-- What the level of the option CUSTOMIZED_LOGGING_LEVEL logged when the execution was started.
ALTER TABLE execution ADD COLUMN level_name text;
ALTER TABLE execution ADD COLUMN profile_value bigint;
ALTER TABLE execution ADD COLUMN events_value bigint;
-- The dump that was written last, and the one that was asked for and is not written.
ALTER TABLE execution ADD COLUMN dump_id uuid;
ALTER TABLE execution ADD COLUMN wanted_dump_id uuid;

CREATE TABLE data_tap (
    data_tap_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution_id bigint NOT NULL REFERENCES execution (execution_id),
    -- One of the two names the data flow task.
    package_path text,
    task_guid uuid,
    path_id text NOT NULL,
    file_name text NOT NULL,
    max_rows integer
);
CREATE INDEX data_tap_by_execution ON data_tap (execution_id);

ALTER TABLE message ADD COLUMN event_guid uuid;
ALTER TABLE message ADD COLUMN info_id bigint;

CREATE TABLE message_context (
    context_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation_id bigint NOT NULL REFERENCES operation (operation_id),
    message_id bigint NOT NULL,
    event_guid uuid NOT NULL,
    depth integer NOT NULL,
    package_path text NOT NULL,
    context_type smallint NOT NULL,
    source_name text NOT NULL,
    source_id text NOT NULL,
    property_name text NOT NULL,
    property_value text NOT NULL
);
CREATE INDEX message_context_by_operation ON message_context (operation_id, message_id);

-- Only of executions that run; what the worker said last.
CREATE TABLE performance_counter (
    execution_id bigint NOT NULL REFERENCES execution (execution_id),
    counter_name text NOT NULL,
    counter_value bigint NOT NULL,
    PRIMARY KEY (execution_id, counter_name)
);

-- A validation has a row in `execution` too, for its lease, attempts and log.
CREATE TABLE validation (
    validation_id bigint NOT NULL PRIMARY KEY REFERENCES operation (operation_id),
    environment_scope text NOT NULL,
    validate_type text NOT NULL,
    reference_id bigint
);

-- Parts of an operation: a package that is validated with one set of values.
CREATE TABLE operation_info (
    info_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation_id bigint NOT NULL REFERENCES operation (operation_id),
    object_name text NOT NULL,
    object_type smallint NOT NULL,
    reference_id bigint,
    status integer NOT NULL,
    -- Its values are wrong, whatever the worker finds.
    values_invalid boolean NOT NULL DEFAULT FALSE,
    start_time timestamptz,
    end_time timestamptz
);
CREATE INDEX operation_info_by_operation ON operation_info (operation_id);

-- When an operation is stopped by itself: VALIDATION_TIMEOUT.
ALTER TABLE operation ADD COLUMN stop_at timestamptz;
CREATE INDEX operation_stop_at ON operation (stop_at) WHERE stop_at IS NOT NULL;

ALTER TABLE object_parameter ADD COLUMN validation_status text NOT NULL DEFAULT 'N';
ALTER TABLE object_parameter ADD COLUMN last_validation_time timestamptz;
ALTER TABLE environment_reference ADD COLUMN validation_status text NOT NULL DEFAULT 'N';
ALTER TABLE environment_reference ADD COLUMN last_validation_time timestamptz;

CREATE VIEW catalog.customized_logging_levels AS
SELECT level_id, name, description, profile_value, events_value, NULL::bytea AS created_by_sid,
    created_by_name, created_time
FROM customized_logging_level;

CREATE VIEW catalog.execution_data_taps AS
SELECT data_tap_id, execution_id, package_path, path_id AS dataflow_path_id_string,
    task_guid AS dataflow_task_guid, max_rows, file_name AS filename
FROM data_tap;

CREATE VIEW catalog.executables AS
SELECT executable_id, execution_id, executable_name, executable_guid, package_name, package_path
FROM executable;

CREATE VIEW catalog.event_message_context AS
SELECT context_id AS context_id, message_id AS event_message_id, depth AS context_depth,
    package_path AS package_path, context_type AS context_type, source_name AS context_source_name,
    source_id AS context_source_id, property_name AS property_name,
    property_value AS property_value, event_guid AS event_message_guid
FROM message_context;

CREATE VIEW catalog.extended_operation_info AS
SELECT info_id, operation_id, object_name, object_type, reference_id, status, start_time, end_time
FROM operation_info;

CREATE VIEW catalog.validations AS
SELECT v.validation_id, v.environment_scope, v.validate_type, e.folder_name, e.project_name,
    e.project_lsn, e.use32bitruntime, v.reference_id, o.operation_type, o.object_name, o.object_type,
    o.object_id, o.start_time, o.end_time, o.status, NULL::bytea AS caller_sid, o.caller_name, o.process_id,
    NULL::bytea AS stopped_by_sid, o.stopped_by_name,
    (SELECT property_value FROM master_property WHERE property_name = 'MACHINE_NAME') AS server_name,
    (SELECT property_value FROM master_property WHERE property_name = 'MACHINE_NAME') AS machine_name,
    NULL::uuid AS dump_id
FROM validation v
JOIN operation o ON o.operation_id = v.validation_id
JOIN execution e ON e.execution_id = v.validation_id;

DROP VIEW catalog.operation_messages;
CREATE VIEW catalog.operation_messages AS
SELECT message_id AS operation_message_id, operation_id, message_time, message_type,
    message_source_type, message, info_id AS extended_info_id
FROM message;

DROP VIEW catalog.event_messages;
CREATE VIEW catalog.event_messages AS
SELECT message_id AS event_message_id, operation_id AS operation_id, message_time AS message_time,
    message_type AS message_type, message_source_type AS message_source_type, message,
    info_id AS extended_info_id, package_name AS package_name, event_name AS event_name,
    message_source_name AS message_source_name, message_source_id AS message_source_id,
    subcomponent_name AS subcomponent_name, package_path AS package_path,
    execution_path AS execution_path, NULL::integer AS threadid, message_code AS message_code,
    event_guid AS event_message_guid
FROM message;

DROP VIEW catalog.object_parameters;
CREATE VIEW catalog.object_parameters AS
SELECT p.parameter_id, p.project_id, p.object_type, p.object_name, p.parameter_name, p.data_type,
    p.required, p.sensitive, p.description, p.design_value AS design_default_value,
    p.server_value AS default_value,
    CASE WHEN p.referenced_variable_name IS NULL THEN 'V' ELSE 'R' END AS value_type, p.value_set,
    p.referenced_variable_name, p.validation_status, p.last_validation_time
FROM object_parameter p
JOIN project ON project.object_version_lsn = p.object_version_lsn;

DROP VIEW catalog.environment_references;
CREATE VIEW catalog.environment_references AS
SELECT reference_id, project_id,
    CASE WHEN environment_folder_name IS NULL THEN 'R' ELSE 'A' END AS reference_type,
    environment_folder_name, environment_name, validation_status, last_validation_time
FROM environment_reference;

DROP VIEW catalog.executions;
CREATE VIEW catalog.executions AS
SELECT e.execution_id, e.folder_name, e.project_name, e.package_name, e.reference_id,
    e.reference_type, e.environment_folder_name, e.environment_name, e.project_lsn,
    NULL::bytea AS executed_as_sid, o.caller_name AS executed_as_name, e.use32bitruntime, o.operation_type,
    o.created_time, o.object_type, o.object_id, o.status, o.start_time, o.end_time,
    NULL::bytea AS caller_sid, o.caller_name, o.process_id, NULL::bytea AS stopped_by_sid, o.stopped_by_name,
    e.dump_id,
    (SELECT property_value FROM master_property WHERE property_name = 'MACHINE_NAME') AS server_name,
    (SELECT property_value FROM master_property WHERE property_name = 'MACHINE_NAME') AS machine_name,
    coalesce(o.lease_worker, o.last_worker) AS worker_agent_id,
    NULL::bigint AS total_physical_memory_kb, NULL::bigint AS available_physical_memory_kb,
    NULL::bigint AS total_page_file_kb, NULL::bigint AS available_page_file_kb, NULL::integer AS cpu_count,
    o.attempts - o.lost AS executed_count
FROM execution e
JOIN operation o ON o.operation_id = e.execution_id
WHERE o.operation_type = 200;

DROP VIEW catalog.execution_report;
CREATE VIEW catalog.execution_report AS
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
    round(extract(epoch FROM o.end_time - o.start_time) * 1000)::bigint AS duration_ms,
    (SELECT coalesce(sum(r.rows_sent), 0)::bigint FROM path_rows r
        WHERE r.execution_id = e.execution_id AND r.attempt = o.attempts AND r.into_destination) AS rows,
    (SELECT count(*) FROM message m
        WHERE m.operation_id = e.execution_id AND m.attempt = o.attempts AND m.message_type = 120) AS errors,
    (SELECT count(*) FROM message m
        WHERE m.operation_id = e.execution_id AND m.attempt = o.attempts AND m.message_type = 110) AS warnings,
    (SELECT string_agg(distinct_target.target, '; ' ORDER BY distinct_target.target COLLATE "C") FROM (
        SELECT DISTINCT x.target FROM execution_output x
        WHERE x.execution_id = e.execution_id AND x.attempt = o.attempts) distinct_target) AS outputs,
    o.attempts - o.lost AS executed_count, o.lost AS lost_count, e.retry_count,
    (SELECT a.last_sequence IS NOT NULL AND a.durable_through >= a.last_sequence FROM attempt a
        WHERE a.execution_id = e.execution_id AND a.attempt = o.attempts) AS log_complete
FROM execution e
JOIN operation o ON o.operation_id = e.execution_id
LEFT JOIN worker w ON w.worker_id = coalesce(o.lease_worker, o.last_worker)
WHERE o.operation_type = 200;
