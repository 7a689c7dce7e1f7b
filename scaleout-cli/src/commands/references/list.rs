//! `soctl references list`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;
use serde::Serialize;

use crate::catalog_names::projects;
use crate::environment_choice::environments;
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::project_choice::ProjectChoice;
use crate::reference_choice::Reference;

/// List the references of projects to environments, and which of them lead nowhere
///
/// Examples:
///   soctl references list
///   soctl references list Nightly --folder Finance
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {
    /// Only references of this project
    project: Option<String>,
    /// Folder of the project; needed when projects of several folders have that name
    #[arg(long, value_name = "NAME", requires = "project")]
    folder: Option<String>,
}

/// A reference as it is shown.
#[derive(Serialize)]
struct Listed {
    reference_id: i64,
    folder_name: String,
    project_name: String,
    reference_type: &'static str,
    environment: String,
    leads_somewhere: bool,
}

/// Reads `catalog.environment_references`.
///
/// # Errors
/// There is no such project, or the master refuses.
pub async fn run(args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let ListArgs { project, folder } = args;
    let only = match project {
        Some(project) => Some(ProjectChoice { project, folder }.find(client).await?.id),
        None => None,
    };
    let listed = read(client, only).await?;
    let mut report = Report::table(["id", "folder", "project", "type", "environment", "state"]);
    for one in &listed {
        let (text, good) = match one.leads_somewhere {
            true => ("ok", None),
            false => ("leads nowhere", Some(false)),
        };
        report.rows.push(vec![
            Cell::Number(one.reference_id.to_string()),
            Cell::Text(one.folder_name.clone()),
            Cell::Text(one.project_name.clone()),
            Cell::Text(one.reference_type.to_owned()),
            Cell::Text(one.environment.clone()),
            Cell::State {
                text: text.to_owned(),
                good,
            },
        ]);
    }
    Ok(Outcome::new(&listed, report))
}

async fn read(client: &Client, only: Option<i64>) -> Result<Vec<Listed>, CliError> {
    let projects = projects(client).await?;
    let targets: Vec<String> = environments(client)
        .await?
        .iter()
        .map(|one| format!("{}/{}", one.folder, one.name).to_lowercase())
        .collect();
    let all = ViewQuery::default();
    let found = client.view("environment_references", &all).await?;
    let listed = found
        .iter()
        .filter_map(Reference::from_row)
        .filter(|one| only.is_none_or(|id| one.project_id == id))
        .filter_map(|one| {
            let place = projects.get(&one.project_id)?;
            let environment = one.target(&place.folder);
            Some(Listed {
                reference_id: one.id,
                folder_name: place.folder.clone(),
                project_name: place.project.clone(),
                reference_type: one.kind(),
                leads_somewhere: targets.contains(&environment.to_lowercase()),
                environment,
            })
        });
    Ok(listed.collect())
}
