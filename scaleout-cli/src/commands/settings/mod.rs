//! `soctl master settings` and `soctl workers settings`: one file of keys, looked at and changed.

pub mod get;
pub mod list;
pub mod set;
pub mod validate;

use clap::Subcommand;

use crate::error::CliError;
use crate::output::{Outcome, Talk};
use crate::service_folder::ServiceKind;

/// The settings file of the service: list, get, set, validate
///
/// Keys are those of the original, misspellings included. The file is JSON; the XML form is read too.
///
/// Examples:
///   soctl master settings list --data m
///   soctl master settings set MasterHeartbeatIntervalInMs 10000 --data m
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum MasterSettingsCommand {
    /// All keys with their values, defaults and meaning
    ///
    /// Examples:
    ///   soctl master settings list --data m
    #[command(verbatim_doc_comment)]
    List(list::ListArgs),
    /// The value of one key
    ///
    /// Examples:
    ///   soctl master settings get PortNumber --data m
    #[command(verbatim_doc_comment)]
    Get(get::GetArgs),
    /// Set a key; a master that runs takes it on, or it is said that it must be restarted
    ///
    /// Examples:
    ///   soctl master settings set MasterHeartbeatIntervalInMs 10000 --data m
    #[command(verbatim_doc_comment)]
    Set(set::SetArgs),
    /// Check the file, or another one
    ///
    /// Examples:
    ///   soctl master settings validate --data m
    #[command(verbatim_doc_comment)]
    Validate(validate::ValidateArgs),
}

/// The settings file of the service: list, get, set, validate
///
/// Keys are those of the original, misspellings included. The file is JSON; the XML form is read too.
///
/// Examples:
///   soctl workers settings list --data w
///   soctl workers settings set MaxTaskCount 20 --data w
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum WorkerSettingsCommand {
    /// All keys with their values, defaults and meaning
    ///
    /// Examples:
    ///   soctl workers settings list --data w
    #[command(verbatim_doc_comment)]
    List(list::ListArgs),
    /// The value of one key
    ///
    /// Examples:
    ///   soctl workers settings get MaxTaskCount --data w
    #[command(verbatim_doc_comment)]
    Get(get::GetArgs),
    /// Set a key; a worker that runs takes it on, or it is said that it must be restarted
    ///
    /// Examples:
    ///   soctl workers settings set MaxTaskCount 20 --data w
    #[command(verbatim_doc_comment)]
    Set(set::SetArgs),
    /// Check the file, or another one
    ///
    /// Examples:
    ///   soctl workers settings validate --data w
    #[command(verbatim_doc_comment)]
    Validate(validate::ValidateArgs),
}

/// Runs a command of the master's file.
///
/// # Errors
/// The file or what is given is wrong.
pub fn run_master(command: &MasterSettingsCommand, talk: &Talk) -> Result<Outcome, CliError> {
    let kind = ServiceKind::Master;
    match command {
        MasterSettingsCommand::List(args) => list::run(args, kind),
        MasterSettingsCommand::Get(args) => get::run(args, kind),
        MasterSettingsCommand::Set(args) => set::run(args, kind, talk),
        MasterSettingsCommand::Validate(args) => validate::run(args, kind),
    }
}

/// Runs a command of a worker's file.
///
/// # Errors
/// The file or what is given is wrong.
pub fn run_worker(command: &WorkerSettingsCommand, talk: &Talk) -> Result<Outcome, CliError> {
    let kind = ServiceKind::Worker;
    match command {
        WorkerSettingsCommand::List(args) => list::run(args, kind),
        WorkerSettingsCommand::Get(args) => get::run(args, kind),
        WorkerSettingsCommand::Set(args) => set::run(args, kind, talk),
        WorkerSettingsCommand::Validate(args) => validate::run(args, kind),
    }
}
