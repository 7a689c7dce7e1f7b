//! `soctl folders list`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;

use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows;

/// List the folders of the catalog
///
/// Example: soctl folders list
#[derive(Args, Debug)]
pub struct ListArgs {}

/// Reads `catalog.folders`.
///
/// # Errors
/// The master refuses.
pub async fn run(_args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let query = ViewQuery { order_by: Some("name".to_owned()), ..ViewQuery::default() };
    let found = client.view("folders", &query).await?;
    let mut report = Report::table(["id", "name", "description", "created by"]);
    for row in rows::each(&found) {
        report.rows.push(vec![
            Cell::from_json(row.value("id")),
            Cell::Text(row.text("name").to_owned()),
            Cell::Text(row.text("description").to_owned()),
            Cell::Text(row.text("created_by_name").to_owned()),
        ]);
    }
    Ok(Outcome::new(&rows::objects(&found), report))
}
