//! End-to-end suites: `soctl` as a person types it, against real processes.

mod bad_input;
mod corpus;
mod crimestat;
mod demo;
mod docs;
mod everyday;
mod support;
