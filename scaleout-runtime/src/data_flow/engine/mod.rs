//! The engine: builds the components of a plan, runs them on threads, reports.

mod build;
mod log_entries;
mod node;
mod report;
mod run;
mod shared;
mod supervise;
mod tap;
mod thread;
mod validate;

pub use run::{DataFlowOutcome, DestinationRows, run, run_with};
pub use validate::{FindKind, validate};

#[cfg(test)]
mod tests;
