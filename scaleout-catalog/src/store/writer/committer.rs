//! The task that owns a write connection: takes what is queued, commits once, and only then answers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use scaleout_core::kill_points::{KillPoint, pass};
use scaleout_core::protocol::worker::AttemptKey;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::super::company::Company;
use super::super::error::StoreError;
use super::super::link::{Committed, Link};
use super::super::load::Load;
use super::super::session::{Session, TransactionId};
use super::super::{ending, starting};
use super::{Bells, Change, Failure, Item, Rung, Waiting, WriteCounters};

/// The task that owns a write connection.
pub(super) struct Committer {
    pub(super) link: Link,
    pub(super) load: Arc<Load>,
    pub(super) bells: Bells,
    pub(super) told: Option<mpsc::UnboundedSender<Rung>>,
    pub(super) counters: Arc<WriteCounters>,
}

/// The executions that changes say they start.
fn starts_of(ready: &VecDeque<Waiting>) -> Vec<i64> {
    let companies = ready.iter().map(|(company, _)| company);
    companies
        .filter_map(|company| match company {
            Company::Start(started) => *started,
            _ => None,
        })
        .collect()
}

/// The attempts that changes say they end.
fn ends_of(ready: &VecDeque<Waiting>) -> Vec<AttemptKey> {
    let companies = ready.iter().map(|(company, _)| company);
    companies
        .filter_map(|company| match company {
            Company::End(ended) => Some(*ended),
            _ => None,
        })
        .collect()
}

/// Where a transaction stands between two changes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Savepoint {
    /// Nothing was written since.
    Fresh,
    /// A change has written since.
    Used,
}

impl Committer {
    /// Starts the task.
    pub(super) fn start(self, items: mpsc::Receiver<Item>) {
        if !self.link.keeps_its_thread_busy() {
            tokio::spawn(self.run(items));
            return;
        }
        let runtime = Handle::current();
        // Its end is the end of the queue, which whoever closes the catalog waits for.
        std::thread::spawn(move || runtime.block_on(self.run(items)));
    }

    async fn run(mut self, mut items: mpsc::Receiver<Item>) {
        let mut closing = None;
        while closing.is_none() {
            match items.recv().await {
                Some(Item::Change(first)) => {
                    closing = self.commit_together(first, &mut items).await;
                }
                Some(Item::Close(done)) => closing = Some(done),
                None => break,
            }
        }
        if let Err(error) = self.link.close().await {
            tracing::warn!(%error, "failed to close the catalog database");
        }
        if let Some(done) = closing {
            let _ = done.send(());
        }
    }

    /// Runs everything that is queued in one transaction. Returns the request to close, if one came.
    async fn commit_together(
        &mut self,
        first: Waiting,
        items: &mut mpsc::Receiver<Item>,
    ) -> Option<oneshot::Sender<()>> {
        let mut closing = None;
        let mut answers = Vec::new();
        let started = Instant::now();
        self.load.begin();
        let begun = self.link.begin().await;
        let (transaction, mut failed) = match begun {
            Ok(transaction) => (transaction, None),
            Err(error) => (None, Some(error)),
        };
        let most = self.link.most_per_commit();
        let mut savepoint = Savepoint::Fresh;
        let mut ready = VecDeque::from([first]);
        loop {
            while closing.is_none() && answers.len() + ready.len() < most {
                match items.try_recv() {
                    Ok(Item::Change(waiting)) => ready.push_back(waiting),
                    Ok(Item::Close(done)) => closing = Some(done),
                    Err(_) => break,
                }
            }
            if ready.is_empty() {
                break;
            }
            let (starts, ends) = (starts_of(&ready), ends_of(&ready));
            if failed.is_none() {
                failed = self.read_ahead(starts, ends).await.err();
            }
            let creations = ready
                .iter()
                .filter(|(company, _)| company.creates())
                .count();
            while let Some((company, mut change)) = ready.pop_front() {
                if failed.is_none() {
                    match self
                        .run_in_savepoint(company, change.as_mut(), savepoint, creations)
                        .await
                    {
                        Ok(then) => savepoint = then,
                        Err(error) => failed = Some(error),
                    }
                }
                answers.push(change);
            }
            // Lets callers that are ready to write join this commit.
            if self.link.keeps_its_thread_busy() {
                std::thread::yield_now();
            } else {
                tokio::task::yield_now().await;
            }
        }
        let failed = self.finish(transaction, failed).await;
        self.load.end();
        if failed.is_none() {
            self.counters.commits.fetch_add(1, Ordering::Relaxed);
            let changes = answers.len() as u64;
            self.counters.changes.fetch_add(changes, Ordering::Relaxed);
            self.counters.durations.observe(started.elapsed());
        }
        for change in answers {
            change.answer(failed.clone());
        }
        closing
    }

    /// Reads for starts that come together, and for ends, what each of them would ask for.
    async fn read_ahead(
        &mut self,
        starts: Vec<i64>,
        ends: Vec<AttemptKey>,
    ) -> Result<(), StoreError> {
        if self.link.keeps_its_thread_busy() {
            // On a file a statement costs no way.
            return Ok(());
        }
        if starts.len() < 2 && ends.len() < 2 {
            return Ok(());
        }
        self.link
            .run(async move |session: &mut Session| {
                if 1 < starts.len() {
                    starting::read_ahead(session, starts).await?;
                }
                if 1 < ends.len() {
                    ending::read_ahead(session, &ends).await?;
                }
                Ok(())
            })
            .await
    }

    /// An error here means that the transaction itself is broken, not merely the change refused.
    async fn run_in_savepoint(
        &mut self,
        company: Company,
        change: &mut dyn Change,
        savepoint: Savepoint,
        creations: usize,
    ) -> Result<Savepoint, StoreError> {
        self.link
            .run(async |session: &mut Session| {
                // Writes what others left for the commit, which is not to be taken back with this one.
                session.enter(company).await?;
                if session.take_touched() || savepoint == Savepoint::Used {
                    session.renew_savepoint().await?;
                }
                session.expect(creations);
                let woken = Rung::take(session);
                let kept = change.run(session).await;
                let wakes = Rung::take(session);
                let touched = session.take_touched();
                if kept {
                    woken.with(wakes).put_back(session);
                    return Ok(if touched {
                        Savepoint::Used
                    } else {
                        Savepoint::Fresh
                    });
                }
                woken.put_back(session);
                session.take_back_later();
                if touched {
                    session.take_back().await?;
                }
                Ok(Savepoint::Fresh)
            })
            .await
    }

    /// Commits, or takes back; rings for what is committed.
    async fn finish(
        &mut self,
        transaction: Option<TransactionId>,
        mut failed: Option<StoreError>,
    ) -> Option<Failure> {
        let rung = self.link.session().map_or(Rung::default(), Rung::take);
        if failed.is_none() {
            let inserted = self
                .link
                .run(async |session: &mut Session| session.write_all().await);
            failed = inserted.await.err();
        }
        if let Some(error) = failed {
            self.link.roll_back(&error).await;
            return Some(Failure::NotCommitted(Arc::new(error)));
        }
        pass(KillPoint::CatalogFilled);
        match self.link.commit(transaction).await {
            Committed::Yes => {}
            Committed::No(error) => return Some(Failure::NotCommitted(Arc::new(error))),
            Committed::Unknown(server) => return Some(Failure::Unknown(server)),
        }
        pass(KillPoint::CatalogCommitted);
        self.bells.ring(rung);
        if let Some(told) = &self.told {
            // Nobody listens when the catalog is being closed.
            let _ = told.send(rung);
        }
        None
    }
}
