//! `soctl job start`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::{Value, json};

use super::named::job_with;
use super::watch;
use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};

/// Start a job now, whether it is enabled or not
///
/// It returns when the job was started; with --wait when it has ended. Then the exit code is 0 for
/// success, 1 for a failure and 3 for a run that was stopped.
///
/// Examples:
///   soctl job start nightly
///   soctl job start nightly --wait
///   soctl job start nightly --step load
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct StartArgs {
    /// The job, by name or id
    job: String,
    /// The step to begin with
    #[arg(long, value_name = "STEP")]
    step: Option<String>,
    /// Wait for the end
    #[arg(short, long)]
    wait: bool,
}

/// Calls `sp_start_job`.
///
/// # Errors
/// There is no such job, it runs already, or the master refuses.
pub async fn run(args: StartArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let start = job_with(&args.job, [("step_name", json!(args.step))]);
    let started = client.call("sp_start_job", start).await?;
    let run_id = started.outputs.get("@run_id").and_then(Value::as_i64);
    let run_id = run_id.unwrap_or_default();
    if args.wait {
        return watch::until_ended(client, talk, &args.job, run_id).await;
    }
    let line = format!("started job `{}`: run {run_id}", args.job);
    let shown = json!({ "job": args.job, "run_id": run_id });
    Ok(Outcome::new(&shown, Report::lines([line])))
}
