//! End-to-end suites: `soctl` as a person types it, against real processes.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on stops where it is"
)]

mod agent_jobs;
mod bad_input;
mod batches;
mod bench;
mod catalog;
mod certificates;
mod chaos;
mod completions;
mod components;
mod connections;
mod cookbook;
mod corpus;
mod crimestat;
mod crimestat_warehouse;
mod demo;
mod diagnostics;
mod docs;
mod doctor;
mod dtexec;
mod dtexec_options;
mod encrypted;
mod enumerators;
mod environments;
mod everyday;
mod execute;
mod execute_sql;
mod ftp;
mod help;
mod inspect;
mod job_notices;
mod jobs;
mod joining;
mod leftovers;
mod lineage;
mod logins;
mod logs;
mod mail;
mod masters;
#[cfg(feature = "odbc")]
mod odbc;
mod ole_db_command;
mod output;
mod overload;
mod package_settings;
mod permissions;
mod postgres_catalog;
mod projects;
mod queue;
mod reports;
mod rotation;
mod scaled_out;
mod secrets;
mod service_folders;
mod settings;
mod setup;
mod shared_log;
mod sorting;
mod support;
mod telecom;
mod tls;
mod walkthrough;
