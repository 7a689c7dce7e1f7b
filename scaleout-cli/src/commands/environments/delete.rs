//! `soctl environments delete`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::environment_choice::EnvironmentChoice;
use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};
use crate::rows::arguments;

/// Delete an environment with its variables
///
/// References of projects stay and lead nowhere. On a terminal it asks first; in a script it needs
/// --yes.
///
/// Examples:
///   soctl environments delete obsolete --folder Finance --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DeleteArgs {
    /// The environment.
    #[command(flatten)]
    environment: EnvironmentChoice,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Calls `delete_environment`.
///
/// # Errors
/// There is no such environment, the answer is no, or the master refuses.
pub async fn run(args: DeleteArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let environment = args.environment.find(client).await?;
    let action = format!(
        "delete environment `{}` of folder `{}` with its variables",
        environment.name, environment.folder
    );
    talk.confirm_final(&action, args.yes)?;
    let named = arguments([
        ("folder_name", json!(environment.folder)),
        ("environment_name", json!(environment.name)),
    ]);
    client.call("delete_environment", named).await?;
    let line = format!("deleted `{}`", environment.name);
    let deleted =
        json!({ "folder_name": environment.folder, "environment_name": environment.name });
    Ok(Outcome::new(&deleted, Report::lines([line])))
}
