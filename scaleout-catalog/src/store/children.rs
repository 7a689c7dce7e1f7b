//! Child executions: who asked for them, what they got from their parent, how they ended.

use std::collections::BTreeMap;

use jiff::Timestamp;
use scaleout_core::model::identifier::name_key;
use scaleout_core::protocol::child::{ChildError, ParentVariable};
use uuid::Uuid;

use super::executions::{COLUMNS, ExecutionRow, execution_row};
use super::{Session, StoreError, args};
use crate::secrets::Keeper;

/// Errors of a child that its parent hears of.
const MOST_ERRORS: u32 = 10;

/// Earlier children that an expectation is made from.
const LATEST: u32 = 10;

/// A child has not ended. `+ 0` keeps a server from looking through all that waits instead of its children.
const OPEN: &str = "o.status + 0 IN (1, 2, 5, 8)";

/// What tells the children of one parent apart.
#[derive(Clone, Copy, Debug)]
pub struct ChildKey<'k> {
    /// The parent.
    pub parent_id: i64,
    /// Which retry of the parent asked: a lost worker is none.
    pub retry: u32,
    /// Path of the task with iterations.
    pub path: &'k str,
    /// How often the task has run there.
    pub occurrence: u32,
}

/// The child that was started for a place.
pub async fn find(session: &mut Session, key: ChildKey<'_>) -> Result<Option<i64>, StoreError> {
    let row = session
        .row(
            "SELECT execution_id FROM execution WHERE parent_id = $1 AND parent_retry = $2
                 AND parent_path = $3 AND parent_occurrence = $4",
            args![key.parent_id, key.retry, key.path, key.occurrence],
        )
        .await?;
    row.map(|row| row.get("execution_id")).transpose()
}

/// Makes an execution a child; its parent knows that it has children from then on.
pub async fn place(
    session: &mut Session,
    execution_id: i64,
    key: ChildKey<'_>,
    (depth, expected_ms): (u32, Option<i64>),
    variables: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE execution SET parent_id = $2, parent_retry = $3, parent_path = $4,
                 parent_occurrence = $5, depth = $6, parent_variables = $7, expected_ms = $8
             WHERE execution_id = $1",
            args![
                execution_id,
                key.parent_id,
                key.retry,
                key.path,
                key.occurrence,
                depth,
                variables,
                expected_ms
            ],
        )
        .await?;
    session
        .execute(
            "UPDATE execution SET has_children = TRUE WHERE execution_id = $1",
            args![key.parent_id],
        )
        .await?;
    Ok(())
}

/// How long the latest children of a package that succeeded took on average, in milliseconds.
pub async fn expected_ms(
    session: &mut Session,
    project_id: i64,
    package_name: &str,
) -> Result<Option<i64>, StoreError> {
    let rows = session
        .rows(
            "SELECT o.start_time, o.end_time FROM execution e
             JOIN operation o ON o.operation_id = e.execution_id
             WHERE e.project_id = $1 AND e.package_name = $2 AND e.parent_id IS NOT NULL
                 AND o.status = 7 AND o.start_time IS NOT NULL
             ORDER BY e.execution_id DESC LIMIT $3",
            args![project_id, package_name, LATEST],
        )
        .await?;
    let mut sum = 0;
    for row in &rows {
        let (start, end): (Timestamp, Timestamp) = (row.get("start_time")?, row.get("end_time")?);
        sum += end.as_millisecond() - start.as_millisecond();
    }
    Ok(i64::try_from(rows.len())
        .ok()
        .and_then(|count| sum.checked_div(count)))
}

/// How many executions are around one.
pub async fn depth(session: &mut Session, execution_id: i64) -> Result<u32, StoreError> {
    let row = session
        .row(
            "SELECT depth FROM execution WHERE execution_id = $1",
            args![execution_id],
        )
        .await?;
    row.map_or(Ok(0), |row| row.get("depth"))
}

/// Children of an execution that have not ended.
pub async fn open(session: &mut Session, parent_id: i64) -> Result<Vec<ExecutionRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM execution e JOIN operation o ON o.operation_id = e.execution_id
         WHERE e.parent_id = $1 AND {OPEN} ORDER BY e.execution_id"
    );
    let rows = session.rows(sql, args![parent_id]).await?;
    rows.iter().map(execution_row).collect()
}

/// What a child got from its parent beside parameters.
#[derive(Debug, Default)]
pub struct Given {
    /// Variables that the task saw.
    pub variables: Vec<ParentVariable>,
    /// Executions around it.
    pub depth: u32,
}

/// What an execution got from its parent.
pub async fn given(
    session: &mut Session,
    keeper: &Keeper,
    execution_id: i64,
) -> Result<Given, StoreError> {
    let row = session
        .row(
            "SELECT depth, parent_variables FROM execution WHERE execution_id = $1",
            args![execution_id],
        )
        .await?;
    let Some(row) = row else {
        return Ok(Given::default());
    };
    let sealed: Option<Vec<u8>> = row.get("parent_variables")?;
    let variables = match sealed {
        None => Vec::new(),
        Some(sealed) => {
            let text = keeper.open_sealed(session, &sealed).await?;
            serde_json::from_str(&text).map_err(|_| StoreError::Damaged {
                column: "parent_variables".into(),
            })?
        }
    };
    Ok(Given {
        variables,
        depth: row.get("depth")?,
    })
}

/// Gives a child what its parent has: workers, project parameters, options and the logging level.
/// Its own parameters have their design defaults, as in the process of the parent.
pub async fn copy_from_parent(
    session: &mut Session,
    parent: &ExecutionRow,
    execution_id: i64,
    package_name: &str,
) -> Result<(), StoreError> {
    let parent_id = parent.execution_id;
    session
        .execute(
            "INSERT INTO execution_worker (execution_id, worker_id)
             SELECT $2, worker_id FROM execution_worker WHERE execution_id = $1",
            args![parent_id, execution_id],
        )
        .await?;
    session
        .execute(
            "INSERT INTO execution_parameter (execution_id, object_type, parameter_name,
                 parameter_key, data_type, sensitive, required, value, secret, value_source,
                 value_set)
             SELECT $2, object_type, parameter_name, parameter_key, data_type, sensitive, required,
                 value, secret, value_source, value_set
             FROM execution_parameter WHERE execution_id = $1 AND object_type IN (20, 50)
             ORDER BY execution_parameter_id",
            args![parent_id, execution_id],
        )
        .await?;
    session
        .execute(
            "INSERT INTO execution_parameter (execution_id, object_type, parameter_name,
                 parameter_key, data_type, sensitive, required, value, secret, value_source,
                 value_set)
             SELECT $3, object_type, parameter_name, parameter_key, data_type, sensitive, required,
                 CASE WHEN required THEN NULL ELSE design_value END,
                 CASE WHEN required THEN NULL ELSE design_secret END, 'D',
                 NOT required AND (design_value IS NOT NULL OR design_secret IS NOT NULL)
             FROM object_parameter
             WHERE object_version_lsn = $1 AND object_type = 30 AND object_key = $2
             ORDER BY parameter_id",
            args![parent.project_lsn, name_key(package_name), execution_id],
        )
        .await?;
    session
        .execute(
            "UPDATE execution SET
                 level_name = (SELECT p.level_name FROM execution p WHERE p.execution_id = $1),
                 profile_value = (SELECT p.profile_value FROM execution p WHERE p.execution_id = $1),
                 events_value = (SELECT p.events_value FROM execution p WHERE p.execution_id = $1),
                 default_level = (SELECT p.default_level FROM execution p WHERE p.execution_id = $1),
                 default_customized_level =
                     (SELECT p.default_customized_level FROM execution p WHERE p.execution_id = $1),
                 default_children =
                     (SELECT p.default_children FROM execution p WHERE p.execution_id = $1)
             WHERE execution_id = $2",
            args![parent_id, execution_id],
        )
        .await?;
    Ok(())
}

/// How many leases of a worker belong to packages with children that have not ended.
pub async fn waiting(session: &mut Session, worker: Uuid) -> Result<u32, StoreError> {
    Ok(waiting_by_worker(session)
        .await?
        .remove(&worker)
        .unwrap_or(0))
}

/// The same for every worker that has such leases.
pub async fn waiting_by_worker(session: &mut Session) -> Result<BTreeMap<Uuid, u32>, StoreError> {
    let sql = format!(
        "SELECT p.lease_worker, count(*) AS leases FROM operation p
         WHERE p.lease_worker IS NOT NULL AND EXISTS (
             SELECT 1 FROM execution c JOIN operation o ON o.operation_id = c.execution_id
             WHERE c.parent_id = p.operation_id AND {OPEN})
         GROUP BY p.lease_worker"
    );
    let rows = session.rows(sql, args![]).await?;
    rows.iter()
        .map(|row| Ok((row.get("lease_worker")?, row.get("leases")?)))
        .collect()
}

/// What a parent hears of a child beside its result.
#[derive(Debug)]
pub struct Facts {
    /// Name of the worker that had it last.
    pub worker: String,
    /// Rows that reached destinations in its last attempt.
    pub rows: u64,
    /// Its first errors.
    pub errors: Vec<ChildError>,
    /// Errors beyond those.
    pub more_errors: u32,
}

/// What a parent hears of a child that has ended.
pub async fn facts(session: &mut Session, execution_id: i64) -> Result<Facts, StoreError> {
    let row = session
        .row(
            "SELECT coalesce(w.display_name_set, w.display_name, '') AS worker,
                 (SELECT CAST(coalesce(sum(r.rows_sent), 0) AS bigint) FROM path_rows r
                     WHERE r.execution_id = o.operation_id AND r.attempt = o.attempts
                         AND r.into_destination = TRUE) AS moved,
                 (SELECT count(*) FROM message m WHERE m.operation_id = o.operation_id
                     AND m.message_type = 120
                     AND (m.attempt IS NULL OR m.attempt = o.attempts)) AS errors
             FROM operation o LEFT JOIN worker w ON w.worker_id = o.last_worker
             WHERE o.operation_id = $1",
            args![execution_id],
        )
        .await?;
    let row = row.ok_or_else(|| StoreError::Damaged {
        column: "operation_id".into(),
    })?;
    let (worker, moved, count): (String, u64, u32) =
        (row.get("worker")?, row.get("moved")?, row.get("errors")?);
    let rows = session
        .rows(
            "SELECT m.message, m.message_code FROM message m
             JOIN operation o ON o.operation_id = m.operation_id
             WHERE m.operation_id = $1 AND m.message_type = 120
                 AND (m.attempt IS NULL OR m.attempt = o.attempts)
             ORDER BY m.message_id LIMIT $2",
            args![execution_id, MOST_ERRORS],
        )
        .await?;
    let errors: Vec<ChildError> = rows
        .iter()
        .map(|row| {
            let code: Option<i64> = row.get("message_code")?;
            Ok(ChildError {
                code: code.and_then(|code| i32::try_from(code).ok()).unwrap_or(0),
                message: row.get("message")?,
            })
        })
        .collect::<Result<_, StoreError>>()?;
    let told = u32::try_from(errors.len()).unwrap_or(u32::MAX);
    Ok(Facts {
        worker,
        rows: moved,
        errors,
        more_errors: count.saturating_sub(told),
    })
}
