-- Child packages that run as executions of their own.

INSERT INTO catalog_property (property_name, property_value) VALUES
    ('SCALE_OUT_CHILD_PACKAGES', 'FALSE');

-- The execution whose Execute Package task asked for this one. A child is known by the place of the
-- task, how often it ran there, and the retry of its parent: a parent that runs again after the loss
-- of its worker finds its children.
ALTER TABLE execution ADD COLUMN parent_id INTEGER;
ALTER TABLE execution ADD COLUMN parent_retry INTEGER;
ALTER TABLE execution ADD COLUMN parent_path TEXT;
ALTER TABLE execution ADD COLUMN parent_occurrence INTEGER;
ALTER TABLE execution ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
-- How long such children took lately, so that the longest can begin first.
ALTER TABLE execution ADD COLUMN expected_ms INTEGER;
-- What it sees of its parent's variables, encrypted.
ALTER TABLE execution ADD COLUMN parent_variables BLOB;
ALTER TABLE execution ADD COLUMN has_children INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX execution_child
    ON execution (parent_id, parent_retry, parent_path, parent_occurrence) WHERE parent_id IS NOT NULL;
CREATE INDEX execution_child_of_package
    ON execution (project_id, package_name, execution_id) WHERE parent_id IS NOT NULL;

CREATE VIEW execution_children AS
SELECT c.parent_id AS execution_id, c.execution_id AS child_execution_id, c.package_name,
    c.parent_path AS execution_path, c.parent_occurrence AS occurrence, c.parent_retry AS retry,
    coalesce(o.lease_worker, o.last_worker) AS worker_agent_id,
    coalesce(w.display_name_set, w.display_name) AS worker_name, o.status, o.created_time,
    o.start_time, o.end_time, o.attempts - o.lost AS executed_count, o.lost AS lost_count
FROM execution c
JOIN operation o ON o.operation_id = c.execution_id
LEFT JOIN worker w ON w.worker_id = coalesce(o.lease_worker, o.last_worker)
WHERE c.parent_id IS NOT NULL;
