//! `soctl bench`: measures this machine.

pub mod dispatch;

use clap::Subcommand;

/// Measure how fast Scale Out is on this machine
///
/// Examples:
///   soctl bench dispatch
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum BenchCommand {
    Dispatch(dispatch::DispatchArgs),
}
