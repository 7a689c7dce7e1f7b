//! `soctl job list`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;

use super::named::{moment, outcome};
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows::{self, text};

/// List jobs: how they ran last, and when they run next
///
/// Examples:
///   soctl job list
///   soctl job list --output json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {}

/// Calls `sp_help_job`.
///
/// # Errors
/// The master refuses.
pub async fn run(_args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let found = client.call("sp_help_job", Arguments::new()).await?;
    let found = found.rows.unwrap_or_default();
    let mut report = Report::table([
        "job", "enabled", "state", "last run", "outcome", "next run", "owner",
    ]);
    for row in found.iter() {
        let number = |column: &str| row.value(column).and_then(serde_json::Value::as_i64);
        let enabled = if number("enabled") == Some(1) {
            "yes"
        } else {
            "no"
        };
        report.rows.push(vec![
            Cell::Text(text(row, "name")),
            Cell::Text(enabled.to_owned()),
            Cell::Text(state(number("current_execution_status")).to_owned()),
            Cell::Text(moment(number("last_run_date"), number("last_run_time"))),
            Cell::Text(outcome(number("last_run_outcome")).to_owned()),
            Cell::Text(moment(number("next_run_date"), number("next_run_time"))),
            Cell::Text(text(row, "owner")),
        ]);
    }
    if report.rows.is_empty() {
        report.after.push("no jobs".to_owned());
    }
    Ok(Outcome::new(&rows::objects(&found), report))
}

/// `current_execution_status` in a word.
fn state(status: Option<i64>) -> &'static str {
    match status {
        Some(1) => "running",
        Some(2) => "queued",
        Some(3) => "between retries",
        _ => "idle",
    }
}
