-- What reports of executions need beyond the views of the original.

-- Active time is the sum of all phases of a component, total time the time from its first phase to
-- its last, both in the last attempt.
CREATE VIEW catalog.execution_component_times AS
SELECT c.execution_id, c.package_name, c.task_name, c.subcomponent_name, c.execution_path,
    trunc(sum(c.active_us) / 1000)::bigint AS active_ms,
    round(extract(epoch FROM max(c.end_time) - min(c.start_time)) * 1000)::bigint AS total_ms
FROM component_phase c
JOIN operation o ON o.operation_id = c.execution_id AND o.attempts = c.attempt
GROUP BY c.execution_id, c.package_name, c.task_name, c.subcomponent_name, c.execution_path;
