//! `soctl executions list`.

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use scaleout_core::client::{Client, Execution};
use scaleout_core::model::OperationStatus;
use scaleout_core::registry::ViewQuery;

use crate::error::CliError;
use crate::execution_summary::{self, duration, status_cell};
use crate::output::{Cell, Outcome, Report};

/// List executions, the latest first
///
/// Examples:
///   soctl executions list
///   soctl executions list --status failed --limit 5
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {
    /// Only executions in this state
    #[arg(long, value_enum)]
    status: Option<StatusFilter>,
    /// Only executions of this folder
    #[arg(long, value_name = "NAME")]
    folder: Option<String>,
    /// Only executions of packages with this name
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Most executions to list
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    limit: u32,
}

/// States to filter by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatusFilter {
    /// Created, not started
    Created,
    /// Running on a worker
    Running,
    /// Stopped by someone
    Canceled,
    /// Failed
    Failed,
    /// Waiting for a worker
    Pending,
    /// Its process or worker died
    EndedUnexpectedly,
    /// Succeeded
    Succeeded,
    /// Being stopped
    Stopping,
    /// Completed
    Completed,
}

impl StatusFilter {
    fn status(self) -> OperationStatus {
        match self {
            Self::Created => OperationStatus::Created,
            Self::Running => OperationStatus::Running,
            Self::Canceled => OperationStatus::Canceled,
            Self::Failed => OperationStatus::Failed,
            Self::Pending => OperationStatus::Pending,
            Self::EndedUnexpectedly => OperationStatus::EndedUnexpectedly,
            Self::Succeeded => OperationStatus::Succeeded,
            Self::Stopping => OperationStatus::Stopping,
            Self::Completed => OperationStatus::Completed,
        }
    }
}

/// Reads `catalog.executions`.
///
/// # Errors
/// The master refuses.
pub async fn run(args: ListArgs, client: &Client, now: Timestamp) -> Result<Outcome, CliError> {
    let mut equals = Vec::new();
    if let Some(status) = args.status {
        equals.push(("status".to_owned(), status.status().number().to_string()));
    }
    equals.extend(args.folder.map(|name| ("folder_name".to_owned(), name)));
    equals.extend(args.package.map(|name| ("package_name".to_owned(), name)));
    let query = ViewQuery {
        equals,
        order_by: Some("execution_id".to_owned()),
        descending: true,
        limit: Some(args.limit),
        ..ViewQuery::default()
    };
    let executions = execution_summary::from_rows(&client.view("executions", &query).await?)?;
    let mut report = Report::table([
        "execution",
        "folder",
        "project",
        "package",
        "status",
        "created",
        "duration",
        "caller",
    ]);
    report.rows = executions
        .iter()
        .map(|execution| row(execution, now))
        .collect();
    if executions.is_empty() {
        report.after.push("no executions".to_owned());
    }
    Ok(Outcome::new(&executions, report))
}

fn row(execution: &Execution, now: Timestamp) -> Vec<Cell> {
    vec![
        Cell::Number(execution.execution_id.to_string()),
        Cell::Text(execution.folder.clone()),
        Cell::Text(execution.project.clone()),
        Cell::Text(execution.package.clone()),
        status_cell(execution),
        Cell::moment(execution.created_time),
        Cell::duration(duration(execution, now)),
        Cell::Text(execution.caller_name.clone().unwrap_or_default()),
    ]
}
