//! Tells the worker the performance counters of a run, as they move.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use scaleout_core::protocol::executor::FromExecutor;

use super::output::Output;
use crate::watch::Counters;

/// How often the worker is told.
const EVERY: Duration = Duration::from_secs(1);

/// Runs beside a package until it is stopped.
pub(super) struct Ticker {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Ticker {
    /// Starts telling.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn start<W: Write + Send + 'static>(
        output: &Arc<Output<W>>,
        counters: &Arc<Counters>,
    ) -> io::Result<Self> {
        let (stop, stopped) = bounded(0);
        let (output, counters) = (Arc::clone(output), Arc::clone(counters));
        let thread = Builder::new().name("counters".to_owned()).spawn(move || {
            let mut told = Vec::new();
            while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                let now = counters.all();
                // Who does not listen any more stops the package by its events.
                if now != told && output.send(&FromExecutor::Counters(now.clone())).is_err() {
                    return;
                }
                told = now;
            }
        })?;
        Ok(Self { stop, thread })
    }

    /// Returns when nothing more is told.
    pub(super) fn stop(self) {
        drop(self.stop);
        // It does not panic; if it ever did, the run is over all the same.
        let _ended = self.thread.join();
    }
}
