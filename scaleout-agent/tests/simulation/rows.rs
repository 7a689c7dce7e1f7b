//! The rows of the model catalog, as its transactions see them and as they are on the disk.
//!
//! What is written is noted, and a commit copies nothing else: of a crowd of workers, most are idle.

use std::collections::{BTreeMap, BTreeSet};

use scaleout_catalog::{AllowedWorkers, Caps};
use scaleout_core::lease::report::AttemptLog;
use scaleout_core::lease::{ExecutionState, Rerun};
use uuid::Uuid;

use super::messages::{Time, WorkerIndex};

/// An execution and what it asks for.
#[derive(Clone, Debug)]
pub struct Execution {
    pub state: ExecutionState,
    pub rerun: Rerun,
    pub priority: i32,
    pub folder: &'static str,
    pub package: &'static str,
    pub caps: Caps,
    pub tags: &'static str,
    pub allowed: AllowedWorkers,
    pub pending_since: Time,
    pub last_worker: Option<Uuid>,
    pub attempts: BTreeMap<u32, (Uuid, AttemptLog)>,
}

/// A worker as its row has it.
#[derive(Clone, Debug)]
pub struct WorkerRow {
    pub registered: bool,
    pub enabled: bool,
    pub drain: Option<Time>,
    pub tags: &'static str,
    pub most: u32,
    pub seen: Time,
    pub registration: Time,
    /// Used by a planted bug only.
    pub counted: u32,
}

/// All rows.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub executions: BTreeMap<i64, Execution>,
    pub workers: Vec<WorkerRow>,
}

/// The rows with what was written and is not committed, and without it.
#[derive(Debug)]
pub struct Tables {
    written: Rows,
    committed: Rows,
    written_executions: BTreeSet<i64>,
    written_workers: BTreeSet<WorkerIndex>,
}

impl Tables {
    /// With these rows, all of them committed.
    pub fn new(rows: Rows) -> Self {
        Self {
            committed: rows.clone(),
            written: rows,
            written_executions: BTreeSet::new(),
            written_workers: BTreeSet::new(),
        }
    }

    /// As the master sees them.
    pub fn written(&self) -> &Rows {
        &self.written
    }

    /// As they are after a crash.
    pub fn committed(&self) -> &Rows {
        &self.committed
    }

    /// An execution, to write to it.
    pub fn execution_mut(&mut self, id: i64) -> Option<&mut Execution> {
        let execution = self.written.executions.get_mut(&id)?;
        self.written_executions.insert(id);
        Some(execution)
    }

    /// A worker, to write to it.
    pub fn worker_mut(&mut self, worker: WorkerIndex) -> &mut WorkerRow {
        self.written_workers.insert(worker);
        &mut self.written.workers[worker]
    }

    /// Makes durable what was written.
    pub fn commit(&mut self) {
        for id in std::mem::take(&mut self.written_executions) {
            let execution = self.written.executions[&id].clone();
            self.committed.executions.insert(id, execution);
        }
        for worker in std::mem::take(&mut self.written_workers) {
            self.committed.workers[worker] = self.written.workers[worker].clone();
        }
    }

    /// Forgets what was not committed.
    pub fn roll_back(&mut self) {
        self.written = self.committed.clone();
        self.written_executions.clear();
        self.written_workers.clear();
    }
}
