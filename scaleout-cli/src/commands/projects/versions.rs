//! `soctl projects versions`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::{Rows, ViewQuery};
use serde_json::Value;

use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::project_choice::{ChosenProject, ProjectChoice};
use crate::rows::{self, cell, text};

/// List the versions of a project that are kept, newest first
///
/// Every deployment makes one. Housekeeping keeps the newest; how many, the catalog property
/// MAX_PROJECT_VERSIONS says.
///
/// Examples:
///   soctl projects versions Nightly
///   soctl projects versions Nightly --output json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct VersionsArgs {
    /// The project.
    #[command(flatten)]
    project: ProjectChoice,
}

/// Reads `catalog.object_versions`.
///
/// # Errors
/// There is no such project, or the master refuses.
pub async fn run(args: VersionsArgs, client: &Client) -> Result<Outcome, CliError> {
    let project = args.project.find(client).await?;
    let in_force = in_force(client, &project).await?;
    let query = ViewQuery {
        equals: vec![("object_id".to_owned(), project.id.to_string())],
        descending: true,
        ..ViewQuery::default()
    };
    let found = client.view("object_versions", &query).await?;
    let mut report = Report::table([
        "version",
        "in force",
        "deployed",
        "deployed by",
        "restored",
        "restored by",
    ]);
    for row in found.iter() {
        let time = |column| Cell::moment(row.time(column));
        let active = row.integer("object_version_lsn") == in_force;
        report.rows.push(vec![
            cell(row, "object_version_lsn"),
            Cell::Text(if active { "yes" } else { "" }.to_owned()),
            time("created_time"),
            Cell::Text(text(row, "created_by")),
            time("last_restored_time"),
            Cell::Text(text(row, "restored_by")),
        ]);
    }
    Ok(Outcome::new(&with_activity(&found, in_force), report))
}

/// The version in force.
async fn in_force(client: &Client, project: &ChosenProject) -> Result<Option<i64>, CliError> {
    let query = ViewQuery {
        equals: vec![("project_id".to_owned(), project.id.to_string())],
        ..ViewQuery::default()
    };
    let found = client.view("projects", &query).await?;
    let version = found
        .iter()
        .find_map(|row| row.integer("object_version_lsn"));
    Ok(version)
}

/// The rows of the view with `in_force`, which the original's view does not have.
fn with_activity(found: &Rows, in_force: Option<i64>) -> Value {
    let mut objects = rows::objects(found);
    for object in objects.as_array_mut().into_iter().flatten() {
        let version = object["object_version_lsn"].as_i64();
        object["in_force"] = Value::Bool(version.is_some() && version == in_force);
    }
    objects
}
