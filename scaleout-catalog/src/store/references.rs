//! References of projects to environments.

use scaleout_core::model::identifier::name_key;

use super::{Session, StoreError, args};

/// A reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceRow {
    /// Id.
    pub reference_id: i64,
    /// The project.
    pub project_id: i64,
    /// Name of the project.
    pub project: String,
    /// Folder of the project.
    pub project_folder: String,
    /// Folder of the environment when absolute.
    pub folder: Option<String>,
    /// Name of the environment.
    pub environment: String,
}

impl ReferenceRow {
    /// `A` with a folder of its own, else `R`.
    pub fn reference_type(&self) -> &'static str {
        match self.folder {
            Some(_) => "A",
            None => "R",
        }
    }

    /// Where the environment is sought.
    pub fn environment_folder(&self) -> &str {
        self.folder.as_deref().unwrap_or(&self.project_folder)
    }
}

/// Inserts a reference; `None` when the project has that one.
pub async fn insert(
    session: &mut Session,
    project_id: i64,
    folder: Option<&str>,
    environment: &str,
) -> Result<Option<i64>, StoreError> {
    let row = session
        .row(
            "INSERT INTO environment_reference (project_id, environment_folder_name,
                 environment_folder_key, environment_name, environment_key)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (project_id, environment_folder_key, environment_key) DO NOTHING
             RETURNING reference_id",
            args![
                project_id,
                folder,
                folder.map(name_key).unwrap_or_default(),
                environment,
                name_key(environment)
            ],
        )
        .await?;
    row.map(|row| row.get("reference_id")).transpose()
}

/// The reference with that id.
pub async fn find(
    session: &mut Session,
    reference_id: i64,
) -> Result<Option<ReferenceRow>, StoreError> {
    let row = session
        .row(
            "SELECT r.reference_id, r.project_id, p.name AS project, f.name AS project_folder, r.environment_folder_name,
                 r.environment_name
             FROM environment_reference r
             JOIN project p ON p.project_id = r.project_id
             JOIN folder f ON f.folder_id = p.folder_id
             WHERE r.reference_id = $1",
            args![reference_id],
        )
        .await?;
    row.map(|row| {
        Ok(ReferenceRow {
            reference_id: row.get("reference_id")?,
            project_id: row.get("project_id")?,
            project: row.get("project")?,
            project_folder: row.get("project_folder")?,
            folder: row.get("environment_folder_name")?,
            environment: row.get("environment_name")?,
        })
    })
    .transpose()
}

/// Makes a reference absolute, with a folder, or relative; false when the project has that one.
pub async fn set_folder(
    session: &mut Session,
    reference: &ReferenceRow,
    folder: Option<&str>,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE environment_reference SET environment_folder_name = $2, environment_folder_key = $3
             WHERE reference_id = $1
             AND NOT EXISTS (SELECT 1 FROM environment_reference
                 WHERE project_id = $4 AND environment_folder_key = $3 AND environment_key = $5
                     AND reference_id <> $1)",
            args![
                reference.reference_id,
                folder,
                folder.map(name_key).unwrap_or_default(),
                reference.project_id,
                name_key(&reference.environment)
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Deletes a reference.
pub async fn delete(session: &mut Session, reference_id: i64) -> Result<(), StoreError> {
    session
        .execute(
            "DELETE FROM environment_reference WHERE reference_id = $1",
            args![reference_id],
        )
        .await?;
    Ok(())
}
