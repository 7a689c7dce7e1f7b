//! `soctl job stop`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use super::named::job;
use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Stop the runs of a job, with the packages and commands that they have started
///
/// Examples:
///   soctl job stop nightly
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct StopArgs {
    /// The job, by name or id
    job: String,
}

/// Calls `sp_stop_job`.
///
/// # Errors
/// There is no such job, it does not run, or the master refuses.
pub async fn run(args: StopArgs, client: &Client) -> Result<Outcome, CliError> {
    client.call("sp_stop_job", job(&args.job)).await?;
    let line = format!("asked job `{}` to stop", args.job);
    Ok(Outcome::new(
        &json!({ "job": args.job }),
        Report::lines([line]),
    ))
}
