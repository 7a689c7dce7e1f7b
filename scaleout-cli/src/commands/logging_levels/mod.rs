//! `soctl logging-levels`.

pub mod create;
pub mod delete;
pub mod list;
mod masks;
pub mod rename;
pub mod set;

use clap::Subcommand;

/// Make logging levels of chosen events and statistics
///
/// An execution uses one with `soctl execute --customized-level NAME`; all executions do with
/// `soctl catalog set SERVER_CUSTOMIZED_LOGGING_LEVEL NAME` and then SERVER_LOGGING_LEVEL 100.
///
/// Examples:
///   soctl logging-levels list
///   soctl logging-levels create errors --event OnError --event OnWarning
///   soctl logging-levels set errors --statistics Execution --statistics Volume
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum LoggingLevelsCommand {
    List(list::ListArgs),
    Create(create::CreateArgs),
    Set(set::SetArgs),
    Rename(rename::RenameArgs),
    Delete(delete::DeleteArgs),
}
