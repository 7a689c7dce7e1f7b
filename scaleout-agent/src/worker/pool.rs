//! Warm executors: started on demand, kept between packages.

use std::ffi::OsString;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::error::WorkerError;
use super::executor::Executor;
use crate::processes::{Mark, WorkerProcess};

/// Executors without a package. As many exist as packages ever ran at once, which
/// `MaxTaskCount` bounds.
#[derive(Debug)]
pub(super) struct Pool {
    command: Vec<OsString>,
    worker: WorkerProcess,
    idle: Mutex<Vec<Executor>>,
}

impl Pool {
    pub fn new(command: Vec<OsString>, worker: WorkerProcess) -> Self {
        Self {
            command,
            worker,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// The program that they are, and that does what else this worker starts.
    pub fn program(&self) -> Option<&OsString> {
        self.command.first()
    }

    /// The worker that they belong to.
    pub fn worker(&self) -> &WorkerProcess {
        &self.worker
    }

    /// A ready executor: the one that was used last, or a new one.
    pub async fn take(&self) -> Result<Executor, WorkerError> {
        while let Some(mut executor) = self.pop() {
            if executor.is_alive() {
                return Ok(executor);
            }
        }
        Executor::start(&self.command, Mark::new(Uuid::new_v4(), self.worker)).await
    }

    /// Keeps an executor that has finished its package.
    pub fn give_back(&self, executor: Executor) {
        self.idle().push(executor);
    }

    /// Ends all that idle.
    pub async fn close(&self) {
        while let Some(executor) = self.pop() {
            executor.kill().await;
        }
    }

    fn pop(&self) -> Option<Executor> {
        self.idle().pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Executor>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
