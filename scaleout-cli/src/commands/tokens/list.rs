//! `soctl tokens list`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::{self, cell};

/// List your tokens; administrators see all
///
/// Examples:
///   soctl tokens list
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {}

/// Reads `catalog.tokens`.
///
/// # Errors
/// The master refuses.
pub async fn run(_args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let found = client.view("tokens", &ViewQuery::default()).await?;
    let mut report = Report::table(["id", "login", "kind", "description", "created", "ends"]);
    let columns = [
        "token_id",
        "login_name",
        "kind",
        "description",
        "created_time",
        "expires_time",
    ];
    for row in found.iter() {
        let cells = columns.iter().map(|column| cell(row, column));
        report.rows.push(cells.collect());
    }
    Ok(Outcome::new(&rows::objects(&found), report))
}
