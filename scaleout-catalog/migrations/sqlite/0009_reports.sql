-- What reports of executions need beyond the views of the original.

-- Active time is the sum of all phases of a component, total time the time from its first phase to
-- its last, both in the last attempt.
CREATE VIEW execution_component_times AS
SELECT c.execution_id, c.package_name, c.task_name, c.subcomponent_name, c.execution_path,
    CAST(sum(c.active_us) / 1000 AS INTEGER) AS active_ms,
    CAST(round((julianday(max(c.end_time)) - julianday(min(c.start_time))) * 86400000) AS INTEGER)
        AS total_ms
FROM component_phase c
JOIN operation o ON o.operation_id = c.execution_id AND o.attempts = c.attempt
GROUP BY c.execution_id, c.package_name, c.task_name, c.subcomponent_name, c.execution_path;
