//! `soctl variables`.

pub mod delete;
pub mod list;
pub mod set;

use clap::Subcommand;

/// Look at the variables of an environment, set and delete them
///
/// Examples:
///   soctl variables list dev --folder Finance
///   soctl variables set dev Day --folder Finance --value 2026-01-31
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum VariablesCommand {
    List(list::ListArgs),
    Set(set::SetArgs),
    Delete(delete::DeleteArgs),
}
