//! `soctl executions`.

pub mod counters;
pub mod dump;
pub mod explain;
pub mod follow;
pub mod list;
pub mod messages;
pub mod report;
mod roots;
pub mod show;
pub mod stop;
pub mod taps;
pub mod watch;

use clap::Subcommand;

/// Look at executions, follow them, stop them
///
/// Examples:
///   soctl executions list --status running
///   soctl executions watch 42
///   soctl executions messages 42 --errors
///   soctl executions report 42
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum ExecutionsCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Watch(watch::WatchArgs),
    Messages(messages::MessagesArgs),
    Report(report::ReportArgs),
    Explain(explain::ExplainArgs),
    Stop(stop::StopArgs),
    #[command(subcommand, visible_alias = "tap")]
    Taps(taps::TapsCommand),
    Dump(dump::DumpArgs),
    Counters(counters::CountersArgs),
}
