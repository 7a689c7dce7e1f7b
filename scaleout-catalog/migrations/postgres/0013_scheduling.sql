-- What the scheduler goes by: priorities, fair shares, tags, caps; workers that are drained; and why an
-- execution waits.

-- Attempts that their worker gave back, apart from those that were lost.
ALTER TABLE operation ADD COLUMN handed_back bigint NOT NULL DEFAULT 0;
-- Settled by start_execution: priority, and whose share of the workers it takes.
ALTER TABLE operation ADD COLUMN priority integer NOT NULL DEFAULT 0;
ALTER TABLE operation ADD COLUMN queue_folder text NOT NULL DEFAULT '';
-- The heads of all queues, without looking at what stands behind them.
CREATE INDEX operation_queue ON operation (priority, queue_folder, caller_name, pending_since, operation_id)
    WHERE status = 5;

ALTER TABLE execution ADD COLUMN at_most_once boolean NOT NULL DEFAULT FALSE;
ALTER TABLE execution ADD COLUMN required_tags text NOT NULL DEFAULT '';
ALTER TABLE execution ADD COLUMN concurrency_key text;
ALTER TABLE execution ADD COLUMN concurrency_limit bigint;
ALTER TABLE execution ADD COLUMN package_limit bigint;

ALTER TABLE worker ADD COLUMN is_draining boolean NOT NULL DEFAULT FALSE;
ALTER TABLE worker ADD COLUMN drain_until timestamptz;
-- Number of its last registration: an earlier one that arrives later takes nothing back.
ALTER TABLE worker ADD COLUMN registration bigint NOT NULL DEFAULT 0;
-- Why it takes no further task right now, in its own words; NULL when it does.
ALTER TABLE worker ADD COLUMN gate text;

-- Written by the master for what has waited for some seconds.
CREATE TABLE waiting_reason (
    execution_id bigint NOT NULL PRIMARY KEY,
    reason_code text NOT NULL,
    reason text NOT NULL,
    noted_time timestamptz NOT NULL
);

DROP VIEW catalog.executions;
CREATE VIEW catalog.executions AS
SELECT o.operation_id AS execution_id, e.folder_name, e.project_name, e.package_name, e.reference_id,
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
    o.attempts - o.lost - o.handed_back AS executed_count
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
    o.attempts - o.lost - o.handed_back AS executed_count, o.lost AS lost_count,
    o.handed_back AS handed_back_count, e.retry_count,
    (SELECT a.last_sequence IS NOT NULL AND a.durable_through >= a.last_sequence FROM attempt a
        WHERE a.execution_id = e.execution_id AND a.attempt = o.attempts) AS log_complete
FROM execution e
JOIN operation o ON o.operation_id = e.execution_id
LEFT JOIN worker w ON w.worker_id = coalesce(o.lease_worker, o.last_worker)
WHERE o.operation_type = 200;

CREATE VIEW catalog.waiting_executions AS
SELECT o.operation_id AS execution_id, e.folder_name, e.project_name, e.package_name, o.caller_name,
    o.created_time, o.pending_since AS waiting_since, o.priority, nullif(e.required_tags, '') AS worker_tags,
    e.concurrency_key, e.concurrency_limit, e.package_limit, e.at_most_once,
    coalesce(r.reason_code, 'IN_TURN') AS reason_code,
    coalesce(r.reason, 'it waits for its turn') AS reason
FROM operation o
JOIN execution e ON e.execution_id = o.operation_id
LEFT JOIN waiting_reason r ON r.execution_id = o.operation_id
WHERE o.status = 5;

CREATE VIEW catalog.worker_states AS
SELECT w.worker_id AS worker_agent_id, coalesce(w.display_name_set, w.display_name) AS display_name,
    w.is_enabled, w.is_draining, w.drain_until, w.max_task_count,
    (SELECT count(*) FROM operation o WHERE o.lease_worker = w.worker_id) AS leased_tasks,
    CAST(round(w.cpu_percent) AS INTEGER) AS cpu_percent, w.free_memory_mb, w.gate, w.program_version, w.last_online_time
FROM worker w;

DROP VIEW catalog.execution_children;
CREATE VIEW catalog.execution_children AS
SELECT c.parent_id AS execution_id, c.execution_id AS child_execution_id, c.package_name,
    c.parent_path AS execution_path, c.parent_occurrence AS occurrence, c.parent_retry AS retry,
    coalesce(o.lease_worker, o.last_worker) AS worker_agent_id,
    coalesce(w.display_name_set, w.display_name) AS worker_name, o.status, o.created_time,
    o.start_time, o.end_time, o.attempts - o.lost - o.handed_back AS executed_count, o.lost AS lost_count
FROM execution c
JOIN operation o ON o.operation_id = c.execution_id
LEFT JOIN worker w ON w.worker_id = coalesce(o.lease_worker, o.last_worker)
WHERE c.parent_id IS NOT NULL;
