//! The worker's calls to its master.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use scaleout_core::client::{ClientError, Transport};
use scaleout_core::protocol::child::{AwaitChild, AwaitChildReply, ChildStarted, StartChild};
use scaleout_core::protocol::worker::{
    Complete, CompleteReply, HandBack, HandBackReply, Heartbeat, HeartbeatReply, LeaseReply,
    LeaseRequest, LogBatch, LogReply, Register, Registered, Renew, Renewed, TaskHeartbeat,
    TaskHeartbeatReply,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How long an ordinary call may take.
const CALL_LIMIT: Duration = Duration::from_secs(30);
/// How long a call may take at least.
const SHORTEST_LIMIT: Duration = Duration::from_secs(1);
/// How long a project may take to arrive.
const PROJECT_LIMIT: Duration = Duration::from_secs(1800);

/// One master, with this worker's certificate. Both can be replaced while calls are under way:
/// those go on over the old connection.
#[derive(Debug)]
pub(super) struct Link(RwLock<Transport>);

impl Link {
    pub fn new(transport: Transport) -> Self {
        Self(RwLock::new(transport))
    }

    /// Takes another transport for the calls to come.
    pub fn replace(&self, transport: Transport) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = transport;
    }

    fn transport(&self) -> Transport {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub async fn register(&self, message: &Register) -> Result<Registered, ClientError> {
        self.call("register", message, CALL_LIMIT).await
    }

    pub async fn renew(&self, message: &Renew) -> Result<Renewed, ClientError> {
        self.call("renew", message, CALL_LIMIT).await
    }

    pub async fn heartbeat(&self, message: &Heartbeat) -> Result<HeartbeatReply, ClientError> {
        self.call("heartbeat", message, CALL_LIMIT).await
    }

    pub async fn lease(&self, message: &LeaseRequest) -> Result<LeaseReply, ClientError> {
        let limit = CALL_LIMIT + Duration::from_millis(message.wait_ms);
        self.call("lease", message, limit).await
    }

    pub async fn task_heartbeat(
        &self,
        message: &TaskHeartbeat,
    ) -> Result<TaskHeartbeatReply, ClientError> {
        // One that gets lost is said again before the lease ends.
        let limit = Duration::from_millis(message.lease_ms / 3).clamp(SHORTEST_LIMIT, CALL_LIMIT);
        self.call("task_heartbeat", message, limit).await
    }

    pub async fn log(&self, message: &LogBatch) -> Result<LogReply, ClientError> {
        self.call("log", message, CALL_LIMIT).await
    }

    pub async fn complete(&self, message: &Complete) -> Result<CompleteReply, ClientError> {
        self.call("complete", message, CALL_LIMIT).await
    }

    pub async fn start_child(&self, message: &StartChild) -> Result<ChildStarted, ClientError> {
        self.call("start_child", message, CALL_LIMIT).await
    }

    pub async fn await_child(&self, message: &AwaitChild) -> Result<AwaitChildReply, ClientError> {
        let limit = CALL_LIMIT + Duration::from_millis(message.wait_ms);
        self.call("await_child", message, limit).await
    }

    pub async fn hand_back(&self, message: &HandBack) -> Result<HandBackReply, ClientError> {
        self.call("hand_back", message, CALL_LIMIT).await
    }

    pub async fn project(&self, hash: &str) -> Result<Vec<u8>, ClientError> {
        let path = format!("/ClusterManagement/v1/projects/{hash}");
        self.transport().get_bytes(&path, PROJECT_LIMIT).await
    }

    async fn call<Q: Serialize, A: DeserializeOwned>(
        &self,
        name: &str,
        message: &Q,
        limit: Duration,
    ) -> Result<A, ClientError> {
        let path = format!("/ClusterManagement/v1/{name}");
        self.transport().post(&path, message, limit).await
    }
}
