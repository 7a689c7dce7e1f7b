-- The keys that secrets are encrypted with: one for each project (20), environment (40), execution (50), or
-- for all executions of a project (51); each wrapped under the master key with that fingerprint.

CREATE TABLE data_key (
    owner_kind INTEGER NOT NULL,
    owner_id INTEGER NOT NULL,
    master TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (owner_kind, owner_id)
);
CREATE INDEX data_key_by_master ON data_key (master);

-- The password that the packages of a version are encrypted with, encrypted.
ALTER TABLE project_version ADD COLUMN package_secret BLOB;

-- The newest executions with a status, without looking at all others: the id is the one of the operation,
-- so that the index has them in their order.
CREATE INDEX operation_by_status ON operation (status, operation_id);
DROP VIEW executions;
CREATE VIEW executions AS
SELECT o.operation_id AS execution_id, e.folder_name, e.project_name, e.package_name, e.reference_id,
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
