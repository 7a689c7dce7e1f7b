//! `soctl workers tag`.

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::Client;
use serde_json::json;

use super::drain::said;
use super::standing;
use crate::error::CliError;
use crate::output::Outcome;
use crate::rows::arguments;

/// Say what workers are good for
///
/// Tags are words without regard to case. `soctl execute --worker-tag` runs a package only on a worker
/// that has all the tags asked for. What is given here takes the place of all earlier tags; without
/// --tag the worker has none.
///
/// Examples:
///   soctl workers tag computerA --tag gpu --tag big
///   soctl workers tag computerA
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct TagArgs {
    /// Ids, display names or machine names
    #[arg(required = true)]
    workers: Vec<String>,
    /// A tag, or several with commas between them; may be repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
}

/// Calls `set_worker_agent_property` for each; all names are checked before the first call.
///
/// # Errors
/// A worker is unknown, or the master refuses.
pub async fn run(args: TagArgs, client: &Client, now: Timestamp) -> Result<Outcome, CliError> {
    let workers = standing::all(client, now).await?;
    let chosen = standing::find_all(&workers, &args.workers)?;
    let tags = args.tags.join(", ");
    for worker in &chosen {
        let named = arguments([
            ("WorkerAgentId", json!(worker.worker_agent_id)),
            ("PropertyName", json!("Tags")),
            ("PropertyValue", json!(tags)),
        ]);
        client.call("set_worker_agent_property", named).await?;
    }
    let shown = if tags.is_empty() { "none" } else { &tags };
    said(&chosen, |worker| {
        format!(
            "worker {} ({}) has the tags: {shown}",
            worker.worker_agent_id, worker.display_name
        )
    })
}
