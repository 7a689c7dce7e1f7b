//! `soctl validations`.

pub mod list;
pub mod show;
pub mod start;

use clap::Subcommand;

/// Find out on a worker what would keep deployed packages from running
///
/// Unlike `soctl validate`, which looks at files here, this uses the values, environments and
/// connections that executions would have.
///
/// Examples:
///   soctl validations start Nightly
///   soctl validations list
///   soctl validations show 42
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum ValidationsCommand {
    Start(start::StartArgs),
    List(list::ListArgs),
    Show(show::ShowArgs),
}
