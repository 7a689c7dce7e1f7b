//! `soctl job step add`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use super::options::{FlowArgs, WorkArgs};
use crate::commands::job::named::job_with;
use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Add a step to a job
///
/// The last step of a job quits with success when nothing else is said, and the one before it then
/// goes on to it.
///
/// Examples:
///   soctl job step add nightly load --package Finance/Daily/Load.dtsx
///   soctl job step add nightly check --cmd 'test -s /data/out.csv'
///   soctl job step add nightly tidy --tsql 'EXEC catalog.cleanup_server_log'
///   soctl job step add nightly old --file /srv/packages/Old.dtsx --retries 2
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct AddArgs {
    /// The job, by name or id
    job: String,
    /// Name of the step
    name: String,
    #[command(flatten)]
    work: WorkArgs,
    #[command(flatten)]
    flow: FlowArgs,
    /// Its number; the last when left out
    #[arg(long, value_name = "NUMBER")]
    at: Option<u32>,
}

/// Calls `sp_add_jobstep`.
///
/// # Errors
/// There is no such job, the step cannot be, or the master refuses.
pub async fn run(args: Box<AddArgs>, client: &Client) -> Result<Outcome, CliError> {
    let steps = client
        .call("sp_help_jobstep", job_with(&args.job, []))
        .await?;
    let steps = steps.rows.unwrap_or_default();
    let mut new = job_with(
        &args.job,
        [("step_name", json!(args.name)), ("step_id", json!(args.at))],
    );
    new.extend(args.work.arguments(&args.flow));
    new.extend(args.flow.arguments());
    client.call("sp_add_jobstep", new).await?;
    // What was the last step quits with success where nobody said otherwise; now it is not the last.
    let last = steps.iter().last().filter(|_| args.at.is_none());
    if let Some(last) = last
        && last.value("on_success_action") == Some(&json!(1))
    {
        let step_id = last.value("step_id").cloned().unwrap_or_default();
        let goes_on = job_with(
            &args.job,
            [("step_id", step_id), ("on_success_action", json!(3))],
        );
        client.call("sp_update_jobstep", goes_on).await?;
    }
    let line = format!("added step `{}` to job `{}`", args.name, args.job);
    let shown = json!({ "job": args.job, "step": args.name });
    Ok(Outcome::new(&shown, Report::lines([line])))
}
