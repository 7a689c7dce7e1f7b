//! `soctl logs`: what services and tasks have written down, fetched through the master.

mod line;
mod read;

use clap::{Args, Subcommand};
use scaleout_core::client::{Client, LogName};

use self::read::read;
use crate::commands::workers::standing;
use crate::error::CliError;
use crate::output::{Outcome, OutputFormat};

/// Show the logs of the master, of a worker, or of the tasks of an execution
///
/// Service logs need the role ssis_logreader, ssis_admin or sysadmin; the task logs of an execution
/// are for who may see it. What packages say is also in the catalog: `soctl executions messages`.
///
/// Examples:
///   soctl logs master --tail 20
///   soctl logs worker computerA --follow
///   soctl logs execution 42
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum LogsCommand {
    Master(MasterArgs),
    Worker(WorkerArgs),
    Execution(ExecutionArgs),
}

/// Show the service log of the master
///
/// Examples:
///   soctl logs master
///   soctl logs master --follow
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct MasterArgs {
    #[command(flatten)]
    part: Part,
}

/// Show the service log of a worker
///
/// The master asks the worker for it, which must be online.
///
/// Examples:
///   soctl logs worker computerA
///   soctl logs worker computerA --tail 500 --output json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct WorkerArgs {
    /// Id, display name or machine name
    worker: String,
    #[command(flatten)]
    part: Part,
}

/// Show the task logs of an execution, from the worker that ran it
///
/// Which lines there are say the worker's settings TaskLogEnabled and TaskLogLevel. They are kept for
/// 30 days. With --follow, ends with the execution.
///
/// Examples:
///   soctl logs execution 42
///   soctl logs execution 42 --follow
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ExecutionArgs {
    /// Execution id
    execution_id: i64,
    #[command(flatten)]
    part: Part,
}

/// Which part of a log.
#[derive(Args, Clone, Copy, Debug)]
pub struct Part {
    /// So many of the last lines
    #[arg(long, value_name = "LINES", default_value_t = 100)]
    tail: u32,
    /// Keep printing lines as they are written: a line each, with --output json an object each line
    #[arg(short, long)]
    follow: bool,
}

/// Fetches a log.
///
/// # Errors
/// It is not there, or the master refuses.
pub async fn run(
    command: LogsCommand,
    client: &Client,
    format: OutputFormat,
    now: jiff::Timestamp,
) -> Result<Outcome, CliError> {
    let (name, part) = match command {
        LogsCommand::Master(args) => (LogName::Master, args.part),
        LogsCommand::Worker(args) => {
            let workers = standing::all(client, now).await?;
            let worker = standing::find(&workers, &args.worker)?;
            (LogName::Worker(worker.worker_agent_id), args.part)
        }
        LogsCommand::Execution(args) => (LogName::Execution(args.execution_id), args.part),
    };
    read(client, name, part, format).await
}
