//! `soctl job schedule`.

pub mod add;
pub mod attach;
pub mod detach;
pub mod list;
pub mod when;

use clap::Subcommand;

/// Schedules, which start jobs
///
/// Examples:
///   soctl job schedule add nightly --daily --at 02:00
///   soctl job schedule list
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum ScheduleCommand {
    List(list::ListArgs),
    Add(Box<add::AddArgs>),
    Attach(attach::AttachArgs),
    Detach(detach::DetachArgs),
}
