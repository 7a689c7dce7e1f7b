//! `soctl job enable`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use super::named::job_with;
use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Let the schedules of a job start it again; what passed meanwhile is not missed
///
/// Examples:
///   soctl job enable nightly
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct EnableArgs {
    /// The job, by name or id
    job: String,
}

/// Calls `sp_update_job`.
///
/// # Errors
/// There is no such job, or the master refuses.
pub async fn run(args: EnableArgs, client: &Client) -> Result<Outcome, CliError> {
    let change = job_with(&args.job, [("enabled", json!(1))]);
    client.call("sp_update_job", change).await?;
    let line = format!("enabled job `{}`", args.job);
    let shown = json!({ "job": args.job, "enabled": 1 });
    Ok(Outcome::new(&shown, Report::lines([line])))
}
