//! `soctl permissions`.

mod change;
pub mod deny;
pub mod grant;
pub mod list;
pub mod revoke;

use clap::Subcommand;

/// Say who may do what to folders, projects, environments and operations
///
/// READ, MODIFY and MANAGE_PERMISSIONS go for every object, EXECUTE for projects. A folder has also
/// CREATE_OBJECTS, and READ_OBJECTS, MODIFY_OBJECTS, EXECUTE_OBJECTS and MANAGE_OBJECT_PERMISSIONS,
/// which go for all projects and environments in it. What is denied counts more than what is granted.
///
/// Examples:
///   soctl permissions grant READ,READ_OBJECTS --to anna --folder Finance
///   soctl permissions deny EXECUTE --to anna --folder Finance --project Nightly
///   soctl permissions list --folder Finance
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum PermissionsCommand {
    List(list::ListArgs),
    Grant(grant::GrantArgs),
    Deny(deny::DenyArgs),
    Revoke(revoke::RevokeArgs),
}
