//! `soctl projects show`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::{Rows, ViewQuery};
use serde_json::{Value, json};

use crate::error::{CliError, CommandError};
use crate::output::{Cell, Outcome, Report};
use crate::project_choice::{ChosenProject, ProjectChoice};
use crate::rows::{self, text};

/// Show a project: its version, packages and parameters
///
/// Parameters of connection managers (CM.*) are shown only where a value was set on the server.
///
/// Examples:
///   soctl projects show Nightly
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ShowArgs {
    /// The project.
    #[command(flatten)]
    project: ProjectChoice,
}

/// Reads `catalog.projects`, `catalog.packages` and `catalog.object_parameters`.
///
/// # Errors
/// There is no such project, or the master refuses.
pub async fn run(args: ShowArgs, client: &Client) -> Result<Outcome, CliError> {
    let project = args.project.find(client).await?;
    let projects = of_project(client, "projects", &project).await?;
    let packages = of_project(client, "packages", &project).await?;
    let mut parameters = of_project(client, "object_parameters", &project).await?;
    keep_what_people_set(&mut parameters);
    let Some(row) = projects.iter().next() else {
        // Deleted between two looks.
        return Err(CommandError::NotFound {
            kind: "project",
            name: project.project,
            place: format!(" in folder `{}`", project.folder),
            hint: "`soctl projects list` shows the projects".to_owned(),
        }
        .into());
    };
    let names: Vec<String> = packages.iter().map(|row| text(row, "name")).collect();
    let mut report = Report::facts([
        ("project", Cell::Text(project.project.clone())),
        ("folder", Cell::Text(project.folder.clone())),
        ("description", Cell::Text(text(row, "description"))),
        ("version", rows::cell(row, "object_version_lsn")),
        ("deployed", Cell::moment(row.time("last_deployed_time"))),
        ("deployed by", Cell::Text(text(row, "deployed_by_name"))),
        ("packages", Cell::Text(names.join("\n"))),
    ]);
    let lines: Vec<String> = parameters.iter().map(parameter_line).collect();
    report.rows.push(vec![
        Cell::Text("parameters".to_owned()),
        Cell::Text(lines.join("\n")),
    ]);
    let first = rows::objects(&projects)[0].clone();
    let shown = json!({
        "folder_name": project.folder,
        "project": first,
        "packages": rows::objects(&packages),
        "parameters": rows::objects(&parameters),
    });
    Ok(Outcome::new(&shown, report))
}

async fn of_project(
    client: &Client,
    view: &str,
    project: &ChosenProject,
) -> Result<Rows, CliError> {
    let query = ViewQuery {
        equals: vec![("project_id".to_owned(), project.id.to_string())],
        ..ViewQuery::default()
    };
    Ok(client.view(view, &query).await?)
}

fn keep_what_people_set(parameters: &mut Rows) {
    let position = |name| parameters.columns.iter().position(|column| column == name);
    let (Some(name), Some(set)) = (position("parameter_name"), position("value_set")) else {
        return;
    };
    parameters.rows.retain(|row| {
        let name = row[name].as_str().unwrap_or_default();
        !name.starts_with("CM.") || row[set] == Value::Bool(true)
    });
}

/// `load.dtsx: Day (Int32) = 5, set on the server`
fn parameter_line(row: scaleout_core::client::Row<'_>) -> String {
    let is_set = row.bit("value_set").unwrap_or(false);
    let (column, origin) = if is_set {
        ("default_value", "set on the server")
    } else {
        ("design_default_value", "as designed")
    };
    let value = match row.value(column) {
        _ if row.bit("sensitive").unwrap_or(false) => "********".to_owned(),
        None | Some(Value::Null) => "no value".to_owned(),
        Some(Value::String(text)) => format!("\"{text}\""),
        Some(other) => other.to_string(),
    };
    let required = if row.bit("required").unwrap_or(false) {
        ", required"
    } else {
        ""
    };
    format!(
        "{}: {} ({}) = {value}, {origin}{required}",
        text(row, "object_name"),
        text(row, "parameter_name"),
        text(row, "data_type"),
    )
}
