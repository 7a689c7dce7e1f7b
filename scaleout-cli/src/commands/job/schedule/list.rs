//! `soctl job schedule list`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;

use crate::commands::job::show::in_words;
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows::{self, cell};

/// List schedules in words
///
/// Examples:
///   soctl job schedule list
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {}

/// Reads `sysschedules`.
///
/// # Errors
/// The master refuses.
pub async fn run(_args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let found = client.view("sysschedules", &ViewQuery::default()).await?;
    let mut report = Report::table(["schedule", "name", "when", "owner"]);
    for row in found.iter() {
        report.rows.push(vec![
            cell(row, "schedule_id"),
            cell(row, "name"),
            Cell::Text(in_words(row)),
            cell(row, "owner_login_name"),
        ]);
    }
    Ok(Outcome::new(&rows::objects(&found), report))
}
