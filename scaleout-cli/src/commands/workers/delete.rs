//! `soctl workers delete`.

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::Client;
use serde_json::json;

use super::standing;
use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};
use crate::rows::arguments;

/// Forget a worker and refuse its certificate from now on
///
/// One that runs something stays, unless `--force`: then what it runs is offered to others.
///
/// Examples:
///   soctl workers delete computerOld --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DeleteArgs {
    /// Id, display name or machine name
    worker: String,
    /// Also while it runs something
    #[arg(long)]
    force: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Calls `delete_worker_agent`.
///
/// # Errors
/// The worker is unknown or busy, the answer is no, or the master refuses.
pub async fn run(
    args: DeleteArgs,
    client: &Client,
    talk: &Talk,
    now: Timestamp,
) -> Result<Outcome, CliError> {
    let workers = standing::all(client, now).await?;
    let worker = standing::find(&workers, &args.worker)?;
    let id = worker.worker_agent_id.to_string();
    let action = format!("delete worker {} ({id})", worker.display_name);
    talk.confirm_final(&action, args.yes)?;
    let delete = arguments([("WorkerAgentId", json!(id)), ("force", json!(args.force))]);
    client.call("delete_worker_agent", delete).await?;
    let line = format!("deleted worker {} ({id})", worker.display_name);
    Ok(Outcome::new(worker, Report::lines([line])))
}
