//! `soctl operations`.

pub mod list;
pub mod messages;
pub mod show;
pub mod stop;

use clap::Subcommand;

/// Look at everything that the catalog records: deployments, executions, validations, stops
///
/// Examples:
///   soctl operations list --limit 5
///   soctl operations messages 42
///   soctl operations stop 42 --yes
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum OperationsCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Messages(messages::MessagesArgs),
    Stop(stop::StopArgs),
}
