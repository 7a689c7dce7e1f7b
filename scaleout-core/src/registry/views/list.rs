//! All views of this build.

use super::*;
use crate::registry::types::View;

/// Every view, by name.
pub const VIEWS: &[&View] = &[
    &AUDIT_LOG,
    &CATALOG_PROPERTIES,
    &CUSTOMIZED_LOGGING_LEVELS,
    &EFFECTIVE_OBJECT_PERMISSIONS,
    &ENVIRONMENT_REFERENCES,
    &ENVIRONMENT_VARIABLES,
    &ENVIRONMENTS,
    &EVENT_MESSAGE_CONTEXT,
    &EVENT_MESSAGES,
    &EXECUTABLE_STATISTICS,
    &EXECUTABLES,
    &EXECUTION_CHILDREN,
    &EXECUTION_COMPONENT_PHASES,
    &EXECUTION_COMPONENT_TIMES,
    &EXECUTION_DATA_STATISTICS,
    &EXECUTION_DATA_TAPS,
    &EXECUTION_OUTPUTS,
    &EXECUTION_PARAMETER_SOURCES,
    &EXECUTION_PARAMETER_VALUES,
    &EXECUTION_PROPERTY_OVERRIDE_VALUES,
    &EXECUTION_REPORT,
    &EXECUTION_WORKER_AGENTS,
    &EXECUTIONS,
    &EXPLICIT_OBJECT_PERMISSIONS,
    &EXTENDED_OPERATION_INFO,
    &FOLDERS,
    &LOGIN_ROLES,
    &LOGINS,
    &MASTER_PROPERTIES,
    &MASTERS,
    &OBJECT_PARAMETERS,
    &OBJECT_VERSIONS,
    &OPERATION_MESSAGES,
    &OPERATIONS,
    &PACKAGES,
    &PRINCIPALS,
    &PROJECTS,
    &TOKENS,
    &VALIDATIONS,
    &WAITING_EXECUTIONS,
    &WORKER_AGENTS,
    &WORKER_CERTIFICATES,
    &WORKER_REQUESTS,
    &WORKER_STATES,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_also_among_the_columns_of_a_view() {
        let names: BTreeSet<&str> = VIEWS.iter().map(|view| view.name).collect();
        assert_eq!(names.len(), VIEWS.len());
        for view in VIEWS {
            let mut columns = BTreeSet::new();
            for column in view.columns {
                for name in std::iter::once(&column.name).chain(column.aliases) {
                    assert!(columns.insert(name.to_lowercase()), "{}.{name}", view.name);
                }
            }
        }
    }
}
