//! Steps of jobs.

use super::{JOB_ID, JOB_NAME, SCHEMA};
use crate::registry::permission::{JobAccess, Permission};
use crate::registry::types::SqlType::{Int, Nvarchar, Sysname, Tinyint, UniqueIdentifier};
use crate::registry::types::{Procedure, ProcedureParameter as P};

const SUBSYSTEM: P = P::optional(
    "@subsystem",
    Nvarchar(Some(40)),
    "TSQL for procedures of the catalog and of msdb, SSIS (or Dts) for a package, CmdExec for a command.",
);
const COMMAND: P = P::optional(
    "@command",
    Nvarchar(None),
    "What runs: T-SQL that calls procedures, the command line of dtexec, or that of the shell.",
);
const RESERVED: P = P::optional(
    "@additional_parameters",
    Nvarchar(None),
    "Reserved in the original; without effect.",
);
const SUCCESS_CODE: P = P::optional(
    "@cmdexec_success_code",
    Int,
    "The exit code with which a CmdExec step has succeeded.",
);
const ON_SUCCESS: P = P::optional(
    "@on_success_action",
    Tinyint,
    "1 quit with success, 2 quit with failure, 3 go to the next step, 4 go to a step.",
);
const ON_SUCCESS_STEP: P = P::optional(
    "@on_success_step_id",
    Int,
    "The step to go to after success, with action 4.",
);
const ON_FAIL: P = P::optional(
    "@on_fail_action",
    Tinyint,
    "The same for a failure, after all retries.",
);
const ON_FAIL_STEP: P = P::optional(
    "@on_fail_step_id",
    Int,
    "The step to go to after a failure, with action 4.",
);
const SERVER: P = P::optional(
    "@server",
    Nvarchar(Some(128)),
    "Reserved in the original; without effect.",
);
const DATABASE: P = P::optional(
    "@database_name",
    Sysname,
    "Recorded; procedures are found by their names.",
);
const DATABASE_USER: P = P::optional(
    "@database_user_name",
    Sysname,
    "Recorded; a step runs as the owner of its job.",
);
const RETRIES: P = P::optional(
    "@retry_attempts",
    Int,
    "How often a step that failed is run again.",
);
const RETRY_INTERVAL: P = P::optional("@retry_interval", Int, "Minutes between two attempts.");
const PRIORITY: P = P::optional(
    "@os_run_priority",
    Int,
    "Reserved in the original; without effect.",
);
const OUTPUT_FILE: P = P::optional(
    "@output_file_name",
    Nvarchar(Some(200)),
    "The file that gets the output, on the machine where the step runs; blank for none.",
);
const FLAGS: P = P::optional(
    "@flags",
    Int,
    "0 overwrites the output file, 2 appends to it; 4, 8, 16 and 32 are recorded: output is in the history.",
);
const PROXY_ID: P = P::optional("@proxy_id", Int, "The proxy as which it runs, by its id.");
const PROXY_NAME: P = P::optional(
    "@proxy_name",
    Sysname,
    "The proxy as which it runs, by its name.",
);

/// `msdb.dbo.sp_add_jobstep`
pub const SP_ADD_JOBSTEP: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_add_jobstep",
    summary: "Adds a step to a job; steps that come after it move on by one.",
    parameters: &[
        JOB_ID,
        JOB_NAME,
        P::optional(
            "@step_id",
            Int,
            "Its number, at most one more than there are steps.",
        ),
        P::required("@step_name", Sysname, "Its name, unique in the job."),
        SUBSYSTEM.or("'TSQL'"),
        COMMAND,
        RESERVED,
        SUCCESS_CODE.or("0"),
        ON_SUCCESS.or("1"),
        ON_SUCCESS_STEP.or("0"),
        ON_FAIL.or("2"),
        ON_FAIL_STEP.or("0"),
        SERVER,
        DATABASE,
        DATABASE_USER,
        RETRIES.or("0"),
        RETRY_INTERVAL.or("0"),
        PRIORITY,
        OUTPUT_FILE,
        FLAGS.or("0"),
        PROXY_ID,
        PROXY_NAME,
        P::output("@step_uid", UniqueIdentifier, "Its id.").may_be_left_out(),
    ],
    permission: Permission::Jobs(JobAccess::Change),
    result_set: None,
};

/// `msdb.dbo.sp_update_jobstep`
pub const SP_UPDATE_JOBSTEP: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_update_jobstep",
    summary: "Changes what is given of a step; a run that has begun goes on with what it is now.",
    parameters: &[
        JOB_ID,
        JOB_NAME,
        P::required("@step_id", Int, "Its number."),
        P::optional("@step_name", Sysname, "Its new name."),
        SUBSYSTEM,
        COMMAND,
        RESERVED,
        SUCCESS_CODE,
        ON_SUCCESS,
        ON_SUCCESS_STEP,
        ON_FAIL,
        ON_FAIL_STEP,
        SERVER,
        DATABASE,
        DATABASE_USER,
        RETRIES,
        RETRY_INTERVAL,
        PRIORITY,
        OUTPUT_FILE,
        FLAGS,
        PROXY_ID,
        PROXY_NAME,
    ],
    permission: Permission::Jobs(JobAccess::Change),
    result_set: None,
};

/// `msdb.dbo.sp_delete_jobstep`
pub const SP_DELETE_JOBSTEP: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_delete_jobstep",
    summary: "Deletes a step, or all; steps that came after it move back by one.",
    parameters: &[
        JOB_ID,
        JOB_NAME,
        P::required("@step_id", Int, "Its number; 0 for all steps."),
    ],
    permission: Permission::Jobs(JobAccess::Change),
    result_set: None,
};
