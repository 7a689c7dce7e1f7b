//! `soctl executions taps remove`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// Remove a data tap from an execution that has not started
///
/// Examples:
///   soctl executions taps remove 7
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RemoveArgs {
    /// Id of the tap, as `soctl executions taps list` shows it
    data_tap_id: i64,
}

/// Calls `remove_data_tap`.
///
/// # Errors
/// There is no such tap, its execution has started, or the master refuses.
pub async fn run(args: RemoveArgs, client: &Client) -> Result<Outcome, CliError> {
    let id = args.data_tap_id;
    client
        .call("remove_data_tap", arguments([("data_tap_id", json!(id))]))
        .await?;
    let line = format!("removed data tap {id}");
    Ok(Outcome::new(
        &json!({ "data_tap_id": id }),
        Report::lines([line]),
    ))
}
