//! `soctl operations list`.

use clap::Args;
use scaleout_core::client::{Client, Row};
use scaleout_core::registry::ViewQuery;

use crate::commands::validations::show::status_cell;
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows::{objects, text};

/// List operations, the latest first
///
/// Examples:
///   soctl operations list
///   soctl operations list --limit 5 --output json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {
    /// Most operations to list
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    limit: u32,
}

/// Reads `catalog.operations`.
///
/// # Errors
/// The master refuses.
pub async fn run(args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let query = ViewQuery {
        order_by: Some("operation_id".to_owned()),
        descending: true,
        limit: Some(args.limit),
        ..ViewQuery::default()
    };
    let found = client.view("operations", &query).await?;
    let mut report = Report::table(["operation", "kind", "object", "status", "created", "caller"]);
    report.rows = found.iter().map(row).collect();
    Ok(Outcome::new(&objects(&found), report))
}

fn row(row: Row<'_>) -> Vec<Cell> {
    let number = |column| row.integer(column).unwrap_or_default();
    vec![
        Cell::Number(number("operation_id").to_string()),
        Cell::Text(kind(number("operation_type"))),
        Cell::Text(text(row, "object_name")),
        status_cell(row),
        Cell::moment(row.time("created_time")),
        Cell::Text(text(row, "caller_name")),
    ]
}

/// What a number of `operation_type` means.
pub fn kind(number: i64) -> String {
    let known = match number {
        1 => "startup",
        2 => "cleanup of operations",
        3 => "cleanup of versions",
        101 => "deployment",
        106 => "restored version",
        200 => "execution",
        202 => "stop",
        300 => "validation of a project",
        301 => "validation of a package",
        1000 => "configuration",
        other => return other.to_string(),
    };
    known.to_owned()
}
