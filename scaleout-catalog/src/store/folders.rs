//! Folders.

use jiff::Timestamp;
use scaleout_core::model::identifier::name_key;

use super::{Session, StoreError, args};

/// Inserts a folder; `None` when there is one of that name.
pub async fn insert(
    session: &mut Session,
    name: &str,
    creator: &str,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let row = session
        .row(
            "INSERT INTO folder (name, name_key, created_by_name, created_time)
             VALUES ($1, $2, $3, $4) ON CONFLICT (name_key) DO NOTHING RETURNING folder_id",
            args![name, name_key(name), creator, now],
        )
        .await?;
    row.map(|row| row.get("folder_id")).transpose()
}

/// The id of a folder.
pub async fn find(session: &mut Session, name: &str) -> Result<Option<i64>, StoreError> {
    let row = session
        .remembered(
            "SELECT folder_id FROM folder WHERE name_key = $1",
            args![name_key(name)],
        )
        .await?
        .into_iter()
        .next();
    row.map(|row| row.get("folder_id")).transpose()
}

/// Renames a folder; false when the new name belongs to another one.
pub async fn rename(session: &mut Session, folder_id: i64, name: &str) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE folder SET name = $2, name_key = $3 WHERE folder_id = $1
             AND NOT EXISTS (SELECT 1 FROM folder WHERE name_key = $3 AND folder_id <> $1)",
            args![folder_id, name, name_key(name)],
        )
        .await?;
    Ok(changed == 1)
}

/// Sets the description.
pub async fn describe(
    session: &mut Session,
    folder_id: i64,
    description: &str,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE folder SET description = $2 WHERE folder_id = $1",
            args![folder_id, description],
        )
        .await?;
    Ok(())
}

/// Deletes a folder; false when there are projects or environments in it.
pub async fn delete(session: &mut Session, folder_id: i64) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "DELETE FROM folder WHERE folder_id = $1
             AND NOT EXISTS (SELECT 1 FROM project WHERE folder_id = $1)
             AND NOT EXISTS (SELECT 1 FROM environment WHERE folder_id = $1)",
            args![folder_id],
        )
        .await?;
    Ok(changed == 1)
}
