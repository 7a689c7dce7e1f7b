//! `soctl job step delete`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::commands::job::named::job_with;
use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};

/// Delete a step of a job; the steps behind it move up
///
/// On a terminal it asks first; in a script it needs --yes.
///
/// Examples:
///   soctl job step delete nightly 2 --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DeleteArgs {
    /// The job, by name or id
    job: String,
    /// Number of the step
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    step: u32,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Calls `sp_delete_jobstep`.
///
/// # Errors
/// There is no such step, the answer is no, or the master refuses.
pub async fn run(args: DeleteArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    talk.confirm_final(
        &format!("delete step {} of job `{}`", args.step, args.job),
        args.yes,
    )?;
    let gone = job_with(&args.job, [("step_id", json!(args.step))]);
    client.call("sp_delete_jobstep", gone).await?;
    let line = format!("deleted step {} of job `{}`", args.step, args.job);
    let shown = json!({ "job": args.job, "step_id": args.step });
    Ok(Outcome::new(&shown, Report::lines([line])))
}
