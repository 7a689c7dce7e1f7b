//! `soctl validations list`.

use clap::Args;
use scaleout_core::client::{Client, Row};
use scaleout_core::registry::ViewQuery;

use super::show::status_cell;
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows::{objects, text};

/// List validations, the latest first
///
/// Examples:
///   soctl validations list
///   soctl validations list --limit 5
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {
    /// Most validations to list
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    limit: u32,
}

/// Reads `catalog.validations`.
///
/// # Errors
/// The master refuses.
pub async fn run(args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let query = ViewQuery {
        order_by: Some("validation_id".to_owned()),
        descending: true,
        limit: Some(args.limit),
        ..ViewQuery::default()
    };
    let found = client.view("validations", &query).await?;
    let mut report = Report::table([
        "validation",
        "folder",
        "project",
        "object",
        "scope",
        "status",
        "started",
        "ended",
        "caller",
    ]);
    report.rows = found.iter().map(row).collect();
    if report.rows.is_empty() {
        report.after.push("no validations".to_owned());
    }
    Ok(Outcome::new(&objects(&found), report))
}

fn row(row: Row<'_>) -> Vec<Cell> {
    vec![
        Cell::Number(row.integer("validation_id").unwrap_or_default().to_string()),
        Cell::Text(text(row, "folder_name")),
        Cell::Text(text(row, "project_name")),
        Cell::Text(text(row, "object_name")),
        Cell::Text(text(row, "environment_scope")),
        status_cell(row),
        Cell::moment(row.time("start_time")),
        Cell::moment(row.time("end_time")),
        Cell::Text(text(row, "caller_name")),
    ]
}
