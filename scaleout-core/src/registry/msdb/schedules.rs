//! Schedules.

use super::{JOB_ID, JOB_NAME, SCHEMA};
use crate::registry::permission::{JobAccess, Permission};
use crate::registry::types::SqlType::{Bit, Int, Nvarchar, Sysname, Tinyint, UniqueIdentifier};
use crate::registry::types::{Procedure, ProcedureParameter as P};

const ENABLED: P = P::optional("@enabled", Tinyint, "0 when it starts no job.");
const FREQ_TYPE: P = P::optional(
    "@freq_type",
    Int,
    "1 once, 4 daily, 8 weekly, 16 monthly, 32 monthly relative, 64 when a master starts, 128 when the workers are idle.",
);
const FREQ_INTERVAL: P = P::optional(
    "@freq_interval",
    Int,
    "Days, as freq_type means it: every so many; a sum of 1 Sunday to 64 Saturday; a day of the month; 1 Sunday to 7 Saturday, 8 day, 9 weekday, 10 weekend day.",
);
const SUBDAY_TYPE: P = P::optional(
    "@freq_subday_type",
    Int,
    "1 at the given time, 2 seconds, 4 minutes, 8 hours.",
);
const SUBDAY_INTERVAL: P = P::optional(
    "@freq_subday_interval",
    Int,
    "So many of these between two; at least 10 seconds.",
);
const RELATIVE: P = P::optional(
    "@freq_relative_interval",
    Int,
    "1 first, 2 second, 4 third, 8 fourth, 16 last, with freq_type 32.",
);
const FACTOR: P = P::optional(
    "@freq_recurrence_factor",
    Int,
    "Weeks or months between two, with freq_type 8, 16 and 32.",
);
const START_DATE: P = P::optional(
    "@active_start_date",
    Int,
    "First day, YYYYMMDD; today when left out.",
);
const END_DATE: P = P::optional(
    "@active_end_date",
    Int,
    "Last day, YYYYMMDD; 99991231 for no end.",
);
const START_TIME: P = P::optional(
    "@active_start_time",
    Int,
    "Time, or first time of a day, HHMMSS.",
);
const END_TIME: P = P::optional("@active_end_time", Int, "Last time of a day, HHMMSS.");
const TIME_ZONE: P = P::optional(
    "@time_zone",
    Nvarchar(Some(64)),
    "Where its clock hangs, such as Europe/Berlin; that of the master when left out.",
)
.extension();
const SCHEDULE_ID: P = P::optional(
    "@schedule_id",
    Int,
    "The schedule, by its id; give this or the name.",
);
const SCHEDULE_NAME: P = P::optional(
    "@schedule_name",
    Sysname,
    "The schedule, by its name; give this or the id.",
);
const OWNER: P = P::optional(
    "@owner_login_name",
    Sysname,
    "Whose it is; the caller's when left out. Only administrators name another.",
);

/// `msdb.dbo.sp_add_schedule`
pub const SP_ADD_SCHEDULE: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_add_schedule",
    summary: "Creates a schedule that any number of jobs can use.",
    parameters: &[
        P::required("@schedule_name", Sysname, "Its name."),
        ENABLED.or("1"),
        FREQ_TYPE.or("0"),
        FREQ_INTERVAL.or("1"),
        SUBDAY_TYPE.or("0"),
        SUBDAY_INTERVAL.or("0"),
        RELATIVE.or("0"),
        FACTOR.or("0"),
        START_DATE,
        END_DATE.or("99991231"),
        START_TIME.or("0"),
        END_TIME.or("235959"),
        OWNER,
        P::output(
            "@schedule_uid",
            UniqueIdentifier,
            "Its id for other servers.",
        )
        .may_be_left_out(),
        P::output("@schedule_id", Int, "Its id.").may_be_left_out(),
        P::optional(
            "@originating_server",
            Sysname,
            "Internal in the original; without effect.",
        ),
        TIME_ZONE,
    ],
    permission: Permission::Jobs(JobAccess::Create),
    result_set: None,
};

/// `msdb.dbo.sp_add_jobschedule`
pub const SP_ADD_JOBSCHEDULE: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_add_jobschedule",
    summary: "Creates a schedule and attaches it to a job.",
    parameters: &[
        JOB_ID,
        JOB_NAME,
        P::required("@name", Sysname, "Name of the schedule."),
        ENABLED.or("1"),
        FREQ_TYPE.or("1"),
        FREQ_INTERVAL.or("0"),
        SUBDAY_TYPE.or("0"),
        SUBDAY_INTERVAL.or("0"),
        RELATIVE.or("0"),
        FACTOR.or("0"),
        START_DATE,
        END_DATE.or("99991231"),
        START_TIME.or("0"),
        END_TIME.or("235959"),
        P::output("@schedule_id", Int, "Its id.").may_be_left_out(),
        // Scripts that the original writes give a value too; a new one is drawn all the same.
        P::optional(
            "@schedule_uid",
            UniqueIdentifier,
            "Its id for other servers; a new one is drawn.",
        ),
        TIME_ZONE,
    ],
    permission: Permission::Jobs(JobAccess::Change),
    result_set: None,
};

/// `msdb.dbo.sp_update_schedule`
pub const SP_UPDATE_SCHEDULE: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_update_schedule",
    summary: "Changes what is given of a schedule, for all jobs that use it.",
    parameters: &[
        SCHEDULE_ID,
        P::optional(
            "@name",
            Sysname,
            "The schedule, by its name; give this or the id.",
        ),
        P::optional("@new_name", Sysname, "Its new name."),
        ENABLED,
        FREQ_TYPE,
        FREQ_INTERVAL,
        SUBDAY_TYPE,
        SUBDAY_INTERVAL,
        RELATIVE,
        FACTOR,
        START_DATE,
        END_DATE,
        START_TIME,
        END_TIME,
        P::optional(
            "@owner_login_name",
            Sysname,
            "Whose it is; only administrators change it.",
        ),
        P::optional(
            "@automatic_post",
            Bit,
            "Reserved in the original; without effect.",
        ),
        TIME_ZONE,
    ],
    permission: Permission::Jobs(JobAccess::Change),
    result_set: None,
};

/// `msdb.dbo.sp_attach_schedule`
pub const SP_ATTACH_SCHEDULE: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_attach_schedule",
    summary: "Lets a schedule start a job.",
    parameters: &[
        JOB_ID,
        JOB_NAME,
        SCHEDULE_ID,
        SCHEDULE_NAME,
        P::optional(
            "@automatic_post",
            Bit,
            "Reserved in the original; without effect.",
        ),
    ],
    permission: Permission::Jobs(JobAccess::Change),
    result_set: None,
};

/// `msdb.dbo.sp_detach_schedule`
pub const SP_DETACH_SCHEDULE: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_detach_schedule",
    summary: "Lets a schedule no longer start a job.",
    parameters: &[
        JOB_ID,
        JOB_NAME,
        SCHEDULE_ID,
        SCHEDULE_NAME,
        P::optional(
            "@delete_unused_schedule",
            Bit,
            "1 to delete it when no other job uses it.",
        )
        .or("0"),
        P::optional(
            "@automatic_post",
            Bit,
            "Reserved in the original; without effect.",
        ),
    ],
    permission: Permission::Jobs(JobAccess::Change),
    result_set: None,
};

/// `msdb.dbo.sp_delete_schedule`
pub const SP_DELETE_SCHEDULE: Procedure = Procedure {
    schema: SCHEMA,
    name: "sp_delete_schedule",
    summary: "Deletes a schedule.",
    parameters: &[
        SCHEDULE_ID,
        SCHEDULE_NAME,
        P::optional("@force_delete", Bit, "1 to delete it although jobs use it.").or("0"),
        P::optional(
            "@automatic_post",
            Bit,
            "Reserved in the original; without effect.",
        ),
    ],
    permission: Permission::Jobs(JobAccess::Change),
    result_set: None,
};
