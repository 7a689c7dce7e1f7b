-- What `operation_queue` and `operation_by_status` find as well, and ends that are not there yet: each
-- execution moves through all of these.
DROP INDEX operation_pending;
DROP INDEX operation_active;
DROP INDEX operation_by_end;
CREATE INDEX operation_by_end ON operation (end_time) WHERE end_time IS NOT NULL;

-- The options that every execution has. An execution has a row of its own for one once that is set;
-- until then it is worth this, or what the catalog said when the execution was created.
CREATE TABLE execution_option (
    place INTEGER NOT NULL PRIMARY KEY,
    parameter_name TEXT NOT NULL,
    parameter_key TEXT NOT NULL UNIQUE,
    data_type TEXT NOT NULL,
    value TEXT
);
INSERT INTO execution_option (place, parameter_name, parameter_key, data_type, value) VALUES
    (1, 'CALLER_INFO', 'caller_info', 'String', NULL),
    (2, 'CUSTOMIZED_LOGGING_LEVEL', 'customized_logging_level', 'String', NULL),
    (3, 'DUMP_EVENT_CODE', 'dump_event_code', 'String', NULL),
    (4, 'DUMP_ON_ERROR', 'dump_on_error', 'Boolean', 'False'),
    (5, 'DUMP_ON_EVENT', 'dump_on_event', 'Boolean', 'False'),
    (6, 'LOGGING_LEVEL', 'logging_level', 'Int32', NULL),
    (7, 'SCALE_OUT_CHILD_PACKAGES', 'scale_out_child_packages', 'Boolean', 'False'),
    (8, 'SYNCHRONIZED', 'synchronized', 'Boolean', 'False');

-- What the catalog said; NULL where all options are rows.
ALTER TABLE execution ADD COLUMN default_level TEXT;
ALTER TABLE execution ADD COLUMN default_customized_level TEXT;
ALTER TABLE execution ADD COLUMN default_children INTEGER;

-- Every parameter and option of every execution. Those that have no row have ids from 2 to the 50th on, in
-- the order of their places.
CREATE VIEW execution_value AS
SELECT execution_parameter_id, execution_id, object_type, parameter_name, parameter_key, data_type,
    sensitive, required, value, secret, value_source, value_set, referenced_variable_name
FROM execution_parameter
UNION ALL
SELECT 1125899906842623 + execution_id * 8 + place, execution_id, 50, parameter_name, parameter_key,
    data_type, FALSE, FALSE, value, NULL, 'S', value IS NOT NULL, NULL
FROM (
    SELECT e.execution_id, o.place, o.parameter_name, o.parameter_key, o.data_type,
        CASE o.parameter_key
            WHEN 'logging_level' THEN e.default_level
            WHEN 'customized_logging_level' THEN e.default_customized_level
            WHEN 'scale_out_child_packages' THEN CASE WHEN e.default_children THEN 'True' ELSE 'False' END
            ELSE o.value
        END AS value
    FROM execution e CROSS JOIN execution_option o
    WHERE e.default_level IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM execution_parameter p
        WHERE p.execution_id = e.execution_id AND p.object_type = 50
            AND p.parameter_key = o.parameter_key)
) AS unset;

DROP VIEW execution_parameter_values;
CREATE VIEW execution_parameter_values AS
SELECT execution_parameter_id, execution_id, object_type, data_type AS parameter_data_type,
    parameter_name, value AS parameter_value, sensitive, required, value_set,
    value_source = 'E' AS runtime_override
FROM execution_value;

DROP VIEW execution_parameter_sources;
CREATE VIEW execution_parameter_sources AS
SELECT execution_parameter_id, execution_id, object_type, parameter_name,
    CASE value_source
        WHEN 'D' THEN 'design default' WHEN 'S' THEN 'server value'
        WHEN 'R' THEN 'environment variable' ELSE 'execution'
    END AS value_source,
    referenced_variable_name
FROM execution_value;
