//! `soctl master`.

pub mod run;

use clap::Subcommand;

/// Run a master
///
/// Examples:
///   soctl master run --data /var/lib/scaleout/master
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum MasterCommand {
    Run(run::RunArgs),
}
