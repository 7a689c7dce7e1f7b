//! Data taps of executions.

use scaleout_core::protocol::task::{DataTap, TappedTask};

use super::projects::returned;
use super::{Session, StoreError, args};

/// Inserts a tap.
pub async fn insert(
    session: &mut Session,
    execution_id: i64,
    tap: &DataTap,
) -> Result<i64, StoreError> {
    let (path, guid) = match &tap.task {
        TappedTask::PackagePath(path) => (Some(path.clone()), None),
        TappedTask::Guid(guid) => (None, Some(*guid)),
    };
    let row = session
        .row(
            "INSERT INTO data_tap (execution_id, package_path, task_guid, path_id, file_name, max_rows)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING data_tap_id",
            args![
                execution_id,
                path,
                guid,
                &tap.path_id,
                &tap.file_name,
                tap.max_rows
            ],
        )
        .await?;
    returned(row, "data_tap_id")
}

/// The taps of an execution.
pub async fn of_execution(
    session: &mut Session,
    execution_id: i64,
) -> Result<Vec<DataTap>, StoreError> {
    let rows = session
        .rows(
            "SELECT package_path, task_guid, path_id, file_name, max_rows FROM data_tap
             WHERE execution_id = $1 ORDER BY data_tap_id",
            args![execution_id],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let path: Option<String> = row.get("package_path")?;
            let task = match path {
                Some(path) => TappedTask::PackagePath(path),
                None => TappedTask::Guid(row.get("task_guid")?),
            };
            Ok(DataTap {
                task,
                path_id: row.get("path_id")?,
                file_name: row.get("file_name")?,
                max_rows: row.get("max_rows")?,
            })
        })
        .collect()
}

/// The execution that a tap belongs to.
pub async fn execution_of(session: &mut Session, tap: i64) -> Result<Option<i64>, StoreError> {
    let row = session
        .row(
            "SELECT execution_id FROM data_tap WHERE data_tap_id = $1",
            args![tap],
        )
        .await?;
    row.map(|row| row.get("execution_id")).transpose()
}

/// Deletes a tap.
pub async fn delete(session: &mut Session, tap: i64) -> Result<(), StoreError> {
    session
        .execute("DELETE FROM data_tap WHERE data_tap_id = $1", args![tap])
        .await?;
    Ok(())
}
