//! `soctl job disable`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use super::named::job_with;
use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Keep the schedules of a job from starting it; `soctl job start` still does
///
/// Examples:
///   soctl job disable nightly
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DisableArgs {
    /// The job, by name or id
    job: String,
}

/// Calls `sp_update_job`.
///
/// # Errors
/// There is no such job, or the master refuses.
pub async fn run(args: DisableArgs, client: &Client) -> Result<Outcome, CliError> {
    let change = job_with(&args.job, [("enabled", json!(0))]);
    client.call("sp_update_job", change).await?;
    let line = format!("disabled job `{}`", args.job);
    let shown = json!({ "job": args.job, "enabled": 0 });
    Ok(Outcome::new(&shown, Report::lines([line])))
}
