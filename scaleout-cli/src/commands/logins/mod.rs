//! `soctl logins`.

pub mod certificate;
pub mod create;
pub mod delete;
pub mod disable;
pub mod enable;
pub mod grant;
pub mod list;
pub mod password;
pub mod revoke;

use clap::Subcommand;

/// Say who may log in, and with which roles
///
/// Roles: sysadmin and ssis_admin may do everything; ssis_cluster_executor may run in Scale Out what
/// it may execute, and see the workers; ssis_logreader reads the logs of all executions. What a
/// login may do to folders, projects and environments is said with `soctl permissions`.
///
/// Examples:
///   soctl logins create anna
///   soctl logins grant anna ssis_cluster_executor
///   soctl logins disable anna
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum LoginsCommand {
    List(list::ListArgs),
    Create(create::CreateArgs),
    Password(password::PasswordArgs),
    Certificate(certificate::CertificateArgs),
    Enable(enable::EnableArgs),
    Disable(disable::DisableArgs),
    Grant(grant::GrantArgs),
    Revoke(revoke::RevokeArgs),
    Delete(delete::DeleteArgs),
}
