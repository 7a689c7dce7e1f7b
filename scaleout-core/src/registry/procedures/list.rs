//! All procedures of this build.

use super::*;
use crate::registry::types::Procedure;

/// Every procedure, by name.
pub const PROCEDURES: &[&Procedure] = &[
    &ADD_EXECUTION_WORKER,
    &CLEAR_OBJECT_PARAMETER_VALUE,
    &CREATE_EXECUTION,
    &CREATE_FOLDER,
    &DELETE_FOLDER,
    &DELETE_PROJECT,
    &DEPLOY_PACKAGES,
    &DEPLOY_PROJECT,
    &DISABLE_WORKER_AGENT,
    &ENABLE_SCALEOUT,
    &ENABLE_WORKER_AGENT,
    &GET_PROJECT,
    &MOVE_PROJECT,
    &RENAME_FOLDER,
    &RESTORE_PROJECT,
    &SET_EXECUTION_PARAMETER_VALUE,
    &SET_EXECUTION_PROPERTY_OVERRIDE_VALUE,
    &SET_FOLDER_DESCRIPTION,
    &SET_OBJECT_PARAMETER_VALUE,
    &SET_WORKER_AGENT_PROPERTY,
    &START_EXECUTION,
    &STOP_OPERATION,
    &UPDATE_MASTER_ADDRESS,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_free_of_doubles() {
        assert!(
            PROCEDURES
                .windows(2)
                .all(|pair| pair[0].name < pair[1].name)
        );
    }
}
