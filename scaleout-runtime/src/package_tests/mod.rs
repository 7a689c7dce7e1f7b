//! Whole packages, run in process: each rule of the control flow as a package that shows it.

mod containers;
mod corpus;
mod event_handlers;
mod event_stream;
mod harness;
mod loops;
mod precedence;
mod results;
mod serving;
mod settling;
mod tasks;
mod validating;
