//! `soctl projects delete`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};
use crate::project_choice::ProjectChoice;

/// Delete a project, with its versions and parameter values
///
/// Its executions and their logs stay, and what runs goes on. On a terminal it asks first; in a
/// script it needs --yes.
///
/// Examples:
///   soctl projects delete Cleaning --folder Finance --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct DeleteArgs {
    /// The project.
    #[command(flatten)]
    project: ProjectChoice,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Calls `delete_project`.
///
/// # Errors
/// There is no such project, the answer is no, or the master refuses.
pub async fn run(args: DeleteArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let project = args.project.find(client).await?;
    let action = format!(
        "delete project `{}` of folder `{}`",
        project.project, project.folder
    );
    talk.confirm_final(&action, args.yes)?;
    let arguments: Arguments = [
        ("folder_name".to_owned(), json!(project.folder)),
        ("project_name".to_owned(), json!(project.project)),
    ]
    .into_iter()
    .collect();
    client.call("delete_project", arguments).await?;
    let line = format!("deleted `{}`", project.project);
    let deleted = json!({ "folder_name": project.folder, "project_name": project.project });
    Ok(Outcome::new(&deleted, Report::lines([line])))
}
