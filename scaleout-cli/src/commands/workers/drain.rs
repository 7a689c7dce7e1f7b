//! `soctl workers drain`.

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::Client;
use serde_json::json;

use super::standing::{self, Standing};
use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// Give workers no new executions, and take back what they still run after a while
///
/// What ends until the deadline ends as always. What still runs then is ended and offered to other
/// workers; it counts neither as failed nor as lost. (An execution that was started with
/// --at-most-once ends unexpectedly instead: give it time.) The worker stays drained, over restarts
/// too, until `soctl workers resume`.
///
/// Examples:
///   soctl workers drain computerA
///   soctl workers drain computerA --deadline 600
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DrainArgs {
    /// Ids, display names or machine names
    #[arg(required = true)]
    workers: Vec<String>,
    /// How long what runs may take, in seconds; 0 hands it back at once; as long as it likes if absent
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(0..=604_800))]
    deadline: Option<u32>,
}

/// Calls `drain_worker_agent` for each; all names are checked before the first call.
///
/// # Errors
/// A worker is unknown, or the master refuses.
pub async fn run(args: DrainArgs, client: &Client, now: Timestamp) -> Result<Outcome, CliError> {
    let workers = standing::all(client, now).await?;
    let chosen = standing::find_all(&workers, &args.workers)?;
    for worker in &chosen {
        let named = arguments([
            ("WorkerAgentId", json!(worker.worker_agent_id)),
            ("deadline_seconds", json!(args.deadline)),
        ]);
        client.call("drain_worker_agent", named).await?;
    }
    let until = match args.deadline {
        None => "what it runs may end".to_owned(),
        Some(0) => "what it runs is handed back now".to_owned(),
        Some(seconds) => format!("what it still runs in {seconds} s is handed back"),
    };
    said(&chosen, |worker| {
        format!(
            "worker {} ({}) is drained: it gets nothing more, {until}",
            worker.worker_agent_id, worker.display_name
        )
    })
}

/// One line for each worker, and the workers as JSON.
///
/// # Errors
/// None.
pub fn said(
    workers: &[&Standing],
    line: impl Fn(&Standing) -> String,
) -> Result<Outcome, CliError> {
    let lines = workers.iter().map(|worker| line(worker));
    Ok(Outcome::new(&workers, Report::lines(lines)))
}
