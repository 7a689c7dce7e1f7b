//! `soctl variables delete`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::json;

use crate::environment_choice::EnvironmentChoice;
use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};
use crate::rows::arguments;

/// Delete a variable of an environment
///
/// Executions with this environment are refused while a parameter refers to the variable. On a
/// terminal it asks first; in a script it needs --yes.
///
/// Examples:
///   soctl variables delete dev Unused --folder Finance --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DeleteArgs {
    /// The environment.
    #[command(flatten)]
    environment: EnvironmentChoice,
    /// Name of the variable
    variable: String,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Calls `delete_environment_variable`.
///
/// # Errors
/// There is no such variable, the answer is no, or the master refuses.
pub async fn run(args: DeleteArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let environment = args.environment.find(client).await?;
    let action = format!(
        "delete variable `{}` of environment `{}/{}`",
        args.variable, environment.folder, environment.name
    );
    talk.confirm_final(&action, args.yes)?;
    let named = arguments([
        ("folder_name", json!(environment.folder)),
        ("environment_name", json!(environment.name)),
        ("variable_name", json!(args.variable)),
    ]);
    client.call("delete_environment_variable", named).await?;
    let line = format!("deleted `{}` of `{}`", args.variable, environment.name);
    let deleted = json!({
        "folder_name": environment.folder,
        "environment_name": environment.name,
        "variable_name": args.variable,
    });
    Ok(Outcome::new(&deleted, Report::lines([line])))
}
