//! `soctl executions explain`.

use clap::Args;
use scaleout_core::client::Client;
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows::arguments;

/// Say why an execution has not started
///
/// The code is for scripts: NO_FREE_SLOT, WORKER_OFFLINE, PACKAGE_LIMIT and so on; all of them are in
/// docs/reference/scheduling.md. The view `waiting_executions` has it for everything that waits.
///
/// Examples:
///   soctl executions explain 42
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ExplainArgs {
    /// Execution id
    execution_id: i64,
}

/// What `--output json` prints.
#[derive(Serialize)]
struct Explained {
    execution_id: i64,
    reason_code: String,
    reason: String,
    hint: Option<String>,
}

/// Calls `explain_execution`.
///
/// # Errors
/// There is no such execution, or the master refuses.
pub async fn run(args: ExplainArgs, client: &Client) -> Result<Outcome, CliError> {
    let named = arguments([("execution_id", json!(args.execution_id))]);
    let result = client.call("explain_execution", named).await?;
    let output = |name: &str| result.outputs.get(name).and_then(Value::as_str);
    let explained = Explained {
        execution_id: args.execution_id,
        reason_code: output("@reason_code").unwrap_or_default().to_owned(),
        reason: output("@reason").unwrap_or_default().to_owned(),
        hint: output("@hint").map(str::to_owned),
    };
    let report = Report::facts([
        ("execution", Cell::Number(args.execution_id.to_string())),
        ("code", Cell::Text(explained.reason_code.clone())),
        ("reason", Cell::Text(explained.reason.clone())),
        (
            "what to do",
            explained.hint.clone().map_or(Cell::Empty, Cell::Text),
        ),
    ]);
    Ok(Outcome::new(&explained, report))
}
