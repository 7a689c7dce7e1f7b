//! Procedures that show jobs.

use super::columns::{
    HELP_JOB_COLUMNS, HELP_JOBACTIVITY_COLUMNS, HELP_JOBHISTORY_COLUMNS, HELP_JOBSTEP_COLUMNS,
};
use super::{JOB_ID, JOB_NAME, SCHEMA};
use crate::registry::permission::{JobAccess, Permission};
use crate::registry::types::SqlType::{Bit, Char, Datetime, Int, Nvarchar, Sysname, Tinyint};
use crate::registry::types::{Procedure, ProcedureParameter as P, View};

const fn number(name: &'static str, meaning: &'static str) -> P {
    P::optional(name, Int, meaning)
}

/// `msdb.dbo.sp_help_job`
pub const SP_HELP_JOB: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_help_job",
    summary: "Shows jobs; of one job its steps, schedules and target as well.",
    parameters: &[
        JOB_ID,
        JOB_NAME,
        P::optional(
            "@job_aspect",
            Nvarchar(Some(9)),
            "Of one job: JOB, STEPS, SCHEDULES, TARGETS, or all of them, ALL.",
        ),
        P::optional(
            "@job_type",
            Nvarchar(Some(12)),
            "LOCAL shows all, MULTI-SERVER none.",
        ),
        P::optional("@owner_login_name", Sysname, "Only jobs of this login."),
        P::optional(
            "@subsystem",
            Nvarchar(Some(40)),
            "Only jobs with a step of it.",
        ),
        P::optional("@category_name", Sysname, "Only jobs of this category."),
        P::optional(
            "@enabled",
            Tinyint,
            "Only enabled jobs (1), or only others (0).",
        ),
        number(
            "@execution_status",
            "Only jobs that stand so; 0 for all that are not idle.",
        ),
        P::optional(
            "@date_comparator",
            Char(1),
            "How the dates are compared: =, < or >.",
        ),
        P::optional(
            "@date_created",
            Datetime,
            "With the comparator: when it was created.",
        ),
        P::optional(
            "@date_last_modified",
            Datetime,
            "With the comparator: when it was changed.",
        ),
        P::optional(
            "@description",
            Nvarchar(Some(512)),
            "A pattern with % and _.",
        ),
    ],
    permission: Permission::Jobs(JobAccess::Read),
    result_set: Some(HELP_JOB_COLUMNS),
};

/// `msdb.dbo.sp_help_jobstep`
pub const SP_HELP_JOBSTEP: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_help_jobstep",
    summary: "Shows the steps of a job.",
    parameters: &[
        JOB_ID,
        JOB_NAME,
        number("@step_id", "Only this step."),
        P::optional("@step_name", Sysname, "Only this step."),
        P::optional(
            "@suffix",
            Bit,
            "Words behind the flags in the original; without effect.",
        )
        .or("0"),
    ],
    permission: Permission::Jobs(JobAccess::Read),
    result_set: Some(HELP_JOBSTEP_COLUMNS),
};

/// `msdb.dbo.sp_help_jobactivity`
pub const SP_HELP_JOBACTIVITY: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_help_jobactivity",
    summary: "Shows what runs, and how each job ran last.",
    parameters: &[
        JOB_ID,
        JOB_NAME,
        number("@session_id", "Only 1 shows something."),
    ],
    permission: Permission::Jobs(JobAccess::Read),
    result_set: Some(HELP_JOBACTIVITY_COLUMNS),
};

/// `msdb.dbo.sp_help_jobhistory`
pub const SP_HELP_JOBHISTORY: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_help_jobhistory",
    summary: "Shows how jobs and their steps ran.",
    parameters: &[
        JOB_ID,
        JOB_NAME,
        number("@step_id", "Only this step; 0 for whole runs."),
        number("@sql_message_id", "Only this number of an error."),
        number("@sql_severity", "Only this severity."),
        number("@start_run_date", "Began on this day, YYYYMMDD, or later."),
        number("@end_run_date", "Began on this day, YYYYMMDD, or earlier."),
        number(
            "@start_run_time",
            "Began at this time of a day, HHMMSS, or later.",
        ),
        number(
            "@end_run_time",
            "Began at this time of a day, HHMMSS, or earlier.",
        ),
        number("@minimum_run_duration", "Took so long, HHMMSS, or longer."),
        number("@run_status", "0 failed, 1 succeeded, 2 retry, 3 canceled."),
        number("@minimum_retries", "Was run again so often or more."),
        number("@oldest_first", "1 for the oldest first.").or("0"),
        P::optional("@server", Nvarchar(Some(30)), "Ran there."),
        P::optional(
            "@mode",
            Nvarchar(Some(7)),
            "FULL and SUMMARY show the same here.",
        )
        .or("'SUMMARY'"),
    ],
    permission: Permission::Jobs(JobAccess::Read),
    result_set: Some(HELP_JOBHISTORY_COLUMNS),
};

/// What `sp_help_job` reads.
pub const HELP_JOB: View = View {
    schema: SCHEMA,
    name: "help_job",
    summary: "A job, as `sp_help_job` shows it.",
    columns: HELP_JOB_COLUMNS,
};

/// What `sp_help_jobactivity` reads.
pub const HELP_JOBACTIVITY: View = View {
    schema: SCHEMA,
    name: "help_jobactivity",
    summary: "The last run of a job, as `sp_help_jobactivity` shows it.",
    columns: HELP_JOBACTIVITY_COLUMNS,
};

/// What `sp_help_jobhistory` reads.
pub const HELP_JOBHISTORY: View = View {
    schema: SCHEMA,
    name: "help_jobhistory",
    summary: "An entry of the history, as `sp_help_jobhistory` shows it.",
    columns: HELP_JOBHISTORY_COLUMNS,
};
