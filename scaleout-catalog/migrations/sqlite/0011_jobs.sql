-- Jobs: what SQL Server Agent keeps in msdb. Views have the names and columns of its tables.

INSERT INTO principal (principal_id, name, name_key, is_role, created_by_name, created_time)
SELECT column1, column2, lower(column2), 1, 'sysadmin',
    (SELECT min(applied_time) FROM schema_migration)
FROM (VALUES (8, 'SQLAgentOperatorRole'), (9, 'SQLAgentReaderRole'), (10, 'SQLAgentUserRole'));

CREATE TABLE job (
    job_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    enabled INTEGER NOT NULL,
    description TEXT,
    start_step_id INTEGER NOT NULL,
    category_name TEXT,
    owner_name TEXT NOT NULL,
    owner_key TEXT NOT NULL,
    notify_level_eventlog INTEGER NOT NULL,
    notify_level_email INTEGER NOT NULL,
    notify_level_netsend INTEGER NOT NULL,
    notify_level_page INTEGER NOT NULL,
    notify_level_webhook INTEGER NOT NULL,
    email_operator TEXT,
    netsend_operator TEXT,
    page_operator TEXT,
    webhook_operator TEXT,
    delete_level INTEGER NOT NULL,
    overlap_policy TEXT NOT NULL,
    missed_run_policy TEXT NOT NULL,
    -- `(local)` for any worker, else the name that was given; NULL without a target.
    server_name TEXT,
    target_worker TEXT,
    date_created TEXT NOT NULL,
    date_modified TEXT NOT NULL,
    version_number INTEGER NOT NULL DEFAULT 1,
    last_run_date INTEGER NOT NULL DEFAULT 0,
    last_run_time INTEGER NOT NULL DEFAULT 0,
    last_run_outcome INTEGER NOT NULL DEFAULT 5
);
CREATE INDEX job_of_owner ON job (owner_key);

CREATE TABLE job_step (
    job_id TEXT NOT NULL REFERENCES job (job_id),
    step_id INTEGER NOT NULL,
    step_uid TEXT NOT NULL,
    step_name TEXT NOT NULL,
    subsystem TEXT NOT NULL,
    command TEXT,
    cmdexec_success_code INTEGER NOT NULL,
    on_success_action INTEGER NOT NULL,
    on_success_step_id INTEGER NOT NULL,
    on_fail_action INTEGER NOT NULL,
    on_fail_step_id INTEGER NOT NULL,
    database_name TEXT,
    database_user_name TEXT,
    retry_attempts INTEGER NOT NULL,
    retry_interval INTEGER NOT NULL,
    output_file_name TEXT,
    flags INTEGER NOT NULL,
    proxy_id INTEGER,
    last_run_outcome INTEGER NOT NULL DEFAULT 5,
    last_run_seconds INTEGER NOT NULL DEFAULT 0,
    last_run_retries INTEGER NOT NULL DEFAULT 0,
    last_run_date INTEGER NOT NULL DEFAULT 0,
    last_run_time INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (job_id, step_id)
);

CREATE TABLE schedule (
    schedule_id INTEGER PRIMARY KEY AUTOINCREMENT,
    schedule_uid TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    owner_name TEXT NOT NULL,
    owner_key TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    freq_type INTEGER NOT NULL,
    freq_interval INTEGER NOT NULL,
    freq_subday_type INTEGER NOT NULL,
    freq_subday_interval INTEGER NOT NULL,
    freq_relative_interval INTEGER NOT NULL,
    freq_recurrence_factor INTEGER NOT NULL,
    active_start_date INTEGER NOT NULL,
    active_end_date INTEGER NOT NULL,
    active_start_time INTEGER NOT NULL,
    active_end_time INTEGER NOT NULL,
    time_zone TEXT NOT NULL,
    date_created TEXT NOT NULL,
    date_modified TEXT NOT NULL,
    version_number INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX schedule_name ON schedule (name_key);

CREATE TABLE job_schedule (
    job_id TEXT NOT NULL REFERENCES job (job_id),
    schedule_id INTEGER NOT NULL REFERENCES schedule (schedule_id),
    -- Moved only by a guarded update, so that each time fires once.
    next_run TEXT,
    next_run_date INTEGER NOT NULL DEFAULT 0,
    next_run_time INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (job_id, schedule_id)
);
CREATE INDEX job_schedule_next ON job_schedule (next_run) WHERE next_run IS NOT NULL;

CREATE TABLE job_run (
    run_id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id TEXT NOT NULL,
    -- 1 schedule, 3 start of a master, 4 user, 6 idle workers.
    source INTEGER NOT NULL,
    source_name TEXT NOT NULL,
    schedule_id INTEGER,
    scheduled_for TEXT,
    requested_time TEXT NOT NULL,
    queued_time TEXT,
    started_time TEXT,
    ended_time TEXT,
    -- queued, ready, running, waiting, ended: the states of `scaleout_core::jobs::run`.
    state TEXT NOT NULL,
    step_id INTEGER NOT NULL,
    retry INTEGER NOT NULL DEFAULT 0,
    steps_done INTEGER NOT NULL DEFAULT 0,
    step_started TEXT,
    -- What a running step waits for: an operation, or a master until its time is over.
    operation_id INTEGER,
    runner TEXT,
    due TEXT,
    stop_requested_by TEXT,
    outcome INTEGER,
    message TEXT,
    history_id INTEGER
);
CREATE UNIQUE INDEX job_run_once ON job_run (job_id, schedule_id, scheduled_for)
    WHERE scheduled_for IS NOT NULL;
CREATE INDEX job_run_open ON job_run (job_id, run_id) WHERE state <> 'ended';
CREATE INDEX job_run_operation ON job_run (operation_id) WHERE operation_id IS NOT NULL;
CREATE INDEX job_run_of_job ON job_run (job_id, run_id);

CREATE TABLE job_history (
    instance_id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL,
    job_id TEXT NOT NULL,
    job_name TEXT NOT NULL,
    step_id INTEGER NOT NULL,
    step_name TEXT,
    sql_message_id INTEGER NOT NULL,
    sql_severity INTEGER NOT NULL,
    message TEXT NOT NULL,
    run_status INTEGER NOT NULL,
    start_time TEXT NOT NULL,
    run_date INTEGER NOT NULL,
    run_time INTEGER NOT NULL,
    run_duration INTEGER NOT NULL,
    operator_emailed TEXT,
    operator_paged TEXT,
    retries_attempted INTEGER NOT NULL,
    server TEXT NOT NULL,
    operation_id INTEGER
);
CREATE INDEX job_history_of_job ON job_history (job_id, instance_id);
CREATE INDEX job_history_start ON job_history (start_time);

CREATE TABLE job_operator (
    operator_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    enabled INTEGER NOT NULL,
    email_address TEXT,
    pager_address TEXT,
    webhook_url TEXT
);

CREATE TABLE job_proxy (
    proxy_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    enabled INTEGER NOT NULL,
    description TEXT,
    user_name TEXT NOT NULL
);

CREATE TABLE job_proxy_login (
    proxy_id INTEGER NOT NULL REFERENCES job_proxy (proxy_id),
    login_name TEXT NOT NULL,
    login_key TEXT NOT NULL,
    PRIMARY KEY (proxy_id, login_key)
);

-- Notifications that are to be sent: kept until they are, or given up.
CREATE TABLE job_notification (
    notification_id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL,
    method TEXT NOT NULL,
    address TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try TEXT,
    last_error TEXT
);
CREATE INDEX job_notification_next ON job_notification (next_try) WHERE next_try IS NOT NULL;

-- What a step of CmdExec, or of SSIS with a file, runs on a worker. Its operation has the lease.
CREATE TABLE job_command (
    execution_id INTEGER NOT NULL PRIMARY KEY REFERENCES execution (execution_id),
    kind TEXT NOT NULL,
    command TEXT NOT NULL,
    user_name TEXT,
    success_code INTEGER NOT NULL,
    output_file TEXT,
    append_output INTEGER NOT NULL
);

CREATE VIEW sysjobs AS
SELECT j.job_id, 0 AS originating_server_id, j.name,
    CASE WHEN j.enabled THEN 1 ELSE 0 END AS enabled, j.description, j.start_step_id,
    0 AS category_id, NULL AS owner_sid, j.notify_level_eventlog, j.notify_level_email,
    j.notify_level_netsend, j.notify_level_page,
    coalesce((SELECT o.operator_id FROM job_operator o WHERE o.name = j.email_operator), 0)
        AS notify_email_operator_id,
    0 AS notify_netsend_operator_id,
    coalesce((SELECT o.operator_id FROM job_operator o WHERE o.name = j.page_operator), 0)
        AS notify_page_operator_id,
    j.delete_level, j.date_created, j.date_modified, j.version_number,
    j.owner_name AS owner_login_name, j.category_name, j.server_name, j.overlap_policy,
    j.missed_run_policy, j.notify_level_webhook, j.webhook_operator AS notify_webhook_operator
FROM job j;

CREATE VIEW sysjobsteps AS
SELECT job_id, step_id, step_name, subsystem, command, flags,
    CAST(NULL AS TEXT) AS additional_parameters, cmdexec_success_code, on_success_action,
    on_success_step_id, on_fail_action, on_fail_step_id, CAST(NULL AS TEXT) AS server,
    database_name, database_user_name, retry_attempts, retry_interval, 0 AS os_run_priority,
    output_file_name, last_run_outcome,
    last_run_seconds / 3600 * 10000 + last_run_seconds / 60 % 60 * 100 + last_run_seconds % 60
        AS last_run_duration,
    last_run_retries, last_run_date, last_run_time, proxy_id, step_uid
FROM job_step;

CREATE VIEW sysjobschedules AS
SELECT schedule_id, job_id, next_run_date, next_run_time, next_run FROM job_schedule;

CREATE VIEW sysschedules AS
SELECT schedule_id, schedule_uid, 0 AS originating_server_id, name, NULL AS owner_sid,
    CASE WHEN enabled THEN 1 ELSE 0 END AS enabled, freq_type, freq_interval, freq_subday_type,
    freq_subday_interval, freq_relative_interval, freq_recurrence_factor, active_start_date,
    active_end_date, active_start_time, active_end_time, date_created, date_modified,
    version_number, owner_name AS owner_login_name, time_zone
FROM schedule;

CREATE VIEW sysjobhistory AS
SELECT instance_id, job_id, step_id, coalesce(step_name, '(Job outcome)') AS step_name,
    sql_message_id, sql_severity, message, run_status, run_date, run_time, run_duration,
    0 AS operator_id_emailed, 0 AS operator_id_netsent, 0 AS operator_id_paged,
    retries_attempted, server, run_id, operation_id AS execution_id, start_time
FROM job_history;

CREATE VIEW sysoperators AS
SELECT operator_id AS id, name, CASE WHEN enabled THEN 1 ELSE 0 END AS enabled, email_address,
    pager_address, webhook_url
FROM job_operator;

CREATE VIEW sysproxies AS
SELECT proxy_id, name, CASE WHEN enabled THEN 1 ELSE 0 END AS enabled, description,
    user_name AS credential_name,
    (SELECT group_concat(l.login_name, ', ') FROM job_proxy_login l WHERE l.proxy_id = p.proxy_id) AS logins
FROM job_proxy p;

CREATE VIEW help_job AS
SELECT j.job_id, '(local)' AS originating_server, j.name,
    CASE WHEN j.enabled THEN 1 ELSE 0 END AS enabled, j.description, j.start_step_id,
    j.category_name AS category, j.owner_name AS owner, j.notify_level_eventlog,
    j.notify_level_email, j.notify_level_netsend, j.notify_level_page,
    j.email_operator AS notify_email_operator, j.netsend_operator AS notify_netsend_operator,
    j.page_operator AS notify_page_operator, j.delete_level, j.date_created, j.date_modified,
    j.version_number, j.last_run_date, j.last_run_time, j.last_run_outcome,
    coalesce((SELECT n.next_run_date FROM job_schedule n JOIN schedule s
            ON s.schedule_id = n.schedule_id
        WHERE n.job_id = j.job_id AND n.next_run IS NOT NULL AND j.enabled AND s.enabled
        ORDER BY n.next_run LIMIT 1), 0) AS next_run_date,
    coalesce((SELECT n.next_run_time FROM job_schedule n JOIN schedule s
            ON s.schedule_id = n.schedule_id
        WHERE n.job_id = j.job_id AND n.next_run IS NOT NULL AND j.enabled AND s.enabled
        ORDER BY n.next_run LIMIT 1), 0) AS next_run_time,
    coalesce((SELECT n.schedule_id FROM job_schedule n JOIN schedule s
            ON s.schedule_id = n.schedule_id
        WHERE n.job_id = j.job_id AND n.next_run IS NOT NULL AND j.enabled AND s.enabled
        ORDER BY n.next_run LIMIT 1), 0) AS next_run_schedule_id,
    CASE (SELECT r.state FROM job_run r WHERE r.job_id = j.job_id AND r.state <> 'ended'
            ORDER BY r.run_id LIMIT 1)
        WHEN 'running' THEN 1 WHEN 'ready' THEN 1 WHEN 'waiting' THEN 3 WHEN 'queued' THEN 2
        ELSE 4 END AS current_execution_status,
    coalesce((SELECT CAST(r.step_id AS TEXT) || ' (' || s.step_name || ')' FROM job_run r
            JOIN job_step s ON s.job_id = r.job_id AND s.step_id = r.step_id
        WHERE r.job_id = j.job_id AND r.state <> 'ended' ORDER BY r.run_id LIMIT 1), '0 (unknown)')
        AS current_execution_step,
    coalesce((SELECT r.retry FROM job_run r WHERE r.job_id = j.job_id AND r.state <> 'ended'
            ORDER BY r.run_id LIMIT 1), 0) AS current_retry_attempt,
    (SELECT count(*) FROM job_step s WHERE s.job_id = j.job_id) AS has_step,
    (SELECT count(*) FROM job_schedule s WHERE s.job_id = j.job_id) AS has_schedule,
    CASE WHEN j.server_name IS NULL THEN 0 ELSE 1 END AS has_target,
    CASE WHEN j.server_name IS NULL THEN 0 ELSE 1 END AS type
FROM job j;

CREATE VIEW help_jobactivity AS
SELECT 1 AS session_id, j.job_id, j.name AS job_name, r.requested_time AS run_requested_date,
    CAST(r.source AS TEXT) AS run_requested_source, r.queued_time AS queued_date,
    r.started_time AS start_execution_date, r.step_id AS last_executed_step_id,
    r.step_started AS last_exectued_step_date, r.ended_time AS stop_execution_date,
    (SELECT min(n.next_run) FROM job_schedule n JOIN schedule s ON s.schedule_id = n.schedule_id
        WHERE n.job_id = j.job_id AND j.enabled AND s.enabled) AS next_scheduled_run_date,
    r.history_id AS job_history_id, r.message, r.outcome AS run_status,
    0 AS operator_id_emailed, 0 AS operator_id_netsent, 0 AS operator_id_paged, r.run_id
FROM job j
LEFT JOIN job_run r ON r.run_id = (SELECT max(l.run_id) FROM job_run l WHERE l.job_id = j.job_id);

CREATE VIEW help_jobhistory AS
SELECT instance_id, job_id, job_name, step_id, step_name, sql_message_id, sql_severity, message,
    run_status, run_date, run_time, run_duration, operator_emailed,
    CAST(NULL AS TEXT) AS operator_netsent, operator_paged, retries_attempted, server, run_id,
    operation_id AS execution_id
FROM job_history;
