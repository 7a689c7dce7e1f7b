-- `:executions` executions with `:messages` messages; the first `:old` of them ended two years ago.
SET search_path = internal, catalog;
INSERT INTO operation (operation_id, operation_type, created_time, object_type, object_id, caller_name,
    start_time, end_time, status, attempts, pending_since)
OVERRIDING SYSTEM VALUE
SELECT i + 1000, 200, moment, 20, 1, 'user' || (i * 31 + :seed) % 17, moment, moment,
    CASE WHEN (i * 2654435761 + :seed) % 100 < 5 THEN 4 ELSE 7 END, 1, NULL
FROM (SELECT i, now() - CASE WHEN i <= :old THEN interval '730 days' ELSE interval '30 days' END
        + i * interval '1 second' AS moment
    FROM generate_series(1::bigint, :executions) AS i) AS n;
SELECT setval(pg_get_serial_sequence('internal.operation', 'operation_id'), :executions + 1000);
INSERT INTO execution (execution_id, folder_name, project_name, package_name, project_id, project_lsn,
    project_hash, use32bitruntime, run_in_scale_out, any_worker)
SELECT i + 1000, 'folder' || (i * 7 + :seed) % 20, 'project' || (i * 13 + :seed) % 50,
    'package' || (i * 17 + :seed) % 500 || '.dtsx', 1, 1, '', FALSE, TRUE, TRUE
FROM generate_series(1::bigint, :executions) AS i;
INSERT INTO attempt (execution_id, attempt, worker_id, granted_time, ended_time, ending, durable_through, last_sequence)
SELECT operation_id, 1, '0000000a-0000-4000-8000-000000000000', start_time, end_time, 'completed', 1, 1
FROM operation WHERE operation_id > 1000;
INSERT INTO execution_parameter (execution_id, object_type, parameter_name, parameter_key, data_type, sensitive,
    required, value, value_source, value_set)
SELECT i + 1000, 50, 'LOGGING_LEVEL', 'logging_level', 'Int32', FALSE, FALSE, '1', 'S', TRUE
FROM generate_series(1::bigint, :executions) AS i;
INSERT INTO message (operation_id, attempt, message_time, message_type, message_source_type, message,
    package_name, event_name, message_source_name, message_source_id, package_path, execution_path, message_code)
SELECT 1001 + i % :executions, 1, '2026-01-31T22:00:00Z',
    CASE WHEN (i * 2654435761 + :seed) % 100 < 2 THEN 120 WHEN (i * 2654435761 + :seed) % 100 < 6 THEN 110 ELSE 70 END,
    40, 'Message ' || i || ' of a package that says what it does while it moves rows from here to there: '
        || (i * 2654435761 + :seed) % 1000003,
    'package.dtsx', 'OnInformation', 'Load', '{6583054A-E915-4C2C-80E4-C765E79EF61D}',
    '\Package\Load', '\package\Load', 0
FROM generate_series(0::bigint, :messages - 1) AS i;
ANALYZE;
