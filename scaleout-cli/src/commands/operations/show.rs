//! `soctl operations show`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::{Rows, ViewQuery};
use serde_json::Value;

use super::list::kind;
use crate::commands::validations::show::status_cell;
use crate::error::{CliError, CommandError};
use crate::execution_summary::by_id;
use crate::output::{Cell, Outcome, Report};
use crate::rows::{objects, text};

/// Show one operation
///
/// Examples:
///   soctl operations show 42
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ShowArgs {
    /// Operation id
    operation_id: i64,
}

/// Reads `catalog.operations`.
///
/// # Errors
/// There is no such operation, or the master refuses.
pub async fn run(args: ShowArgs, client: &Client) -> Result<Outcome, CliError> {
    let found = find(client, args.operation_id).await?;
    let Some(row) = found.iter().next() else {
        return Ok(Outcome::new(&Value::Null, Report::default()));
    };
    let number = |column| row.integer(column).unwrap_or_default();
    let report = Report::facts([
        ("operation", Cell::Text(args.operation_id.to_string())),
        ("kind", Cell::Text(kind(number("operation_type")))),
        ("object", Cell::Text(text(row, "object_name"))),
        ("status", status_cell(row)),
        ("caller", Cell::Text(text(row, "caller_name"))),
        ("stopped by", Cell::Text(text(row, "stopped_by_name"))),
        ("created", Cell::moment(row.time("created_time"))),
        ("started", Cell::moment(row.time("start_time"))),
        ("ended", Cell::moment(row.time("end_time"))),
    ]);
    let shown = objects(&found);
    Ok(Outcome::new(
        &shown.get(0).cloned().unwrap_or(Value::Null),
        report,
    ))
}

/// The row of an operation.
///
/// # Errors
/// There is no such operation, or the master refuses.
pub async fn find(client: &Client, id: i64) -> Result<Rows, CliError> {
    let query = ViewQuery {
        equals: by_id("operation_id", id),
        ..ViewQuery::default()
    };
    let found = client.view("operations", &query).await?;
    if found.rows.is_empty() {
        return Err(CommandError::NotFound {
            kind: "operation",
            name: id.to_string(),
            place: String::new(),
            hint: "`soctl operations list` shows those that there are".to_owned(),
        }
        .into());
    }
    Ok(found)
}
