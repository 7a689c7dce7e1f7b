//! Names and ids of catalog objects, for commands that take or show names.

use std::collections::BTreeMap;

use scaleout_core::client::{Client, Row};
use scaleout_core::registry::ViewQuery;

use crate::error::CliError;
use crate::rows::text;

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
    /// Id of the project.
    pub project_id: i64,
}

/// Folder names by id.
///
/// # Errors
/// The master refuses.
pub async fn folder_names(client: &Client) -> Result<BTreeMap<i64, String>, CliError> {
    let found = client.view("folders", &ViewQuery::default()).await?;
    Ok(found
        .iter()
        .filter_map(|row| Some((row.integer("id")?, text(row, "name"))))
        .collect())
}

/// Projects by id.
///
/// # Errors
/// The master refuses.
pub async fn projects(client: &Client) -> Result<BTreeMap<i64, ProjectPlace>, CliError> {
    let folders = folder_names(client).await?;
    let found = client.view("projects", &ViewQuery::default()).await?;
    let place = |row: Row<'_>| {
        let folder = row
            .integer("folder_id")
            .and_then(|id| folders.get(&id))
            .cloned()
            .unwrap_or_default();
        Some((
            row.integer("project_id")?,
            ProjectPlace {
                folder,
                project: text(row, "name"),
            },
        ))
    };
    Ok(found.iter().filter_map(place).collect())
}

/// All packages, by folder, project and name.
///
/// # Errors
/// The master refuses.
pub async fn packages(client: &Client) -> Result<Vec<PackagePlace>, CliError> {
    let projects = projects(client).await?;
    let query = ViewQuery {
        limit: Some(10_000),
        ..ViewQuery::default()
    };
    let found = client.view("packages", &query).await?;
    let place = |row: Row<'_>| {
        let project_id = row.integer("project_id")?;
        let place = projects.get(&project_id)?;
        Some(PackagePlace {
            folder: place.folder.clone(),
            project: place.project.clone(),
            package: text(row, "name"),
            entry_point: row.bit("entry_point").unwrap_or(false),
            id: row.integer("package_id")?,
            project_id,
        })
    };
    let mut all: Vec<PackagePlace> = found.iter().filter_map(place).collect();
    all.sort_by(|a, b| {
        (&a.folder, &a.project, &a.package).cmp(&(&b.folder, &b.project, &b.package))
    });
    Ok(all)
}
