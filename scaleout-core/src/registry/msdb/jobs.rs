//! Jobs themselves.

use super::{JOB_ID, JOB_NAME, SCHEMA};
use crate::registry::permission::{JobAccess, Permission};
use crate::registry::types::SqlType::{Bit, Int, Nvarchar, Sysname, Tinyint, UniqueIdentifier};
use crate::registry::types::{Procedure, ProcedureParameter as P};

const OVERLAP: P = P::optional(
    "@overlap_policy",
    Nvarchar(Some(20)),
    "What happens when it is to run while it runs: skip, queue or cancel_previous.",
)
.extension();
const MISSED: P = P::optional(
    "@missed_run_policy",
    Nvarchar(Some(20)),
    "What happens with times that passed while no master ran: once or skip.",
)
.extension();
const WEBHOOK_LEVEL: P = P::optional(
    "@notify_level_webhook",
    Int,
    "When the webhook of an operator is called: 0 never, 1 success, 2 failure, 3 always.",
)
.extension();
const WEBHOOK_OPERATOR: P = P::optional(
    "@notify_webhook_operator_name",
    Sysname,
    "The operator whose webhook is called.",
)
.extension();

const fn level(name: &'static str, meaning: &'static str) -> P {
    P::optional(name, Int, meaning)
}

/// `msdb.dbo.sp_add_job`
pub const SP_ADD_JOB: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_add_job",
    summary: "Creates a job without steps, schedules and target.",
    parameters: &[
        P::required("@job_name", Sysname, "Its name, unique and without `%`."),
        P::optional("@enabled", Tinyint, "0 when its schedules do not start it.").or("1"),
        P::optional("@description", Nvarchar(Some(512)), "What it is for."),
        P::optional("@start_step_id", Int, "The step that it begins with.").or("1"),
        P::optional("@category_name", Sysname, "Its category; recorded only."),
        P::optional("@category_id", Int, "Its category; recorded nowhere."),
        P::optional(
            "@owner_login_name",
            Sysname,
            "The login as which it runs; the caller when left out. Only administrators name another.",
        ),
        level(
            "@notify_level_eventlog",
            "Recorded only: there is no Windows event log.",
        )
        .or("2"),
        level(
            "@notify_level_email",
            "When mail is sent: 0 never, 1 success, 2 failure, 3 always.",
        )
        .or("0"),
        level("@notify_level_netsend", "Recorded only.").or("0"),
        level(
            "@notify_level_page",
            "When the pager address gets mail; as for mail.",
        )
        .or("0"),
        P::optional(
            "@notify_email_operator_name",
            Sysname,
            "The operator who gets mail.",
        ),
        P::optional("@notify_netsend_operator_name", Sysname, "Recorded only."),
        P::optional(
            "@notify_page_operator_name",
            Sysname,
            "The operator who is paged.",
        ),
        level(
            "@delete_level",
            "When the job is deleted after a run; as for mail.",
        )
        .or("0"),
        P::output("@job_id", UniqueIdentifier, "Its id.").may_be_left_out(),
        OVERLAP.or("'skip'"),
        MISSED.or("'once'"),
        WEBHOOK_LEVEL.or("0"),
        WEBHOOK_OPERATOR,
        P::optional(
            "@job_uid",
            UniqueIdentifier,
            "The id that packages know it by; a new one is drawn when left out.",
        )
        .extension(),
    ],
    permission: Permission::Jobs(JobAccess::Create),
    result_set: None,
};

/// `msdb.dbo.sp_update_job`
pub const SP_UPDATE_JOB: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_update_job",
    summary: "Changes what is given of a job; an operator may only set `@enabled` of jobs of others.",
    parameters: &[
        JOB_ID,
        JOB_NAME,
        P::optional("@new_name", Sysname, "Its new name."),
        P::optional("@enabled", Tinyint, "0 when its schedules do not start it."),
        P::optional("@description", Nvarchar(Some(512)), "What it is for."),
        P::optional("@start_step_id", Int, "The step that it begins with."),
        P::optional("@category_name", Sysname, "Its category; recorded only."),
        P::optional(
            "@owner_login_name",
            Sysname,
            "The login as which it runs; only administrators change it.",
        ),
        level("@notify_level_eventlog", "Recorded only."),
        level(
            "@notify_level_email",
            "When mail is sent: 0 never, 1 success, 2 failure, 3 always.",
        ),
        level("@notify_level_netsend", "Recorded only."),
        level(
            "@notify_level_page",
            "When the pager address gets mail; as for mail.",
        ),
        P::optional(
            "@notify_email_operator_name",
            Sysname,
            "The operator who gets mail.",
        ),
        P::optional("@notify_netsend_operator_name", Sysname, "Recorded only."),
        P::optional(
            "@notify_page_operator_name",
            Sysname,
            "The operator who is paged.",
        ),
        level(
            "@delete_level",
            "When the job is deleted after a run; as for mail.",
        ),
        P::optional(
            "@automatic_post",
            Bit,
            "Reserved in the original; without effect.",
        ),
        OVERLAP,
        MISSED,
        WEBHOOK_LEVEL,
        WEBHOOK_OPERATOR,
    ],
    permission: Permission::Jobs(JobAccess::Operate),
    result_set: None,
};

/// `msdb.dbo.sp_delete_job`
pub const SP_DELETE_JOB: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_delete_job",
    summary: "Deletes a job that does not run.",
    parameters: &[
        JOB_ID,
        JOB_NAME,
        P::optional(
            "@originating_server",
            Nvarchar(Some(30)),
            "Reserved in the original; without effect.",
        ),
        P::optional("@delete_history", Bit, "1 to delete its history too.").or("1"),
        P::optional(
            "@delete_unused_schedule",
            Bit,
            "1 to delete schedules that no other job uses.",
        )
        .or("1"),
    ],
    permission: Permission::Jobs(JobAccess::Change),
    result_set: None,
};

/// `msdb.dbo.sp_add_jobserver`
pub const SP_ADD_JOBSERVER: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_add_jobserver",
    summary: "Says where the steps of a job run: on any worker, or on one.",
    parameters: &[
        JOB_ID,
        JOB_NAME,
        P::optional(
            "@server_name",
            Nvarchar(Some(128)),
            "`(LOCAL)` for any worker, else the name or id of a worker.",
        )
        .or("'(LOCAL)'"),
    ],
    permission: Permission::Jobs(JobAccess::Change),
    result_set: None,
};

/// `msdb.dbo.sp_delete_jobserver`
pub const SP_DELETE_JOBSERVER: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_delete_jobserver",
    summary: "Takes the target of a job away; without one it does not start.",
    parameters: &[
        JOB_ID,
        JOB_NAME,
        P::required(
            "@server_name",
            Nvarchar(Some(128)),
            "The target that it has.",
        ),
    ],
    permission: Permission::Jobs(JobAccess::Change),
    result_set: None,
};
