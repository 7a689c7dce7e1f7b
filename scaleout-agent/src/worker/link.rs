//! The worker's calls to its masters: to one of them, until it fails.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use scaleout_core::client::{ClientError, Transport};
use scaleout_core::error::{Blame, Explain as _};
use scaleout_core::protocol::child::{AwaitChild, AwaitChildReply, ChildStarted, StartChild};
use scaleout_core::protocol::job::{CallJob, JobOutcome};
use scaleout_core::protocol::logs::LogAnswer;
use scaleout_core::protocol::worker::{
    Complete, CompleteReply, HandBack, HandBackReply, Heartbeat, HeartbeatReply, LeaseReply,
    LeaseRequest, LogBatch, LogReply, Register, Registered, Renew, Renewed, TaskHeartbeat,
    TaskHeartbeatReply,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::watch;

use super::metrics::Metrics;

/// How long an ordinary call may take.
const CALL_LIMIT: Duration = Duration::from_secs(30);
/// How long a call may take at least.
const SHORTEST_LIMIT: Duration = Duration::from_secs(1);
/// The same where another master can be asked.
const CALL_LIMIT_OF_SEVERAL: Duration = Duration::from_secs(10);
/// Longest wait of a lease request where another master may have to be asked.
const WAIT_OF_SEVERAL: Duration = Duration::from_secs(10);
/// How long a project may take to arrive.
const PROJECT_LIMIT: Duration = Duration::from_secs(1800);

/// The masters of one catalog, with this worker's certificate. All can be replaced while calls are
/// under way: those go on over the old connection.
#[derive(Debug)]
pub(super) struct Link {
    masters: RwLock<Vec<Transport>>,
    /// The number of the one that is called. Moves away from one that fails.
    current: watch::Sender<usize>,
    metrics: Arc<Metrics>,
}

impl Link {
    /// The masters, and which is called first.
    pub fn new(masters: Vec<Transport>, first: usize, metrics: Arc<Metrics>) -> Self {
        let current = watch::Sender::new(first % masters.len().max(1));
        Self {
            masters: RwLock::new(masters),
            current,
            metrics,
        }
    }

    /// Takes other transports for the calls to come.
    pub fn replace(&self, masters: Vec<Transport>) {
        let count = masters.len().max(1);
        *self.masters.write().unwrap_or_else(PoisonError::into_inner) = masters;
        self.current.send_if_modified(|current| {
            let is_gone = count <= *current;
            *current %= count;
            is_gone
        });
    }

    fn masters(&self) -> Vec<Transport> {
        self.masters
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub async fn register(&self, message: &Register) -> Result<Registered, ClientError> {
        self.call("register", message, self.call_limit()).await
    }

    pub async fn renew(&self, message: &Renew) -> Result<Renewed, ClientError> {
        self.call("renew", message, CALL_LIMIT).await
    }

    pub async fn heartbeat(&self, message: &Heartbeat) -> Result<HeartbeatReply, ClientError> {
        self.call("heartbeat", message, self.call_limit()).await
    }

    pub async fn lease(&self, message: &LeaseRequest) -> Result<LeaseReply, ClientError> {
        let mut message = message.clone();
        if self.has_several() {
            let longest = u64::try_from(WAIT_OF_SEVERAL.as_millis()).unwrap_or(u64::MAX);
            message.wait_ms = message.wait_ms.min(longest);
        }
        let limit = self.call_limit() + Duration::from_millis(message.wait_ms);
        self.call("lease", &message, limit).await
    }

    pub async fn task_heartbeat(
        &self,
        message: &TaskHeartbeat,
    ) -> Result<TaskHeartbeatReply, ClientError> {
        // One that gets lost is said again before the lease ends.
        let limit = Duration::from_millis(message.lease_ms / 3);
        let limit = limit.clamp(SHORTEST_LIMIT, self.call_limit());
        self.call("task_heartbeat", message, limit).await
    }

    pub async fn log(&self, message: &LogBatch) -> Result<LogReply, ClientError> {
        self.call("log", message, self.call_limit()).await
    }

    pub async fn complete(&self, message: &Complete) -> Result<CompleteReply, ClientError> {
        self.call("complete", message, self.call_limit()).await
    }

    pub async fn start_child(&self, message: &StartChild) -> Result<ChildStarted, ClientError> {
        self.call("start_child", message, self.call_limit()).await
    }

    pub async fn await_child(&self, message: &AwaitChild) -> Result<AwaitChildReply, ClientError> {
        let limit = self.call_limit() + Duration::from_millis(message.wait_ms);
        self.call("await_child", message, limit).await
    }

    pub async fn call_job(&self, message: &CallJob) -> Result<JobOutcome, ClientError> {
        self.call("call_job", message, self.call_limit()).await
    }

    pub async fn hand_back(&self, message: &HandBack) -> Result<HandBackReply, ClientError> {
        self.call("hand_back", message, self.call_limit()).await
    }

    pub async fn service_log(&self, message: &LogAnswer) -> Result<Value, ClientError> {
        self.call("service_log", message, self.call_limit()).await
    }

    pub async fn project(&self, hash: &str) -> Result<Vec<u8>, ClientError> {
        let path = format!("/ClusterManagement/v1/projects/{hash}");
        let path = &path;
        self.with_some_master(|master| async move { master.get_bytes(path, PROJECT_LIMIT).await })
            .await
    }

    fn has_several(&self) -> bool {
        1 < self.masters().len()
    }

    fn call_limit(&self) -> Duration {
        if self.has_several() {
            CALL_LIMIT_OF_SEVERAL
        } else {
            CALL_LIMIT
        }
    }

    async fn call<Q: Serialize + Sync, A: DeserializeOwned>(
        &self,
        name: &str,
        message: &Q,
        limit: Duration,
    ) -> Result<A, ClientError> {
        let path = format!("/ClusterManagement/v1/{name}");
        let path = &path;
        let asked = Instant::now();
        let answer = self
            .with_some_master(|master| async move { master.post(path, message, limit).await })
            .await;
        match &answer {
            // Those are held back on purpose.
            Ok(_) if matches!(name, "lease" | "await_child") => {}
            Ok(_) => self.metrics.answered(asked.elapsed()),
            Err(error) => self.metrics.call_failed(name, error.code()),
        }
        answer
    }

    /// Calls the current master; where that cannot be reached, each of the others once.
    async fn with_some_master<A, F>(&self, call: impl Fn(Transport) -> F) -> Result<A, ClientError>
    where
        F: Future<Output = Result<A, ClientError>>,
    {
        let mut tried = 1;
        loop {
            let masters = self.masters();
            let number = *self.current.borrow() % masters.len().max(1);
            let master = &masters[number];
            let mut moved = self.current.subscribe();
            let answer = tokio::select! {
                answer = call(master.clone()) => answer,
                // What waits for an answer of a master that fails others does not wait on.
                _ = moved.wait_for(|now| *now != number), if 1 < masters.len() => {
                    Err(ClientError::TimedOut {
                        endpoint: master.endpoint().to_string(),
                        seconds: 0,
                    })
                }
            };
            match answer {
                Err(error) if 1 < masters.len() && is_masters_fault(&error) => {
                    self.leave(&masters, number);
                    // A call that timed out has had its time: whoever made it decides.
                    let again = !matches!(error, ClientError::TimedOut { .. });
                    if !again || masters.len() <= tried {
                        return Err(error);
                    }
                    tried += 1;
                }
                answer => return answer,
            }
        }
    }

    /// Goes on to the next master, unless another call has done so.
    fn leave(&self, masters: &[Transport], number: usize) {
        let next = (number + 1) % masters.len();
        self.current.send_if_modified(|current| {
            let is_first = *current == number;
            if is_first {
                *current = next;
                let (from, to) = (&masters[number], &masters[next]);
                let (from, to) = (from.endpoint(), to.endpoint());
                tracing::warn!("the master at {from} fails; going on with the one at {to}");
            }
            is_first
        });
    }
}

/// Whether another master may do better: this one is away, stops, or cannot reach the catalog.
fn is_masters_fault(error: &ClientError) -> bool {
    match error {
        ClientError::Unreachable { .. } | ClientError::TimedOut { .. } => true,
        ClientError::Api(body) => body.blame == Blame::Unreachable,
        _ => false,
    }
}
