//! Stores the events of attempts: each once, in order, durable before it is acknowledged.

use scaleout_core::lease::Claim;
use scaleout_core::lease::report::fresh;
use scaleout_core::model::{LoggingLevel, ParameterScope};
use scaleout_core::protocol::event::{Event, EventBody};
use scaleout_core::protocol::worker::{AttemptKey, LogBatch, LogReply};
use uuid::Uuid;

use crate::catalog::Catalog;
use crate::error::CatalogError;
use crate::store::company::Company;
use crate::store::{Session, attempts, events, executions, logging_levels, parameters};

impl Catalog {
    /// Stores events once, however often they are sent; answers when they are durable. A gap in the
    /// numbers stores what is before it. An attempt that is no longer in force is refused, unless
    /// all it sends is stored already.
    ///
    /// # Errors
    /// [`CatalogError::StaleAttempt`], or the database fails.
    pub async fn append_events(
        &self,
        worker: Uuid,
        batch: &LogBatch,
    ) -> Result<LogReply, CatalogError> {
        let batch = batch.clone();
        self.shared
            .store
            .write_soon(Company::Worker(worker), move |session| {
                Box::pin(async move { append(session, worker, batch).await })
            })
            .await
    }
}

async fn append(
    session: &mut Session,
    worker: Uuid,
    batch: LogBatch,
) -> Result<LogReply, CatalogError> {
    let key = batch.attempt;
    let stale = || CatalogError::StaleAttempt {
        execution_id: key.execution_id,
        attempt: key.attempt,
    };
    let attempt = attempts::find(session, key).await?;
    let attempt = attempt
        .filter(|attempt| attempt.worker == worker)
        .ok_or_else(stale)?;
    let stored = attempt.log.durable_through;
    let new = following(batch.events, stored);
    let Some(last) = new.last().map(|event| event.sequence) else {
        return Ok(LogReply {
            durable_through: stored,
        });
    };
    let claim = Claim {
        worker,
        attempt: key.attempt,
    };
    let execution = executions::find(session, key.execution_id)
        .await?
        .ok_or_else(stale)?;
    if !execution.state.is_held_by(claim) {
        return Err(stale());
    }
    if !attempts::advance(session, key, stored, last).await? {
        return Err(stale());
    }
    insert_events(session, key, &new).await?;
    Ok(LogReply {
        durable_through: last,
    })
}

/// The events that come next after what is stored, up to a gap.
pub(super) fn following(mut events: Vec<Event>, stored: u64) -> Vec<Event> {
    let sequences: Vec<u64> = events.iter().map(|event| event.sequence).collect();
    events.drain(fresh(stored, &sequences)).collect()
}

/// Stores the next events of an attempt; whoever calls it moves the mark of what is stored.
pub(super) async fn insert_events(
    session: &mut Session,
    key: AttemptKey,
    new: &[Event],
) -> Result<(), CatalogError> {
    let counts_rows = |event: &Event| matches!(event.body, EventBody::DataStatistics(_));
    let steps = new.iter().any(counts_rows) && keeps_steps(session, key.execution_id).await?;
    events::insert(session, key, new, steps).await?;
    Ok(())
}

/// Whether each step of the data flow is wanted, not only the sums.
async fn keeps_steps(session: &mut Session, execution_id: i64) -> Result<bool, CatalogError> {
    let level = parameters::option(
        session,
        execution_id,
        ParameterScope::Execution,
        "LOGGING_LEVEL",
    )
    .await?
    .and_then(|level| LoggingLevel::from_number(level.parse().ok()?));
    Ok(match level {
        Some(LoggingLevel::Verbose) => true,
        Some(LoggingLevel::Customized) => {
            let level = logging_levels::settled(session, execution_id).await?;
            level.is_some_and(|level| level.keeps("Volume"))
        }
        _ => false,
    })
}
