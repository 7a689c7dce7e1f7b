//! `soctl logging-levels create`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use super::masks::MaskArgs;
use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// Make a logging level of chosen events and statistics
///
/// Events are named as in the original: OnError, OnWarning, OnInformation, OnPreExecute,
/// OnPostExecute, OnPreValidate, OnPostValidate, OnTaskFailed, OnProgress, OnQueryCancel,
/// OnVariableValueChanged, OnExecutionStatusChanged, OnBreakpointHit, OnCustomEvent, Diagnostic,
/// DiagnosticEx, NonDiagnostic.
///
/// Examples:
///   soctl logging-levels create errors --event OnError --event OnWarning
///   soctl logging-levels create nightly --event-with-context OnError \
///     --event DiagnosticEx --statistics Execution --description 'For nights'
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct CreateArgs {
    /// Name of the level
    name: String,
    #[command(flatten)]
    masks: MaskArgs,
    /// What it is for
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
}

/// Calls `create_customized_logging_level`.
///
/// # Errors
/// There is one of that name, or the master refuses.
pub async fn run(args: CreateArgs, client: &Client) -> Result<Outcome, CliError> {
    let (events, statistics) = (args.masks.events()?, args.masks.statistics()?);
    let named = arguments([
        ("level_name", json!(args.name)),
        ("level_description", json!(args.description)),
        ("profile_value", json!(statistics.unwrap_or(0))),
        ("events_value", json!(events.unwrap_or(0))),
    ]);
    client
        .call("create_customized_logging_level", named)
        .await?;
    let line = format!(
        "created logging level `{}`; `soctl execute --customized-level` uses it",
        args.name
    );
    Ok(Outcome::new(
        &json!({ "name": args.name }),
        Report::lines([line]),
    ))
}
