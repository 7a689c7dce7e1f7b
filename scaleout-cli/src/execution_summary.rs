//! What is known about an execution, gathered from the views.

use jiff::Timestamp;
use scaleout_core::client::Client;
use scaleout_core::model::OperationStatus;
use scaleout_core::registry::{Rows, ViewQuery};
use serde::Serialize;
use uuid::Uuid;

use crate::error::{CliError, CommandError};
use crate::output::{Cell, duration_between};
use crate::rows::{self, Row};

/// An execution as lists and reports show it.
#[derive(Clone, Debug, Serialize)]
pub struct ExecutionSummary {
    /// `execution_id`
    pub execution_id: i64,
    /// Folder.
    pub folder_name: String,
    /// Project.
    pub project_name: String,
    /// Package.
    pub package_name: String,
    /// Status word.
    pub status: String,
    /// Status number.
    pub status_number: i32,
    /// Who called.
    pub caller_name: String,
    /// Worker that ran it last.
    pub worker_agent_id: Option<Uuid>,
    /// How many times it was started.
    pub executed_count: i64,
    /// When it was created.
    pub created_time: Option<Timestamp>,
    /// When it started.
    pub start_time: Option<Timestamp>,
    /// When it ended.
    pub end_time: Option<Timestamp>,
}

impl ExecutionSummary {
    fn from_row(row: Row<'_>) -> Option<Self> {
        let status = OperationStatus::from_number(row.number("status")?)?;
        Some(Self {
            execution_id: row.number("execution_id")?,
            folder_name: row.text("folder_name").to_owned(),
            project_name: row.text("project_name").to_owned(),
            package_name: row.text("package_name").to_owned(),
            status: status.as_str().to_owned(),
            status_number: status.number(),
            caller_name: row.text("caller_name").to_owned(),
            worker_agent_id: row.text("worker_agent_id").parse().ok(),
            executed_count: row.number("executed_count").unwrap_or_default(),
            created_time: row.time("created_time"),
            start_time: row.time("start_time"),
            end_time: row.time("end_time"),
        })
    }

    /// Its state.
    #[must_use]
    pub fn operation_status(&self) -> OperationStatus {
        OperationStatus::from_number(i64::from(self.status_number)).unwrap_or(OperationStatus::EndedUnexpectedly)
    }

    /// Its state as a cell.
    #[must_use]
    pub fn status_cell(&self) -> Cell {
        let good = match self.operation_status() {
            OperationStatus::Succeeded | OperationStatus::Completed => Some(true),
            OperationStatus::Failed | OperationStatus::EndedUnexpectedly | OperationStatus::Canceled => Some(false),
            OperationStatus::Created | OperationStatus::Running | OperationStatus::Pending | OperationStatus::Stopping => None,
        };
        Cell::State { text: self.status.clone(), good }
    }

    /// From its start to its end, or until `now`; empty before it started.
    #[must_use]
    pub fn duration(&self, now: Timestamp) -> String {
        let until = self.end_time.unwrap_or(now);
        self.start_time.map(|start| duration_between(start, until)).unwrap_or_default()
    }

    /// Exit code of a command that waited for it: 0 succeeded, 3 canceled, else 1.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.operation_status() {
            OperationStatus::Succeeded | OperationStatus::Completed => 0,
            OperationStatus::Canceled => 3,
            _ => 1,
        }
    }
}

/// All executions of an answer.
#[must_use]
pub fn from_rows(found: &Rows) -> Vec<ExecutionSummary> {
    rows::each(found).filter_map(ExecutionSummary::from_row).collect()
}

/// One execution.
///
/// # Errors
/// There is no such execution for this caller, or the master refuses.
pub async fn one(client: &Client, execution_id: i64) -> Result<ExecutionSummary, CliError> {
    let query = ViewQuery { equals: by_id("execution_id", execution_id), ..ViewQuery::default() };
    let found = from_rows(&client.view("executions", &query).await?);
    let first = found.into_iter().next().ok_or_else(|| CommandError::NotFound {
        kind: "execution",
        name: execution_id.to_string(),
        place: " that you may see".to_owned(),
        hint: "`soctl executions list` shows the latest".to_owned(),
    })?;
    Ok(first)
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

/// What an execution wrote, by destination.
///
/// # Errors
/// The master refuses.
pub async fn outputs(client: &Client, execution_id: i64) -> Result<Vec<Output>, CliError> {
    let query = ViewQuery { equals: by_id("execution_id", execution_id), ..ViewQuery::default() };
    let found = client.view("execution_outputs", &query).await?;
    let output = |row: Row<'_>| Output {
        component: row.text("component_name").to_owned(),
        target: row.text("target").to_owned(),
        rows: row.number("rows_written").unwrap_or_default(),
    };
    Ok(rows::each(&found).map(output).collect())
}
