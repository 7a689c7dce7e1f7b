//! `soctl job watch`.

use std::time::Duration;

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;
use serde_json::Value;
use tokio::time::sleep;

use super::history;
use super::named::job;
use crate::error::CliError;
use crate::output::{Outcome, Talk};
use crate::rows::text;

/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(400);
/// Exit code of a run that failed.
const FAILED: u8 = 1;
/// Exit code of a run that was stopped.
const CANCELED: u8 = 3;

/// Wait for the end of the latest run of a job, and show its steps
///
/// The exit code is 0 for success, 1 for a failure and 3 for a run that was stopped.
///
/// Examples:
///   soctl job watch nightly
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct WatchArgs {
    /// The job, by name or id
    job: String,
}

/// Looks again and again.
///
/// # Errors
/// There is no such job, or the master refuses.
pub async fn run(args: WatchArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    // Says so when there is no such job.
    client.call("sp_help_job", job(&args.job)).await?;
    let activity = client.call("sp_help_jobactivity", job(&args.job)).await?;
    let activity = activity.rows.unwrap_or_default();
    let run_id = activity.iter().next().and_then(|row| row.value("run_id"));
    match run_id.and_then(Value::as_i64) {
        Some(run_id) => until_ended(client, talk, &args.job, run_id).await,
        None => history::of_run(client, 0).await,
    }
}

/// Waits for the end of a run; then its steps, and its exit code.
///
/// # Errors
/// The master refuses.
pub async fn until_ended(
    client: &Client,
    talk: &Talk,
    name: &str,
    run_id: i64,
) -> Result<Outcome, CliError> {
    let ended = ViewQuery {
        equals: vec![
            ("run_id".to_owned(), run_id.to_string()),
            ("step_id".to_owned(), "0".to_owned()),
        ],
        ..ViewQuery::default()
    };
    talk.say(&format!("job `{name}`, run {run_id}"));
    let status = loop {
        let found = client.view("sysjobhistory", &ended).await?;
        if let Some(row) = found.iter().next() {
            talk.say(&text(row, "message"));
            break row.value("run_status").and_then(Value::as_i64);
        }
        // A job that deletes itself takes its history along.
        let jobs = client.call("sp_help_job", Default::default()).await?;
        let jobs = jobs.rows.unwrap_or_default();
        let is = |row: &scaleout_core::client::Row<'_>| {
            text(*row, "name").eq_ignore_ascii_case(name) || text(*row, "job_id") == name
        };
        if !jobs.iter().any(|row| is(&row)) {
            talk.say("the job has deleted itself, and its history with it");
            return history::of_run(client, run_id).await;
        }
        sleep(PAUSE).await;
    };
    let outcome = history::of_run(client, run_id).await?;
    Ok(match status {
        Some(1) => outcome,
        Some(3) => outcome.exit_code(CANCELED),
        _ => outcome.exit_code(FAILED),
    })
}
