//! `soctl environments show`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;
use serde_json::json;

use super::list::as_json;
use crate::catalog_names::projects;
use crate::commands::variables::list::{read, table};
use crate::environment_choice::{Environment, EnvironmentChoice};
use crate::error::CliError;
use crate::output::Outcome;
use crate::reference_choice::Reference;
use crate::rows;

/// Show an environment: its variables, and the projects that refer to it
///
/// Examples:
///   soctl environments show dev --folder Finance
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ShowArgs {
    /// The environment.
    #[command(flatten)]
    environment: EnvironmentChoice,
}

/// Reads `catalog.environments`, their variables and the references to them.
///
/// # Errors
/// There is no such environment, or the master refuses.
pub async fn run(args: ShowArgs, client: &Client) -> Result<Outcome, CliError> {
    let environment = args.environment.find(client).await?;
    let variables = read(client, &environment).await?;
    let projects = referring(client, &environment).await?;
    let mut report = table(&variables);
    let Environment {
        folder,
        name,
        description,
        ..
    } = &environment;
    let described = match description.as_str() {
        "" => String::new(),
        text => format!(": {text}"),
    };
    report.before.push(format!("{folder}/{name}{described}"));
    report.after.push(match projects.as_slice() {
        [] => "no project refers to it".to_owned(),
        some => format!("projects that refer to it: {}", some.join(", ")),
    });
    let mut shown = as_json(&environment);
    shown["variables"] = rows::objects(&variables);
    shown["projects"] = json!(projects);
    Ok(Outcome::new(&shown, report))
}

/// `FOLDER/PROJECT` of the projects with a reference that leads to the environment.
async fn referring(client: &Client, environment: &Environment) -> Result<Vec<String>, CliError> {
    let projects = projects(client).await?;
    let all = ViewQuery::default();
    let found = client.view("environment_references", &all).await?;
    let target = format!("{}/{}", environment.folder, environment.name).to_lowercase();
    let mut names: Vec<String> = found
        .iter()
        .filter_map(Reference::from_row)
        .filter_map(|one| {
            let place = projects.get(&one.project_id)?;
            let leads = one.target(&place.folder).to_lowercase() == target;
            leads.then(|| format!("{}/{}", place.folder, place.project))
        })
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}
