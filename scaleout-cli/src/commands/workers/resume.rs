//! `soctl workers resume`.

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::Client;
use serde_json::json;

use super::drain::said;
use super::standing;
use crate::error::CliError;
use crate::output::Outcome;
use crate::rows::arguments;

/// Let drained workers take executions again
///
/// Examples:
///   soctl workers resume computerA
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ResumeArgs {
    /// Ids, display names or machine names
    #[arg(required = true)]
    workers: Vec<String>,
}

/// Calls `resume_worker_agent` for each; all names are checked before the first call.
///
/// # Errors
/// A worker is unknown, or the master refuses.
pub async fn run(args: ResumeArgs, client: &Client, now: Timestamp) -> Result<Outcome, CliError> {
    let workers = standing::all(client, now).await?;
    let chosen = standing::find_all(&workers, &args.workers)?;
    for worker in &chosen {
        let named = arguments([("WorkerAgentId", json!(worker.worker_agent_id))]);
        client.call("resume_worker_agent", named).await?;
    }
    said(&chosen, |worker| {
        format!(
            "worker {} ({}) takes work again",
            worker.worker_agent_id, worker.display_name
        )
    })
}
