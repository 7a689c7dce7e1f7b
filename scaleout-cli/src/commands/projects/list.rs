//! `soctl projects list`.

use clap::Args;
use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;

use crate::catalog_names::folder_names;
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};
use crate::rows::{self, cell, text};

/// List the projects of the catalog
///
/// Examples:
///   soctl projects list
///   soctl projects list --folder Finance
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {
    /// Only projects of this folder
    #[arg(long, value_name = "NAME")]
    folder: Option<String>,
}

/// Reads `catalog.projects`.
///
/// # Errors
/// The master refuses.
pub async fn run(args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let folders = folder_names(client).await?;
    let query = ViewQuery {
        order_by: Some("name".to_owned()),
        ..ViewQuery::default()
    };
    let mut found = client.view("projects", &query).await?;
    if let Some(folder) = &args.folder {
        let column = found.columns.iter().position(|name| name == "folder_id");
        let wanted = |row: &Vec<serde_json::Value>| {
            let id = column
                .and_then(|column| row.get(column))
                .and_then(serde_json::Value::as_i64);
            id.and_then(|id| folders.get(&id))
                .is_some_and(|name| name.eq_ignore_ascii_case(folder))
        };
        found.rows.retain(wanted);
    }
    let mut report = Report::table([
        "id",
        "folder",
        "project",
        "version",
        "deployed by",
        "deployed",
    ]);
    for row in found.iter() {
        let folder = row.integer("folder_id").and_then(|id| folders.get(&id));
        report.rows.push(vec![
            cell(row, "project_id"),
            Cell::Text(folder.cloned().unwrap_or_default()),
            Cell::Text(text(row, "name")),
            cell(row, "object_version_lsn"),
            Cell::Text(text(row, "deployed_by_name")),
            Cell::moment(row.time("last_deployed_time")),
        ]);
    }
    Ok(Outcome::new(&rows::objects(&found), report))
}
