//! `soctl bench`: measures this machine.

pub mod dispatch;
pub mod workers;

use clap::Subcommand;

/// Measure how fast Scale Out is on this machine
///
/// Examples:
///   soctl bench dispatch
///   soctl bench workers --workers 10000
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum BenchCommand {
    Dispatch(dispatch::DispatchArgs),
    Workers(workers::WorkersArgs),
}
