//! `soctl projects`.

pub mod list;

use clap::Subcommand;

/// Look at projects
///
/// Examples:
///   soctl projects list --folder Finance
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum ProjectsCommand {
    List(list::ListArgs),
}
