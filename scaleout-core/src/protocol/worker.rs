//! Worker to master: `POST /ClusterManagement/v1/<message>` over mutual TLS, JSON both ways.
//!
//! A worker is who its certificate says: requests carry no identity of their own
//! except at registration, where the id must belong to the certificate ever after.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::event::{Event, PackageResult};
use super::executor::PackageUsage;
use super::logs::LogWanted;
use super::task::TaskDescription;

/// `POST register`: first contact, and again after every start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// `AgentId` of the worker's settings.
    pub worker_agent_id: Uuid,
    /// Version of this protocol that the worker speaks.
    pub protocol_version: u32,
    /// Version of the worker's program.
    pub program_version: String,
    /// Host name.
    pub machine_name: String,
    /// `DisplayName`
    pub display_name: String,
    /// `Description`
    pub description: String,
    /// Operating-system account of the service.
    pub user_account: String,
    /// `MaxTaskCount`
    pub max_task_count: u32,
    /// Attempts that this worker still runs (after a reconnect).
    pub running: Vec<AttemptKey>,
    /// Rises with each registration of this worker: one that was long on its way and arrives after a
    /// later one takes nothing back. 0 says nothing.
    #[serde(default, skip_serializing_if = "is_unnumbered")]
    pub number: u64,
}

fn is_unnumbered(number: &u64) -> bool {
    *number == 0
}

/// Answer to [`Register`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// Version that both sides speak from now on.
    pub protocol_version: u32,
    /// Whether an administrator has enabled this worker.
    pub enabled: bool,
    /// The master's clock, to notice skew.
    pub master_time: Timestamp,
    /// While a certificate of the master is being replaced: all that are good, as PEM, the new one
    /// first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub master_certificates: Vec<String>,
}

/// One attempt of one execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AttemptKey {
    /// The execution.
    pub execution_id: i64,
    /// Its fencing number.
    pub attempt: u32,
}

/// `POST heartbeat`: the worker is alive (every `AgentHeartbeatInterval`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Busy share of all processors, 0 to 100.
    pub cpu_percent: f64,
    /// Free memory, MB.
    pub free_memory_mb: u64,
    /// Tasks it runs right now.
    pub running_tasks: u32,
    /// Why it asks for no further task although it has a free slot (`TaskRequestMaxCPU`,
    /// `TaskRequestMinMemory`); absent when it asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
}

/// Answer to [`Heartbeat`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeartbeatReply {
    /// Whether the worker is enabled.
    pub enabled: bool,
    /// While a certificate of the master is being replaced: all that are good, as PEM, the new one
    /// first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub master_certificates: Vec<String>,
    /// Whether the worker is to make itself a new certificate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub renew_certificate: bool,
    /// Parts of logs that somebody wants to read: to be sent with `service_log`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs_wanted: Vec<LogWanted>,
}

/// `POST renew`: a worker has made itself a new certificate, and says so over a connection with the
/// one it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renew {
    /// The new certificate, as PEM.
    pub certificate: String,
}

/// Answer to [`Renew`]: the new certificate is trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewed {
    /// Until when the old one is trusted too.
    pub old_until: Timestamp,
}

/// `POST join`: a machine asks to become a worker. The certificate of the connection is the one that
/// is to be trusted; the token says that somebody has invited it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Join {
    /// The token.
    pub token: String,
    /// `AgentId` of the worker's settings.
    pub worker_agent_id: Uuid,
    /// Host name.
    pub machine_name: String,
    /// `DisplayName`
    pub display_name: String,
}

/// Answer to [`Join`]. Asking again with the same token and certificate tells how it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinReply {
    /// The certificate is trusted.
    Approved,
    /// An administrator has to decide.
    Pending,
}

/// `POST lease`: asks for work; the master holds the request until there is some or the wait is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseRequest {
    /// Most tasks wanted now: free slots.
    pub slots: u32,
    /// Most child executions wanted beyond those: slots whose packages wait for children.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub child_slots: u32,
    /// Longest wait, milliseconds; the master caps it at 60,000.
    pub wait_ms: u64,
    /// `LeaseInternval`, milliseconds.
    pub lease_ms: u64,
}

/// `skip_serializing_if` gives a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Answer to [`LeaseRequest`]; empty when the wait was over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseReply {
    /// The tasks that are this worker's now.
    pub tasks: Vec<LeasedTask>,
    /// Parts of logs that somebody wants to read: to be sent with `service_log`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs_wanted: Vec<LogWanted>,
}

/// A task with its lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeasedTask {
    /// What to run.
    pub task: TaskDescription,
    /// When the lease ends unless renewed, by the master's clock.
    pub lease_until: Timestamp,
}

/// `POST task_heartbeat`: renews leases (every `TaskHeartbeatInterval`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskHeartbeat {
    /// Attempts that still run here.
    pub running: Vec<AttemptKey>,
    /// `LeaseInternval`, milliseconds.
    pub lease_ms: u64,
    /// Process ids of the executors, in the order of `running`; 0 when unknown.
    #[serde(default)]
    pub process_ids: Vec<u32>,
    /// What running packages have read, written and hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counters: Vec<AttemptCounters>,
    /// Where packages have begun since the master last heard of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub began: Vec<AttemptBegan>,
}

/// Where one attempt has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptBegan {
    /// Which.
    pub attempt: AttemptKey,
    /// Where.
    pub began: Began,
}

/// The process that runs a package, and its machine as it was when the package began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Began {
    /// Process of the executor; 0 when unknown.
    pub process_id: u32,
    /// Logical processors.
    pub cpu_count: u32,
    /// Memory, kB.
    pub total_physical_memory_kb: u64,
    /// Memory that programs could still have, kB.
    pub available_physical_memory_kb: u64,
    /// Memory and swap space together, kB.
    pub total_page_file_kb: u64,
    /// What of both programs could still have, kB.
    pub available_page_file_kb: u64,
}

/// The performance counters of one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptCounters {
    /// Whose.
    pub attempt: AttemptKey,
    /// All of them.
    pub counters: Vec<Counter>,
}

/// A row of `catalog.dm_execution_performance_counters`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// `counter_name`
    pub name: String,
    /// `counter_value`
    pub value: i64,
}

/// A dump that someone asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpRequest {
    /// Of which attempt.
    pub attempt: AttemptKey,
    /// Its id.
    pub dump_id: Uuid,
}

/// Answer to [`TaskHeartbeat`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskHeartbeatReply {
    /// Attempts whose lease is renewed.
    pub renewed: Vec<AttemptKey>,
    /// Attempts to stop: someone called `stop_operation`.
    pub stop: Vec<AttemptKey>,
    /// Attempts that are no longer this worker's: kill them, report nothing.
    pub lost: Vec<AttemptKey>,
    /// Dumps to write: someone called `create_execution_dump`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dumps: Vec<DumpRequest>,
    /// Attempts to end and hand back: this worker is drained and its time is over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hand_back: Vec<AttemptKey>,
}

/// `POST hand_back`: the worker no longer runs these attempts and never will; nobody's fault. Their
/// logs are durable as far as they go. Saying it again changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandBack {
    /// The attempts.
    pub attempts: Vec<HandedBack>,
    /// Why, as a clause: `it drains`.
    pub reason: String,
    /// Said by a worker that stops: whatever else it is thought to hold, but for these, never
    /// arrived there and is handed back too. Absent when nothing is said about others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeps: Option<Keeps>,
}

/// What a worker that stops still holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeps {
    /// The number of the registration that this is said under; after a later one it is void.
    pub registration: u64,
    /// The attempts.
    pub attempts: Vec<AttemptKey>,
}

/// One attempt that a worker hands back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedBack {
    /// Which.
    pub attempt: AttemptKey,
    /// Whether its package had begun, or may have.
    pub begun: bool,
}

/// Answer to [`HandBack`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandBackReply {
    /// Those that were this worker's and are taken back.
    pub taken: Vec<AttemptKey>,
}

/// `POST log`: events of one attempt, in order. Acknowledged once they are durable; a batch sent
/// again changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogBatch {
    /// Whose events.
    pub attempt: AttemptKey,
    /// The events; sequence numbers rise by one.
    pub events: Vec<Event>,
}

/// Answer to [`LogBatch`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogReply {
    /// Highest sequence number that is durable.
    pub durable_through: u64,
}

/// `POST complete`: the attempt is over and its log is durable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Complete {
    /// Which attempt.
    pub attempt: AttemptKey,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// Highest sequence number of its events: the log is complete when all of them are there.
    pub last_sequence: u64,
    /// The last events, where few are left: they need no message of their own then. A master that
    /// does not know them says that the log is incomplete and gets them by `log`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// Where its package ran; absent when none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<Began>,
    /// What the package used, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<PackageUsage>,
    /// Events that were left out, as the disk of the spool was full: the log is not complete, and a
    /// warning in it says what is not there.
    #[serde(default, skip_serializing_if = "is_none_left_out")]
    pub left_out: u64,
}

/// `skip_serializing_if` gives a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_none_left_out(count: &u64) -> bool {
    *count == 0
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttemptOutcome {
    /// The package ran to its end.
    Ran {
        /// Its result.
        result: PackageResult,
    },
    /// The executor died, or this machine could not run the package through no fault of its own.
    EndedUnexpectedly {
        /// Why.
        reason: String,
    },
}

/// Answer to [`Complete`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompleteReply {
    /// Recorded.
    Accepted,
    /// This attempt is not the one in force; nothing changed.
    Stale,
    /// Events are missing: send them, then complete again.
    LogIncomplete,
}
