//! `soctl projects restore`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::{Arguments, ViewQuery};
use serde::Serialize;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};
use crate::project_choice::{ChosenProject, ProjectChoice};
use crate::rows::text;

/// Put an earlier version of a project in force again
///
/// Values set on the server stay, as at a deployment. With --reset-parameters all of them are
/// cleared, as SSIS does it; that cannot be undone, so it asks first.
///
/// Examples:
///   soctl projects restore Nightly 3
///   soctl projects restore Nightly 3 --reset-parameters --yes
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct RestoreArgs {
    /// The project.
    #[command(flatten)]
    project: ProjectChoice,
    /// The version, as `soctl projects versions` shows it
    #[arg(id = "object_version_lsn", value_name = "VERSION")]
    version: i64,
    /// Clear all parameter values that were set on the server
    #[arg(long)]
    reset_parameters: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

#[derive(Serialize)]
struct Restored {
    folder_name: String,
    project_name: String,
    object_version_lsn: i64,
    /// How many values were cleared.
    parameters_reset: usize,
}

/// Calls `restore_project`.
///
/// # Errors
/// There is no such project or version, the answer is no, or the master refuses.
pub async fn run(args: RestoreArgs, client: &Client, talk: &Talk) -> Result<Outcome, CliError> {
    let project = args.project.find(client).await?;
    let ChosenProject {
        folder,
        project: name,
        ..
    } = &project;
    if args.reset_parameters {
        let action = format!("clear all server values of project `{name}` of folder `{folder}`");
        talk.confirm_final(&action, args.yes)?;
    }
    client.restore_project(folder, name, args.version).await?;
    let mut lines = vec![format!("version {} of `{name}` is in force", args.version)];
    let mut parameters_reset = 0;
    if args.reset_parameters {
        parameters_reset = reset(client, &project).await?;
        lines.push(format!("{parameters_reset} parameter values were cleared"));
    }
    let restored = Restored {
        folder_name: project.folder,
        project_name: project.project,
        object_version_lsn: args.version,
        parameters_reset,
    };
    Ok(Outcome::new(&restored, Report::lines(lines)))
}

/// Clears the server values of the version in force and says how many there were.
async fn reset(client: &Client, project: &ChosenProject) -> Result<usize, CliError> {
    let query = ViewQuery {
        equals: vec![
            ("project_id".to_owned(), project.id.to_string()),
            ("value_set".to_owned(), "1".to_owned()),
        ],
        ..ViewQuery::default()
    };
    let set = client.view("object_parameters", &query).await?;
    for row in set.iter() {
        let arguments: Arguments = [
            ("folder_name".to_owned(), json!(project.folder)),
            ("project_name".to_owned(), json!(project.project)),
            ("object_type".to_owned(), json!(row.integer("object_type"))),
            ("object_name".to_owned(), json!(text(row, "object_name"))),
            (
                "parameter_name".to_owned(),
                json!(text(row, "parameter_name")),
            ),
        ]
        .into_iter()
        .collect();
        client
            .call("clear_object_parameter_value", arguments)
            .await?;
    }
    Ok(set.rows.len())
}
