//! `soctl workers describe`.

use clap::Args;
use jiff::Timestamp;
use scaleout_core::client::Client;
use serde_json::json;

use super::standing;
use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// Set the description or the name that is shown for a worker
///
/// Examples:
///   soctl workers describe computerA 'the one by the window'
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DescribeArgs {
    /// Id, display name or machine name
    worker: String,
    /// The description from now on
    description: String,
    /// The name to show from now on
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// Calls `set_worker_agent_property`.
///
/// # Errors
/// The worker is unknown, or the master refuses.
pub async fn run(args: DescribeArgs, client: &Client, now: Timestamp) -> Result<Outcome, CliError> {
    let workers = standing::all(client, now).await?;
    let worker = standing::find(&workers, &args.worker)?;
    let mut values = vec![("Description", args.description.clone())];
    values.extend(args.name.clone().map(|name| ("DisplayName", name)));
    for (property, value) in values {
        let set = arguments([
            ("WorkerAgentId", json!(worker.worker_agent_id.to_string())),
            ("PropertyName", json!(property)),
            ("PropertyValue", json!(value)),
        ]);
        client.call("set_worker_agent_property", set).await?;
    }
    let id = worker.worker_agent_id.to_string();
    let now_so = standing::all(client, now).await?;
    let changed = standing::find(&now_so, &id)?;
    let line = format!("{}: {}", changed.display_name, changed.description);
    Ok(Outcome::new(changed, Report::lines([line])))
}
