//! `soctl workers enable`.

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::Client;

use super::standing::{self, Standing};
use crate::error::CliError;
use crate::output::{Outcome, Report};

/// Let workers take executions
///
/// A worker registers itself as disabled, so each new one needs this once.
///
/// Examples:
///   soctl workers enable computerA
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct EnableArgs {
    /// Ids, display names or machine names
    #[arg(required = true)]
    workers: Vec<String>,
}

/// Calls `enable_worker_agent` for each; all names are checked before the first call.
///
/// # Errors
/// A worker is unknown, or the master refuses.
pub async fn run(args: EnableArgs, client: &Client, now: Timestamp) -> Result<Outcome, CliError> {
    set(client, &args.workers, "enable_worker_agent", now).await
}

/// Calls a procedure that takes a worker id for each of the named workers.
///
/// # Errors
/// A worker is unknown, or the master refuses.
pub async fn set(
    client: &Client,
    names: &[String],
    procedure: &str,
    now: Timestamp,
) -> Result<Outcome, CliError> {
    let workers = standing::all(client, now).await?;
    let chosen = standing::find_all(&workers, names)?;
    for worker in &chosen {
        let id = worker.worker_agent_id.to_string();
        client
            .call(procedure, [("WorkerAgentId".to_owned(), id.into())].into())
            .await?;
    }
    let now_so = standing::all(client, now).await?;
    let changed: Vec<&Standing> = now_so
        .iter()
        .filter(|worker| {
            chosen
                .iter()
                .any(|chosen| chosen.worker_agent_id == worker.worker_agent_id)
        })
        .collect();
    let lines = changed.iter().map(|worker| {
        let state = if worker.enabled {
            "enabled"
        } else {
            "disabled"
        };
        format!(
            "worker {} ({}) is {state}",
            worker.worker_agent_id, worker.display_name
        )
    });
    Ok(Outcome::new(&changed, Report::lines(lines)))
}
