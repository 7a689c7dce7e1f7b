//! `soctl executions counters`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;
use serde_json::json;

use crate::error::CliError;
use crate::output::Outcome;
use crate::rows;

/// Show what running executions have read and written, and the memory and processor time they take
///
/// Workers tell the figures with every task heartbeat (TaskHeartbeatInterval, 10 seconds unless set).
///
/// Examples:
///   soctl executions counters
///   soctl executions counters 42
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct CountersArgs {
    /// Execution id; all that run unless given
    execution_id: Option<i64>,
}

/// Calls `dm_execution_performance_counters`.
///
/// # Errors
/// The execution does not run, or the master refuses.
pub async fn run(args: CountersArgs, client: &Client) -> Result<Outcome, CliError> {
    let mut named = Arguments::new();
    if let Some(id) = args.execution_id {
        named.insert("execution_id".to_owned(), json!(id));
    }
    let result = client
        .call("dm_execution_performance_counters", named)
        .await?;
    let found = result.rows.unwrap_or_default();
    let mut report = rows::report(&found);
    if found.rows.is_empty() {
        report
            .after
            .push("no running execution has told any figures yet".to_owned());
    }
    Ok(Outcome::new(&rows::objects(&found), report))
}
