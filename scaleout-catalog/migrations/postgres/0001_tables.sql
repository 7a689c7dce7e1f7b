-- The tables of `migrations/sqlite/0001_tables.sql`, with the types of PostgreSQL. They stand in the schema
-- `internal`, the views in `catalog`: readers of the views need no rights on the tables.
-- `…_key` columns hold names in lower case: names differ by more than case.
-- `secret` columns hold encrypted values; the plain column beside them is then NULL.

CREATE TABLE catalog_property (
    property_name text NOT NULL PRIMARY KEY,
    property_value text NOT NULL
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
    property_name text NOT NULL PRIMARY KEY,
    property_value text NOT NULL
);

-- Which key the secrets of this catalog were encrypted with.
CREATE TABLE secret_key (
    fingerprint text NOT NULL PRIMARY KEY
);

-- Tokens of people and scripts; only their hash is kept.
CREATE TABLE token (
    token_hash text NOT NULL PRIMARY KEY,
    name text NOT NULL,
    role text NOT NULL,
    created_time timestamptz NOT NULL
);

CREATE TABLE folder (
    folder_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    name_key text NOT NULL UNIQUE,
    description text,
    created_by_name text NOT NULL,
    created_time timestamptz NOT NULL
);

-- Content of projects, once per content.
CREATE TABLE project_file (
    project_hash text NOT NULL PRIMARY KEY,
    content bytea NOT NULL
);

CREATE TABLE project (
    project_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    folder_id bigint NOT NULL REFERENCES folder (folder_id),
    name text NOT NULL,
    name_key text NOT NULL,
    description text,
    project_format_version bigint,
    deployed_by_name text NOT NULL,
    last_deployed_time timestamptz NOT NULL,
    created_time timestamptz NOT NULL,
    object_version_lsn bigint NOT NULL,
    validation_status text NOT NULL DEFAULT 'N',
    last_validation_time timestamptz,
    UNIQUE (folder_id, name_key)
);

-- A version outlives its project until housekeeping removes it, hence no foreign key.
CREATE TABLE project_version (
    object_version_lsn bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id bigint NOT NULL,
    project_name text NOT NULL,
    description text,
    project_hash text NOT NULL REFERENCES project_file (project_hash),
    created_by text NOT NULL,
    created_time timestamptz NOT NULL
);
CREATE INDEX project_version_by_project ON project_version (project_id);

CREATE TABLE package (
    package_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    object_version_lsn bigint NOT NULL REFERENCES project_version (object_version_lsn),
    project_id bigint NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    package_guid uuid,
    description text,
    package_format_version integer NOT NULL,
    version_major bigint NOT NULL,
    version_minor bigint NOT NULL,
    version_build bigint NOT NULL,
    version_comments text,
    version_guid uuid,
    entry_point boolean NOT NULL,
    validation_status text NOT NULL DEFAULT 'N',
    last_validation_time timestamptz,
    UNIQUE (object_version_lsn, name_key)
);

CREATE TABLE object_parameter (
    parameter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    object_version_lsn bigint NOT NULL REFERENCES project_version (object_version_lsn),
    project_id bigint NOT NULL,
    object_type smallint NOT NULL,
    object_name text NOT NULL,
    object_key text NOT NULL,
    parameter_name text NOT NULL,
    parameter_key text NOT NULL,
    data_type text NOT NULL,
    required boolean NOT NULL,
    sensitive boolean NOT NULL,
    description text,
    design_value text,
    design_secret bytea,
    server_value text,
    server_secret bytea,
    value_set boolean NOT NULL DEFAULT FALSE,
    UNIQUE (object_version_lsn, object_type, object_key, parameter_key)
);

CREATE TABLE operation (
    operation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation_type smallint NOT NULL,
    created_time timestamptz NOT NULL,
    object_type smallint,
    object_id bigint,
    object_name text,
    caller_name text NOT NULL,
    stopped_by_name text,
    start_time timestamptz,
    end_time timestamptz,
    process_id bigint,
    -- The state of `scaleout_core::lease`, moved by guarded updates only.
    status integer NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    lost integer NOT NULL DEFAULT 0,
    lease_worker uuid,
    lease_until timestamptz,
    -- Since when it waits for a worker, and who had it last.
    pending_since timestamptz,
    last_worker uuid
);
CREATE INDEX operation_pending ON operation (pending_since) WHERE status = 5;
CREATE INDEX operation_leased ON operation (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX operation_of_worker ON operation (lease_worker) WHERE lease_worker IS NOT NULL;

CREATE TABLE execution (
    execution_id bigint NOT NULL PRIMARY KEY REFERENCES operation (operation_id),
    folder_name text NOT NULL,
    project_name text NOT NULL,
    package_name text NOT NULL,
    project_id bigint NOT NULL,
    project_lsn bigint NOT NULL,
    project_hash text NOT NULL,
    use32bitruntime boolean NOT NULL,
    run_in_scale_out boolean NOT NULL,
    any_worker boolean NOT NULL,
    retry_count integer NOT NULL DEFAULT 0
);

CREATE TABLE execution_worker (
    execution_id bigint NOT NULL REFERENCES execution (execution_id),
    worker_id uuid NOT NULL,
    PRIMARY KEY (execution_id, worker_id)
);

CREATE TABLE execution_parameter (
    execution_parameter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution_id bigint NOT NULL REFERENCES execution (execution_id),
    object_type smallint NOT NULL,
    parameter_name text NOT NULL,
    parameter_key text NOT NULL,
    data_type text NOT NULL,
    sensitive boolean NOT NULL,
    required boolean NOT NULL,
    value text,
    secret bytea,
    -- Where the value comes from: D design, S server, E set for this execution.
    value_source text NOT NULL,
    value_set boolean NOT NULL,
    UNIQUE (execution_id, object_type, parameter_key)
);

CREATE TABLE execution_override (
    property_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution_id bigint NOT NULL REFERENCES execution (execution_id),
    property_path text NOT NULL,
    value text,
    secret bytea,
    sensitive boolean NOT NULL
);
CREATE INDEX execution_override_by_execution ON execution_override (execution_id);

-- One attempt: what a worker was granted, and how far its log is stored.
CREATE TABLE attempt (
    execution_id bigint NOT NULL REFERENCES execution (execution_id),
    attempt integer NOT NULL,
    worker_id uuid NOT NULL,
    granted_time timestamptz NOT NULL,
    ended_time timestamptz,
    -- `completed` once the worker's report was accepted, `lost` once the lease was taken back.
    ending text,
    durable_through bigint NOT NULL DEFAULT 0,
    last_sequence bigint,
    PRIMARY KEY (execution_id, attempt)
);

CREATE TABLE worker (
    worker_id uuid NOT NULL PRIMARY KEY,
    is_enabled boolean NOT NULL DEFAULT FALSE,
    -- What the worker says of itself …
    display_name text NOT NULL,
    description text NOT NULL,
    machine_name text NOT NULL,
    user_account text NOT NULL,
    max_task_count bigint NOT NULL,
    program_version text NOT NULL,
    -- … and what an administrator wrote over it.
    display_name_set text,
    description_set text,
    tags text NOT NULL DEFAULT '',
    last_online_time timestamptz NOT NULL,
    cpu_percent double precision,
    free_memory_mb bigint,
    running_tasks bigint
);

-- A certificate belongs to one worker for ever.
CREATE TABLE worker_certificate (
    thumbprint text NOT NULL PRIMARY KEY,
    worker_id uuid NOT NULL REFERENCES worker (worker_id)
);
CREATE INDEX worker_certificate_by_worker ON worker_certificate (worker_id);

CREATE TABLE message (
    message_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation_id bigint NOT NULL REFERENCES operation (operation_id),
    attempt integer,
    message_time timestamptz NOT NULL,
    message_type smallint NOT NULL,
    message_source_type smallint NOT NULL,
    message text NOT NULL,
    package_name text,
    event_name text,
    message_source_name text,
    message_source_id text,
    subcomponent_name text,
    package_path text,
    execution_path text,
    message_code integer
);
CREATE INDEX message_by_operation ON message (operation_id, message_id);

CREATE TABLE executable (
    executable_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution_id bigint NOT NULL REFERENCES execution (execution_id),
    executable_name text NOT NULL,
    executable_guid text NOT NULL,
    package_name text NOT NULL,
    package_path text NOT NULL,
    UNIQUE (execution_id, package_name, package_path)
);

CREATE TABLE executable_statistic (
    statistics_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution_id bigint NOT NULL REFERENCES execution (execution_id),
    attempt integer NOT NULL,
    executable_id bigint NOT NULL REFERENCES executable (executable_id),
    execution_path text NOT NULL,
    start_time timestamptz NOT NULL,
    end_time timestamptz NOT NULL,
    duration_ms bigint NOT NULL,
    execution_result smallint NOT NULL,
    execution_value text
);
CREATE INDEX executable_statistic_by_execution ON executable_statistic (execution_id);

-- Rows over each path so far: what reports add up.
CREATE TABLE path_rows (
    execution_id bigint NOT NULL REFERENCES execution (execution_id),
    attempt integer NOT NULL,
    execution_path text NOT NULL,
    path_id text NOT NULL,
    destination_component text NOT NULL,
    into_destination boolean NOT NULL,
    rows_sent bigint NOT NULL,
    PRIMARY KEY (execution_id, attempt, execution_path, path_id)
);

-- Rows in each step: kept at logging level Verbose only.
CREATE TABLE data_statistic (
    data_stats_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution_id bigint NOT NULL REFERENCES execution (execution_id),
    attempt integer NOT NULL,
    package_name text NOT NULL,
    task_name text NOT NULL,
    path_id text NOT NULL,
    path_name text NOT NULL,
    source_component text NOT NULL,
    destination_component text NOT NULL,
    rows_sent bigint NOT NULL,
    created_time timestamptz NOT NULL,
    execution_path text NOT NULL
);
CREATE INDEX data_statistic_by_execution ON data_statistic (execution_id);

CREATE TABLE component_phase (
    phase_stats_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution_id bigint NOT NULL REFERENCES execution (execution_id),
    attempt integer NOT NULL,
    package_name text NOT NULL,
    task_name text NOT NULL,
    subcomponent_name text NOT NULL,
    phase text NOT NULL,
    start_time timestamptz NOT NULL,
    end_time timestamptz NOT NULL,
    execution_path text NOT NULL,
    active_us bigint NOT NULL
);
CREATE INDEX component_phase_by_execution ON component_phase (execution_id);

CREATE TABLE execution_output (
    output_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution_id bigint NOT NULL REFERENCES execution (execution_id),
    attempt integer NOT NULL,
    name text NOT NULL,
    target text NOT NULL,
    UNIQUE (execution_id, attempt, name, target)
);
