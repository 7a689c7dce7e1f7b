//! Projects, their versions and their files.

use jiff::Timestamp;
use scaleout_core::model::identifier::name_key;

use super::{Row, Session, StoreError, args};

/// A project as deployed last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectRow {
    /// Id, the same over all versions.
    pub project_id: i64,
    /// Name as deployed.
    pub name: String,
    /// Name of its folder.
    pub folder_name: String,
    /// Current version.
    pub object_version_lsn: i64,
    /// Hash of the current version's file.
    pub project_hash: String,
}

/// What a deployment writes into the project's row.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// Name in the manifest.
    pub name: String,
    /// Description in the manifest.
    pub description: String,
    /// Format of the project.
    pub format_version: u32,
    /// Hash of the file.
    pub project_hash: String,
    /// Who deploys.
    pub deployer: String,
    /// When.
    pub now: Timestamp,
}

/// The project of that name in that folder.
pub async fn find(
    session: &mut Session,
    folder_id: i64,
    name: &str,
) -> Result<Option<ProjectRow>, StoreError> {
    let row = session
        .remembered(
            "SELECT p.project_id, p.name, f.name AS folder_name, p.object_version_lsn, v.project_hash
             FROM project p
             JOIN folder f ON f.folder_id = p.folder_id
             JOIN project_version v ON v.object_version_lsn = p.object_version_lsn
             WHERE p.folder_id = $1 AND p.name_key = $2",
            args![folder_id, name_key(name)],
        )
        .await?
        .into_iter()
        .next();
    row.as_ref().map(project_row).transpose()
}

fn project_row(row: &Row) -> Result<ProjectRow, StoreError> {
    Ok(ProjectRow {
        project_id: row.get("project_id")?,
        name: row.get("name")?,
        folder_name: row.get("folder_name")?,
        object_version_lsn: row.get("object_version_lsn")?,
        project_hash: row.get("project_hash")?,
    })
}

/// The current version of a project; `None` when the project is gone.
pub async fn current_version(
    session: &mut Session,
    project_id: i64,
) -> Result<Option<i64>, StoreError> {
    let row = session
        .remembered(
            "SELECT object_version_lsn FROM project WHERE project_id = $1",
            args![project_id],
        )
        .await?
        .into_iter()
        .next();
    row.map(|row| row.get("object_version_lsn")).transpose()
}

/// Stores a file once.
pub async fn put_file(
    session: &mut Session,
    hash: &str,
    content: Vec<u8>,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO project_file (project_hash, content) VALUES ($1, $2)
             ON CONFLICT (project_hash) DO NOTHING",
            args![hash, content],
        )
        .await?;
    Ok(())
}

/// The file with that hash.
pub async fn file(session: &mut Session, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let row = session
        .row(
            "SELECT content FROM project_file WHERE project_hash = $1",
            args![hash],
        )
        .await?;
    row.map(|row| row.get("content")).transpose()
}

/// Makes a new project with its first version, or the next version of an existing one.
/// Returns the project's id and the version.
pub async fn put_version(
    session: &mut Session,
    folder_id: i64,
    existing: Option<i64>,
    new: &NewVersion,
) -> Result<(i64, i64), StoreError> {
    let project_id = match existing {
        Some(project_id) => project_id,
        None => insert_project(session, folder_id, new).await?,
    };
    let version = insert_version(session, project_id, new).await?;
    session
        .execute(
            "UPDATE project SET name = $2, description = $3, project_format_version = $4,
                 deployed_by_name = $5, last_deployed_time = $6, object_version_lsn = $7,
                 validation_status = 'N', last_validation_time = NULL
             WHERE project_id = $1",
            args![
                project_id,
                &new.name,
                &new.description,
                new.format_version,
                &new.deployer,
                new.now,
                version
            ],
        )
        .await?;
    Ok((project_id, version))
}

async fn insert_project(
    session: &mut Session,
    folder_id: i64,
    new: &NewVersion,
) -> Result<i64, StoreError> {
    let row = session
        .row(
            "INSERT INTO project (folder_id, name, name_key, deployed_by_name, last_deployed_time,
                 created_time, object_version_lsn)
             VALUES ($1, $2, $3, $4, $5, $5, 0) RETURNING project_id",
            args![
                folder_id,
                &new.name,
                name_key(&new.name),
                &new.deployer,
                new.now
            ],
        )
        .await?;
    returned(row, "project_id")
}

async fn insert_version(
    session: &mut Session,
    project_id: i64,
    new: &NewVersion,
) -> Result<i64, StoreError> {
    let row = session
        .row(
            "INSERT INTO project_version (project_id, project_name, description, project_hash,
                 created_by, created_time, project_format_version)
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING object_version_lsn",
            args![
                project_id,
                &new.name,
                &new.description,
                &new.project_hash,
                &new.deployer,
                new.now,
                new.format_version
            ],
        )
        .await?;
    returned(row, "object_version_lsn")
}

/// Moves a project; false when the folder has another one of its name.
pub async fn move_to(
    session: &mut Session,
    project_id: i64,
    folder_id: i64,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE project SET folder_id = $2 WHERE project_id = $1
             AND NOT EXISTS (SELECT 1 FROM project other WHERE other.folder_id = $2
                 AND other.name_key = project.name_key AND other.project_id <> $1)",
            args![project_id, folder_id],
        )
        .await?;
    Ok(changed == 1)
}

/// Deletes a project with its references. Its versions stay until housekeeping, its executions for ever.
pub async fn delete(session: &mut Session, project_id: i64) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM environment_reference WHERE project_id = $1",
        "DELETE FROM project WHERE project_id = $1",
    ] {
        session.execute(sql, args![project_id]).await?;
    }
    Ok(())
}

/// The id that an `INSERT … RETURNING` gave.
pub(super) fn returned(row: Option<Row>, column: &'static str) -> Result<i64, StoreError> {
    match row {
        Some(row) => row.get(column),
        None => Err(StoreError::Damaged {
            column: column.to_owned(),
        }),
    }
}
