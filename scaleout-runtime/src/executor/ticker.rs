//! Tells the worker the performance counters of a run, as they move.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use scaleout_core::protocol::executor::FromExecutor;
use scaleout_core::protocol::worker::Counter;

use super::output::Output;
use crate::watch::Counters;

/// How often the worker is told.
pub(super) const EVERY: Duration = Duration::from_secs(1);

/// One thread for all packages of an executor: a package that is short pays for none.
pub(super) struct Ticker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// The thread is to go on where it rests, or to end.
    wake: Condvar,
}

#[derive(Default)]
struct State {
    running: Option<Running>,
    /// Nothing ran when it was time to tell: the thread waits for the next package.
    rests: bool,
    closed: bool,
}

struct Running {
    counters: Arc<Counters>,
    told: Vec<Counter>,
}

impl Ticker {
    /// Starts the thread, which tells as often as given while a package runs.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn start<W: Write + Send + 'static>(
        output: &Arc<Output<W>>,
        every: Duration,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (output, of_thread) = (Arc::clone(output), Arc::clone(&shared));
        let thread = Builder::new()
            .name("counters".to_owned())
            .spawn(move || of_thread.tell(&output, every))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// A package runs from now on.
    pub(super) fn begin(&self, counters: &Arc<Counters>) {
        let mut state = self.shared.state();
        state.running = Some(Running {
            counters: Arc::clone(counters),
            told: Vec::new(),
        });
        if state.rests {
            self.shared.wake.notify_one();
        }
    }

    /// It has ended; returns when nothing more is told of it.
    pub(super) fn end(&self) {
        self.shared.state().running = None;
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it ever did, nothing more is told all the same.
            let _ended = thread.join();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the thread does.
    fn tell<W: Write>(&self, output: &Output<W>, every: Duration) {
        let mut state = self.state();
        loop {
            state.rests = state.running.is_none();
            let rests = |state: &mut State| state.rests && state.running.is_none() && !state.closed;
            let waited = self.wake.wait_while(state, rests);
            state = waited.unwrap_or_else(PoisonError::into_inner);
            state.rests = false;
            let waited = self
                .wake
                .wait_timeout_while(state, every, |state| !state.closed);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if state.closed {
                return;
            }
            let Some(running) = &mut state.running else {
                continue;
            };
            let now = running.counters.all();
            // Who does not listen any more stops the package by its events.
            if now != running.told && output.send(&FromExecutor::Counters(now.clone())).is_err() {
                return;
            }
            running.told = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};

    use super::*;

    #[test]
    fn counters_of_each_package_are_told_and_nothing_between_them() {
        let (from, to) = io::pipe().unwrap();
        let output = Arc::new(Output::new(to));
        let ticker = Ticker::start(&output, Duration::from_millis(1)).unwrap();
        let mut lines = BufReader::new(from).lines();
        let mut hear = || -> FromExecutor {
            let line = lines.next().unwrap().unwrap();
            serde_json::from_str(&line).unwrap()
        };
        for _ in 0..3 {
            ticker.begin(&Arc::default());
            assert!(matches!(hear(), FromExecutor::Counters(_)));
            ticker.end();
            // Whatever was told before it ended is in front of this.
            let ready = FromExecutor::Ready { version: 1, pid: 7 };
            output.send(&ready).unwrap();
            while !matches!(hear(), FromExecutor::Ready { .. }) {}
            // The thread rests before the next one begins, which has to wake it.
            while !ticker.shared.state().rests {
                std::thread::yield_now();
            }
        }
        drop(ticker);
        drop(output);
        assert!(lines.next().is_none());
    }
}
