//! Attempts: what was granted, and how far its log is stored.

use jiff::Timestamp;
use scaleout_core::lease::ExecutionState;
use scaleout_core::lease::report::AttemptLog;
use scaleout_core::protocol::worker::{AttemptKey, Began, Complete};
use uuid::Uuid;

use super::executions::{self, COLUMNS, ExecutionRow, execution_row, move_operation, moving};
use super::session::Dialect;
use super::{Args, Row, Session, StoreError, args};

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

/// Grants an execution: moves it to a state that is leased and records the attempt; false when it is no
/// longer in the state `from`, and nothing has changed.
pub async fn grant(
    session: &mut Session,
    execution_id: i64,
    from: ExecutionState,
    to: ExecutionState,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let attempt = to.tally().attempts;
    match session.dialect() {
        Dialect::Sqlite => {
            let moved = executions::move_state(session, execution_id, from, to, now).await?;
            if moved {
                let worker = to.lease().map(|lease| lease.worker);
                session
                    .insert_later(
                        "attempt (execution_id, attempt, worker_id, granted_time)",
                        args![execution_id, attempt, worker, now],
                    )
                    .await?;
            }
            Ok(moved)
        }
        Dialect::Postgres => {
            // One way to the server for both.
            let args = moving(execution_id, (from, to), now);
            let granted = session
                .execute(
                    concat!(
                        "WITH moved AS (",
                        move_operation!(),
                        " RETURNING operation_id)
                         INSERT INTO attempt (execution_id, attempt, worker_id, granted_time)
                         SELECT operation_id, $5, $8, $10 FROM moved"
                    ),
                    args,
                )
                .await?;
            if granted == 1 {
                executions::wake(session, to);
            }
            Ok(granted == 1)
        }
    }
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

/// Ends the attempt `$14` of the execution `$1` as its worker says, where its log is stored up to
/// `$15`, and moves that mark to `$16`; see [`ending`].
macro_rules! end_attempt {
    ($which:literal) => {
        concat!(
            "UPDATE attempt SET ending = $17, last_sequence = $18, ended_time = $10,
                 process_id = coalesce($19, process_id), cpu_count = coalesce($20, cpu_count),
                 total_physical_memory_kb = coalesce($21, total_physical_memory_kb),
                 available_physical_memory_kb = coalesce($22, available_physical_memory_kb),
                 total_page_file_kb = coalesce($23, total_page_file_kb),
                 available_page_file_kb = coalesce($24, available_page_file_kb),
                 processor_ms = $25, peak_memory_kb = $26, left_out = $27, durable_through = $16
             ",
            $which,
            " AND attempt = $14 AND durable_through = $15 AND ending IS NULL"
        )
    };
}

/// What ends an attempt and moves its execution.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// What the worker says.
    pub complete: &'a Complete,
    /// How far the log is stored, as it was read and as it is to be.
    pub durable: (u64, u64),
    /// Where the execution stands, as it was read and as it is to be.
    pub states: (ExecutionState, ExecutionState),
}

/// Arguments of `end_attempt` behind those of `move_operation`.
fn ending(end: &End<'_>, now: Timestamp) -> Args {
    let complete = end.complete;
    let key = complete.attempt;
    let began = complete.began.unwrap_or_default();
    let mut all = moving(key.execution_id, end.states, now);
    all.extend(args![
        key.attempt,
        end.durable.0,
        end.durable.1,
        stored(AttemptEnding::Completed),
        complete.last_sequence,
        known(began.process_id),
        known(began.cpu_count),
        known(began.total_physical_memory_kb),
        known(began.available_physical_memory_kb),
        known(began.total_page_file_kb),
        known(began.available_page_file_kb),
        complete.usage.map(|usage| usage.processor_ms),
        complete.usage.map(|usage| usage.peak_memory_kb),
        known(complete.left_out)
    ]);
    all
}

/// Ends an attempt and moves its execution.
///
/// # Errors
/// [`StoreError::Gone`] where one of them is no longer as it was read: what is written of it is to be
/// taken back.
pub async fn end(session: &mut Session, end: &End<'_>, now: Timestamp) -> Result<(), StoreError> {
    const ON_SERVER: &str = concat!(
        "WITH moved AS (",
        move_operation!(),
        " RETURNING operation_id) ",
        end_attempt!("FROM moved WHERE execution_id = operation_id")
    );
    let args = ending(end, now);
    let (id, (from, to)) = (end.complete.attempt.execution_id, end.states);
    let is_done = match session.dialect() {
        // One way to the server for both.
        Dialect::Postgres => {
            let is_done = session.execute(ON_SERVER, args).await? == 1;
            executions::wake(session, to);
            is_done
        }
        Dialect::Sqlite => {
            let ended = session.execute(end_attempt!("WHERE execution_id = $1"), args);
            ended.await? == 1 && executions::move_state(session, id, from, to, now).await?
        }
    };
    if is_done {
        return Ok(());
    }
    Err(StoreError::Gone {
        statement: "UPDATE attempt, operation",
        missing: 1,
    })
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
