//! Which function handles which procedure.

use futures_util::future::BoxFuture;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::*;
use crate::error::CatalogError;

/// What a handler gives back.
type Handled<'c> = BoxFuture<'c, Result<ProcedureResult, CatalogError>>;

/// The function behind a procedure.
pub type Handler = for<'c> fn(&'c Call<'c>, &'c BoundArguments) -> Handled<'c>;

const HANDLERS: &[(&str, Handler)] = &[
    ("add_data_tap", |cx, args| {
        Box::pin(add_data_tap::run(cx, args))
    }),
    ("add_data_tap_by_guid", |cx, args| {
        Box::pin(add_data_tap_by_guid::run(cx, args))
    }),
    ("add_execution_worker", |cx, args| {
        Box::pin(add_execution_worker::run(cx, args))
    }),
    ("add_login_role", |cx, args| {
        Box::pin(add_login_role::run(cx, args))
    }),
    ("approve_worker", |cx, args| {
        Box::pin(approve_worker::run(cx, args))
    }),
    ("check_schema_version", |cx, args| {
        Box::pin(check_schema_version::run(cx, args))
    }),
    ("cleanup_server_execution_keys", |cx, args| {
        Box::pin(cleanup_server_execution_keys::run(cx, args))
    }),
    ("cleanup_server_log", |cx, args| {
        Box::pin(cleanup_server_log::run(cx, args))
    }),
    ("cleanup_server_project_version", |cx, args| {
        Box::pin(cleanup_server_project_version::run(cx, args))
    }),
    ("cleanup_server_retention_window", |cx, args| {
        Box::pin(cleanup_server_retention_window::run(cx, args))
    }),
    ("clear_object_parameter_value", |cx, args| {
        Box::pin(clear_object_parameter_value::run(cx, args))
    }),
    ("configure_catalog", |cx, args| {
        Box::pin(configure_catalog::run(cx, args))
    }),
    ("create_customized_logging_level", |cx, args| {
        Box::pin(create_customized_logging_level::run(cx, args))
    }),
    ("create_environment", |cx, args| {
        Box::pin(create_environment::run(cx, args))
    }),
    ("create_environment_reference", |cx, args| {
        Box::pin(create_environment_reference::run(cx, args))
    }),
    ("create_environment_variable", |cx, args| {
        Box::pin(create_environment_variable::run(cx, args))
    }),
    ("create_execution", |cx, args| {
        Box::pin(create_execution::run(cx, args))
    }),
    ("create_execution_dump", |cx, args| {
        Box::pin(create_execution_dump::run(cx, args))
    }),
    ("create_folder", |cx, args| {
        Box::pin(create_folder::run(cx, args))
    }),
    ("create_login", |cx, args| {
        Box::pin(create_login::run(cx, args))
    }),
    ("create_token", |cx, args| {
        Box::pin(create_token::run(cx, args))
    }),
    ("create_worker_token", |cx, args| {
        Box::pin(create_worker_token::run(cx, args))
    }),
    ("delete_customized_logging_level", |cx, args| {
        Box::pin(delete_customized_logging_level::run(cx, args))
    }),
    ("delete_environment", |cx, args| {
        Box::pin(delete_environment::run(cx, args))
    }),
    ("delete_environment_reference", |cx, args| {
        Box::pin(delete_environment_reference::run(cx, args))
    }),
    ("delete_environment_variable", |cx, args| {
        Box::pin(delete_environment_variable::run(cx, args))
    }),
    ("delete_folder", |cx, args| {
        Box::pin(delete_folder::run(cx, args))
    }),
    ("delete_login", |cx, args| {
        Box::pin(delete_login::run(cx, args))
    }),
    ("delete_project", |cx, args| {
        Box::pin(delete_project::run(cx, args))
    }),
    ("delete_worker_agent", |cx, args| {
        Box::pin(delete_worker_agent::run(cx, args))
    }),
    ("deny_permission", |cx, args| {
        Box::pin(deny_permission::run(cx, args))
    }),
    ("deploy_packages", |cx, args| {
        Box::pin(deploy_packages::run(cx, args))
    }),
    ("deploy_project", |cx, args| {
        Box::pin(deploy_project::run(cx, args))
    }),
    ("disable_worker_agent", |cx, args| {
        Box::pin(disable_worker_agent::run(cx, args))
    }),
    ("dm_execution_performance_counters", |cx, args| {
        Box::pin(dm_execution_performance_counters::run(cx, args))
    }),
    ("drain_worker_agent", |cx, args| {
        Box::pin(drain_worker_agent::run(cx, args))
    }),
    ("enable_scaleout", |cx, args| {
        Box::pin(enable_scaleout::run(cx, args))
    }),
    ("enable_worker_agent", |cx, args| {
        Box::pin(enable_worker_agent::run(cx, args))
    }),
    ("explain_execution", |cx, args| {
        Box::pin(explain_execution::run(cx, args))
    }),
    ("get_parameter_values", |cx, args| {
        Box::pin(get_parameter_values::run(cx, args))
    }),
    ("get_project", |cx, args| {
        Box::pin(get_project::run(cx, args))
    }),
    ("grant_permission", |cx, args| {
        Box::pin(grant_permission::run(cx, args))
    }),
    ("move_environment", |cx, args| {
        Box::pin(move_environment::run(cx, args))
    }),
    ("move_project", |cx, args| {
        Box::pin(move_project::run(cx, args))
    }),
    ("reject_worker", |cx, args| {
        Box::pin(reject_worker::run(cx, args))
    }),
    ("remove_data_tap", |cx, args| {
        Box::pin(remove_data_tap::run(cx, args))
    }),
    ("remove_login_role", |cx, args| {
        Box::pin(remove_login_role::run(cx, args))
    }),
    ("rename_customized_logging_level", |cx, args| {
        Box::pin(rename_customized_logging_level::run(cx, args))
    }),
    ("rename_environment", |cx, args| {
        Box::pin(rename_environment::run(cx, args))
    }),
    ("rename_folder", |cx, args| {
        Box::pin(rename_folder::run(cx, args))
    }),
    ("renew_worker_certificate", |cx, args| {
        Box::pin(renew_worker_certificate::run(cx, args))
    }),
    ("restore_project", |cx, args| {
        Box::pin(restore_project::run(cx, args))
    }),
    ("resume_worker_agent", |cx, args| {
        Box::pin(resume_worker_agent::run(cx, args))
    }),
    ("revoke_certificate", |cx, args| {
        Box::pin(revoke_certificate::run(cx, args))
    }),
    ("revoke_permission", |cx, args| {
        Box::pin(revoke_permission::run(cx, args))
    }),
    ("revoke_token", |cx, args| {
        Box::pin(revoke_token::run(cx, args))
    }),
    ("rotate_keys", |cx, args| {
        Box::pin(rotate_keys::run(cx, args))
    }),
    ("set_customized_logging_level_description", |cx, args| {
        Box::pin(set_customized_logging_level_description::run(cx, args))
    }),
    ("set_customized_logging_level_value", |cx, args| {
        Box::pin(set_customized_logging_level_value::run(cx, args))
    }),
    ("set_environment_property", |cx, args| {
        Box::pin(set_environment_property::run(cx, args))
    }),
    ("set_environment_reference_type", |cx, args| {
        Box::pin(set_environment_reference_type::run(cx, args))
    }),
    ("set_environment_variable_property", |cx, args| {
        Box::pin(set_environment_variable_property::run(cx, args))
    }),
    ("set_environment_variable_protection", |cx, args| {
        Box::pin(set_environment_variable_protection::run(cx, args))
    }),
    ("set_environment_variable_value", |cx, args| {
        Box::pin(set_environment_variable_value::run(cx, args))
    }),
    ("set_execution_parameter_value", |cx, args| {
        Box::pin(set_execution_parameter_value::run(cx, args))
    }),
    ("set_execution_property_override_value", |cx, args| {
        Box::pin(set_execution_property_override_value::run(cx, args))
    }),
    ("set_folder_description", |cx, args| {
        Box::pin(set_folder_description::run(cx, args))
    }),
    ("set_login_certificate", |cx, args| {
        Box::pin(set_login_certificate::run(cx, args))
    }),
    ("set_login_enabled", |cx, args| {
        Box::pin(set_login_enabled::run(cx, args))
    }),
    ("set_login_password", |cx, args| {
        Box::pin(set_login_password::run(cx, args))
    }),
    ("set_object_parameter_value", |cx, args| {
        Box::pin(set_object_parameter_value::run(cx, args))
    }),
    ("set_worker_agent_property", |cx, args| {
        Box::pin(set_worker_agent_property::run(cx, args))
    }),
    ("start_execution", |cx, args| {
        Box::pin(start_execution::run(cx, args))
    }),
    ("startup", |cx, args| Box::pin(startup::run(cx, args))),
    ("stop_operation", |cx, args| {
        Box::pin(stop_operation::run(cx, args))
    }),
    ("trust_certificate", |cx, args| {
        Box::pin(trust_certificate::run(cx, args))
    }),
    ("update_logdb_info", |cx, args| {
        Box::pin(update_logdb_info::run(cx, args))
    }),
    ("update_master_address", |cx, args| {
        Box::pin(update_master_address::run(cx, args))
    }),
    ("validate_package", |cx, args| {
        Box::pin(validate_package::run(cx, args))
    }),
    ("validate_project", |cx, args| {
        Box::pin(validate_project::run(cx, args))
    }),
];

/// The handler of a declared procedure.
pub fn handler(name: &str) -> Option<Handler> {
    HANDLERS
        .iter()
        .chain(msdb::HANDLERS)
        .find(|(known, _)| *known == name)
        .map(|(_, handler)| *handler)
}

#[cfg(test)]
mod tests {
    use scaleout_core::registry::msdb::MSDB_PROCEDURES;
    use scaleout_core::registry::procedures::PROCEDURES;

    use super::*;

    #[test]
    fn every_declared_procedure_has_a_handler_and_no_handler_is_left_over() {
        let declared: Vec<&str> = PROCEDURES.iter().map(|procedure| procedure.name).collect();
        let handled: Vec<&str> = HANDLERS.iter().map(|(name, _)| *name).collect();
        assert_eq!(declared, handled);
        let declared: Vec<&str> = MSDB_PROCEDURES.iter().map(|one| one.name).collect();
        let handled: Vec<&str> = msdb::HANDLERS.iter().map(|(name, _)| *name).collect();
        assert_eq!(declared, handled);
    }
}
