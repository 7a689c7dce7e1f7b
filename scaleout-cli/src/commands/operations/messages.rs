//! `soctl operations messages`.

use clap::Args;
use scaleout_core::client::{Client, Row};
use scaleout_core::registry::ViewQuery;

use super::show;
use crate::error::CliError;
use crate::execution_summary::by_id;
use crate::output::{Cell, Outcome, Report};
use crate::rows::{objects, text};

/// Show the messages of an operation of any kind
///
/// At most 10000, the first ones first; `soctl executions messages` shows all of an execution.
///
/// Examples:
///   soctl operations messages 42
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct MessagesArgs {
    /// Operation id
    operation_id: i64,
}

/// Reads `catalog.operation_messages`.
///
/// # Errors
/// There is no such operation, or the master refuses.
pub async fn run(args: MessagesArgs, client: &Client) -> Result<Outcome, CliError> {
    show::find(client, args.operation_id).await?;
    let query = ViewQuery {
        equals: by_id("operation_id", args.operation_id),
        ..ViewQuery::default()
    };
    let found = client.view("operation_messages", &query).await?;
    let mut report = Report::table(["time", "type", "message"]);
    report.rows = found.iter().map(row).collect();
    Ok(Outcome::new(&objects(&found), report))
}

fn row(row: Row<'_>) -> Vec<Cell> {
    let kind = match row.integer("message_type").unwrap_or_default() {
        120 => "error".to_owned(),
        110 => "warning".to_owned(),
        70 => "information".to_owned(),
        other => other.to_string(),
    };
    vec![
        Cell::moment(row.time("message_time")),
        Cell::Text(kind),
        Cell::Text(text(row, "message")),
    ]
}
