//! Versions of projects, and which one is in force.

use jiff::Timestamp;
use scaleout_core::package::PackagePassword;

use super::{Session, StoreError, args};
use crate::secrets::Keeper;

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

/// Keeps the password that the files of a version are encrypted with, encrypted.
pub async fn set_package_secret(
    session: &mut Session,
    version: i64,
    secret: Vec<u8>,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE project_version SET package_secret = $2 WHERE object_version_lsn = $1",
            args![version, secret],
        )
        .await?;
    Ok(())
}

/// The password that the files of a version are encrypted with, if it was deployed with one.
pub async fn password(
    session: &mut Session,
    keeper: &Keeper,
    version: i64,
) -> Result<Option<PackagePassword>, StoreError> {
    let row = session
        .remembered(
            "SELECT package_secret FROM project_version WHERE object_version_lsn = $1",
            args![version],
        )
        .await?
        .into_iter()
        .next();
    let secret: Option<Vec<u8>> = match row {
        Some(row) => row.get("package_secret")?,
        None => None,
    };
    match secret {
        Some(secret) => {
            let text = keeper.open_sealed(session, &secret).await?;
            Ok(PackagePassword::new(text))
        }
        None => Ok(None),
    }
}
