//! The page Overview: what ran where, with which environment, and how it ended.

use jiff::SignedDuration;
use scaleout_core::registry::ViewQuery;
use serde::Serialize;

use super::{Drawn, Subject};
use crate::error::CliError;
use crate::execution_summary::{by_id, duration, status_cell};
use crate::output::{Cell, Report};

/// What the page holds.
#[derive(Serialize)]
struct Overview<'e> {
    #[serde(flatten)]
    execution: &'e scaleout_core::client::Execution,
    worker_name: Option<String>,
    environment: Option<String>,
    duration_ms: Option<i128>,
    rows: i64,
    errors: i64,
    warnings: i64,
    lost_count: i64,
    retry_count: i64,
    log_complete: Option<bool>,
    processor_ms: Option<i64>,
    peak_memory_kb: Option<i64>,
}

pub(super) async fn draw(subject: &Subject<'_>) -> Result<Drawn, CliError> {
    let execution = &subject.execution;
    let query = ViewQuery {
        equals: by_id("execution_id", execution.execution_id),
        ..ViewQuery::default()
    };
    let found = subject.client.view("execution_report", &query).await?;
    let row = found.iter().next();
    let number = |column: &str| row.and_then(|row| row.integer(column)).unwrap_or_default();
    let lasted = duration(execution, subject.now);
    let overview = Overview {
        execution,
        worker_name: row.and_then(|row| row.text("worker_name").map(str::to_owned)),
        environment: environment(subject).await?,
        duration_ms: lasted.map(|lasted| lasted.as_millis()),
        rows: number("rows"),
        errors: number("errors"),
        warnings: number("warnings"),
        lost_count: number("lost_count"),
        retry_count: number("retry_count"),
        log_complete: row.and_then(|row| row.bit("log_complete")),
        processor_ms: row.and_then(|row| row.integer("processor_ms")),
        peak_memory_kb: row.and_then(|row| row.integer("peak_memory_kb")),
    };
    let text = |text: Option<&String>| text.map_or(Cell::Empty, |text| Cell::Text(text.clone()));
    let count = |number: i64| Cell::Text(number.to_string());
    let package = format!(
        "{}/{}/{}",
        execution.folder, execution.project, execution.package
    );
    let attempts = format!(
        "{} ({} lost with their worker, {} retries allowed)",
        execution.executed_count + overview.lost_count,
        overview.lost_count,
        overview.retry_count
    );
    let table = Report::facts([
        ("execution", count(execution.execution_id)),
        ("package", Cell::Text(package)),
        ("environment", text(overview.environment.as_ref())),
        ("status", status_cell(execution)),
        ("worker", text(overview.worker_name.as_ref())),
        ("caller", text(execution.caller_name.as_ref())),
        ("started", Cell::moment(execution.start_time)),
        ("ended", Cell::moment(execution.end_time)),
        ("duration", Cell::duration(lasted)),
        (
            "processor time",
            Cell::duration(overview.processor_ms.map(SignedDuration::from_millis)),
        ),
        (
            "peak memory",
            overview
                .peak_memory_kb
                .map_or(Cell::Empty, |size| Cell::Text(format!("{size} KB"))),
        ),
        ("attempts", Cell::Text(attempts)),
        ("rows", count(overview.rows)),
        ("errors", count(overview.errors)),
        ("warnings", count(overview.warnings)),
    ]);
    Ok(Drawn::new(&overview, table))
}

/// `folder/name` of the environment, without the folder where the reference is relative.
async fn environment(subject: &Subject<'_>) -> Result<Option<String>, CliError> {
    let query = ViewQuery {
        equals: by_id("execution_id", subject.execution.execution_id),
        ..ViewQuery::default()
    };
    let found = subject.client.view("executions", &query).await?;
    let Some(row) = found.iter().next() else {
        return Ok(None);
    };
    let folder = row.text("environment_folder_name");
    Ok(row.text("environment_name").map(|name| match folder {
        Some(folder) => format!("{folder}/{name}"),
        None => name.to_owned(),
    }))
}
