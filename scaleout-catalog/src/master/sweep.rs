//! Takes back leases that nobody renews.

use jiff::Timestamp;
use scaleout_core::lease::record::{Note, of_loss};
use scaleout_core::lease::{ExecutionState, Refused};
use scaleout_core::protocol::worker::AttemptKey;

use super::children::stop_children;
use crate::catalog::Catalog;
use crate::error::CatalogError;
use crate::store::attempts;
use crate::store::executions::{self, ExecutionRow};
use crate::store::{Session, counters, dumps, operations, validations};

impl Catalog {
    /// Takes back every lease whose end has passed and says which.
    ///
    /// # Errors
    /// The database fails.
    pub async fn expire_leases(&self) -> Result<Vec<AttemptKey>, CatalogError> {
        let now = self.shared.clock.now();
        self.shared
            .store
            .write(move |session| Box::pin(async move { take_back_expired(session, now).await }))
            .await
    }
}

/// Takes back every lease that has ended by now and says which.
pub async fn take_back_expired(
    session: &mut Session,
    now: Timestamp,
) -> Result<Vec<AttemptKey>, CatalogError> {
    let mut taken = Vec::new();
    for execution in executions::expired(session, now).await? {
        let next = execution.state.expire(now, execution.rerun);
        taken.extend(take_back(session, &execution, next, now).await?);
    }
    Ok(taken)
}

/// Saves that a worker lost an execution; `None` when the move was refused or came too late.
pub async fn take_back(
    session: &mut Session,
    execution: &ExecutionRow,
    next: Result<ExecutionState, Refused>,
    now: Timestamp,
) -> Result<Option<AttemptKey>, CatalogError> {
    let Ok(next) = next else { return Ok(None) };
    let note = of_loss(execution.state.tally().attempts, next, execution.rerun);
    end_without_report(session, execution, next, &note, now).await
}

/// Saves that an attempt is over without a report, and why; `None` when something else was first.
pub async fn end_without_report(
    session: &mut Session,
    execution: &ExecutionRow,
    next: ExecutionState,
    note: &Note,
    now: Timestamp,
) -> Result<Option<AttemptKey>, CatalogError> {
    let id = execution.execution_id;
    if !executions::move_state(session, id, execution.state, next, now).await? {
        return Ok(None);
    }
    let key = AttemptKey {
        execution_id: id,
        attempt: execution.state.tally().attempts,
    };
    attempts::lose(session, key, now).await?;
    counters::clear(session, id).await?;
    dumps::give_up(session, id).await?;
    if next.status().is_terminal() {
        validations::finish(session, id, next.status(), now).await?;
        if execution.has_children {
            stop_children(session, id, None, now).await?;
        }
    }
    let kind = note.severity.message_type();
    operations::add_message(session, id, Some(key.attempt), kind, &note.text, now).await?;
    Ok(Some(key))
}
