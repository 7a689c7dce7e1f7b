//! dtexec: its command line, its report and its exit codes, over the package runtime and the SDK.
//!
//! Deliberately absent: anything of how a package runs.

mod command_file;
mod command_line;
mod console_log;
mod exit;
mod help;
mod load;
mod local;
mod option;
mod read;
mod report;
mod reporting;
mod run;
mod server;
mod setting;
mod verify;

pub use run::run;
