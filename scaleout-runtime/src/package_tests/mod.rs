//! Whole packages, run in process: each rule of the control flow as a package that shows it.

mod bad_input;
mod checkpoints;
mod configuring;
mod containers;
mod corpus;
mod event_handlers;
mod event_stream;
mod goldens;
mod harness;
mod logging;
mod logging_levels;
mod loops;
mod precedence;
mod results;
mod scaled_out;
mod schema_rowsets;
mod serving;
mod settling;
mod tasks;
mod transactions;
mod validating;
