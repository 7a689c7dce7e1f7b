//! Environments.

use jiff::Timestamp;
use scaleout_core::model::Securable;
use scaleout_core::model::identifier::name_key;

use super::{Session, StoreError, args, permissions};

/// An environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentRow {
    /// Id.
    pub environment_id: i64,
    /// Name as created.
    pub name: String,
    /// Name of its folder.
    pub folder_name: String,
}

/// An environment to create.
#[derive(Clone, Debug)]
pub struct NewEnvironment {
    /// Its folder.
    pub folder_id: i64,
    /// Name.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// Who creates it.
    pub creator: String,
    /// When.
    pub now: Timestamp,
}

/// Inserts an environment; `None` when the folder has one of that name.
pub async fn insert(
    session: &mut Session,
    new: &NewEnvironment,
) -> Result<Option<i64>, StoreError> {
    let row = session
        .row(
            "INSERT INTO environment (folder_id, name, name_key, description, created_by_name,
                 created_time)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (folder_id, name_key) DO NOTHING
             RETURNING environment_id",
            args![
                new.folder_id,
                &new.name,
                name_key(&new.name),
                new.description.clone(),
                &new.creator,
                new.now
            ],
        )
        .await?;
    row.map(|row| row.get("environment_id")).transpose()
}

/// The environment of that name in that folder.
pub async fn find(
    session: &mut Session,
    folder_id: i64,
    name: &str,
) -> Result<Option<EnvironmentRow>, StoreError> {
    let row = session
        .row(
            "SELECT e.environment_id, e.name, f.name AS folder_name
             FROM environment e JOIN folder f ON f.folder_id = e.folder_id
             WHERE e.folder_id = $1 AND e.name_key = $2",
            args![folder_id, name_key(name)],
        )
        .await?;
    row.map(|row| {
        Ok(EnvironmentRow {
            environment_id: row.get("environment_id")?,
            name: row.get("name")?,
            folder_name: row.get("folder_name")?,
        })
    })
    .transpose()
}

/// Gives an environment a folder and a name; false when another one has them.
pub async fn place(
    session: &mut Session,
    environment_id: i64,
    folder_id: i64,
    name: &str,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE environment SET folder_id = $2, name = $3, name_key = $4 WHERE environment_id = $1
             AND NOT EXISTS (SELECT 1 FROM environment
                 WHERE folder_id = $2 AND name_key = $4 AND environment_id <> $1)",
            args![environment_id, folder_id, name, name_key(name)],
        )
        .await?;
    Ok(changed == 1)
}

/// Sets the description.
pub async fn describe(
    session: &mut Session,
    environment_id: i64,
    description: &str,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE environment SET description = $2 WHERE environment_id = $1",
            args![environment_id, description],
        )
        .await?;
    Ok(())
}

/// Deletes an environment with its variables.
pub async fn delete(session: &mut Session, environment_id: i64) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM environment_variable WHERE environment_id = $1",
        "DELETE FROM data_key WHERE owner_kind = 40 AND owner_id = $1",
        "DELETE FROM environment WHERE environment_id = $1",
    ] {
        session.execute(sql, args![environment_id]).await?;
    }
    permissions::forget(session, Securable::Environment, environment_id).await?;
    Ok(())
}
