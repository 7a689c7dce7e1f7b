//! `soctl projects move`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report};
use crate::project_choice::ProjectChoice;

/// Move a project to another folder, with its versions and parameter values
///
/// Examples:
///   soctl projects move Nightly --to Finance
///   soctl projects move Nightly --folder Finance --to Archive
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct MoveArgs {
    /// The project.
    #[command(flatten)]
    project: ProjectChoice,
    /// The folder to move it to; it must be there
    #[arg(long, value_name = "NAME")]
    to: String,
}

/// Calls `move_project`.
///
/// # Errors
/// There is no such project or folder, the folder has a project of that name, or the master refuses.
pub async fn run(args: MoveArgs, client: &Client) -> Result<Outcome, CliError> {
    let project = args.project.find(client).await?;
    let arguments: Arguments = [
        ("source_folder".to_owned(), json!(project.folder)),
        ("project_name".to_owned(), json!(project.project)),
        ("destination_folder".to_owned(), json!(args.to)),
    ]
    .into_iter()
    .collect();
    client.call("move_project", arguments).await?;
    let line = format!("`{}` is in folder `{}` now", project.project, args.to);
    let moved = json!({ "project_name": project.project, "from_folder": project.folder, "folder_name": args.to });
    Ok(Outcome::new(&moved, Report::lines([line])))
}
