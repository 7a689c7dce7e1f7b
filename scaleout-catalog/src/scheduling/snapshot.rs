//! Everything that a plan needs, as of one moment.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::caps::Caps;
use super::tags::Tags;

/// Everything that a plan needs, as of one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct SchedulingSnapshot {
    /// When it was taken, by the catalog's clock.
    pub taken: Timestamp,
    /// Executions that wait for a worker, longest waiting first; of many, the first of each
    /// priority, folder and caller.
    pub pending: Vec<PendingExecution>,
    /// Whether these are all that wait.
    pub is_whole: bool,
    /// Executions that workers hold.
    pub held: Vec<HeldExecution>,
    /// Every worker that ever registered and was not deleted.
    pub workers: Vec<WorkerSnapshot>,
}

/// What a plan for child executions needs beside the [`SchedulingSnapshot`]: a package that waits for
/// its children does not keep them from its slot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChildSnapshot {
    /// Child executions that wait for a worker: those of the first parent first, of each parent those
    /// that take longest first.
    pub pending: Vec<PendingExecution>,
    /// Leases of a worker whose packages have children that have not ended.
    pub waiting: BTreeMap<Uuid, u32>,
}

/// An execution that waits for a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingExecution {
    /// The execution.
    pub execution_id: i64,
    /// Folder of its project.
    pub folder_name: String,
    /// Project.
    pub project_name: String,
    /// Package file name.
    pub package_name: String,
    /// Who started it.
    pub caller_name: String,
    /// When it was created.
    pub created: Timestamp,
    /// Since when it waits; a retry waits anew.
    pub pending_since: Timestamp,
    /// Who may run it.
    pub allowed: AllowedWorkers,
    /// Attempts granted so far.
    pub attempts: u32,
    /// Attempts among them whose worker was lost.
    pub lost: u32,
    /// Worker of the last attempt, if there was one.
    pub last_worker: Option<Uuid>,
    /// A package runs it as its child.
    pub is_child: bool,
    /// Its project.
    pub project_id: i64,
    /// `PRIORITY`: higher ones go first.
    pub priority: i32,
    /// `WORKER_TAGS`: what its worker must have.
    pub required_tags: Tags,
    /// How many of its kind may run at once.
    pub caps: Caps,
}

/// An execution that a worker holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldExecution {
    /// The execution.
    pub execution_id: i64,
    /// Who holds it.
    pub worker: Uuid,
    /// Folder whose share it takes.
    pub folder_name: String,
    /// Caller whose share it takes.
    pub caller_name: String,
    /// Its project.
    pub project_id: i64,
    /// Package file name.
    pub package_name: String,
    /// How many of its kind may run at once.
    pub caps: Caps,
}

/// Which workers may run an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedWorkers {
    /// Every enabled worker.
    Any,
    /// These only (`add_execution_worker`); possibly none yet.
    Only(Vec<Uuid>),
}

impl AllowedWorkers {
    /// Whether this worker may run it.
    #[must_use]
    pub fn contains(&self, worker: Uuid) -> bool {
        match self {
            Self::Any => true,
            Self::Only(workers) => workers.contains(&worker),
        }
    }
}

/// A worker as the scheduler sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkerSnapshot {
    /// The worker.
    pub worker: Uuid,
    /// Whether an administrator has enabled it.
    pub enabled: bool,
    /// Name to show.
    pub display_name: String,
    /// Host name.
    pub machine_name: String,
    /// Tags as set by `set_worker_agent_property`.
    pub tags: Tags,
    /// Last registration, heartbeat or task heartbeat.
    pub last_seen: Timestamp,
    /// `MaxTaskCount`.
    pub max_task_count: u32,
    /// Leases it holds right now.
    pub live_leases: u32,
    /// Busy share of its processors at its last heartbeat, 0 to 100.
    pub cpu_percent: Option<f64>,
    /// Its free memory at its last heartbeat, MB.
    pub free_memory_mb: Option<u64>,
    /// Why it wants no further task, in its own words (`TaskRequestMaxCPU`, `TaskRequestMinMemory`).
    pub gate: Option<String>,
    /// Whether it is drained.
    pub drain: Option<Drain>,
}

/// A worker that gets nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// When it hands back what it still runs; `None` for never.
    pub until: Option<Timestamp>,
}

impl WorkerSnapshot {
    /// Tasks it can still take.
    #[must_use]
    pub fn free_slots(&self) -> u32 {
        self.max_task_count.saturating_sub(self.live_leases)
    }
}

/// How a worker stands with the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerStanding {
    /// The worker.
    pub worker: Uuid,
    /// Whether an administrator has enabled it.
    pub enabled: bool,
}
