//! Leases in force: renewed by their worker, ended by its report.

use jiff::Timestamp;
use scaleout_core::lease::record::of_completion;
use scaleout_core::lease::report::{Verdict, judge};
use scaleout_core::lease::{Claim, ExecutionState};
use scaleout_core::model::OperationStatus;
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::worker::{
    AttemptBegan, AttemptCounters, AttemptKey, AttemptOutcome, Complete, CompleteReply,
    DumpRequest, TaskHeartbeat, TaskHeartbeatReply,
};
use uuid::Uuid;

use super::children::stop_children;
use super::events::{following, insert_events};
use crate::catalog::Catalog;
use crate::error::CatalogError;
use crate::store::attempts;
use crate::store::company::Company;
use crate::store::ending::{self, End};
use crate::store::{Session, counters, dumps, executions, operations, queue, validations, workers};

impl Catalog {
    /// Renews the leases that are still this worker's and names those to stop or to drop. What is to
    /// be stopped is renewed too: stopping takes its time.
    ///
    /// # Errors
    /// The database fails.
    pub async fn renew_leases(
        &self,
        worker: Uuid,
        heartbeat: &TaskHeartbeat,
        until: Timestamp,
    ) -> Result<TaskHeartbeatReply, CatalogError> {
        let heartbeat = heartbeat.clone();
        let now = self.shared.clock.now();
        self.shared
            .store
            .write_in(Company::Worker(worker), move |session| {
                Box::pin(async move {
                    workers::seen(session, worker, now).await?;
                    let drained = queue::overdue_drains(session, worker, now).await?;
                    let mut reply = TaskHeartbeatReply::default();
                    let counters = &heartbeat.counters;
                    for (index, key) in heartbeat.running.iter().enumerate() {
                        let process_id = heartbeat.process_ids.get(index).copied();
                        let process_id = process_id.filter(|id| *id != 0);
                        match renew(session, worker, *key, until, process_id).await? {
                            None => reply.lost.push(*key),
                            Some(status) => {
                                reply.renewed.push(*key);
                                put_counters(session, *key, counters).await?;
                                put_began(session, *key, &heartbeat.began).await?;
                                if let Some(dump_id) =
                                    dumps::wanted(session, key.execution_id).await?
                                {
                                    let attempt = *key;
                                    reply.dumps.push(DumpRequest { attempt, dump_id });
                                }
                                if status == OperationStatus::Stopping {
                                    reply.stop.push(*key);
                                } else if drained {
                                    reply.hand_back.push(*key);
                                }
                            }
                        }
                    }
                    Ok(reply)
                })
            })
            .await
    }

    /// Ends an attempt. Saying it again gets the same answer and changes nothing.
    ///
    /// # Errors
    /// The database fails.
    pub async fn complete(
        &self,
        worker: Uuid,
        complete: &Complete,
    ) -> Result<CompleteReply, CatalogError> {
        let complete = complete.clone();
        let now = self.shared.clock.now();
        self.shared
            .store
            .write_in(Company::End(complete.attempt), move |session| {
                Box::pin(async move { end(session, worker, &complete, now).await })
            })
            .await
    }

    /// When the next lease ends.
    ///
    /// # Errors
    /// The database fails.
    pub async fn next_deadline(&self) -> Result<Option<Timestamp>, CatalogError> {
        let mut session = self.shared.store.reader_of_few().await?;
        Ok(executions::next_deadline(&mut session).await?)
    }
}

async fn put_counters(
    session: &mut Session,
    key: AttemptKey,
    all: &[AttemptCounters],
) -> Result<(), CatalogError> {
    match all.iter().find(|of| of.attempt == key) {
        Some(of) => Ok(counters::put(session, key.execution_id, &of.counters).await?),
        None => Ok(()),
    }
}

async fn put_began(
    session: &mut Session,
    key: AttemptKey,
    all: &[AttemptBegan],
) -> Result<(), CatalogError> {
    match all.iter().find(|of| of.attempt == key) {
        Some(of) => Ok(attempts::begin(session, key, of.began).await?),
        None => Ok(()),
    }
}

/// The status of a renewed attempt; `None` when it is not this worker's.
async fn renew(
    session: &mut Session,
    worker: Uuid,
    key: AttemptKey,
    until: Timestamp,
    process_id: Option<u32>,
) -> Result<Option<OperationStatus>, CatalogError> {
    let Some(execution) = executions::find(session, key.execution_id).await? else {
        return Ok(None);
    };
    let claim = Claim {
        worker,
        attempt: key.attempt,
    };
    let Ok(renewed) = execution.state.renew(claim, until) else {
        return Ok(None);
    };
    let Some(lease) = renewed.lease() else {
        return Ok(None);
    };
    let (id, attempt) = (key.execution_id, key.attempt);
    if executions::extend(session, id, attempt, worker, lease.until, process_id).await? {
        Ok(Some(renewed.status()))
    } else {
        Ok(None)
    }
}

async fn end(
    session: &mut Session,
    worker: Uuid,
    complete: &Complete,
    now: Timestamp,
) -> Result<CompleteReply, CatalogError> {
    let key = complete.attempt;
    let found = ending::find_reported(session, key).await?;
    let Some(found) = found.filter(|found| found.attempt.worker == worker) else {
        return Ok(CompleteReply::Stale);
    };
    let execution = found.execution;
    let claim = Claim {
        worker,
        attempt: key.attempt,
    };
    let outcome = if execution.is_validation {
        judged(session, key, &complete.outcome).await?
    } else {
        complete.outcome.clone()
    };
    let stored = found.attempt.log.durable_through;
    let new = following(complete.events.clone(), stored);
    let mut log = found.attempt.log;
    log.durable_through = new.last().map_or(stored, |event| event.sequence);
    let report = (&outcome, complete.last_sequence);
    let next = match judge(execution.state, log, claim, report, execution.rerun) {
        Verdict::Again => return Ok(CompleteReply::Accepted),
        Verdict::Stale => return Ok(CompleteReply::Stale),
        Verdict::LogIncomplete => return Ok(CompleteReply::LogIncomplete),
        Verdict::Moves(next) => next,
    };
    // Before anything else is written.
    let end = End {
        complete,
        durable: (stored, log.durable_through),
        states: (execution.state, next),
    };
    ending::end(session, &end, now).await?;
    if execution.is_validation || execution.has_children {
        // What follows may read where the execution stands.
        session.write_now().await?;
    }
    insert_events(session, key, &new).await?;
    explain(session, key, &complete.outcome, next, now).await?;
    let id = key.execution_id;
    if found.wants_dump {
        dumps::give_up(session, id).await?;
    }
    if execution.is_validation && next.status().is_terminal() {
        validations::finish(session, id, next.status(), now).await?;
    }
    if execution.has_children {
        // Nobody waits for them any more; a retry starts its own.
        stop_children(session, id, None, now).await?;
    }
    Ok(CompleteReply::Accepted)
}

/// A validation whose values are wrong has failed, whatever the worker found in the packages.
async fn judged(
    session: &mut Session,
    key: AttemptKey,
    outcome: &AttemptOutcome,
) -> Result<AttemptOutcome, CatalogError> {
    let succeeded = AttemptOutcome::Ran {
        result: PackageResult::Success,
    };
    if *outcome == succeeded && validations::has_invalid_values(session, key.execution_id).await? {
        return Ok(AttemptOutcome::Ran {
            result: PackageResult::Failure,
        });
    }
    Ok(outcome.clone())
}

/// Says in the log what the package itself cannot say.
async fn explain(
    session: &mut Session,
    key: AttemptKey,
    outcome: &AttemptOutcome,
    next: ExecutionState,
    now: Timestamp,
) -> Result<(), CatalogError> {
    for note in of_completion(key.attempt, outcome, next) {
        let (attempt, kind) = (Some(key.attempt), note.severity.message_type());
        operations::add_message(session, key.execution_id, attempt, kind, &note.text, now).await?;
    }
    Ok(())
}
