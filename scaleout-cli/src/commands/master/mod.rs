//! `soctl master`.

pub mod init;
pub mod run;

use clap::Subcommand;

use super::settings::MasterSettingsCommand;

/// Set up and run a master
///
/// Examples:
///   soctl master init --dry-run --data m
///   soctl master run --data /var/lib/scaleout/master
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum MasterCommand {
    Init(Box<init::InitArgs>),
    Run(run::RunArgs),
    #[command(subcommand)]
    Settings(MasterSettingsCommand),
}
