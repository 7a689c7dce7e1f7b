-- Events that a worker left out, as the disk of its spool was full: such a log is not complete.
ALTER TABLE attempt ADD COLUMN left_out bigint;

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
    a.last_sequence IS NOT NULL AND a.durable_through >= a.last_sequence
        AND a.left_out IS NULL AS log_complete,
    a.processor_ms, a.peak_memory_kb
FROM execution e
JOIN operation o ON o.operation_id = e.execution_id
LEFT JOIN worker w ON w.worker_id = coalesce(o.lease_worker, o.last_worker)
LEFT JOIN attempt a ON a.execution_id = o.operation_id AND a.attempt = o.attempts
WHERE o.operation_type = 200;
