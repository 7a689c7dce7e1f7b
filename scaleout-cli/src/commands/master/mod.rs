//! `soctl master`.

pub mod run;

use clap::Subcommand;

/// Run a master
#[derive(Debug, Subcommand)]
pub enum MasterCommand {
    Run(run::RunArgs),
}
