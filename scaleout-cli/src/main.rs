//! `soctl`: Scale Out's command line.
//!
//! Deliberately absent: knowledge of the catalog's tables, and any network code but the SDK.

mod args;
mod catalog_names;
mod commands;
mod context;
mod dispatch;
mod environment_choice;
mod error;
mod execution_report;
mod execution_summary;
mod execution_values;
mod given_value;
mod interrupt;
mod local;
mod output;
mod package_choice;
mod project_choice;
mod project_source;
mod reference_choice;
mod rows;
mod service_folder;
mod service_log;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::error::{CliError, CommandError};
use crate::output::OutputFormat;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let format = cli.global.output;
    match dispatch::run(cli) {
        Ok(outcome) => match output::print(&outcome, format) {
            Ok(()) => ExitCode::from(outcome.exit_code),
            Err(error) => failed(&CommandError::Output(error).into(), format),
        },
        Err(error) => failed(&error, format),
    }
}

fn failed(error: &CliError, format: OutputFormat) -> ExitCode {
    complain(&error.shown(format));
    ExitCode::from(error.exit_code())
}

fn complain(text: &str) {
    // With stderr gone there is nobody left to tell.
    let _gone = std::io::stderr().lock().write_all(text.as_bytes());
}
