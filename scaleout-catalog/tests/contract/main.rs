//! What every catalog must do, whatever database is underneath: one function per behaviour, each
//! given a freshly opened catalog through the public API only.

#![expect(clippy::unwrap_used, reason = "what helps tests may fail as tests do")]

mod access;
mod backup;
mod bindings;
mod children;
mod corpus;
mod databases;
mod deploy;
mod diagnostics;
mod durability;
mod encrypted;
mod environments;
mod events;
mod executions;
mod folders;
mod histories;
mod hostile;
mod housekeeping;
mod job_calls;
mod jobs;
mod keys;
mod leases;
mod least_principal;
mod logins;
mod lost_answer;
mod masters;
mod models;
mod permissions;
mod properties;
mod queue;
mod references;
mod server;
mod support;
mod validations;
mod values;
mod versions;
mod views;
mod workers;
