//! What commands show of an execution, beyond the row itself.

use jiff::{SignedDuration, Timestamp};
use scaleout_core::client::{Client, Execution};
use scaleout_core::model::OperationStatus;
use scaleout_core::registry::{Rows, ViewQuery};
use serde::Serialize;

use crate::error::CliError;
use crate::output::Cell;
use crate::rows::text;

/// All executions of an answer.
///
/// # Errors
/// A row lacks what an execution needs.
pub fn from_rows(found: &Rows) -> Result<Vec<Execution>, CliError> {
    let executions = found
        .iter()
        .map(Execution::from_row)
        .collect::<Result<_, _>>();
    Ok(executions?)
}

/// The state as a cell.
#[must_use]
pub fn status_cell(execution: &Execution) -> Cell {
    let good = match execution.status {
        OperationStatus::Succeeded | OperationStatus::Completed => Some(true),
        OperationStatus::Failed
        | OperationStatus::EndedUnexpectedly
        | OperationStatus::Canceled => Some(false),
        OperationStatus::Created
        | OperationStatus::Running
        | OperationStatus::Pending
        | OperationStatus::Stopping => None,
    };
    Cell::State {
        text: execution.status.as_str().to_owned(),
        good,
    }
}

/// From its start to its end, or until `now`; none before it started.
#[must_use]
pub fn duration(execution: &Execution, now: Timestamp) -> Option<SignedDuration> {
    let until = execution.end_time.unwrap_or(now);
    let start = execution.start_time?;
    // The clocks of master and worker differ a little; time does not run backwards for that.
    Some(until.duration_since(start).max(SignedDuration::ZERO))
}

/// Exit code of a command that waited for it: 0 succeeded, 3 canceled, else 1.
#[must_use]
pub fn exit_code(execution: &Execution) -> u8 {
    match execution.status {
        OperationStatus::Succeeded | OperationStatus::Completed => 0,
        OperationStatus::Canceled => 3,
        _ => 1,
    }
}

/// A filter on one id column.
#[must_use]
pub fn by_id(column: &str, id: i64) -> Vec<(String, String)> {
    vec![(column.to_owned(), id.to_string())]
}

/// Where an execution wrote to.
#[derive(Clone, Debug, Serialize)]
pub struct Output {
    /// Component that wrote.
    pub component: String,
    /// File, or connection and table.
    pub target: String,
    /// Rows written.
    pub rows: i64,
}

/// What an execution wrote, by destination: each once, however often a loop opened it.
///
/// # Errors
/// The master refuses.
pub async fn outputs(client: &Client, execution_id: i64) -> Result<Vec<Output>, CliError> {
    let query = ViewQuery {
        equals: by_id("execution_id", execution_id),
        ..ViewQuery::default()
    };
    let found = client.view("execution_outputs", &query).await?;
    let last_attempt = found.iter().filter_map(|row| row.integer("attempt")).max();
    let mut outputs: Vec<Output> = Vec::new();
    for row in found
        .iter()
        .filter(|row| row.integer("attempt") == last_attempt)
    {
        let (component, target) = (text(row, "name"), text(row, "target"));
        if !outputs
            .iter()
            .any(|known| known.component == component && known.target == target)
        {
            let rows = row.integer("rows_written").unwrap_or_default();
            outputs.push(Output {
                component,
                target,
                rows,
            });
        }
    }
    Ok(outputs)
}

/// What the report of the catalog knows of an execution beyond its row.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Name of the worker that has or had it.
    pub worker_name: Option<String>,
    /// Rows that it wrote in all.
    pub rows: i64,
}

impl Summary {
    /// The worker for people: its name, or its id where it never gave one.
    #[must_use]
    pub fn worker(&self, execution: &Execution) -> Option<String> {
        let id = execution.worker_agent_id?;
        Some(self.worker_name.clone().unwrap_or_else(|| id.to_string()))
    }
}

/// Reads `catalog.execution_report`.
///
/// # Errors
/// The master refuses.
pub async fn summary(client: &Client, execution_id: i64) -> Result<Summary, CliError> {
    let query = ViewQuery {
        equals: by_id("execution_id", execution_id),
        ..ViewQuery::default()
    };
    let found = client.view("execution_report", &query).await?;
    let summary = found.iter().next().map(|row| Summary {
        worker_name: row.text("worker_name").map(str::to_owned),
        rows: row.integer("rows").unwrap_or_default(),
    });
    Ok(summary.unwrap_or_default())
}
