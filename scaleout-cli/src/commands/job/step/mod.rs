//! `soctl job step`.

pub mod add;
pub mod delete;
pub mod options;
pub mod update;

use clap::Subcommand;

/// Steps of a job: packages, calls of procedures, commands
///
/// Examples:
///   soctl job step add nightly load --package Finance/Daily/Load.dtsx
///   soctl job step update nightly 1 --retries 3 --retry-minutes 5
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum StepCommand {
    Add(Box<add::AddArgs>),
    Update(Box<update::UpdateArgs>),
    Delete(delete::DeleteArgs),
}
