//! What commands show of an execution, beyond the row itself.

use jiff::Timestamp;
use scaleout_core::client::{Client, Execution};
use scaleout_core::model::OperationStatus;
use scaleout_core::registry::{Rows, ViewQuery};
use serde::Serialize;

use crate::error::CliError;
use crate::output::{Cell, duration_between};
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

/// From its start to its end, or until `now`; empty before it started.
#[must_use]
pub fn duration(execution: &Execution, now: Timestamp) -> String {
    let until = execution.end_time.unwrap_or(now);
    execution
        .start_time
        .map(|start| duration_between(start, until))
        .unwrap_or_default()
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

/// Rows that an execution wrote in all.
///
/// # Errors
/// The master refuses.
pub async fn rows_written(client: &Client, execution_id: i64) -> Result<i64, CliError> {
    let query = ViewQuery {
        equals: by_id("execution_id", execution_id),
        ..ViewQuery::default()
    };
    let found = client.view("execution_report", &query).await?;
    Ok(found
        .iter()
        .next()
        .and_then(|row| row.integer("rows"))
        .unwrap_or_default())
}
