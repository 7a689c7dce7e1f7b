//! `soctl packages`.

pub mod deploy;
pub mod list;

use clap::Subcommand;

/// Look at packages, deploy single ones
///
/// Examples:
///   soctl packages list --folder Finance
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum PackagesCommand {
    List(list::ListArgs),
    Deploy(deploy::DeployArgs),
}
