//! Runs one SSIS package: control flow, expressions, data flow, connections.
//!
//! Deliberately absent: any master, catalog, network protocol of Scale Out, or
//! terminal. A package comes in as a file with values, events go out through
//! [`events::EventSink`].

pub mod cancel;
pub mod checkpoints;
pub mod children;
pub mod column_lineage;
pub mod connections;
pub mod control_flow;
pub mod convert;
pub mod data_flow;
pub mod events;
pub mod executor;
pub mod expression;
pub mod job_caller;
pub mod log_providers;
pub mod logging_level;
pub mod paths;
pub mod refusal;
pub mod run;
pub mod services;
pub mod settle;
pub mod tasks;
pub mod transactions;
pub mod validation;
pub mod value;
pub mod variables;
pub mod watch;
pub mod xpath;

#[cfg(test)]
mod package_tests;
