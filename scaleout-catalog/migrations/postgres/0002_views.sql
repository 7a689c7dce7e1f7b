-- The views of `migrations/sqlite/0002_views.sql` in the schema `catalog`. Column names are those of the
-- original in lower case: unquoted, any spelling finds them. There are no SIDs, environments or dumps
-- yet: their columns are NULL.

CREATE VIEW catalog.catalog_properties AS
SELECT property_name, property_value FROM catalog_property;

CREATE VIEW catalog.master_properties AS
SELECT property_name, property_value FROM master_property;

CREATE VIEW catalog.folders AS
SELECT folder_id AS id, name, description, NULL::bytea AS created_by_sid, created_by_name, created_time
FROM folder;

CREATE VIEW catalog.projects AS
SELECT project_id, folder_id, name, description, project_format_version,
    NULL::bytea AS deployed_by_sid, deployed_by_name, last_deployed_time, created_time,
    object_version_lsn, validation_status, last_validation_time
FROM project;

CREATE VIEW catalog.packages AS
SELECT p.package_id, p.name, p.package_guid, p.description, p.package_format_version, p.version_major,
    p.version_minor, p.version_build, p.version_comments, p.version_guid, p.project_id, p.entry_point,
    p.validation_status, p.last_validation_time
FROM package p
JOIN project ON project.object_version_lsn = p.object_version_lsn;

CREATE VIEW catalog.object_parameters AS
SELECT p.parameter_id, p.project_id, p.object_type, p.object_name, p.parameter_name, p.data_type,
    p.required, p.sensitive, p.description, p.design_value AS design_default_value,
    p.server_value AS default_value, 'V'::text AS value_type, p.value_set,
    NULL::text AS referenced_variable_name, 'N'::text AS validation_status,
    NULL::timestamptz AS last_validation_time
FROM object_parameter p
JOIN project ON project.object_version_lsn = p.object_version_lsn;

CREATE VIEW catalog.operations AS
SELECT operation_id, operation_type, created_time, object_type, object_id, object_name, status,
    start_time, end_time, NULL::bytea AS caller_sid, caller_name, process_id,
    NULL::bytea AS stopped_by_sid, stopped_by_name,
    (SELECT property_value FROM master_property WHERE property_name = 'MACHINE_NAME') AS server_name,
    (SELECT property_value FROM master_property WHERE property_name = 'MACHINE_NAME') AS machine_name
FROM operation;

CREATE VIEW catalog.executions AS
SELECT e.execution_id, e.folder_name, e.project_name, e.package_name, NULL::bigint AS reference_id,
    NULL::text AS reference_type, NULL::text AS environment_folder_name,
    NULL::text AS environment_name, e.project_lsn, NULL::bytea AS executed_as_sid,
    o.caller_name AS executed_as_name, e.use32bitruntime, o.operation_type, o.created_time,
    o.object_type, o.object_id, o.status, o.start_time, o.end_time, NULL::bytea AS caller_sid,
    o.caller_name, o.process_id, NULL::bytea AS stopped_by_sid, o.stopped_by_name,
    NULL::uuid AS dump_id,
    (SELECT property_value FROM master_property WHERE property_name = 'MACHINE_NAME') AS server_name,
    (SELECT property_value FROM master_property WHERE property_name = 'MACHINE_NAME') AS machine_name,
    coalesce(o.lease_worker, o.last_worker) AS worker_agent_id,
    NULL::bigint AS total_physical_memory_kb, NULL::bigint AS available_physical_memory_kb,
    NULL::bigint AS total_page_file_kb, NULL::bigint AS available_page_file_kb,
    NULL::integer AS cpu_count, o.attempts - o.lost AS executed_count
FROM execution e
JOIN operation o ON o.operation_id = e.execution_id;

CREATE VIEW catalog.execution_parameter_values AS
SELECT execution_parameter_id, execution_id, object_type, data_type AS parameter_data_type,
    parameter_name, value AS parameter_value, sensitive, required, value_set,
    value_source = 'E' AS runtime_override
FROM execution_parameter;

CREATE VIEW catalog.execution_property_override_values AS
SELECT property_id, execution_id, property_path, value AS property_value, sensitive
FROM execution_override;

CREATE VIEW catalog.execution_worker_agents AS
SELECT execution_id, worker_id AS worker_agent_id FROM execution_worker;

CREATE VIEW catalog.operation_messages AS
SELECT message_id AS operation_message_id, operation_id, message_time, message_type,
    message_source_type, message, NULL::bigint AS extended_info_id
FROM message;

CREATE VIEW catalog.event_messages AS
SELECT message_id AS event_message_id, operation_id, message_time, message_type,
    message_source_type, message, NULL::bigint AS extended_info_id, package_name, event_name,
    message_source_name, message_source_id, subcomponent_name, package_path, execution_path,
    NULL::integer AS threadid, message_code, NULL::uuid AS event_message_guid
FROM message;

CREATE VIEW catalog.executable_statistics AS
SELECT statistics_id, execution_id, executable_id, execution_path, start_time, end_time,
    duration_ms AS execution_duration, execution_result, execution_value
FROM executable_statistic;

CREATE VIEW catalog.execution_data_statistics AS
SELECT data_stats_id, execution_id, package_name, task_name, path_id AS dataflow_path_id_string,
    path_name AS dataflow_path_name, source_component AS source_component_name,
    destination_component AS destination_component_name, rows_sent, created_time, execution_path
FROM data_statistic;

CREATE VIEW catalog.execution_component_phases AS
SELECT phase_stats_id, execution_id, package_name, task_name, subcomponent_name, phase, start_time,
    end_time, execution_path
FROM component_phase;

CREATE VIEW catalog.worker_agents AS
SELECT worker_id AS workeragentid, is_enabled AS isenabled,
    coalesce(display_name_set, display_name) AS displayname,
    coalesce(description_set, description) AS description, machine_name AS machinename, tags,
    user_account AS useraccount, last_online_time AS lastonlinetime
FROM worker;

CREATE VIEW catalog.execution_outputs AS
SELECT x.output_id, x.execution_id, x.attempt, x.name, x.target,
    (SELECT coalesce(sum(r.rows_sent), 0)::bigint FROM path_rows r
        WHERE r.execution_id = x.execution_id AND r.attempt = x.attempt
            AND r.destination_component = x.name) AS rows_written
FROM execution_output x;

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
LEFT JOIN worker w ON w.worker_id = coalesce(o.lease_worker, o.last_worker);
