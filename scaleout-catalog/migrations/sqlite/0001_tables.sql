-- Tables are named in the singular; the views that people read have the plural names of the original.
-- Times are text, UTC, `2026-01-31T22:00:00.000000Z`: fixed width, so that they sort.
-- `…_key` columns hold names in lower case: names differ by more than case.
-- `secret` columns hold encrypted values; the plain column beside them is then NULL.

CREATE TABLE catalog_property (
    property_name TEXT NOT NULL PRIMARY KEY,
    property_value TEXT NOT NULL
);

INSERT INTO catalog_property (property_name, property_value) VALUES
    ('DEFAULT_EXECUTION_MODE', '0'),
    ('ENCRYPTION_ALGORITHM', 'AES_256'),
    ('MAX_PROJECT_VERSIONS', '10'),
    ('OPERATION_CLEANUP_ENABLED', 'TRUE'),
    ('RETENTION_WINDOW', '365'),
    ('SCHEMA_BUILD', '1'),
    ('SCHEMA_VERSION', '1'),
    ('SERVER_LOGGING_LEVEL', '1'),
    ('VALIDATION_TIMEOUT', '300'),
    ('VERSION_CLEANUP_ENABLED', 'TRUE');

CREATE TABLE master_property (
    property_name TEXT NOT NULL PRIMARY KEY,
    property_value TEXT NOT NULL
);

-- Which key the secrets of this catalog were encrypted with.
CREATE TABLE secret_key (
    fingerprint TEXT NOT NULL PRIMARY KEY
);

-- Tokens of people and scripts; only their hash is kept.
CREATE TABLE token (
    token_hash TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created_time TEXT NOT NULL
);

CREATE TABLE folder (
    folder_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    description TEXT,
    created_by_name TEXT NOT NULL,
    created_time TEXT NOT NULL
);

-- Content of projects, once per content.
CREATE TABLE project_file (
    project_hash TEXT NOT NULL PRIMARY KEY,
    content BLOB NOT NULL
);

CREATE TABLE project (
    project_id INTEGER PRIMARY KEY AUTOINCREMENT,
    folder_id INTEGER NOT NULL REFERENCES folder (folder_id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT,
    project_format_version INTEGER,
    deployed_by_name TEXT NOT NULL,
    last_deployed_time TEXT NOT NULL,
    created_time TEXT NOT NULL,
    object_version_lsn INTEGER NOT NULL,
    validation_status TEXT NOT NULL DEFAULT 'N',
    last_validation_time TEXT,
    UNIQUE (folder_id, name_key)
);

-- A version outlives its project until housekeeping removes it, hence no foreign key.
CREATE TABLE project_version (
    object_version_lsn INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL,
    project_name TEXT NOT NULL,
    description TEXT,
    project_hash TEXT NOT NULL REFERENCES project_file (project_hash),
    created_by TEXT NOT NULL,
    created_time TEXT NOT NULL
);
CREATE INDEX project_version_by_project ON project_version (project_id);

CREATE TABLE package (
    package_id INTEGER PRIMARY KEY AUTOINCREMENT,
    object_version_lsn INTEGER NOT NULL REFERENCES project_version (object_version_lsn),
    project_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    package_guid TEXT,
    description TEXT,
    package_format_version INTEGER NOT NULL,
    version_major INTEGER NOT NULL,
    version_minor INTEGER NOT NULL,
    version_build INTEGER NOT NULL,
    version_comments TEXT,
    version_guid TEXT,
    entry_point INTEGER NOT NULL,
    validation_status TEXT NOT NULL DEFAULT 'N',
    last_validation_time TEXT,
    UNIQUE (object_version_lsn, name_key)
);

CREATE TABLE object_parameter (
    parameter_id INTEGER PRIMARY KEY AUTOINCREMENT,
    object_version_lsn INTEGER NOT NULL REFERENCES project_version (object_version_lsn),
    project_id INTEGER NOT NULL,
    object_type INTEGER NOT NULL,
    object_name TEXT NOT NULL,
    object_key TEXT NOT NULL,
    parameter_name TEXT NOT NULL,
    parameter_key TEXT NOT NULL,
    data_type TEXT NOT NULL,
    required INTEGER NOT NULL,
    sensitive INTEGER NOT NULL,
    description TEXT,
    design_value TEXT,
    design_secret BLOB,
    server_value TEXT,
    server_secret BLOB,
    value_set INTEGER NOT NULL DEFAULT 0,
    UNIQUE (object_version_lsn, object_type, object_key, parameter_key)
);

CREATE TABLE operation (
    operation_id INTEGER PRIMARY KEY AUTOINCREMENT,
    operation_type INTEGER NOT NULL,
    created_time TEXT NOT NULL,
    object_type INTEGER,
    object_id INTEGER,
    object_name TEXT,
    caller_name TEXT NOT NULL,
    stopped_by_name TEXT,
    start_time TEXT,
    end_time TEXT,
    process_id INTEGER,
    -- The state of `scaleout_core::lease`, moved by guarded updates only.
    status INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    lost INTEGER NOT NULL DEFAULT 0,
    lease_worker TEXT,
    lease_until TEXT,
    -- Since when it waits for a worker, and who had it last.
    pending_since TEXT,
    last_worker TEXT
);
CREATE INDEX operation_pending ON operation (pending_since) WHERE status = 5;
CREATE INDEX operation_leased ON operation (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX operation_of_worker ON operation (lease_worker) WHERE lease_worker IS NOT NULL;

CREATE TABLE execution (
    execution_id INTEGER NOT NULL PRIMARY KEY REFERENCES operation (operation_id),
    folder_name TEXT NOT NULL,
    project_name TEXT NOT NULL,
    package_name TEXT NOT NULL,
    project_id INTEGER NOT NULL,
    project_lsn INTEGER NOT NULL,
    project_hash TEXT NOT NULL,
    use32bitruntime INTEGER NOT NULL,
    run_in_scale_out INTEGER NOT NULL,
    any_worker INTEGER NOT NULL,
    retry_count INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE execution_worker (
    execution_id INTEGER NOT NULL REFERENCES execution (execution_id),
    worker_id TEXT NOT NULL,
    PRIMARY KEY (execution_id, worker_id)
);

CREATE TABLE execution_parameter (
    execution_parameter_id INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id INTEGER NOT NULL REFERENCES execution (execution_id),
    object_type INTEGER NOT NULL,
    parameter_name TEXT NOT NULL,
    parameter_key TEXT NOT NULL,
    data_type TEXT NOT NULL,
    sensitive INTEGER NOT NULL,
    required INTEGER NOT NULL,
    value TEXT,
    secret BLOB,
    -- Where the value comes from: D design, S server, E set for this execution.
    value_source TEXT NOT NULL,
    value_set INTEGER NOT NULL,
    UNIQUE (execution_id, object_type, parameter_key)
);

CREATE TABLE execution_override (
    property_id INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id INTEGER NOT NULL REFERENCES execution (execution_id),
    property_path TEXT NOT NULL,
    value TEXT,
    secret BLOB,
    sensitive INTEGER NOT NULL
);
CREATE INDEX execution_override_by_execution ON execution_override (execution_id);

-- One attempt: what a worker was granted, and how far its log is stored.
CREATE TABLE attempt (
    execution_id INTEGER NOT NULL REFERENCES execution (execution_id),
    attempt INTEGER NOT NULL,
    worker_id TEXT NOT NULL,
    granted_time TEXT NOT NULL,
    ended_time TEXT,
    -- `completed` once the worker's report was accepted, `lost` once the lease was taken back.
    ending TEXT,
    durable_through INTEGER NOT NULL DEFAULT 0,
    last_sequence INTEGER,
    PRIMARY KEY (execution_id, attempt)
);

CREATE TABLE worker (
    worker_id TEXT NOT NULL PRIMARY KEY,
    is_enabled INTEGER NOT NULL DEFAULT 0,
    -- What the worker says of itself …
    display_name TEXT NOT NULL,
    description TEXT NOT NULL,
    machine_name TEXT NOT NULL,
    user_account TEXT NOT NULL,
    max_task_count INTEGER NOT NULL,
    program_version TEXT NOT NULL,
    -- … and what an administrator wrote over it.
    display_name_set TEXT,
    description_set TEXT,
    tags TEXT NOT NULL DEFAULT '',
    last_online_time TEXT NOT NULL,
    cpu_percent REAL,
    free_memory_mb INTEGER,
    running_tasks INTEGER
);

-- A certificate belongs to one worker for ever.
CREATE TABLE worker_certificate (
    thumbprint TEXT NOT NULL PRIMARY KEY,
    worker_id TEXT NOT NULL REFERENCES worker (worker_id)
);
CREATE INDEX worker_certificate_by_worker ON worker_certificate (worker_id);

CREATE TABLE message (
    message_id INTEGER PRIMARY KEY AUTOINCREMENT,
    operation_id INTEGER NOT NULL REFERENCES operation (operation_id),
    attempt INTEGER,
    message_time TEXT NOT NULL,
    message_type INTEGER NOT NULL,
    message_source_type INTEGER NOT NULL,
    message TEXT NOT NULL,
    package_name TEXT,
    event_name TEXT,
    message_source_name TEXT,
    message_source_id TEXT,
    subcomponent_name TEXT,
    package_path TEXT,
    execution_path TEXT,
    message_code INTEGER
);
CREATE INDEX message_by_operation ON message (operation_id, message_id);

CREATE TABLE executable (
    executable_id INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id INTEGER NOT NULL REFERENCES execution (execution_id),
    executable_name TEXT NOT NULL,
    executable_guid TEXT NOT NULL,
    package_name TEXT NOT NULL,
    package_path TEXT NOT NULL,
    UNIQUE (execution_id, package_name, package_path)
);

CREATE TABLE executable_statistic (
    statistics_id INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id INTEGER NOT NULL REFERENCES execution (execution_id),
    attempt INTEGER NOT NULL,
    executable_id INTEGER NOT NULL REFERENCES executable (executable_id),
    execution_path TEXT NOT NULL,
    start_time TEXT NOT NULL,
    end_time TEXT NOT NULL,
    duration_ms INTEGER NOT NULL,
    execution_result INTEGER NOT NULL,
    execution_value TEXT
);
CREATE INDEX executable_statistic_by_execution ON executable_statistic (execution_id);

-- Rows over each path so far: what reports add up.
CREATE TABLE path_rows (
    execution_id INTEGER NOT NULL REFERENCES execution (execution_id),
    attempt INTEGER NOT NULL,
    execution_path TEXT NOT NULL,
    path_id TEXT NOT NULL,
    destination_component TEXT NOT NULL,
    into_destination INTEGER NOT NULL,
    rows_sent INTEGER NOT NULL,
    PRIMARY KEY (execution_id, attempt, execution_path, path_id)
);

-- Rows in each step: kept at logging level Verbose only.
CREATE TABLE data_statistic (
    data_stats_id INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id INTEGER NOT NULL REFERENCES execution (execution_id),
    attempt INTEGER NOT NULL,
    package_name TEXT NOT NULL,
    task_name TEXT NOT NULL,
    path_id TEXT NOT NULL,
    path_name TEXT NOT NULL,
    source_component TEXT NOT NULL,
    destination_component TEXT NOT NULL,
    rows_sent INTEGER NOT NULL,
    created_time TEXT NOT NULL,
    execution_path TEXT NOT NULL
);
CREATE INDEX data_statistic_by_execution ON data_statistic (execution_id);

CREATE TABLE component_phase (
    phase_stats_id INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id INTEGER NOT NULL REFERENCES execution (execution_id),
    attempt INTEGER NOT NULL,
    package_name TEXT NOT NULL,
    task_name TEXT NOT NULL,
    subcomponent_name TEXT NOT NULL,
    phase TEXT NOT NULL,
    start_time TEXT NOT NULL,
    end_time TEXT NOT NULL,
    execution_path TEXT NOT NULL,
    active_us INTEGER NOT NULL
);
CREATE INDEX component_phase_by_execution ON component_phase (execution_id);

CREATE TABLE execution_output (
    output_id INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id INTEGER NOT NULL REFERENCES execution (execution_id),
    attempt INTEGER NOT NULL,
    name TEXT NOT NULL,
    target TEXT NOT NULL,
    UNIQUE (execution_id, attempt, name, target)
);
