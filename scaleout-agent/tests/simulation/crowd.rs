//! All workers of a history, and which of them have something to do: in a crowd, most are idle, and
//! nobody is to be asked for that after each event.

use std::collections::BTreeSet;
use std::ops::Index;

use super::messages::WorkerIndex;
use super::worker::{Phase, Worker};

/// The workers.
pub struct Crowd {
    workers: Vec<Worker>,
    busy: BTreeSet<WorkerIndex>,
}

impl Crowd {
    /// Workers that have nothing to do yet, with so many slots each.
    pub fn new(slots: impl Iterator<Item = u32>) -> Self {
        Self {
            workers: slots.map(Worker::new).collect(),
            busy: BTreeSet::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.workers.len()
    }

    /// Lets a worker do something, whatever becomes of its attempts.
    pub fn with<T>(&mut self, worker: WorkerIndex, act: impl FnOnce(&mut Worker) -> T) -> T {
        let done = act(&mut self.workers[worker]);
        if is_busy(&self.workers[worker]) {
            self.busy.insert(worker);
        } else {
            self.busy.remove(&worker);
        }
        done
    }

    /// Whether nobody has anything to run or to report.
    pub fn is_idle(&self) -> bool {
        self.busy.is_empty()
    }

    /// On how many workers a package of the execution runs right now.
    pub fn runs(&self, execution_id: i64) -> usize {
        let busy = self.busy.iter().map(|worker| &self.workers[*worker]);
        busy.filter(|one| one.up && one.runs(execution_id)).count()
    }
}

impl Index<WorkerIndex> for Crowd {
    type Output = Worker;

    fn index(&self, worker: WorkerIndex) -> &Worker {
        &self.workers[worker]
    }
}

fn is_busy(worker: &Worker) -> bool {
    let mut held = worker.held.values();
    held.any(|one| one.phase != Phase::Remains)
}
