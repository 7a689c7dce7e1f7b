//! The child packages that one attempt has asked for: started at the master, awaited, answered.

use std::sync::Arc;
use std::time::Duration;

use scaleout_core::client::ClientError;
use scaleout_core::error::{Explain as _, explained};
use scaleout_core::protocol::child::{
    AwaitChild, ChildAnswer, ChildCall, ChildEnd, ChildOutcome, ChildPackage, StartChild,
};
use scaleout_core::protocol::worker::AttemptKey;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::backoff::Backoff;
use super::shipper::is_final;
use super::state::Shared;

/// How long the master may hold a request.
const WAIT: Duration = Duration::from_secs(30);

/// The calls of one attempt that have no answer yet. Dropping it forgets them: the children are the
/// master's to stop.
pub(super) struct Children {
    shared: Arc<Shared>,
    key: AttemptKey,
    calls: JoinSet<ChildAnswer>,
    /// Told when the last call has been started: children start in the order of their calls, so that
    /// a parent may put its longest first.
    last_start: Option<oneshot::Receiver<()>>,
}

impl Children {
    pub fn new(shared: &Arc<Shared>, key: AttemptKey) -> Self {
        Self {
            shared: Arc::clone(shared),
            key,
            calls: JoinSet::new(),
            last_start: None,
        }
    }

    /// Starts a child and awaits it in the background.
    pub fn run(&mut self, call: ChildCall) {
        let (shared, key) = (Arc::clone(&self.shared), self.key);
        let (started, next) = oneshot::channel();
        let before = self.last_start.replace(next);
        self.calls.spawn(async move {
            let number = call.call;
            if let Some(before) = before {
                // However it went: started, refused or forgotten.
                let _ = before.await;
            }
            let outcome = match run(&shared, key, call.child, started).await {
                Ok(end) => ChildOutcome::Ended(end),
                Err(error) => ChildOutcome::Refused {
                    reason: format!("{}: {}", error.code(), explained(&error)),
                },
            };
            ChildAnswer {
                call: number,
                outcome,
            }
        });
        self.tell();
    }

    /// The next answer; never while no child is awaited. May be dropped and called again.
    pub async fn answered(&mut self) -> ChildAnswer {
        loop {
            match self.calls.join_next().await {
                Some(Ok(answer)) => {
                    self.tell();
                    return answer;
                }
                // Only when this worker ends.
                Some(Err(_aborted)) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// A package that waits for children leaves its slot to them.
    fn tell(&self) {
        let waits = !self.calls.is_empty();
        self.shared.attempts.set_waiting(self.key, waits);
    }
}

/// Runs a child to its end, however often the master is away meanwhile.
async fn run(
    shared: &Shared,
    attempt: AttemptKey,
    child: ChildPackage,
    begun: oneshot::Sender<()>,
) -> Result<ChildEnd, ClientError> {
    let mut backoff = Backoff::new("start a child package");
    let start = StartChild { attempt, child };
    let execution_id = loop {
        match shared.link.start_child(&start).await {
            Ok(started) => break started.execution_id,
            Err(error) => rest(shared, &mut backoff, error).await?,
        }
    };
    // Nobody may wait for it.
    let _ = begun.send(());
    let mut backoff = Backoff::new("await a child package");
    let wait = AwaitChild {
        attempt,
        execution_id,
        wait_ms: u64::try_from(WAIT.as_millis()).unwrap_or(u64::MAX),
    };
    loop {
        match shared.link.await_child(&wait).await {
            Ok(reply) => {
                backoff.succeeded();
                if let Some(end) = reply.ended {
                    return Ok(end);
                }
            }
            Err(error) => rest(shared, &mut backoff, error).await?,
        }
    }
}

/// Rests before the next try; gives an error back that the next try would get again.
async fn rest(
    shared: &Shared,
    backoff: &mut Backoff,
    error: ClientError,
) -> Result<(), ClientError> {
    shared.notice(&error);
    if is_final(&error) {
        return Err(error);
    }
    sleep(backoff.failed(&error)).await;
    Ok(())
}
