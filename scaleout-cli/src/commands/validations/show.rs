//! `soctl validations show`.

use std::time::Duration;

use clap::Args;
use scaleout_core::client::{Client, Row};
use scaleout_core::model::OperationStatus;
use scaleout_core::registry::{Rows, ViewQuery};
use serde_json::{Value, json};

use crate::error::{CliError, CommandError};
use crate::execution_summary::by_id;
use crate::output::{Cell, Outcome, Report};
use crate::rows::{objects, text};

/// Show what a validation has found
///
/// Exit code 1 when something would keep a package from running.
///
/// Examples:
///   soctl validations show 42
///   soctl validations show 42 --wait
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ShowArgs {
    /// Validation id
    validation_id: i64,
    /// Wait until it has ended
    #[arg(long)]
    wait: bool,
}

/// How long the master may hold an answer back.
const WAIT: Duration = Duration::from_secs(10);

/// Reads `catalog.validations`, `extended_operation_info` and `event_messages`.
///
/// # Errors
/// There is no such validation, or the master refuses.
pub async fn run(args: ShowArgs, client: &Client) -> Result<Outcome, CliError> {
    if args.wait {
        return when_ended(client, args.validation_id).await;
    }
    let found = read(client, args.validation_id).await?;
    outcome(client, args.validation_id, &found).await
}

/// Waits for the end of a validation and shows it.
///
/// # Errors
/// There is no such validation, or the master refuses.
pub async fn when_ended(client: &Client, id: i64) -> Result<Outcome, CliError> {
    let ended = ViewQuery {
        greater: vec![("end_time".to_owned(), "1970-01-01T00:00:00Z".to_owned())],
        ..one(id)
    };
    loop {
        let found = read(client, id).await?;
        let is_over = found.iter().next().and_then(status);
        if is_over.is_some_and(OperationStatus::is_terminal) {
            return outcome(client, id, &found).await;
        }
        client.view_waiting("validations", &ended, WAIT).await?;
    }
}

fn one(id: i64) -> ViewQuery {
    ViewQuery {
        equals: by_id("validation_id", id),
        ..ViewQuery::default()
    }
}

async fn read(client: &Client, id: i64) -> Result<Rows, CliError> {
    let found = client.view("validations", &one(id)).await?;
    if found.rows.is_empty() {
        return Err(CommandError::NotFound {
            kind: "validation",
            name: id.to_string(),
            place: String::new(),
            hint: "`soctl validations list` shows those that there are".to_owned(),
        }
        .into());
    }
    Ok(found)
}

async fn outcome(client: &Client, id: i64, found: &Rows) -> Result<Outcome, CliError> {
    let of_operation = ViewQuery {
        equals: by_id("operation_id", id),
        ..ViewQuery::default()
    };
    let parts = client
        .view("extended_operation_info", &of_operation)
        .await?;
    let messages = client.view("event_messages", &of_operation).await?;
    let mut report = facts(found);
    for message in messages.iter() {
        let word = match message.integer("message_type") {
            Some(120) => "error",
            Some(110) => "warning",
            _ => continue,
        };
        let package = match text(message, "package_name") {
            none if none.is_empty() => none,
            package => format!("{package} "),
        };
        let place = text(message, "package_path");
        report.after.push(format!(
            "{word}: {package}{place}: {}",
            text(message, "message")
        ));
    }
    let valid = parts
        .iter()
        .filter(|part| part.integer("status") == Some(7));
    report.after.push(format!(
        "{} of {} packages and sets of values can run",
        valid.count(),
        parts.rows.len()
    ));
    let row = objects(found);
    let shown = json!({
        "validation": row.get(0).cloned().unwrap_or(Value::Null),
        "parts": objects(&parts),
        "messages": objects(&messages),
    });
    let ended = found.iter().next().and_then(status);
    let code = match ended {
        Some(OperationStatus::Failed | OperationStatus::EndedUnexpectedly) => 1,
        Some(OperationStatus::Canceled) => 3,
        _ => 0,
    };
    Ok(Outcome::new(&shown, report).exit_code(code))
}

fn facts(found: &Rows) -> Report {
    let Some(row) = found.iter().next() else {
        return Report::default();
    };
    let package = format!(
        "{}/{}/{}",
        text(row, "folder_name"),
        text(row, "project_name"),
        text(row, "object_name")
    );
    Report::facts([
        ("validation", Cell::Text(text_of(row, "validation_id"))),
        ("object", Cell::Text(package)),
        ("scope", Cell::Text(text(row, "environment_scope"))),
        ("status", status_cell(row)),
        ("caller", Cell::Text(text(row, "caller_name"))),
        ("started", Cell::moment(row.time("start_time"))),
        ("ended", Cell::moment(row.time("end_time"))),
    ])
}

fn text_of(row: Row<'_>, column: &str) -> String {
    row.integer(column).unwrap_or_default().to_string()
}

fn status(row: Row<'_>) -> Option<OperationStatus> {
    row.integer("status").and_then(OperationStatus::from_number)
}

/// The state of an operation in words.
pub fn status_cell(row: Row<'_>) -> Cell {
    match status(row) {
        None => Cell::Empty,
        Some(status) => Cell::State {
            text: status.as_str().to_owned(),
            good: match status {
                OperationStatus::Succeeded | OperationStatus::Completed => Some(true),
                OperationStatus::Failed | OperationStatus::EndedUnexpectedly => Some(false),
                _ => None,
            },
        },
    }
}
