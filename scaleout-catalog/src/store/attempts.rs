//! Attempts: what was granted, and how far its log is stored.

use jiff::Timestamp;
use scaleout_core::lease::report::AttemptLog;
use scaleout_core::protocol::worker::AttemptKey;
use uuid::Uuid;

use super::{Session, StoreError, args};

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
    let Some(row) = row else { return Ok(None) };
    let ending = match row.get::<Option<String>>("ending")?.as_deref() {
        None => None,
        Some("completed") => Some(AttemptEnding::Completed),
        Some(_) => Some(AttemptEnding::Lost),
    };
    Ok(Some(AttemptRow {
        worker: row.get("worker_id")?,
        log: AttemptLog {
            ending,
            durable_through: row.get("durable_through")?,
        },
    }))
}

/// Ends an attempt that is not over; false when it is.
pub async fn end(
    session: &mut Session,
    key: AttemptKey,
    ending: AttemptEnding,
    last_sequence: Option<u64>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = session
        .execute(
            "UPDATE attempt SET ending = $3, last_sequence = $4, ended_time = $5
             WHERE execution_id = $1 AND attempt = $2 AND ending IS NULL",
            args![
                key.execution_id,
                key.attempt,
                stored(ending),
                last_sequence,
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
