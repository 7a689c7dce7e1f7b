//! All of them.

use super::*;
use crate::registry::types::{Procedure, View};

/// Every procedure of jobs, by name.
pub const MSDB_PROCEDURES: &[&Procedure] = &[
    &SP_ADD_JOB,
    &SP_ADD_JOBSCHEDULE,
    &SP_ADD_JOBSERVER,
    &SP_ADD_JOBSTEP,
    &SP_ADD_OPERATOR,
    &SP_ADD_PROXY,
    &SP_ADD_SCHEDULE,
    &SP_ATTACH_SCHEDULE,
    &SP_DELETE_JOB,
    &SP_DELETE_JOBSERVER,
    &SP_DELETE_JOBSTEP,
    &SP_DELETE_OPERATOR,
    &SP_DELETE_PROXY,
    &SP_DELETE_SCHEDULE,
    &SP_DETACH_SCHEDULE,
    &SP_GRANT_LOGIN_TO_PROXY,
    &SP_HELP_JOB,
    &SP_HELP_JOBACTIVITY,
    &SP_HELP_JOBHISTORY,
    &SP_HELP_JOBSTEP,
    &SP_PURGE_JOBHISTORY,
    &SP_REVOKE_LOGIN_FROM_PROXY,
    &SP_START_JOB,
    &SP_STOP_JOB,
    &SP_UPDATE_JOB,
    &SP_UPDATE_JOBSTEP,
    &SP_UPDATE_SCHEDULE,
];

/// Every view of jobs, by name.
pub const MSDB_VIEWS: &[&View] = &[
    &SYSJOBHISTORY,
    &SYSJOBS,
    &SYSJOBSCHEDULES,
    &SYSJOBSTEPS,
    &SYSOPERATORS,
    &SYSPROXIES,
    &SYSSCHEDULES,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_free_of_doubles() {
        assert!(
            MSDB_PROCEDURES
                .windows(2)
                .all(|two| two[0].name < two[1].name)
        );
        assert!(MSDB_VIEWS.windows(2).all(|two| two[0].name < two[1].name));
    }
}
