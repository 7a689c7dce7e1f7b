//! What must hold in every history, checked by books of its own: they know no state machine, only
//! who was given what, and what was told to whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use scaleout_core::lease::ExecutionState;
use scaleout_core::lease::report::AttemptEnding;
use scaleout_core::protocol::worker::AttemptKey;

use super::catalog::index_of;
use super::messages::WorkerIndex;
use super::rows::{Execution, Rows};

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(pub String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something that was acknowledged, so that it must be there ever after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    Started(i64),
    Stopped(i64),
    Logged(AttemptKey, u64),
    Completed(AttemptKey),
}

/// What a crash takes back as far as it was not committed.
#[derive(Clone, Debug, Default)]
struct Books {
    in_force: BTreeMap<i64, (WorkerIndex, u32)>,
    stopped: BTreeSet<i64>,
    completed: BTreeMap<AttemptKey, bool>,
}

/// The books.
#[derive(Debug, Default)]
pub struct Ledger {
    now: Books,
    committed: Books,
    facts: Vec<Fact>,
}

impl Ledger {
    /// All that was noted is durable.
    pub fn commit(&mut self) {
        self.committed = self.now.clone();
    }

    /// A crash: what was not committed never happened; what was told was told.
    pub fn roll_back(&mut self) {
        self.now = self.committed.clone();
    }

    pub fn told(&mut self, fact: Option<Fact>) {
        self.facts.extend(fact);
    }

    pub fn stopped(&mut self, id: i64) {
        self.now.stopped.insert(id);
    }

    pub fn granted(&mut self, worker: WorkerIndex, key: AttemptKey) {
        self.now
            .in_force
            .insert(key.execution_id, (worker, key.attempt));
    }

    pub fn expires(&mut self, key: AttemptKey) {
        self.now.in_force.remove(&key.execution_id);
    }

    pub fn forget_all_but(&mut self, worker: WorkerIndex, running: &[AttemptKey]) {
        self.now.in_force.retain(|id, (holder, attempt)| {
            let key = AttemptKey {
                execution_id: *id,
                attempt: *attempt,
            };
            *holder != worker || running.contains(&key)
        });
    }

    /// An attempt has changed something: only the one in force may.
    pub fn acts(&self, worker: WorkerIndex, key: AttemptKey) -> Result<(), Violation> {
        match self.now.in_force.get(&key.execution_id) {
            Some(held) if *held == (worker, key.attempt) => Ok(()),
            other => Err(Violation(format!(
                "worker {worker} acted for {key:?}, and in force is {other:?}"
            ))),
        }
    }

    pub fn ends(&mut self, worker: WorkerIndex, key: AttemptKey) -> Result<(), Violation> {
        self.acts(worker, key)?;
        self.now.in_force.remove(&key.execution_id);
        Ok(())
    }

    /// The end of an attempt was accepted, perhaps again.
    pub fn completes(
        &mut self,
        worker: WorkerIndex,
        key: AttemptKey,
        succeeded: bool,
    ) -> Result<(), Violation> {
        if self.now.completed.contains_key(&key) {
            return Ok(());
        }
        self.ends(worker, key)?;
        let other = self
            .now
            .completed
            .iter()
            .find(|(other, succeeded)| other.execution_id == key.execution_id && **succeeded);
        if let Some((other, _)) = other.filter(|_| succeeded) {
            return Err(Violation(format!("{other:?} and {key:?} both succeeded")));
        }
        self.now.completed.insert(key, succeeded);
        Ok(())
    }

    /// Everything that was ever acknowledged is there.
    pub fn check_facts(&self, rows: &Rows) -> Result<(), Violation> {
        let is_there = |fact: &Fact| {
            let (Fact::Started(id) | Fact::Stopped(id)) = *fact else {
                let (Fact::Logged(key, _) | Fact::Completed(key)) = *fact else {
                    return false;
                };
                let log = rows.executions[&key.execution_id]
                    .attempts
                    .get(&key.attempt);
                return log.is_some_and(|(_, log)| match fact {
                    Fact::Logged(_, through) => *through <= log.durable_through,
                    _ => log.ending == Some(AttemptEnding::Completed),
                });
            };
            match (fact, rows.executions[&id].state) {
                (_, ExecutionState::Created) => false,
                (Fact::Stopped(_), state) => matches!(
                    state,
                    ExecutionState::Stopping(..) | ExecutionState::Ended(..)
                ),
                _ => true,
            }
        };
        match self.facts.iter().find(|fact| !is_there(fact)) {
            None => Ok(()),
            Some(lost) => Err(Violation(format!("acknowledged and not there: {lost:?}"))),
        }
    }

    /// What is true of every commit: what has ended stays, and nothing is held beyond its bounds.
    pub fn check_commit(&self, before: &Rows, after: &Rows) -> Result<(), Violation> {
        for (id, execution) in &before.executions {
            let now = after.executions[id].state;
            if execution.state.status().is_terminal() && execution.state != now {
                return Err(Violation(format!("{id} had ended and is {now:?}")));
            }
        }
        self.check_slots(after)?;
        self.check_caps(after)?;
        self.check_stops(after)
    }

    /// Whoever holds nothing holds not too much, so that only holders are looked at.
    fn check_slots(&self, rows: &Rows) -> Result<(), Violation> {
        let mut held: BTreeMap<WorkerIndex, u32> = BTreeMap::new();
        for lease in rows.executions.values().filter_map(|one| one.state.lease()) {
            *held.entry(index_of(lease.worker)).or_default() += 1;
        }
        let most = |worker: WorkerIndex| rows.workers[worker].most;
        match held.iter().find(|(worker, held)| most(**worker) < **held) {
            None => Ok(()),
            Some((worker, _)) => Err(Violation(format!("worker {worker} holds too much"))),
        }
    }

    fn check_caps(&self, rows: &Rows) -> Result<(), Violation> {
        let held = || {
            let all = rows.executions.values();
            all.filter(|one| one.state.lease().is_some())
        };
        for one in held() {
            let same = held().filter(|other| other.package == one.package).count();
            let limit = one.caps.package_limit;
            if limit.is_some_and(|limit| usize::try_from(limit).unwrap() < same) {
                return Err(Violation(format!(
                    "package {} is over its cap",
                    one.package
                )));
            }
            let Some(cap) = &one.caps.key else { continue };
            let shares = |other: &&Execution| {
                other
                    .caps
                    .key
                    .as_ref()
                    .is_some_and(|key| key.key == cap.key)
            };
            if usize::try_from(cap.limit).unwrap() < held().filter(shares).count() {
                return Err(Violation(format!("key {} is over its cap", cap.key)));
            }
        }
        Ok(())
    }

    fn check_stops(&self, rows: &Rows) -> Result<(), Violation> {
        let revived = self.now.stopped.iter().find(|id| {
            matches!(
                rows.executions[id].state,
                ExecutionState::Pending(_) | ExecutionState::Running(..)
            )
        });
        match revived {
            None => Ok(()),
            Some(id) => Err(Violation(format!("{id} was stopped and goes on"))),
        }
    }
}
