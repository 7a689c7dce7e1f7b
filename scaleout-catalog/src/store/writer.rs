//! Group commit: changes that arrive together share one durable commit.
//!
//! One task owns a write connection. It takes what is queued, runs each change in a
//! savepoint of one transaction, commits once, and only then answers: acknowledged
//! means on disk. A change that fails takes back itself and nothing else; a commit
//! that fails takes back all, and all are told. So does a connection that breaks; the
//! next change finds it again ([`Link`]). A SQLite file has one such task, a server
//! several: which one a change goes to says its [`Company`]. SQLite works on the thread that calls it,
//! so its task has a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use futures_util::future::BoxFuture;
use scaleout_core::metrics::{Histogram, HistogramCounts};
use tokio::sync::{mpsc, oneshot, watch};

use self::committer::Committer;
use super::company::{BESIDE, Company, WRITERS};
use super::error::StoreError;
use super::link::Link;
use super::load::Load;
use super::session::Session;
use crate::error::CatalogError;

mod committer;

/// Changes that may wait before callers have to.
const QUEUE: usize = 4096;

/// How many commits were needed for how many changes.
#[derive(Debug)]
pub struct WriteCounters {
    commits: AtomicU64,
    changes: AtomicU64,
    durations: Histogram,
}

impl Default for WriteCounters {
    fn default() -> Self {
        Self {
            commits: AtomicU64::default(),
            changes: AtomicU64::default(),
            durations: Histogram::of_short(),
        }
    }
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

    /// How long transactions took, from their beginning until they were durable.
    pub fn durations(&self) -> HistogramCounts {
        self.durations.counts()
    }
}

/// The watches that move after a commit.
#[derive(Clone, Debug)]
pub struct Bells {
    /// Something the scheduler waits for.
    pub scheduler: watch::Sender<u64>,
    /// An execution ended.
    pub endings: watch::Sender<u64>,
    /// Something that runs is to be stopped.
    pub stops: watch::Sender<u64>,
    /// Another master has changed something.
    pub elsewhere: watch::Sender<u64>,
}

/// The way to the tasks that write.
#[derive(Clone, Debug)]
pub struct Writer {
    queues: Arc<[Queue]>,
    turn: Arc<AtomicUsize>,
    counters: Arc<WriteCounters>,
}

/// The way to one of them.
#[derive(Debug)]
struct Queue {
    items: mpsc::Sender<Item>,
    load: Arc<Load>,
    /// Most changes of one commit.
    together: usize,
}

impl Queue {
    /// Changes that no commit has taken yet.
    fn waiting(&self) -> usize {
        self.items.max_capacity() - self.items.capacity()
    }
}

/// A change that waits, and what it may be written beside.
type Waiting = (Company, Box<dyn Change>);

enum Item {
    Change(Waiting),
    Close(oneshot::Sender<()>),
}

impl Writer {
    /// Starts a task on each connection: one, or as many as there are kinds of company.
    /// `told` gets what other masters are to hear of each commit.
    pub fn start(
        links: Vec<Link>,
        bells: &Bells,
        told: Option<mpsc::UnboundedSender<Rung>>,
    ) -> Self {
        let counters = Arc::new(WriteCounters::default());
        let queues = links.into_iter().map(|link| {
            let (queue, items) = mpsc::channel(QUEUE);
            let load = Arc::new(Load::new());
            let queue = Queue {
                items: queue,
                load: Arc::clone(&load),
                together: link.most_per_commit(),
            };
            let committer = Committer {
                load,
                link,
                bells: bells.clone(),
                told: told.clone(),
                counters: Arc::clone(&counters),
            };
            committer.start(items);
            queue
        });
        Self {
            queues: queues.collect(),
            turn: Arc::default(),
            counters,
        }
    }

    fn queue(&self, company: Company) -> Option<&Queue> {
        if self.queues.len() < WRITERS {
            return self.queues.first();
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let queue = |turn: usize| self.queues.get(company.connection(turn));
        // The one with the shorter queue, or else in turn.
        (turn..turn + BESIDE)
            .filter_map(queue)
            .min_by_key(|queue| queue.waiting())
    }

    /// As [`Self::write`], but refuses what would wait too long.
    pub async fn write_soon<T, F>(&self, company: Company, work: F) -> Result<T, CatalogError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> BoxFuture<'s, Result<T, CatalogError>>
            + Send
            + 'static,
    {
        let queue = self.queue(company).ok_or(StoreError::Closed)?;
        if let Some(wait) = queue.load.too_long(queue.waiting(), queue.together) {
            return Err(StoreError::Busy { wait }.into());
        }
        Self::write_to(queue, company, work).await
    }

    /// Runs a change and answers once it is durable. It happens even if the caller stops waiting.
    pub async fn write<T, F>(&self, company: Company, work: F) -> Result<T, CatalogError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> BoxFuture<'s, Result<T, CatalogError>>
            + Send
            + 'static,
    {
        let queue = self.queue(company).ok_or(StoreError::Closed)?;
        Self::write_to(queue, company, work).await
    }

    async fn write_to<T, F>(queue: &Queue, company: Company, work: F) -> Result<T, CatalogError>
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
        let sent = queue
            .items
            .send(Item::Change((company, Box::new(change))))
            .await;
        sent.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Finishes what is queued, closes the connections and returns.
    pub async fn close(&self) {
        for queue in self.queues.iter() {
            let (done, closed) = oneshot::channel();
            if queue.items.send(Item::Close(done)).await.is_ok() {
                // An error means that the task is gone already, which is what was wanted.
                let _ = closed.await;
            }
        }
    }

    /// Commits and changes so far.
    pub fn counters(&self) -> &WriteCounters {
        &self.counters
    }
}

/// What a commit is for those who wait for something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rung {
    /// The scheduler has something to do.
    pub scheduler: bool,
    /// An execution ended.
    pub endings: bool,
    /// Something that runs is to be stopped.
    pub stops: bool,
}

impl Rung {
    /// What both are.
    pub fn with(self, other: Self) -> Self {
        Self {
            scheduler: self.scheduler || other.scheduler,
            endings: self.endings || other.endings,
            stops: self.stops || other.stops,
        }
    }

    /// Takes what the statements of a transaction want.
    fn take(session: &mut Session) -> Self {
        Self {
            scheduler: std::mem::take(&mut session.wakes_scheduler),
            endings: std::mem::take(&mut session.wakes_waiters),
            stops: std::mem::take(&mut session.wakes_holders),
        }
    }

    fn put_back(self, session: &mut Session) {
        session.wakes_scheduler = self.scheduler;
        session.wakes_waiters = self.endings;
        session.wakes_holders = self.stops;
    }
}

impl Bells {
    /// Rings.
    pub fn ring(&self, rung: Rung) {
        for (wanted, bell) in [
            (rung.scheduler, &self.scheduler),
            (rung.endings, &self.endings),
            (rung.stops, &self.stops),
        ] {
            if wanted {
                bell.send_modify(|count| *count += 1);
            }
        }
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
