//! What the threads of one data flow share: the stop signal, counters, the way to report.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use arrow::record_batch::RecordBatch;
use crossbeam_channel::{Receiver, Sender, bounded};

use super::tap::Taps;
use crate::cancel::CancelToken;
use crate::events::Events;
use crate::services::Clock;
use crate::watch::Counters;

/// Never sent: the channel only ever closes, which wakes every wait on it.
pub enum Never {}

/// Shared by all threads of one run.
pub struct Shared {
    /// Where to report.
    pub events: Arc<dyn Events>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Set when the execution is stopped, and when a component failed.
    pub cancel: CancelToken,
    /// Rows over each edge so far.
    pub rows: Vec<AtomicU64>,
    /// Files of what goes over the edges.
    pub taps: Taps,
    /// Performance counters of the execution.
    pub counters: Arc<Counters>,
    /// Closes when everything has to stop.
    pub stopped: Receiver<Never>,
    keep_running: Mutex<Option<Sender<Never>>>,
    failed: AtomicBool,
}

impl Shared {
    /// For a run over a graph with so many edges; `cancel` must be this run's own token.
    pub fn new(
        events: Arc<dyn Events>,
        clock: Arc<dyn Clock>,
        cancel: CancelToken,
        edges: usize,
        (taps, counters): (Taps, Arc<Counters>),
    ) -> Self {
        let (sender, stopped) = bounded(0);
        Self {
            events,
            clock,
            cancel,
            rows: (0..edges).map(|_| AtomicU64::new(0)).collect(),
            taps,
            counters,
            stopped,
            keep_running: Mutex::new(Some(sender)),
            failed: AtomicBool::new(false),
        }
    }

    /// Stops all threads: wakes those that wait, flags those that work.
    pub fn stop(&self) {
        self.cancel.cancel();
        // A poisoned lock still holds the sender, and dropping it is all that matters.
        let mut sender = match self.keep_running.lock() {
            Ok(sender) => sender,
            Err(poisoned) => poisoned.into_inner(),
        };
        *sender = None;
    }

    /// Stops all threads because a component failed. What fails after a stop is taken as its
    /// consequence: a stopped execution counts as stopped.
    pub fn fail(&self) {
        if !self.cancel.is_canceled() {
            self.failed.store(true, Ordering::Release);
        }
        self.stop();
    }

    /// Whether a component failed.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Rows go over an edge: they go into the file of its data tap, too.
    pub fn tap(&self, edge: usize, batch: &RecordBatch) {
        self.taps.write(edge, batch, self.events.as_ref());
    }

    /// Rows over an edge so far.
    pub fn rows_over(&self, edge: usize) -> u64 {
        self.rows[edge].load(Ordering::Relaxed)
    }
}

/// One thread's name, and the code of the component that failed on it.
#[derive(Debug)]
pub struct ThreadState {
    /// `SourceThread0`, `WorkThread0`.
    pub name: String,
    code: AtomicU32,
    broken: AtomicBool,
}

impl ThreadState {
    /// A thread on which nothing has failed.
    pub fn new(name: String) -> Self {
        Self {
            name,
            code: AtomicU32::new(0),
            broken: AtomicBool::new(false),
        }
    }

    /// Remembers the first failure.
    pub fn failed_with(&self, code: u32) {
        if !self.broken.swap(true, Ordering::AcqRel) {
            self.code.store(code, Ordering::Release);
        }
    }

    /// Code of the first failure.
    pub fn failure(&self) -> Option<u32> {
        let broken = self.broken.load(Ordering::Acquire);
        broken.then(|| self.code.load(Ordering::Acquire))
    }
}
