//! What each catalog procedure does, one file per procedure.

mod add_execution_worker;
mod call;
mod clear_object_parameter_value;
mod create_execution;
mod create_folder;
mod delete_folder;
mod delete_project;
mod deploy_packages;
mod deploy_project;
mod disable_worker_agent;
mod enable_scaleout;
mod enable_worker_agent;
mod get_project;
pub(crate) mod lookup;
mod move_project;
mod options;
mod rename_folder;
mod restore_project;
mod set_execution_parameter_value;
mod set_execution_property_override_value;
mod set_folder_description;
mod set_object_parameter_value;
mod set_worker_agent_property;
mod start_execution;
mod stop_operation;
mod table;
mod update_master_address;

pub use call::Call;
pub use table::handler;
