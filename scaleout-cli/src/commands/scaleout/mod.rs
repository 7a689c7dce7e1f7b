//! `soctl scaleout`.

pub mod enable;
pub mod status;

use clap::Subcommand;

/// Turn Scale Out on, see how it is
#[derive(Debug, Subcommand)]
pub enum ScaleoutCommand {
    Enable(enable::EnableArgs),
    Status(status::StatusArgs),
}
