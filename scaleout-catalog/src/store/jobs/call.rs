//! Jobs that packages have started or stopped: each call once.

use super::super::{Session, StoreError, args};

/// What tells the calls of one execution apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallKey {
    /// The execution.
    pub execution_id: i64,
    /// Which retry of it asked: a lost worker is none.
    pub retry: u32,
    /// Path of the task with iterations.
    pub path: String,
    /// How often the task has called there.
    pub occurrence: u32,
}

/// What came of a call that was made before: the run that it started, if it started one.
pub async fn find(session: &mut Session, key: &CallKey) -> Result<Option<Option<i64>>, StoreError> {
    let row = session
        .row(
            "SELECT run_id FROM job_call WHERE execution_id = $1 AND retry = $2 AND path = $3
                 AND occurrence = $4",
            args![key.execution_id, key.retry, &key.path, key.occurrence],
        )
        .await?;
    row.map(|row| row.get("run_id")).transpose()
}

/// Keeps a call.
pub async fn insert(
    session: &mut Session,
    key: &CallKey,
    run_id: Option<i64>,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO job_call (execution_id, retry, path, occurrence, run_id)
             VALUES ($1, $2, $3, $4, $5)",
            args![
                key.execution_id,
                key.retry,
                &key.path,
                key.occurrence,
                run_id
            ],
        )
        .await?;
    Ok(())
}
