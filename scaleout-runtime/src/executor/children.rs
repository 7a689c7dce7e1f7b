//! Child packages over the line protocol: the worker is asked, and answers when the child has ended.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use scaleout_core::protocol::child::{ChildAnswer, ChildCall, ChildOutcome, ChildPackage};
use scaleout_core::protocol::executor::FromExecutor;

use super::output::Output;
use crate::cancel::{CancelToken, Canceled};
use crate::children::ChildRunner;

/// How often a task that waits looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(100);

/// The calls of one run that wait for their answers.
#[derive(Default)]
pub struct Answers(Mutex<Calls>);

#[derive(Default)]
struct Calls {
    last: u64,
    waiting: HashMap<u64, Sender<ChildOutcome>>,
    occurrences: HashMap<String, u32>,
}

impl Answers {
    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives an answer to who waits for it. An answer to nobody is of a call that was canceled.
    pub(super) fn give(&self, answer: ChildAnswer) {
        let waiting = self.calls().waiting.remove(&answer.call);
        if let Some(waiting) = waiting {
            // Whoever waited may be canceled just now.
            let _canceled = waiting.send(answer.outcome);
        }
    }
}

/// Asks the worker of this executor.
pub(super) struct Link<W> {
    pub(super) output: Arc<Output<W>>,
    pub(super) answers: Arc<Answers>,
}

impl<W: Write + Send> ChildRunner for Link<W> {
    fn run(&self, child: ChildPackage, cancel: &CancelToken) -> Result<ChildOutcome, Canceled> {
        let (answer, answered) = bounded(1);
        let call = {
            let mut calls = self.answers.calls();
            calls.last += 1;
            let call = calls.last;
            calls.waiting.insert(call, answer);
            call
        };
        let asked = FromExecutor::RunChild(Box::new(ChildCall { call, child }));
        if self.output.send(&asked).is_err() {
            // Nobody listens any more: the package is being ended.
            return Err(Canceled);
        }
        loop {
            match answered.recv_timeout(LOOK) {
                Ok(outcome) => return Ok(outcome),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(Canceled),
            }
            if cancel.is_canceled() {
                self.answers.calls().waiting.remove(&call);
                return Err(Canceled);
            }
        }
    }

    fn occurrence(&self, path: &str) -> u32 {
        let mut calls = self.answers.calls();
        let count = calls.occurrences.entry(path.to_owned()).or_default();
        *count += 1;
        *count
    }
}
