//! Attempts: what was granted, and how far its log is stored.

use std::collections::HashSet;

use jiff::Timestamp;
use scaleout_core::lease::ExecutionState;
use scaleout_core::lease::report::AttemptLog;
use scaleout_core::protocol::worker::{AttemptKey, Began};
use uuid::Uuid;

use super::executions::{self, move_operations, moving};
use super::session::Dialect;
use super::{Row, Session, StoreError, args};

pub use scaleout_core::lease::report::AttemptEnding;

pub(super) fn stored(ending: AttemptEnding) -> &'static str {
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

/// An execution that is granted: it moves to a state that is leased.
#[derive(Clone, Copy, Debug)]
pub struct Grant {
    /// The execution.
    pub execution_id: i64,
    /// Where it stands.
    pub from: ExecutionState,
    /// With the lease.
    pub to: ExecutionState,
}

/// Moves executions to their leases and records the attempts; gives those that were still in the state
/// `from`. Of the others nothing has changed.
pub async fn grant(
    session: &mut Session,
    grants: &[Grant],
    now: Timestamp,
) -> Result<HashSet<i64>, StoreError> {
    // One way to the server for all.
    const ON_SERVER: &str = concat!(
        "WITH ",
        move_operations!("", ""),
        " INSERT INTO attempt (execution_id, attempt, worker_id, granted_time)
          SELECT id, attempts, lease_worker, moved FROM moved
          RETURNING execution_id"
    );
    let mut granted = HashSet::with_capacity(grants.len());
    if session.dialect() == Dialect::Postgres {
        let rows = grants.iter().map(|one| {
            let states = (one.from, one.to);
            moving(one.execution_id, states, now)
        });
        let rows = session
            .returned_of_arrays(ON_SERVER, rows.collect())
            .await?;
        for row in rows {
            granted.insert(row.get("execution_id")?);
        }
        return Ok(granted);
    }
    for Grant {
        execution_id,
        from,
        to,
    } in grants
    {
        if executions::move_state(session, *execution_id, *from, *to, now).await? {
            let worker = to.lease().map(|lease| lease.worker);
            let attempt = to.tally().attempts;
            session
                .insert_later(
                    "attempt (execution_id, attempt, worker_id, granted_time)",
                    args![*execution_id, attempt, worker, now],
                )
                .await?;
            granted.insert(*execution_id);
        }
    }
    Ok(granted)
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

pub(super) fn attempt_row(row: &Row) -> Result<AttemptRow, StoreError> {
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
pub(super) fn known<N: Default + PartialEq>(number: N) -> Option<N> {
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
