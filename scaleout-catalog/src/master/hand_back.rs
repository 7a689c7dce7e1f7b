//! Attempts that a worker gives back, because it drains or stops: nobody's fault, and no failure.

use jiff::Timestamp;
use scaleout_core::lease::record::of_hand_back;
use scaleout_core::lease::{Begun, Claim};
use scaleout_core::protocol::worker::{AttemptKey, HandBack, HandBackReply};
use uuid::Uuid;

use super::sweep::end_without_report;
use crate::catalog::Catalog;
use crate::error::CatalogError;
use crate::store::{Session, executions, workers};

/// Longest reason that is kept, in characters: it comes from a worker.
const LONGEST_REASON: usize = 200;

impl Catalog {
    /// Takes back what a worker gives back, and offers it again. What is not its own any more is
    /// left out of the answer and changes nothing; so does saying it again.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hand_back(
        &self,
        worker: Uuid,
        given: &HandBack,
    ) -> Result<HandBackReply, CatalogError> {
        let given = given.clone();
        let now = self.shared.clock.now();
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move {
                    let why: String = given.reason.chars().take(LONGEST_REASON).collect();
                    let mut reply = HandBackReply::default();
                    for one in &given.attempts {
                        let begun = if one.begun { Begun::Perhaps } else { Begun::No };
                        reply
                            .taken
                            .extend(take(session, worker, one.attempt, begun, &why, now).await?);
                    }
                    for key in unseen(session, worker, &given).await? {
                        let taken = take(session, worker, key, Begun::No, &why, now).await?;
                        reply.taken.extend(taken);
                    }
                    Ok(reply)
                })
            })
            .await
    }

    /// When the next drained worker is to hand back what it still runs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn next_drain_end(&self) -> Result<Option<Timestamp>, CatalogError> {
        let mut session = self.shared.store.reader_of_few().await?;
        Ok(workers::next_drain_end(&mut session).await?)
    }
}

/// What the worker is thought to hold and never got.
async fn unseen(
    session: &mut Session,
    worker: Uuid,
    given: &HandBack,
) -> Result<Vec<AttemptKey>, CatalogError> {
    let Some(keeps) = &given.keeps else {
        return Ok(Vec::new());
    };
    if !workers::is_registration(session, worker, keeps.registration).await? {
        return Ok(Vec::new());
    }
    let held = executions::held_by(session, worker).await?;
    let keys = held.iter().map(|execution| AttemptKey {
        execution_id: execution.execution_id,
        attempt: execution.state.tally().attempts,
    });
    Ok(keys.filter(|key| !keeps.attempts.contains(key)).collect())
}

async fn take(
    session: &mut Session,
    worker: Uuid,
    key: AttemptKey,
    begun: Begun,
    why: &str,
    now: Timestamp,
) -> Result<Option<AttemptKey>, CatalogError> {
    let Some(execution) = executions::find(session, key.execution_id).await? else {
        return Ok(None);
    };
    let claim = Claim {
        worker,
        attempt: key.attempt,
    };
    let Ok(next) = execution.state.hand_back(claim, begun, execution.rerun) else {
        return Ok(None);
    };
    let note = of_hand_back(key.attempt, why, begun, next);
    end_without_report(session, &execution, next, &note, now).await
}
