//! `soctl logging-levels delete`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};
use crate::rows::arguments;

/// Delete a customized logging level
///
/// The server's default cannot be deleted. On a terminal it asks first; in a script it needs --yes.
///
/// Examples:
///   soctl logging-levels delete obsolete --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DeleteArgs {
    /// Name of the level
    name: String,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Calls `delete_customized_logging_level`.
///
/// # Errors
/// There is no such level, the answer is no, or the master refuses.
pub async fn run(args: DeleteArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let action = format!("delete logging level `{}`", args.name);
    talk.confirm_final(&action, args.yes)?;
    let named = arguments([("level_name", json!(args.name))]);
    client
        .call("delete_customized_logging_level", named)
        .await?;
    let line = format!("deleted `{}`", args.name);
    Ok(Outcome::new(
        &json!({ "name": args.name }),
        Report::lines([line]),
    ))
}
