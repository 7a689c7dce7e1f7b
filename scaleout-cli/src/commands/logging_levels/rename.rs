//! `soctl logging-levels rename`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::rows::arguments;

/// Rename a customized logging level
///
/// Examples:
///   soctl logging-levels rename draft alarms
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RenameArgs {
    /// Name of the level
    name: String,
    /// Its new name
    new_name: String,
}

/// Calls `rename_customized_logging_level`.
///
/// # Errors
/// There is no such level, the name is taken, or the master refuses.
pub async fn run(args: RenameArgs, client: &Client) -> Result<Outcome, CliError> {
    let named = arguments([
        ("old_name", json!(args.name)),
        ("new_name", json!(args.new_name)),
    ]);
    client
        .call("rename_customized_logging_level", named)
        .await?;
    let line = format!("renamed `{}` to `{}`", args.name, args.new_name);
    Ok(Outcome::new(
        &json!({ "name": args.new_name }),
        Report::lines([line]),
    ))
}
