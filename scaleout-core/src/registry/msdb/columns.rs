//! Columns of the result sets of the `sp_help_…` procedures.

use crate::registry::types::SqlType::{
    Bigint, Datetime, Int, Nvarchar, Sysname, Tinyint, UniqueIdentifier,
};
use crate::registry::types::ViewColumn as C;

/// Of `sp_help_job`.
pub const HELP_JOB_COLUMNS: &[C] = &[
    C::new("job_id", UniqueIdentifier, "Id."),
    C::new(
        "originating_server",
        Nvarchar(Some(30)),
        "Always `(local)`.",
    ),
    C::new("name", Sysname, "Name."),
    C::new("enabled", Tinyint, "0 when its schedules do not start it."),
    C::new("description", Nvarchar(Some(512)), "What it is for."),
    C::new("start_step_id", Int, "The step that it begins with."),
    C::new("category", Sysname, "Category."),
    C::new("owner", Sysname, "The login as which it runs."),
    C::new("notify_level_eventlog", Int, "Recorded only."),
    C::new(
        "notify_level_email",
        Int,
        "When mail is sent: 0 never, 1 success, 2 failure, 3 always.",
    ),
    C::new("notify_level_netsend", Int, "Recorded only."),
    C::new(
        "notify_level_page",
        Int,
        "When the pager address gets mail.",
    ),
    C::new("notify_email_operator", Sysname, "Who gets mail."),
    C::new("notify_netsend_operator", Sysname, "Recorded only."),
    C::new("notify_page_operator", Sysname, "Who is paged."),
    C::new("delete_level", Int, "When it is deleted after a run."),
    C::new("date_created", Datetime, "When it was created."),
    C::new("date_modified", Datetime, "When it was last changed."),
    C::new("version_number", Int, "Counts changes."),
    C::new(
        "last_run_date",
        Int,
        "Day of the last run, YYYYMMDD; 0 for none.",
    ),
    C::new("last_run_time", Int, "Time of the last run, HHMMSS."),
    C::new(
        "last_run_outcome",
        Int,
        "0 failed, 1 succeeded, 3 canceled, 5 unknown.",
    ),
    C::new(
        "next_run_date",
        Int,
        "Day of the next run, YYYYMMDD; 0 for none.",
    ),
    C::new("next_run_time", Int, "Time of the next run, HHMMSS."),
    C::new(
        "next_run_schedule_id",
        Int,
        "The schedule of the next run; 0 for none.",
    ),
    C::new(
        "current_execution_status",
        Int,
        "1 executing, 2 waiting, 3 between retries, 4 idle.",
    ),
    C::new(
        "current_execution_step",
        Sysname,
        "The step that runs: number and name.",
    ),
    C::new("current_retry_attempt", Int, "Which retry of it runs."),
    C::new("has_step", Int, "How many steps it has."),
    C::new("has_schedule", Int, "How many schedules it has."),
    C::new("has_target", Int, "How many targets it has."),
    C::new("type", Int, "1 with a target, 0 without."),
];

/// The schedules of one job, which `sp_help_job` shows in a further result set.
pub const HELP_JOB_SCHEDULE_COLUMNS: &[&str] = &[
    "schedule_id",
    "schedule_name",
    "enabled",
    "freq_type",
    "freq_interval",
    "freq_subday_type",
    "freq_subday_interval",
    "freq_relative_interval",
    "freq_recurrence_factor",
    "active_start_date",
    "active_end_date",
    "active_start_time",
    "active_end_time",
    "date_created",
    "schedule_description",
    "next_run_date",
    "next_run_time",
    "schedule_uid",
    "job_count",
];

/// The target of one job, the same way.
pub const HELP_JOB_TARGET_COLUMNS: &[&str] = &[
    "server_id",
    "server_name",
    "enlist_date",
    "last_poll_date",
    "last_run_date",
    "last_run_time",
    "last_run_duration",
    "last_run_outcome",
    "last_outcome_message",
];

/// Of `sp_help_jobstep`.
pub const HELP_JOBSTEP_COLUMNS: &[C] = &[
    C::new("step_id", Int, "Number."),
    C::new("step_name", Sysname, "Name."),
    C::new("subsystem", Nvarchar(Some(40)), "TSQL, SSIS or CmdExec."),
    C::new("command", Nvarchar(None), "What runs."),
    C::new("flags", Int, "2 appends to the output file."),
    C::new("cmdexec_success_code", Int, "Exit code of success."),
    C::new(
        "on_success_action",
        Tinyint,
        "1 quit with success, 2 quit with failure, 3 next step, 4 go to a step.",
    ),
    C::new("on_success_step_id", Int, "The step to go to."),
    C::new("on_fail_action", Tinyint, "The same for a failure."),
    C::new("on_fail_step_id", Int, "The step to go to."),
    C::new("server", Sysname, "Reserved."),
    C::new("database_name", Sysname, "Recorded."),
    C::new("database_user_name", Sysname, "Recorded."),
    C::new(
        "retry_attempts",
        Int,
        "How often it is run again after a failure.",
    ),
    C::new("retry_interval", Int, "Minutes between two attempts."),
    C::new("os_run_priority", Int, "Reserved."),
    C::new(
        "output_file_name",
        Nvarchar(Some(200)),
        "The file that gets the output.",
    ),
    C::new(
        "last_run_outcome",
        Int,
        "0 failed, 1 succeeded, 2 retry, 3 canceled, 5 unknown.",
    ),
    C::new("last_run_duration", Int, "Seconds."),
    C::new("last_run_retries", Int, "How often it was run again."),
    C::new("last_run_date", Int, "Day, YYYYMMDD."),
    C::new("last_run_time", Int, "Time, HHMMSS."),
    C::new("proxy_id", Int, "The proxy as which it runs."),
];

/// Of `sp_help_jobactivity`.
pub const HELP_JOBACTIVITY_COLUMNS: &[C] = &[
    C::new(
        "session_id",
        Int,
        "Always 1: runs do not belong to a start of a master.",
    ),
    C::new("job_id", UniqueIdentifier, "The job."),
    C::new("job_name", Sysname, "Its name."),
    C::new(
        "run_requested_date",
        Datetime,
        "When the run was asked for.",
    ),
    C::new(
        "run_requested_source",
        Sysname,
        "1 schedule, 3 start of a master, 4 user, 6 idle workers.",
    ),
    C::new(
        "queued_date",
        Datetime,
        "When it was put behind an earlier run; NULL otherwise.",
    ),
    C::new("start_execution_date", Datetime, "When it began."),
    C::new("last_executed_step_id", Int, "The step that ran last."),
    C::new(
        "last_exectued_step_date",
        Datetime,
        "When that step began; the original's spelling.",
    ),
    C::new("stop_execution_date", Datetime, "When it ended."),
    C::new(
        "next_scheduled_run_date",
        Datetime,
        "When the job runs next.",
    ),
    C::new("job_history_id", Int, "Its entry in the history."),
    C::new("message", Nvarchar(Some(1024)), "How it ended, in words."),
    C::new(
        "run_status",
        Int,
        "0 failed, 1 succeeded, 3 canceled; NULL while it runs.",
    ),
    C::new("operator_id_emailed", Int, "Always 0."),
    C::new("operator_id_netsent", Int, "Always 0."),
    C::new("operator_id_paged", Int, "Always 0."),
    C::new("run_id", Bigint, "Number of the run; not in the original."),
];

/// Of `sp_help_jobhistory`.
pub const HELP_JOBHISTORY_COLUMNS: &[C] = &[
    C::new("instance_id", Int, "Number of the entry."),
    C::new("job_id", UniqueIdentifier, "The job."),
    C::new("job_name", Sysname, "Its name."),
    C::new("step_id", Int, "The step; 0 for the whole run."),
    C::new("step_name", Sysname, "Its name; NULL for the whole run."),
    C::new(
        "sql_message_id",
        Int,
        "Number of the error of a TSQL step; 0 for none.",
    ),
    C::new(
        "sql_severity",
        Int,
        "16 for an error of a TSQL step, else 0.",
    ),
    C::new("message", Nvarchar(None), "What happened."),
    C::new(
        "run_status",
        Int,
        "0 failed, 1 succeeded, 2 retry, 3 canceled.",
    ),
    C::new("run_date", Int, "Day on which it began, YYYYMMDD."),
    C::new("run_time", Int, "Time at which it began, HHMMSS."),
    C::new("run_duration", Int, "How long it took, HHMMSS."),
    C::new("operator_emailed", Nvarchar(Some(128)), "Who got mail."),
    C::new("operator_netsent", Nvarchar(Some(128)), "Always NULL."),
    C::new("operator_paged", Nvarchar(Some(128)), "Who was paged."),
    C::new(
        "retries_attempted",
        Int,
        "How often the step was run again.",
    ),
    C::new(
        "server",
        Nvarchar(Some(128)),
        "Where it ran: a worker, or `(local)`.",
    ),
    C::new("run_id", Bigint, "Number of the run; not in the original."),
    C::new(
        "execution_id",
        Bigint,
        "The execution of an SSIS step; not in the original.",
    ),
];
