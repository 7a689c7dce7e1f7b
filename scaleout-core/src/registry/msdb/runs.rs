//! Starting, stopping, and what is kept of runs.

use super::{JOB_ID, JOB_NAME, SCHEMA};
use crate::registry::permission::{JobAccess, Permission};
use crate::registry::types::SqlType::{Bigint, Datetime, Int, Nvarchar, Sysname};
use crate::registry::types::{Procedure, ProcedureParameter as P};

/// `msdb.dbo.sp_start_job`
pub const SP_START_JOB: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_start_job",
    summary: "Starts a job and returns; whether it is enabled does not count.",
    parameters: &[
        JOB_NAME,
        JOB_ID,
        P::optional(
            "@error_flag",
            Int,
            "Reserved in the original; without effect.",
        ),
        P::optional(
            "@server_name",
            Nvarchar(Some(128)),
            "A target of the job; checked, since a job has one.",
        ),
        P::optional(
            "@step_name",
            Sysname,
            "The step to begin with; its first when left out.",
        ),
        P::optional(
            "@output_flag",
            Int,
            "Reserved in the original; without effect.",
        ),
        P::output("@run_id", Bigint, "Number of the run.")
            .may_be_left_out()
            .extension(),
    ],
    permission: Permission::Jobs(JobAccess::Operate),
    result_set: None,
};

/// `msdb.dbo.sp_stop_job`
pub const SP_STOP_JOB: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_stop_job",
    summary: "Stops the runs of a job, with whatever they have started.",
    parameters: &[
        JOB_NAME,
        JOB_ID,
        P::optional(
            "@originating_server",
            Nvarchar(Some(128)),
            "Another server's jobs in the original; there are none here.",
        ),
        P::optional(
            "@server_name",
            Nvarchar(Some(128)),
            "A target of the job; checked.",
        ),
    ],
    permission: Permission::Jobs(JobAccess::Operate),
    result_set: None,
};

/// `msdb.dbo.sp_purge_jobhistory`
pub const SP_PURGE_JOBHISTORY: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_purge_jobhistory",
    summary: "Removes the history of one job, or of all.",
    parameters: &[
        JOB_NAME,
        JOB_ID,
        P::optional(
            "@oldest_date",
            Datetime,
            "What began earlier is removed; all when left out.",
        ),
    ],
    permission: Permission::Jobs(JobAccess::Purge),
    result_set: None,
};
