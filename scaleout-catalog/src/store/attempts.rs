//! Attempts: what was granted, and how far its log is stored.

use jiff::Timestamp;
use scaleout_core::lease::report::AttemptLog;
use scaleout_core::protocol::worker::{AttemptKey, Began, Complete};
use uuid::Uuid;

use super::executions::{COLUMNS, ExecutionRow, execution_row};
use super::{Row, Session, StoreError, args};

pub use scaleout_core::lease::report::AttemptEnding;

fn stored(ending: AttemptEnding) -> &'static str {
    match ending {
        AttemptEnding::Completed => "completed",
        AttemptEnding::Lost => "lost",
    }
}

/// An attempt as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptRow {
    /// Who got it.
    pub worker: Uuid,
    /// Whether it is over, and how far its log is stored.
    pub log: AttemptLog,
}

/// Records a grant.
pub async fn insert(
    session: &mut Session,
    key: AttemptKey,
    worker: Uuid,
    now: Timestamp,
) -> Result<(), StoreError> {
    session
        .insert_later(
            "attempt (execution_id, attempt, worker_id, granted_time)",
            args![key.execution_id, key.attempt, worker, now],
        )
        .await
}

/// The attempt with that key.
pub async fn find(
    session: &mut Session,
    key: AttemptKey,
) -> Result<Option<AttemptRow>, StoreError> {
    let row = session
        .row(
            "SELECT worker_id, ending, durable_through FROM attempt
             WHERE execution_id = $1 AND attempt = $2",
            args![key.execution_id, key.attempt],
        )
        .await?;
    row.as_ref().map(attempt_row).transpose()
}

fn attempt_row(row: &Row) -> Result<AttemptRow, StoreError> {
    let ending = match row.get::<Option<String>>("ending")?.as_deref() {
        None => None,
        Some("completed") => Some(AttemptEnding::Completed),
        Some(_) => Some(AttemptEnding::Lost),
    };
    Ok(AttemptRow {
        worker: row.get("worker_id")?,
        log: AttemptLog {
            ending,
            durable_through: row.get("durable_through")?,
        },
    })
}

/// An execution together with one of its attempts, for the report that the attempt is over.
#[derive(Clone, Debug)]
pub struct ReportedRow {
    /// The execution.
    pub execution: ExecutionRow,
    /// The attempt.
    pub attempt: AttemptRow,
    /// Counters of it are stored.
    pub has_counters: bool,
    /// A dump of it is wanted.
    pub wants_dump: bool,
}

/// The attempt with that key, with its execution.
pub async fn find_reported(
    session: &mut Session,
    key: AttemptKey,
) -> Result<Option<ReportedRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, a.worker_id, a.ending, a.durable_through,
             e.wanted_dump_id IS NOT NULL AS wants_dump,
             EXISTS (SELECT 1 FROM performance_counter c WHERE c.execution_id = e.execution_id)
                 AS has_counters
         FROM execution e JOIN operation o ON o.operation_id = e.execution_id
         JOIN attempt a ON a.execution_id = e.execution_id AND a.attempt = $2
         WHERE e.execution_id = $1"
    );
    let row = session
        .row(sql, args![key.execution_id, key.attempt])
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(ReportedRow {
        execution: execution_row(&row)?,
        attempt: attempt_row(&row)?,
        has_counters: row.get("has_counters")?,
        wants_dump: row.get("wants_dump")?,
    }))
}

/// Records where the package of an attempt runs.
pub async fn begin(session: &mut Session, key: AttemptKey, began: Began) -> Result<(), StoreError> {
    session
        .execute(
            "UPDATE attempt SET process_id = $3, cpu_count = $4, total_physical_memory_kb = $5,
                 available_physical_memory_kb = $6, total_page_file_kb = $7, available_page_file_kb = $8
             WHERE execution_id = $1 AND attempt = $2",
            args![
                key.execution_id,
                key.attempt,
                known(began.process_id),
                known(began.cpu_count),
                known(began.total_physical_memory_kb),
                known(began.available_physical_memory_kb),
                known(began.total_page_file_kb),
                known(began.available_page_file_kb)
            ],
        )
        .await?;
    Ok(())
}

/// 0 says that it is not known.
fn known<N: Default + PartialEq>(number: N) -> Option<N> {
    (number != N::default()).then_some(number)
}

/// Takes back an attempt that is not over; false when it is.
pub async fn lose(
    session: &mut Session,
    key: AttemptKey,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE attempt SET ending = $3, ended_time = $4
             WHERE execution_id = $1 AND attempt = $2 AND ending IS NULL",
            args![
                key.execution_id,
                key.attempt,
                stored(AttemptEnding::Lost),
                now
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Ends an attempt as its worker says and moves the mark of what is stored with it; `log` is as it
/// was read. False when it is no longer so.
pub async fn complete(
    session: &mut Session,
    complete: &Complete,
    log: AttemptLog,
    durable_through: u64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let began = complete.began.unwrap_or_default();
    let changed = session
        .execute(
            "UPDATE attempt SET ending = $3, last_sequence = $4, ended_time = $5,
                 process_id = coalesce($6, process_id), cpu_count = coalesce($7, cpu_count),
                 total_physical_memory_kb = coalesce($8, total_physical_memory_kb),
                 available_physical_memory_kb = coalesce($9, available_physical_memory_kb),
                 total_page_file_kb = coalesce($10, total_page_file_kb),
                 available_page_file_kb = coalesce($11, available_page_file_kb),
                 processor_ms = $12, peak_memory_kb = $13, durable_through = $15,
                 left_out = $16
             WHERE execution_id = $1 AND attempt = $2 AND durable_through = $14
                 AND ending IS NULL",
            args![
                complete.attempt.execution_id,
                complete.attempt.attempt,
                stored(AttemptEnding::Completed),
                complete.last_sequence,
                now,
                known(began.process_id),
                known(began.cpu_count),
                known(began.total_physical_memory_kb),
                known(began.available_physical_memory_kb),
                known(began.total_page_file_kb),
                known(began.available_page_file_kb),
                complete.usage.map(|usage| usage.processor_ms),
                complete.usage.map(|usage| usage.peak_memory_kb),
                log.durable_through,
                durable_through,
                known(complete.left_out)
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Moves the mark of what is stored; false when it is not where it was.
pub async fn advance(
    session: &mut Session,
    key: AttemptKey,
    from: u64,
    to: u64,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE attempt SET durable_through = $4
             WHERE execution_id = $1 AND attempt = $2 AND durable_through = $3",
            args![key.execution_id, key.attempt, from, to],
        )
        .await?;
    Ok(changed == 1)
}
