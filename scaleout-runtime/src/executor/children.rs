//! Child packages and jobs over the line protocol: the worker is asked, and answers when the child
//! has ended, or the job was started.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use scaleout_core::protocol::child::{ChildAnswer, ChildCall, ChildOutcome, ChildPackage};
use scaleout_core::protocol::executor::FromExecutor;
use scaleout_core::protocol::job::{JobAnswer, JobCall, JobOutcome, JobRequest};

use super::output::Output;
use crate::cancel::{CancelToken, Canceled};
use crate::children::ChildRunner;
use crate::job_caller::{Asked, JobCaller};

/// How often a task that waits looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(100);

/// The calls of one run that wait for their answers.
#[derive(Default)]
pub struct Answers(Mutex<Calls>);

#[derive(Default)]
struct Calls {
    last: u64,
    waiting: HashMap<u64, Waiting>,
    occurrences: HashMap<String, u32>,
}

/// Who waits for an answer.
enum Waiting {
    Child(Sender<ChildOutcome>),
    Job(Sender<JobOutcome>),
}

impl Answers {
    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives an answer to who waits for it. An answer to nobody is of a call that was canceled.
    pub(super) fn give(&self, answer: ChildAnswer) {
        let waiting = self.calls().waiting.remove(&answer.call);
        if let Some(Waiting::Child(waiting)) = waiting {
            // Whoever waited may be canceled just now.
            let _canceled = waiting.send(answer.outcome);
        }
    }

    /// The same for the call of a job.
    pub(super) fn give_job(&self, answer: JobAnswer) {
        let waiting = self.calls().waiting.remove(&answer.call);
        if let Some(Waiting::Job(waiting)) = waiting {
            let _canceled = waiting.send(answer.outcome);
        }
    }

    /// The number of a new call, for which somebody waits.
    fn begin(&self, waiting: Waiting) -> u64 {
        let mut calls = self.calls();
        calls.last += 1;
        let call = calls.last;
        calls.waiting.insert(call, waiting);
        call
    }

    fn occurrence(&self, path: &str) -> u32 {
        let mut calls = self.calls();
        let count = calls.occurrences.entry(path.to_owned()).or_default();
        *count += 1;
        *count
    }
}

/// Asks the worker of this executor.
pub(super) struct Link<W> {
    pub(super) output: Arc<Output<W>>,
    pub(super) answers: Arc<Answers>,
}

impl<W: Write + Send> Link<W> {
    /// Asks, and waits for the answer.
    fn ask<T>(
        &self,
        call: u64,
        asked: &FromExecutor,
        answered: &Receiver<T>,
        cancel: &CancelToken,
    ) -> Result<T, Canceled> {
        if self.output.send(asked).is_err() {
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
}

impl<W: Write + Send> ChildRunner for Link<W> {
    fn run(&self, child: ChildPackage, cancel: &CancelToken) -> Result<ChildOutcome, Canceled> {
        let (answer, answered) = bounded(1);
        let call = self.answers.begin(Waiting::Child(answer));
        let asked = FromExecutor::RunChild(Box::new(ChildCall { call, child }));
        self.ask(call, &asked, &answered, cancel)
    }

    fn occurrence(&self, path: &str) -> u32 {
        self.answers.occurrence(path)
    }
}

impl<W: Write + Send> JobCaller for Link<W> {
    fn call(&self, asked: Asked, cancel: &CancelToken) -> Result<JobOutcome, Canceled> {
        let (answer, answered) = bounded(1);
        let call = self.answers.begin(Waiting::Job(answer));
        let request = JobRequest {
            occurrence: self.answers.occurrence(&asked.path),
            path: asked.path,
            verb: asked.verb,
            arguments: asked.arguments,
        };
        let asked = FromExecutor::CallJob(Box::new(JobCall { call, request }));
        self.ask(call, &asked, &answered, cancel)
    }
}
