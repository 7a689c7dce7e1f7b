//! Workers: registration, heartbeats, and what the scheduler sees of them.

use std::collections::BTreeSet;

use futures_util::future::try_join3;
use scaleout_core::protocol::worker::{AttemptKey, Heartbeat, Register};
use uuid::Uuid;

use super::sweep::take_back;
use crate::catalog::Catalog;
use crate::error::CatalogError;
use crate::scheduling::{SchedulingSnapshot, WorkerStanding};
use crate::store::company::Company;
use crate::store::{Session, StoreError, executions, pending, queue, workers};

/// Pending executions that one snapshot carries as a rule.
pub const MOST_PENDING: u32 = 1000;

impl Catalog {
    /// Records a worker. Its id belongs to this certificate ever after: another one is refused.
    ///
    /// Attempts that the catalog thinks it runs and that it does not name in `running` are taken
    /// back at once: a worker that started anew no longer runs them.
    ///
    /// # Errors
    /// The id belongs to another certificate, or the database fails.
    pub async fn register_worker(
        &self,
        registration: &Register,
        thumbprint: &str,
    ) -> Result<WorkerStanding, CatalogError> {
        let registration = registration.clone();
        let thumbprint = thumbprint.to_owned();
        let now = self.shared.clock.now();
        self.shared
            .store
            .write(move |session| {
                Box::pin(async move {
                    let worker = registration.worker_agent_id;
                    let known = check_certificate(session, worker, &thumbprint).await?;
                    workers::put(session, &registration, now).await?;
                    if !known {
                        workers::add_certificate(session, worker, &thumbprint).await?;
                    }
                    let number = registration.number;
                    if number != 0
                        && !workers::advance_registration(session, worker, number).await?
                    {
                        // It was long on its way: what it says of running attempts is old.
                        return standing(session, worker).await;
                    }
                    for execution in executions::held_by(session, worker).await? {
                        let key = AttemptKey {
                            execution_id: execution.execution_id,
                            attempt: execution.state.tally().attempts,
                        };
                        if !registration.running.contains(&key) {
                            let next = execution.state.lose(execution.rerun);
                            take_back(session, &execution, next, now).await?;
                        }
                    }
                    standing(session, worker).await
                })
            })
            .await
    }

    /// Which worker a certificate belongs to.
    ///
    /// # Errors
    /// The database fails.
    pub async fn worker_by_thumbprint(
        &self,
        thumbprint: &str,
    ) -> Result<Option<Uuid>, CatalogError> {
        let mut session = self.shared.store.reader_of_few().await?;
        Ok(workers::by_thumbprint(&mut session, thumbprint).await?)
    }

    /// Records that a worker is alive.
    ///
    /// # Errors
    /// The worker is not registered, or the database fails.
    pub async fn record_heartbeat(
        &self,
        worker: Uuid,
        heartbeat: &Heartbeat,
    ) -> Result<WorkerStanding, CatalogError> {
        let heartbeat = heartbeat.clone();
        let now = self.shared.clock.now();
        self.shared
            .store
            .write_in(Company::Worker(worker), move |session| {
                Box::pin(async move {
                    workers::beat(session, worker, &heartbeat, now).await?;
                    standing(session, worker).await
                })
            })
            .await
    }

    /// Everything that waits, is held or could run something, as far as [`MOST_PENDING`] shows it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn scheduling_snapshot(&self) -> Result<SchedulingSnapshot, CatalogError> {
        let mut session = self.shared.store.reader().await?;
        let (pending, is_whole) = pending::first(&mut session, MOST_PENDING).await?;
        Ok(SchedulingSnapshot {
            taken: self.shared.clock.now(),
            pending,
            is_whole,
            held: queue::held(&mut session).await?,
            workers: workers::all(&mut session).await?,
        })
    }

    /// What a plan for the workers that ask needs: about `most` of the executions that wait, and of
    /// the workers those only. In a file nothing else is read where none of them has a free slot and
    /// none asks for children; neither where nothing waits.
    ///
    /// # Errors
    /// The database fails.
    pub async fn scheduling_snapshot_for(
        &self,
        asking: &BTreeSet<Uuid>,
        (most, for_children): (u32, bool),
    ) -> Result<SchedulingSnapshot, CatalogError> {
        let taken = self.shared.clock.now();
        if self.is_shared() {
            // Side by side: what waits for an answer of the server costs less than the ways to it.
            let (workers, (pending, is_whole), held) = try_join3(
                self.read_few(async |session| workers::among(session, asking).await),
                self.read_few(async |session| pending::first(session, most).await),
                self.read_few(async |session| queue::held(session).await),
            )
            .await?;
            return Ok(SchedulingSnapshot {
                taken,
                pending,
                is_whole,
                held,
                workers,
            });
        }
        let mut session = self.shared.store.reader_of_few().await?;
        let workers = workers::among(&mut session, asking).await?;
        let has_room = workers.iter().any(|worker| 0 < worker.free_slots());
        let mut snapshot = SchedulingSnapshot {
            taken,
            pending: Vec::new(),
            is_whole: true,
            held: Vec::new(),
            workers,
        };
        if has_room || for_children {
            (snapshot.pending, snapshot.is_whole) = pending::first(&mut session, most).await?;
        }
        if !snapshot.pending.is_empty() {
            snapshot.held = queue::held(&mut session).await?;
        }
        Ok(snapshot)
    }

    async fn read_few<T>(
        &self,
        read: impl AsyncFnOnce(&mut Session) -> Result<T, StoreError>,
    ) -> Result<T, CatalogError> {
        let mut session = self.shared.store.reader_of_few().await?;
        Ok(read(&mut session).await?)
    }
}

/// Whether the worker has this certificate already; a foreign one is refused.
async fn check_certificate(
    session: &mut Session,
    worker: Uuid,
    thumbprint: &str,
) -> Result<bool, CatalogError> {
    match workers::by_thumbprint(session, thumbprint).await? {
        Some(owner) if owner == worker => Ok(true),
        None if !workers::has_certificate(session, worker).await? => Ok(false),
        _ => Err(CatalogError::ForeignCertificate {
            worker,
            thumbprint: thumbprint.to_owned(),
        }),
    }
}

async fn standing(session: &mut Session, worker: Uuid) -> Result<WorkerStanding, CatalogError> {
    match workers::is_enabled(session, worker).await? {
        Some(enabled) => Ok(WorkerStanding { worker, enabled }),
        None => Err(CatalogError::WorkerMissing { worker }),
    }
}
