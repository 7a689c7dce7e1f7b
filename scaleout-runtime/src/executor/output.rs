//! What an executor writes: one JSON line per message, events numbered without gaps.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use scaleout_core::protocol::event::{Event, EventBody};
use scaleout_core::protocol::executor::FromExecutor;

use super::serve::Control;
use crate::events::EventSink;
use crate::services::Clock;

/// The one writer of an executor's output.
pub(super) struct Output<W>(Mutex<Lines<W>>);

struct Lines<W> {
    to: W,
    failed: Option<io::Error>,
}

impl<W: Write> Output<W> {
    pub(super) fn new(to: W) -> Self {
        Self(Mutex::new(Lines { to, failed: None }))
    }

    /// Writes one line; nobody waits for more, so it is flushed at once.
    ///
    /// # Errors
    /// The first write error, now or earlier.
    pub(super) fn send(&self, message: &FromExecutor) -> io::Result<()> {
        // A line is written as a whole or the stream has failed: poison says nothing more.
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(earlier) = &lines.failed {
            return Err(io::Error::new(earlier.kind(), earlier.to_string()));
        }
        let written = lines.write(message);
        if let Err(error) = &written {
            lines.failed = Some(io::Error::new(error.kind(), error.to_string()));
        }
        written
    }
}

impl<W: Write> Lines<W> {
    fn write(&mut self, message: &FromExecutor) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        self.to.write_all(&line)?;
        self.to.flush()
    }
}

/// Numbers the events of one run and sends them.
pub(super) struct NumberedEvents<W> {
    output: Arc<Output<W>>,
    next: Mutex<u64>,
    clock: Arc<dyn Clock>,
    control: Control,
}

impl<W: Write> NumberedEvents<W> {
    pub(super) fn new(output: Arc<Output<W>>, clock: Arc<dyn Clock>, control: Control) -> Self {
        Self {
            output,
            next: Mutex::new(1),
            clock,
            control,
        }
    }
}

impl<W: Write + Send> EventSink for NumberedEvents<W> {
    fn emit(&self, body: EventBody) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let event = Event {
            sequence: *next,
            time: self.clock.now(),
            body,
        };
        *next += 1;
        self.control.observer.heard(&event);
        // Still under the lock: lines leave in the order of their numbers.
        if self
            .output
            .send(&FromExecutor::Event(Box::new(event)))
            .is_err()
        {
            // Nobody listens any more; what the package would still do, nobody would know.
            self.control.cancel.cancel();
        }
    }
}
