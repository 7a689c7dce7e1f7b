//! `soctl workers` (and `soctl worker`, which is the same).

pub mod disable;
pub mod enable;
pub mod init;
pub mod list;
pub mod run;
pub mod show;
pub mod standing;

use clap::Subcommand;

use super::settings::WorkerSettingsCommand;

/// Look at workers, enable and disable them, set one up and run it
///
/// Examples:
///   soctl workers list
///   soctl workers enable computerA
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum WorkersCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Enable(enable::EnableArgs),
    Disable(disable::DisableArgs),
    Init(Box<init::InitArgs>),
    Run(run::RunArgs),
    #[command(subcommand)]
    Settings(WorkerSettingsCommand),
}
