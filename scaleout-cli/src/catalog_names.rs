//! Names and ids of catalog objects, for commands that take or show names.

use std::collections::BTreeMap;

use scaleout_core::client::Client;
use scaleout_core::registry::ViewQuery;

use crate::error::CliError;
use crate::rows;

/// A project and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectPlace {
    /// Folder.
    pub folder: String,
    /// Project.
    pub project: String,
}

/// A package and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackagePlace {
    /// Folder.
    pub folder: String,
    /// Project.
    pub project: String,
    /// Package file name.
    pub package: String,
    /// Whether it may be started by itself.
    pub entry_point: bool,
    /// Id.
    pub id: i64,
}

/// Folder names by id.
///
/// # Errors
/// The master refuses.
pub async fn folder_names(client: &Client) -> Result<BTreeMap<i64, String>, CliError> {
    let found = client.view("folders", &ViewQuery::default()).await?;
    Ok(rows::each(&found).filter_map(|row| Some((row.number("id")?, row.text("name").to_owned()))).collect())
}

/// Projects by id.
///
/// # Errors
/// The master refuses.
pub async fn projects(client: &Client) -> Result<BTreeMap<i64, ProjectPlace>, CliError> {
    let folders = folder_names(client).await?;
    let found = client.view("projects", &ViewQuery::default()).await?;
    let place = |row: rows::Row<'_>| {
        let folder = row.number("folder_id").and_then(|id| folders.get(&id)).cloned().unwrap_or_default();
        Some((row.number("project_id")?, ProjectPlace { folder, project: row.text("name").to_owned() }))
    };
    Ok(rows::each(&found).filter_map(place).collect())
}

/// All packages, by folder, project and name.
///
/// # Errors
/// The master refuses.
pub async fn packages(client: &Client) -> Result<Vec<PackagePlace>, CliError> {
    let projects = projects(client).await?;
    let query = ViewQuery { limit: Some(10_000), ..ViewQuery::default() };
    let found = client.view("packages", &query).await?;
    let place = |row: rows::Row<'_>| {
        let place = projects.get(&row.number("project_id")?)?;
        Some(PackagePlace {
            folder: place.folder.clone(),
            project: place.project.clone(),
            package: row.text("name").to_owned(),
            entry_point: row.bit("entry_point"),
            id: row.number("package_id")?,
        })
    };
    let mut all: Vec<PackagePlace> = rows::each(&found).filter_map(place).collect();
    all.sort_by(|a, b| (&a.folder, &a.project, &a.package).cmp(&(&b.folder, &b.project, &b.package)));
    Ok(all)
}
