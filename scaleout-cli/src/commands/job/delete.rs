//! `soctl job delete`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use super::named::job_with;
use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};

/// Delete a job with its steps, its history, and schedules that no other job uses
///
/// On a terminal it asks first; in a script it needs --yes.
///
/// Examples:
///   soctl job delete nightly --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DeleteArgs {
    /// The job, by name or id
    job: String,
    /// Keep its history
    #[arg(long)]
    keep_history: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Calls `sp_delete_job`.
///
/// # Errors
/// There is no such job, it runs, the answer is no, or the master refuses.
pub async fn run(args: DeleteArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    talk.confirm_final(&format!("delete job `{}`", args.job), args.yes)?;
    let deleted = job_with(&args.job, [("delete_history", json!(!args.keep_history))]);
    client.call("sp_delete_job", deleted).await?;
    let line = format!("deleted job `{}`", args.job);
    Ok(Outcome::new(
        &json!({ "job": args.job }),
        Report::lines([line]),
    ))
}
