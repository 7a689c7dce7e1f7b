//! `soctl references create`.

use clap::Args;
use scaleout_core::client::Client;
use serde_json::{Value, json};

use crate::environment_choice::{Environment, environments};
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Report};
use crate::project_choice::{ChosenProject, ProjectChoice};
use crate::rows::arguments;

/// Let a project take values from an environment
///
/// An environment given as NAME alone is one of the project's folder, and the reference relative: it
/// goes with the project when that moves. FOLDER/NAME makes an absolute reference.
///
/// Examples:
///   soctl references create Nightly --folder Finance --environment test
///   soctl references create Nightly --folder Finance \
///     --environment Shared/common
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct CreateArgs {
    /// The project.
    #[command(flatten)]
    project: ProjectChoice,
    /// The environment
    #[arg(long, value_name = "[FOLDER/]NAME")]
    environment: String,
}

/// Calls `create_environment_reference`.
///
/// # Errors
/// There is no such project or environment, there is such a reference, or the master refuses.
pub async fn run(args: CreateArgs, client: &Client) -> Result<Outcome, CliError> {
    let project = args.project.find(client).await?;
    let all = environments(client).await?;
    let (found, relative) = target(&all, &project, &args.environment)?;
    let new = arguments([
        ("folder_name", json!(project.folder)),
        ("project_name", json!(project.project)),
        ("environment_name", json!(found.name)),
        (
            "reference_location",
            json!(if relative { "R" } else { "A" }),
        ),
        ("environment_folder_name", json!(found.folder)),
    ]);
    let result = client.call("create_environment_reference", new).await?;
    let id = result.outputs.get("@reference_id").unwrap_or(&Value::Null);
    let kind = if relative { "relative" } else { "absolute" };
    let line = format!(
        "`{}` refers to `{}/{}` ({kind}, id {id})",
        project.project, found.folder, found.name
    );
    let created = json!({
        "reference_id": id,
        "folder_name": project.folder,
        "project_name": project.project,
        "reference_type": kind,
        "environment": format!("{}/{}", found.folder, found.name),
    });
    Ok(Outcome::new(&created, Report::lines([line])))
}

/// The environment, and whether it is named without its folder.
fn target<'e>(
    all: &'e [Environment],
    project: &ChosenProject,
    environment: &str,
) -> Result<(&'e Environment, bool), CommandError> {
    let wanted = environment.to_lowercase();
    let beside = |one: &&Environment| {
        one.folder.to_lowercase() == project.folder.to_lowercase()
            && one.name.to_lowercase() == wanted
    };
    let placed =
        |one: &&Environment| format!("{}/{}", one.folder, one.name).to_lowercase() == wanted;
    if let Some(found) = all.iter().find(beside) {
        return Ok((found, true));
    }
    if let Some(found) = all.iter().find(placed) {
        return Ok((found, false));
    }
    let elsewhere: Vec<String> = all
        .iter()
        .filter(|one| one.name.to_lowercase() == wanted)
        .map(|one| format!("{}/{}", one.folder, one.name))
        .collect();
    Err(CommandError::NotFound {
        kind: "environment",
        name: environment.to_owned(),
        place: format!(" in folder `{}`", project.folder),
        hint: match elsewhere.as_slice() {
            [] => "`soctl environments list` shows the environments".to_owned(),
            some => format!("there is {}: write its folder too", some.join(", ")),
        },
    })
}

#[cfg(test)]
mod tests {
    use scaleout_core::error::Explain;

    use super::*;

    #[test]
    fn a_name_alone_is_beside_the_project() {
        let one = |id, folder: &str, name: &str| Environment {
            id,
            folder: folder.into(),
            name: name.into(),
            description: String::new(),
            created_by: String::new(),
        };
        let all = [one(1, "A", "dev"), one(2, "B", "dev"), one(3, "B", "prod")];
        let project = ChosenProject {
            id: 1,
            folder: "A".into(),
            project: "Nightly".into(),
        };
        let found = |environment: &str| {
            target(&all, &project, environment).map(|(found, relative)| (found.id, relative))
        };
        assert_eq!(found("DEV").unwrap(), (1, true));
        assert_eq!(found("a/dev").unwrap(), (1, false));
        assert_eq!(found("b/dev").unwrap(), (2, false));
        let elsewhere = found("prod").unwrap_err();
        assert!(elsewhere.hint().contains("B/prod"), "{}", elsewhere.hint());
        assert!(found("x").unwrap_err().hint().contains("environments list"));
    }
}
