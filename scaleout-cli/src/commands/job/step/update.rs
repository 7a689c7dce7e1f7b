//! `soctl job step update`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use super::options::{FlowArgs, WorkArgs};
use crate::commands::job::named::job_with;
use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Change a step: what is not named stays as it is
///
/// Examples:
///   soctl job step update nightly 1 --retries 3 --retry-minutes 5
///   soctl job step update nightly 1 --package Finance/Daily/LoadAll.dtsx
///   soctl job step update nightly 2 --on-failure next
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct UpdateArgs {
    /// The job, by name or id
    job: String,
    /// Number of the step
    step: u32,
    /// Its new name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    work: WorkArgs,
    #[command(flatten)]
    flow: FlowArgs,
}

/// Calls `sp_update_jobstep`.
///
/// # Errors
/// There is no such step, it cannot be so, or the master refuses.
pub async fn run(args: Box<UpdateArgs>, client: &Client) -> Result<Outcome, CliError> {
    let mut change = job_with(
        &args.job,
        [
            ("step_id", json!(args.step)),
            ("step_name", json!(args.name)),
        ],
    );
    if args.work.is_given() {
        change.extend(args.work.arguments(&args.flow));
    }
    change.extend(args.flow.arguments());
    client.call("sp_update_jobstep", change).await?;
    let line = format!("changed step {} of job `{}`", args.step, args.job);
    let shown = json!({ "job": args.job, "step_id": args.step });
    Ok(Outcome::new(&shown, Report::lines([line])))
}
