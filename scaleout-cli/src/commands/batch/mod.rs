//! `soctl batch`.

pub mod check;
pub mod resume;
pub mod run;

use clap::Subcommand;

/// Run many packages as one: a plan of packages that depend on each other
///
/// Examples:
///   soctl batch check nightly.toml
///   soctl batch run nightly.toml
///   soctl batch resume nightly.toml
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum BatchCommand {
    Check(check::CheckArgs),
    Run(run::RunArgs),
    Resume(resume::ResumeArgs),
}
