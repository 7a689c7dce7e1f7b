//! `soctl packages list`.

use clap::Args;
use scaleout_core::client::Client;
use serde::Serialize;

use crate::catalog_names::packages;
use crate::error::CliError;
use crate::output::{Cell, Outcome, Report};

/// List the packages of the catalog
///
/// Examples:
///   soctl packages list
///   soctl packages list --folder Finance --project Nightly
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {
    /// Only packages of this folder
    #[arg(long, value_name = "NAME")]
    folder: Option<String>,
    /// Only packages of projects with this name
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
}

#[derive(Serialize)]
struct Listed {
    package_id: i64,
    folder_name: String,
    project_name: String,
    package_name: String,
    entry_point: bool,
}

/// Reads `catalog.packages` with the names of their projects and folders.
///
/// # Errors
/// The master refuses.
pub async fn run(args: ListArgs, client: &Client) -> Result<Outcome, CliError> {
    let same = |wanted: &Option<String>, name: &str| {
        wanted
            .as_ref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(name))
    };
    let listed: Vec<Listed> = packages(client)
        .await?
        .into_iter()
        .filter(|place| same(&args.folder, &place.folder) && same(&args.project, &place.project))
        .map(|place| Listed {
            package_id: place.id,
            folder_name: place.folder,
            project_name: place.project,
            package_name: place.package,
            entry_point: place.entry_point,
        })
        .collect();
    let mut report = Report::table(["id", "folder", "project", "package", "entry point"]);
    for package in &listed {
        report.rows.push(vec![
            Cell::Number(package.package_id.to_string()),
            Cell::Text(package.folder_name.clone()),
            Cell::Text(package.project_name.clone()),
            Cell::Text(package.package_name.clone()),
            Cell::Text(if package.entry_point { "yes" } else { "no" }.to_owned()),
        ]);
    }
    Ok(Outcome::new(&listed, report))
}
