//! `soctl executions taps`.

pub mod add;
pub mod list;
pub mod remove;

use clap::Subcommand;

/// Keep the rows over paths of data flows in files, for executions that have not started
///
/// `soctl execute --tap` creates an execution with data taps and starts it. The files are CSV, in
/// the folder `DataDumps/EXECUTION` of the worker that runs it; messages name them.
///
/// Examples:
///   soctl executions taps list 42
///   soctl executions taps remove 7
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum TapsCommand {
    List(list::ListArgs),
    Add(add::AddArgs),
    Remove(remove::RemoveArgs),
}
