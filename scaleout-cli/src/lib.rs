//! Scale Out's command lines: `soctl`, and `dtexec` for who is used to that.
//!
//! Deliberately absent: knowledge of the catalog's tables, and any network code but the SDK.

mod args;
mod batch;
mod catalog_names;
mod certificate_file;
mod commands;
mod context;
mod dispatch;
mod dtexec;
mod environment_choice;
mod error;
mod execution_diagnostics;
mod execution_report;
mod execution_scheduling;
mod execution_summary;
mod execution_values;
mod given_value;
mod interrupt;
mod live_names;
mod local;
mod output;
mod package_choice;
mod package_password;
mod password;
mod project_choice;
mod project_source;
mod reference_choice;
mod rows;
mod securable_choice;
mod service_folder;
mod service_log;
mod setup;
mod signal;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use clap_complete::CompleteEnv;

use crate::args::Cli;
use crate::commands::completions;
use crate::error::{CliError, CommandError};
use crate::output::OutputFormat;

/// The program `soctl`.
#[must_use]
pub fn soctl() -> ExitCode {
    // A shell that asks for candidates gets them, and nothing else happens.
    CompleteEnv::with_factory(completions::factory)
        .var(live_names::VARIABLE)
        .complete();
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

/// The program `dtexec`.
#[must_use]
pub fn dtexec() -> ExitCode {
    let words = std::env::args_os().skip(1);
    // A word that is no text names nothing that is there; the message shows it.
    let words: Vec<String> = words
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    ExitCode::from(dtexec::run(&words))
}

fn failed(error: &CliError, format: OutputFormat) -> ExitCode {
    complain(&error.shown(format));
    ExitCode::from(error.exit_code())
}

fn complain(text: &str) {
    // With stderr gone there is nobody left to tell.
    let _gone = std::io::stderr().lock().write_all(text.as_bytes());
}
