//! `soctl folders list`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;

use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows::{self, cell, text};

/// List the folders of the catalog
///
/// Examples:
///   soctl folders list
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {}

/// Reads `catalog.folders`.
///
/// # Errors
/// The master refuses.
pub async fn run(_args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let query = ViewQuery {
        order_by: Some("name".to_owned()),
        ..ViewQuery::default()
    };
    let found = client.view("folders", &query).await?;
    let mut report = Report::table(["id", "name", "description", "created by"]);
    for row in found.iter() {
        report.rows.push(vec![
            cell(row, "id"),
            Cell::Text(text(row, "name")),
            Cell::Text(text(row, "description")),
            Cell::Text(text(row, "created_by_name")),
        ]);
    }
    Ok(Outcome::new(&rows::objects(&found), report))
}
