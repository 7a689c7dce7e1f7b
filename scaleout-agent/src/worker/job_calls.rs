//! The jobs that one attempt has asked to start or stop: told the master, answered.

use std::sync::Arc;

use scaleout_core::client::ClientError;
use scaleout_core::error::{Explain as _, explained};
use scaleout_core::protocol::job::{CallJob, JobAnswer, JobCall, JobOutcome};
use scaleout_core::protocol::worker::AttemptKey;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::backoff::Backoff;
use super::shipper::is_final;
use super::state::Shared;

/// The calls of one attempt that have no answer yet. Dropping it forgets them.
pub(super) struct JobCalls {
    shared: Arc<Shared>,
    key: AttemptKey,
    calls: JoinSet<JobAnswer>,
}

impl JobCalls {
    pub fn new(shared: &Arc<Shared>, key: AttemptKey) -> Self {
        Self {
            shared: Arc::clone(shared),
            key,
            calls: JoinSet::new(),
        }
    }

    /// Makes a call in the background.
    pub fn make(&mut self, call: JobCall) {
        let (shared, attempt) = (Arc::clone(&self.shared), self.key);
        self.calls.spawn(async move {
            let message = CallJob {
                attempt,
                request: call.request,
            };
            let outcome = match send(&shared, &message).await {
                Ok(outcome) => outcome,
                Err(error) => JobOutcome::Refused {
                    reason: format!("{}: {}", error.code(), explained(&error)),
                },
            };
            JobAnswer {
                call: call.call,
                outcome,
            }
        });
    }

    /// The next answer; never while nothing was asked. May be dropped and called again.
    pub async fn answered(&mut self) -> JobAnswer {
        loop {
            match self.calls.join_next().await {
                Some(Ok(answer)) => return answer,
                // Only when this worker ends.
                Some(Err(_aborted)) => {}
                None => std::future::pending().await,
            }
        }
    }
}

/// Asks until a master answers: the call is known by its place, so that it is made once.
async fn send(shared: &Shared, message: &CallJob) -> Result<JobOutcome, ClientError> {
    let mut backoff = Backoff::new("start or stop a job");
    loop {
        match shared.link.call_job(message).await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => {
                shared.notice(&error);
                if is_final(&error) {
                    return Err(error);
                }
                sleep(backoff.failed(&error)).await;
            }
        }
    }
}
