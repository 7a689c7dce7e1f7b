//! `soctl executions dump`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// Have a dump of a running execution written: variables, running tasks, last events, threads
///
/// The worker writes an archive into its folder `ErrorDumps`, without secrets; the package goes on.
/// `soctl executions messages` says where it is once it is written.
///
/// Examples:
///   soctl executions dump 42
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DumpArgs {
    /// Execution id
    execution_id: i64,
}

/// Calls `create_execution_dump`.
///
/// # Errors
/// The execution does not run, a dump is being written, or the master refuses.
pub async fn run(args: DumpArgs, client: &Client) -> Result<Outcome, CliError> {
    let id = args.execution_id;
    client
        .call(
            "create_execution_dump",
            arguments([("execution_id", json!(id))]),
        )
        .await?;
    let line = format!(
        "asked for a dump of execution {id}; `soctl executions messages {id}` says where it is"
    );
    Ok(Outcome::new(
        &json!({ "execution_id": id }),
        Report::lines([line]),
    ))
}
