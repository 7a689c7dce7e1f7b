//! The tables of msdb that people read.

use super::SCHEMA;
use crate::registry::types::SqlType::{
    Bigint, Datetime, Int, Nvarchar, Sysname, Tinyint, UniqueIdentifier, Varbinary,
};
use crate::registry::types::{View, ViewColumn as C};

/// `msdb.dbo.sysjobs`
pub const SYSJOBS: View = View {
    schema: SCHEMA,
    name: "sysjobs",
    summary: "A job.",
    columns: &[
        C::new("job_id", UniqueIdentifier, "Id."),
        C::new("originating_server_id", Int, "Always 0."),
        C::new("name", Sysname, "Name."),
        C::new("enabled", Tinyint, "0 when its schedules do not start it."),
        C::new("description", Nvarchar(Some(512)), "What it is for."),
        C::new("start_step_id", Int, "The step that it begins with."),
        C::new("category_id", Int, "Always 0."),
        C::new("owner_sid", Varbinary(Some(85)), "Always NULL."),
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
        C::new(
            "notify_email_operator_id",
            Int,
            "Who gets mail; 0 for nobody.",
        ),
        C::new("notify_netsend_operator_id", Int, "Always 0."),
        C::new(
            "notify_page_operator_id",
            Int,
            "Who is paged; 0 for nobody.",
        ),
        C::new("delete_level", Int, "When it is deleted after a run."),
        C::new("date_created", Datetime, "When it was created."),
        C::new("date_modified", Datetime, "When it was last changed."),
        C::new("version_number", Int, "Counts changes."),
        C::new(
            "owner_login_name",
            Sysname,
            "The login as which it runs; not in the original.",
        ),
        C::new("category_name", Sysname, "Category; not in the original."),
        C::new(
            "server_name",
            Nvarchar(Some(128)),
            "Its target, NULL for none; not in the original.",
        ),
        C::new(
            "overlap_policy",
            Nvarchar(Some(20)),
            "skip, queue or cancel_previous; not in the original.",
        ),
        C::new(
            "missed_run_policy",
            Nvarchar(Some(20)),
            "once or skip; not in the original.",
        ),
        C::new(
            "notify_level_webhook",
            Int,
            "When a webhook is called; not in the original.",
        ),
        C::new(
            "notify_webhook_operator",
            Sysname,
            "Whose webhook; not in the original.",
        ),
    ],
};

/// `msdb.dbo.sysjobsteps`
pub const SYSJOBSTEPS: View = View {
    schema: SCHEMA,
    name: "sysjobsteps",
    summary: "A step of a job.",
    columns: &[
        C::new("job_id", UniqueIdentifier, "The job."),
        C::new("step_id", Int, "Number."),
        C::new("step_name", Sysname, "Name."),
        C::new("subsystem", Nvarchar(Some(40)), "TSQL, SSIS or CmdExec."),
        C::new("command", Nvarchar(None), "What runs."),
        C::new("flags", Int, "2 appends to the output file."),
        C::new("additional_parameters", Nvarchar(None), "Always NULL."),
        C::new("cmdexec_success_code", Int, "Exit code of success."),
        C::new(
            "on_success_action",
            Tinyint,
            "1 quit with success, 2 quit with failure, 3 next step, 4 go to a step.",
        ),
        C::new("on_success_step_id", Int, "The step to go to."),
        C::new("on_fail_action", Tinyint, "The same for a failure."),
        C::new("on_fail_step_id", Int, "The step to go to."),
        C::new("server", Sysname, "Always NULL."),
        C::new("database_name", Sysname, "Recorded."),
        C::new("database_user_name", Sysname, "Recorded."),
        C::new(
            "retry_attempts",
            Int,
            "How often it is run again after a failure.",
        ),
        C::new("retry_interval", Int, "Minutes between two attempts."),
        C::new("os_run_priority", Int, "Always 0."),
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
        C::new("last_run_duration", Int, "HHMMSS."),
        C::new("last_run_retries", Int, "How often it was run again."),
        C::new("last_run_date", Int, "Day, YYYYMMDD."),
        C::new("last_run_time", Int, "Time, HHMMSS."),
        C::new("proxy_id", Int, "The proxy as which it runs."),
        C::new("step_uid", UniqueIdentifier, "Id."),
    ],
};

/// `msdb.dbo.sysjobschedules`
pub const SYSJOBSCHEDULES: View = View {
    schema: SCHEMA,
    name: "sysjobschedules",
    summary: "A schedule of a job, and when it starts it next.",
    columns: &[
        C::new("schedule_id", Int, "The schedule."),
        C::new("job_id", UniqueIdentifier, "The job."),
        C::new(
            "next_run_date",
            Int,
            "Day of the next run in the zone of the schedule, YYYYMMDD; 0 for none.",
        ),
        C::new("next_run_time", Int, "Time of the next run, HHMMSS."),
        C::new("next_run", Datetime, "The next run; not in the original."),
    ],
};

/// `msdb.dbo.sysschedules`
pub const SYSSCHEDULES: View = View {
    schema: SCHEMA,
    name: "sysschedules",
    summary: "A schedule.",
    columns: &[
        C::new("schedule_id", Int, "Id."),
        C::new("schedule_uid", UniqueIdentifier, "Id for other servers."),
        C::new("originating_server_id", Int, "Always 0."),
        C::new("name", Sysname, "Name."),
        C::new("owner_sid", Varbinary(Some(85)), "Always NULL."),
        C::new("enabled", Int, "0 when it starts no job."),
        C::new(
            "freq_type",
            Int,
            "1 once, 4 daily, 8 weekly, 16 monthly, 32 monthly relative, 64 on start, 128 when idle.",
        ),
        C::new("freq_interval", Int, "Days, as freq_type means it."),
        C::new(
            "freq_subday_type",
            Int,
            "1 at the given time, 2 seconds, 4 minutes, 8 hours.",
        ),
        C::new("freq_subday_interval", Int, "So many of these between two."),
        C::new(
            "freq_relative_interval",
            Int,
            "1 first, 2 second, 4 third, 8 fourth, 16 last.",
        ),
        C::new(
            "freq_recurrence_factor",
            Int,
            "Weeks or months between two.",
        ),
        C::new("active_start_date", Int, "First day, YYYYMMDD."),
        C::new("active_end_date", Int, "Last day, YYYYMMDD."),
        C::new(
            "active_start_time",
            Int,
            "Time, or first time of a day, HHMMSS.",
        ),
        C::new("active_end_time", Int, "Last time of a day, HHMMSS."),
        C::new("date_created", Datetime, "When it was created."),
        C::new("date_modified", Datetime, "When it was last changed."),
        C::new("version_number", Int, "Counts changes."),
        C::new(
            "owner_login_name",
            Sysname,
            "Whose it is; not in the original.",
        ),
        C::new(
            "time_zone",
            Nvarchar(Some(64)),
            "Where its clock hangs; not in the original.",
        ),
    ],
};

/// `msdb.dbo.sysjobhistory`
pub const SYSJOBHISTORY: View = View {
    schema: SCHEMA,
    name: "sysjobhistory",
    summary: "How a job or a step of it ran.",
    columns: &[
        C::new("instance_id", Int, "Number of the entry."),
        C::new("job_id", UniqueIdentifier, "The job."),
        C::new("step_id", Int, "The step; 0 for the whole run."),
        C::new("step_name", Sysname, "Its name."),
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
        C::new("operator_id_emailed", Int, "Always 0."),
        C::new("operator_id_netsent", Int, "Always 0."),
        C::new("operator_id_paged", Int, "Always 0."),
        C::new(
            "retries_attempted",
            Int,
            "How often the step was run again.",
        ),
        C::new("server", Sysname, "Where it ran: a worker, or `(local)`."),
        C::new("run_id", Bigint, "Number of the run; not in the original."),
        C::new(
            "execution_id",
            Bigint,
            "The execution of an SSIS step; not in the original.",
        ),
        C::new(
            "start_time",
            Datetime,
            "When it began; not in the original.",
        ),
    ],
};

/// `msdb.dbo.sysoperators`
pub const SYSOPERATORS: View = View {
    schema: SCHEMA,
    name: "sysoperators",
    summary: "An operator.",
    columns: &[
        C::new("id", Int, "Id."),
        C::new("name", Sysname, "Name."),
        C::new("enabled", Tinyint, "0 when nobody is told."),
        C::new("email_address", Nvarchar(Some(100)), "Where mail goes."),
        C::new("pager_address", Nvarchar(Some(100)), "Where pages go."),
        C::new(
            "webhook_url",
            Nvarchar(Some(400)),
            "What is called; not in the original.",
        ),
    ],
};

/// `msdb.dbo.sysproxies`
pub const SYSPROXIES: View = View {
    schema: SCHEMA,
    name: "sysproxies",
    summary: "A proxy.",
    columns: &[
        C::new("proxy_id", Int, "Id."),
        C::new("name", Sysname, "Name."),
        C::new("enabled", Tinyint, "0 when no step may use it."),
        C::new("description", Nvarchar(Some(512)), "What it is for."),
        C::new(
            "credential_name",
            Sysname,
            "The user on the workers; not in the original.",
        ),
        C::new(
            "logins",
            Nvarchar(None),
            "Logins that may name it; not in the original.",
        ),
    ],
};
