//! `soctl references delete`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};
use crate::rows::arguments;

/// Delete a reference; project and environment stay
///
/// On a terminal it asks first; in a script it needs --yes.
///
/// Examples:
///   soctl references delete 2 --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DeleteArgs {
    /// Reference id (see `soctl references list`)
    reference_id: i64,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Calls `delete_environment_reference`.
///
/// # Errors
/// There is no such reference, the answer is no, or the master refuses.
pub async fn run(args: DeleteArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let id = args.reference_id;
    talk.confirm_final(&format!("delete reference {id}"), args.yes)?;
    let named = arguments([("reference_id", json!(id))]);
    client.call("delete_environment_reference", named).await?;
    let deleted = json!({ "reference_id": id });
    let line = format!("deleted reference {id}");
    Ok(Outcome::new(&deleted, Report::lines([line])))
}
