//! Group commit: changes that arrive together share one durable commit.
//!
//! One task owns the write connection. It takes what is queued, runs each change in a
//! savepoint of one transaction, commits once, and only then answers: acknowledged
//! means on disk. A change that fails takes back itself and nothing else; a commit
//! that fails takes back all, and all are told. So does a connection that breaks; the
//! next change finds it again ([`Link`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot, watch};

use super::error::StoreError;
use super::link::{Committed, Link};
use super::session::{Session, TransactionId};
use crate::error::CatalogError;

/// Most changes in one commit: bounds how long the first one waits for the last.
const MOST_PER_COMMIT: usize = 256;
/// Changes that may wait before callers have to.
const QUEUE: usize = 4096;

/// How many commits were needed for how many changes.
#[derive(Debug, Default)]
pub struct WriteCounters {
    commits: AtomicU64,
    changes: AtomicU64,
}

impl WriteCounters {
    /// Commits so far.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Changes committed so far.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }
}

/// The watches that move after a commit.
#[derive(Clone, Debug)]
pub struct Bells {
    /// Something the scheduler waits for.
    pub scheduler: watch::Sender<u64>,
    /// An execution ended.
    pub endings: watch::Sender<u64>,
}

/// The way to the task that writes.
#[derive(Clone, Debug)]
pub struct Writer {
    queue: mpsc::Sender<Item>,
    counters: Arc<WriteCounters>,
}

enum Item {
    Change(Box<dyn Change>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the task on its connection.
    pub fn start(link: Link, bells: Bells) -> Self {
        let (queue, items) = mpsc::channel(QUEUE);
        let counters = Arc::new(WriteCounters::default());
        let committer = Committer {
            link,
            bells,
            counters: Arc::clone(&counters),
        };
        tokio::spawn(committer.run(items));
        Self { queue, counters }
    }

    /// Runs a change and answers once it is durable. It happens even if the caller stops waiting.
    pub async fn write<T, F>(&self, work: F) -> Result<T, CatalogError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> BoxFuture<'s, Result<T, CatalogError>>
            + Send
            + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let change = Queued {
            work: Some(work),
            outcome: None,
            reply,
        };
        let sent = self.queue.send(Item::Change(Box::new(change))).await;
        sent.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Finishes what is queued, closes the connection and returns.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Item::Close(done)).await.is_ok() {
            // An error means that the task is gone already, which is what was wanted.
            let _ = closed.await;
        }
    }

    /// Commits and changes so far.
    pub fn counters(&self) -> &WriteCounters {
        &self.counters
    }
}

/// Why a transaction failed, for everyone who was in it.
#[derive(Clone)]
enum Failure {
    /// Nothing happened.
    NotCommitted(Arc<StoreError>),
    /// Nobody knows what happened on this server.
    Unknown(Arc<str>),
}

impl Failure {
    fn told(self) -> StoreError {
        match self {
            Self::NotCommitted(reason) => StoreError::NotCommitted(reason),
            Self::Unknown(server) => StoreError::OutcomeUnknown { server },
        }
    }
}

/// A queued change with its type hidden.
trait Change: Send {
    /// Runs it; true when its savepoint is to be kept.
    fn run<'s>(&'s mut self, session: &'s mut Session) -> BoxFuture<'s, bool>;
    /// Tells the caller, after the commit or with the reason why there was none.
    fn answer(self: Box<Self>, failed: Option<Failure>);
}

struct Queued<T, F> {
    work: Option<F>,
    outcome: Option<Result<T, CatalogError>>,
    reply: oneshot::Sender<Result<T, CatalogError>>,
}

impl<T, F> Change for Queued<T, F>
where
    T: Send + 'static,
    F: for<'s> FnOnce(&'s mut Session) -> BoxFuture<'s, Result<T, CatalogError>> + Send + 'static,
{
    fn run<'s>(&'s mut self, session: &'s mut Session) -> BoxFuture<'s, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else {
                return false;
            };
            let outcome = work(session).await;
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        })
    }

    fn answer(self: Box<Self>, failed: Option<Failure>) {
        let outcome = match (self.outcome, failed) {
            // Its own refusal says more than a commit that failed for all.
            (Some(Err(own)), _) => Err(own),
            (_, Some(reason)) => Err(reason.told().into()),
            (Some(Ok(value)), None) => Ok(value),
            (None, None) => Err(StoreError::Closed.into()),
        };
        // A caller that stopped waiting has nobody to tell.
        let _ = self.reply.send(outcome);
    }
}

/// The task that owns the write connection.
struct Committer {
    link: Link,
    bells: Bells,
    counters: Arc<WriteCounters>,
}

impl Committer {
    async fn run(mut self, mut items: mpsc::Receiver<Item>) {
        let mut closing = None;
        while closing.is_none() {
            match items.recv().await {
                Some(Item::Change(first)) => {
                    closing = self.commit_together(first, &mut items).await
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
        first: Box<dyn Change>,
        items: &mut mpsc::Receiver<Item>,
    ) -> Option<oneshot::Sender<()>> {
        let mut closing = None;
        let mut answers = Vec::new();
        let begun = self.link.begin().await;
        let (transaction, mut failed) = match begun {
            Ok(transaction) => (transaction, None),
            Err(error) => (None, Some(error)),
        };
        let mut next = Some(first);
        while let Some(mut change) = next.take() {
            if failed.is_none() {
                failed = self.run_in_savepoint(change.as_mut()).await.err();
            }
            answers.push(change);
            if answers.len() >= MOST_PER_COMMIT {
                break;
            }
            // Lets callers that are ready to write join this commit.
            tokio::task::yield_now().await;
            match items.try_recv() {
                Ok(Item::Change(change)) => next = Some(change),
                Ok(Item::Close(done)) => closing = Some(done),
                Err(_) => {}
            }
        }
        let failed = self.finish(transaction, failed).await;
        if failed.is_none() {
            self.counters.commits.fetch_add(1, Ordering::Relaxed);
            let changes = answers.len() as u64;
            self.counters.changes.fetch_add(changes, Ordering::Relaxed);
        }
        for change in answers {
            change.answer(failed.clone());
        }
        closing
    }

    /// An error here means that the transaction itself is broken, not merely the change refused.
    async fn run_in_savepoint(&mut self, change: &mut dyn Change) -> Result<(), StoreError> {
        self.link
            .run(async |session: &mut Session| {
                session.script("SAVEPOINT change").await?;
                let woken = (session.wakes_scheduler, session.wakes_waiters);
                if change.run(session).await {
                    session.script("RELEASE change").await
                } else {
                    (session.wakes_scheduler, session.wakes_waiters) = woken;
                    session.script("ROLLBACK TO change").await?;
                    session.script("RELEASE change").await
                }
            })
            .await
    }

    /// Commits, or takes back; rings for what is committed.
    async fn finish(
        &mut self,
        transaction: Option<TransactionId>,
        failed: Option<StoreError>,
    ) -> Option<Failure> {
        let (scheduler, waiters) = self.link.session().map_or((false, false), |session| {
            (
                std::mem::take(&mut session.wakes_scheduler),
                std::mem::take(&mut session.wakes_waiters),
            )
        });
        if let Some(error) = failed {
            self.link.roll_back(&error).await;
            return Some(Failure::NotCommitted(Arc::new(error)));
        }
        match self.link.commit(transaction).await {
            Committed::Yes => {}
            Committed::No(error) => return Some(Failure::NotCommitted(Arc::new(error))),
            Committed::Unknown(server) => return Some(Failure::Unknown(server)),
        }
        if scheduler {
            self.bells.scheduler.send_modify(|count| *count += 1);
        }
        if waiters {
            self.bells.endings.send_modify(|count| *count += 1);
        }
        None
    }
}
