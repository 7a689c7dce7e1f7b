//! The engine: builds the components of a plan, runs them on threads, reports.

mod build;
mod node;
mod report;
mod run;
mod shared;
mod supervise;
mod thread;
mod validate;

pub use run::{DataFlowOutcome, DestinationRows, run};
pub use validate::validate;

#[cfg(test)]
mod tests;
