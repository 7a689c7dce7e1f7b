//! Versions of projects, and which one is in force.

use jiff::Timestamp;

use super::{Session, StoreError, args};

/// The file of a version; `None` when the project has no such version.
pub async fn file_hash(
    session: &mut Session,
    project_id: i64,
    version: i64,
) -> Result<Option<String>, StoreError> {
    let row = session
        .row(
            "SELECT project_hash FROM project_version
             WHERE project_id = $1 AND object_version_lsn = $2",
            args![project_id, version],
        )
        .await?;
    row.map(|row| row.get("project_hash")).transpose()
}

/// Puts a version of a project in force again. Who deployed it last and when stays as it is.
pub async fn restore(
    session: &mut Session,
    project_id: i64,
    version: i64,
    restorer: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE project_version SET restored_by = $2, last_restored_time = $3
             WHERE object_version_lsn = $1",
            args![version, restorer, now],
        )
        .await?;
    session
        .execute(
            "UPDATE project SET name = v.project_name, description = v.description,
                 project_format_version = v.project_format_version,
                 object_version_lsn = v.object_version_lsn,
                 validation_status = 'N', last_validation_time = NULL
             FROM project_version v
             WHERE project.project_id = $1 AND v.object_version_lsn = $2",
            args![project_id, version],
        )
        .await?;
    Ok(())
}
