//! Takes back leases that nobody renews.

use jiff::Timestamp;
use scaleout_core::lease::{ExecutionState, Refused};
use scaleout_core::model::OperationStatus;
use scaleout_core::protocol::worker::AttemptKey;

use super::children::stop_children;
use crate::catalog::Catalog;
use crate::error::CatalogError;
use crate::store::attempts::{self, AttemptEnding};
use crate::store::executions::{self, ExecutionRow};
use crate::store::{Session, counters, dumps, operations, validations};

/// `message_type` of a warning.
const WARNING: i16 = 110;

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
        let next = execution.state.expire(now);
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
    let id = execution.execution_id;
    let Ok(next) = next else { return Ok(None) };
    if !executions::move_state(session, id, execution.state, next, now).await? {
        return Ok(None);
    }
    let key = AttemptKey {
        execution_id: id,
        attempt: execution.state.tally().attempts,
    };
    attempts::end(session, key, AttemptEnding::Lost, None, now).await?;
    counters::clear(session, id).await?;
    dumps::give_up(session, id).await?;
    if next.status().is_terminal() {
        validations::finish(session, id, next.status(), now).await?;
        if execution.has_children {
            stop_children(session, id, None, now).await?;
        }
    }
    let then = match next.status() {
        OperationStatus::Pending => "the execution is offered again",
        OperationStatus::Canceled => "the execution was to be stopped and is canceled",
        _ => "it was lost too often and is not offered again",
    };
    let text = format!("The worker of attempt {} was lost; {then}.", key.attempt);
    operations::add_message(session, id, Some(key.attempt), WARNING, &text, now).await?;
    Ok(Some(key))
}
