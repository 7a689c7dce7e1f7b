//! `soctl workers` (and `soctl worker`, which is the same).

pub mod disable;
pub mod enable;
pub mod list;
pub mod run;
pub mod show;
pub mod standing;

use clap::Subcommand;

/// Look at workers, enable and disable them, run one
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
    Run(run::RunArgs),
}
