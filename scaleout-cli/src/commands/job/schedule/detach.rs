//! `soctl job schedule detach`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::commands::job::named::job_with;
use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Let a schedule no longer start a job
///
/// Examples:
///   soctl job schedule detach nightly 3
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DetachArgs {
    /// The job, by name or id
    job: String,
    /// Number of the schedule, as `soctl job schedule list` shows it
    schedule: i64,
}

/// Calls `sp_detach_schedule`.
///
/// # Errors
/// There is no such job or schedule, or the master refuses.
pub async fn run(args: DetachArgs, client: &Client) -> Result<Outcome, CliError> {
    let both = job_with(&args.job, [("schedule_id", json!(args.schedule))]);
    client.call("sp_detach_schedule", both).await?;
    let line = format!(
        "schedule {} no longer starts job `{}`",
        args.schedule, args.job
    );
    let shown = json!({ "job": args.job, "schedule_id": args.schedule });
    Ok(Outcome::new(&shown, Report::lines([line])))
}
