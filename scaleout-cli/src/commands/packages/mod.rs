//! `soctl packages`.

pub mod list;

use clap::Subcommand;

/// Look at packages
///
/// Examples:
///   soctl packages list --folder Finance
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum PackagesCommand {
    List(list::ListArgs),
}
