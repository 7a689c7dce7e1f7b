//! `soctl scaleout`.

pub mod enable;
pub mod status;

use clap::Subcommand;

/// Turn Scale Out on, see how it is
///
/// Examples:
///   soctl scaleout enable
///   soctl scaleout status
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum ScaleoutCommand {
    Enable(enable::EnableArgs),
    Status(status::StatusArgs),
}
