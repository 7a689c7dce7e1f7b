//! The master service and the worker service: catalog and runtime wired to the network.
//!
//! Deliberately absent: catalog rules (`scaleout-catalog`), running packages (an executor
//! process does), and printing: both services speak through `tracing` and their errors.

pub mod files;
mod log_files;
pub mod master;
pub mod processes;
mod step_output;
pub mod worker;

pub use log_files::{LogPlace, RotatingLog};
pub use scaleout_catalog::{Backup, CatalogError, CatalogLocation, CommitCounts, back_up, restore};
