//! `soctl projects restore`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::Arguments;
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::CliError;
use crate::output::{Outcome, Report, Talk};
use crate::project_choice::{ChosenProject, ProjectChoice};

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
    parameters_reset: u64,
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
    let arguments: Arguments = [
        ("folder_name".to_owned(), json!(folder)),
        ("project_name".to_owned(), json!(name)),
        ("object_version_lsn".to_owned(), json!(args.version)),
        ("reset_parameters".to_owned(), json!(args.reset_parameters)),
    ]
    .into_iter()
    .collect();
    let result = client.call("restore_project", arguments).await?;
    let mut lines = vec![format!("version {} of `{name}` is in force", args.version)];
    let cleared = result.outputs.get("@parameters_reset");
    let parameters_reset = cleared.and_then(Value::as_u64).unwrap_or_default();
    if args.reset_parameters {
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
