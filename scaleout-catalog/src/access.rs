//! Who may do what. Permissions on single objects come with `grant_permission`; until then roles
//! and ownership decide:
//!
//! - `ssis_admin` and `sysadmin` may do everything;
//! - `ssis_cluster_executor` may read every environment, read and run every project, and owns the
//!   executions it created;
//! - `ssis_logreader` may read all logs;
//! - everyone may read the master's properties and what they own.

use scaleout_core::model::{Caller, Role};
use scaleout_core::registry::{Permission, Procedure, View};

use crate::error::CatalogError;

/// Which rows of a view a caller gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowFilter {
    /// All.
    All,
    /// None.
    Nothing,
    /// Those of operations that the caller started.
    OwnOperations {
        /// Column with the operation's id.
        column: &'static str,
        /// The caller.
        caller: String,
    },
}

/// Whether a caller may call a procedure at all.
pub fn check_call(caller: &Caller, procedure: &Procedure) -> Result<(), CatalogError> {
    let allowed = match procedure.permission {
        Permission::Administrator => caller.is_administrator(),
        Permission::OnObjects | Permission::ScaleOutExecutor => true,
    };
    require(allowed, caller, || format!("call `{}`", procedure.name))
}

/// Whether a caller may run packages of a project.
pub fn check_execute(caller: &Caller) -> Result<(), CatalogError> {
    let allowed = caller.is_administrator() || caller.has(Role::ClusterExecutor);
    require(allowed, caller, || "run packages".to_owned())
}

/// Whether a caller may read a project.
pub fn check_read_project(caller: &Caller) -> Result<(), CatalogError> {
    let allowed = caller.is_administrator() || caller.has(Role::ClusterExecutor);
    require(allowed, caller, || "read projects".to_owned())
}

/// Whether a caller may deploy, change or delete a project.
pub fn check_change_project(caller: &Caller) -> Result<(), CatalogError> {
    require(caller.is_administrator(), caller, || {
        "change projects".to_owned()
    })
}

/// Whether a caller may create, change or delete environments.
pub fn check_change_environment(caller: &Caller) -> Result<(), CatalogError> {
    require(caller.is_administrator(), caller, || {
        "change environments".to_owned()
    })
}

/// Whether a caller may change or stop an operation. Someone else's looks as if it were not there.
pub fn check_operation(caller: &Caller, id: i64, owner: &str) -> Result<(), CatalogError> {
    if caller.is_administrator() || caller.name == owner {
        Ok(())
    } else {
        Err(CatalogError::OperationMissing { id })
    }
}

/// Which rows of a view a caller gets.
pub fn row_filter(caller: &Caller, view: &View) -> RowFilter {
    if caller.is_administrator() {
        return RowFilter::All;
    }
    match view.name {
        "master_properties" => RowFilter::All,
        "catalog_properties" => RowFilter::Nothing,
        "worker_agents"
        | "folders"
        | "projects"
        | "packages"
        | "object_parameters"
        | "object_versions"
        | "environments"
        | "environment_variables"
        | "environment_references" => {
            if caller.has(Role::ClusterExecutor) {
                RowFilter::All
            } else {
                RowFilter::Nothing
            }
        }
        _ => of_operations(caller, view),
    }
}

/// Views of operations: all rows for those who read logs, else one's own.
fn of_operations(caller: &Caller, view: &View) -> RowFilter {
    if caller.has(Role::LogReader) {
        return RowFilter::All;
    }
    let column = view
        .column("execution_id")
        .or_else(|| view.column("operation_id"));
    match column {
        Some(column) => RowFilter::OwnOperations {
            column: column.name,
            caller: caller.name.clone(),
        },
        None => RowFilter::Nothing,
    }
}

fn require(
    allowed: bool,
    caller: &Caller,
    action: impl FnOnce() -> String,
) -> Result<(), CatalogError> {
    if allowed {
        return Ok(());
    }
    Err(CatalogError::Forbidden {
        caller: caller.name.clone(),
        action: action(),
    })
}

#[cfg(test)]
mod tests {
    use scaleout_core::registry::procedures::{CREATE_FOLDER, START_EXECUTION};
    use scaleout_core::registry::views::VIEWS;

    use super::*;

    #[test]
    fn administration_is_for_administrators() {
        for role in Role::ALL {
            let caller = Caller::new("x", role);
            let allowed = caller.is_administrator();
            assert_eq!(
                check_call(&caller, &CREATE_FOLDER).is_ok(),
                allowed,
                "{role:?}"
            );
            assert_eq!(check_change_project(&caller).is_ok(), allowed, "{role:?}");
            assert_eq!(
                check_change_environment(&caller).is_ok(),
                allowed,
                "{role:?}"
            );
            assert!(check_call(&caller, &START_EXECUTION).is_ok());
            let runs = allowed || role == Role::ClusterExecutor;
            assert_eq!(check_execute(&caller).is_ok(), runs, "{role:?}");
        }
    }

    #[test]
    fn an_operation_belongs_to_who_started_it() {
        let caller = Caller::new("anna", Role::ClusterExecutor);
        assert!(check_operation(&caller, 1, "anna").is_ok());
        let other = check_operation(&caller, 1, "bert").unwrap_err();
        assert!(matches!(other, CatalogError::OperationMissing { id: 1 }));
        assert!(check_operation(&Caller::new("carl", Role::SsisAdmin), 1, "bert").is_ok());
    }

    #[test]
    fn without_a_role_only_the_masters_properties_and_own_rows_are_shown() {
        let nobody = Caller::new("x", Role::Public);
        for view in VIEWS {
            let filter = row_filter(&nobody, view);
            assert_eq!(
                filter == RowFilter::All,
                view.name == "master_properties",
                "{}",
                view.name
            );
        }
    }
}
