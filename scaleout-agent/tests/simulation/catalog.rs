//! A model of the catalog: the real state machine and the real rules over rows in memory, with
//! commits in groups. What is not committed is gone after a crash of the master.

use std::collections::BTreeMap;

use jiff::Timestamp;
use scaleout_catalog::{
    AllowedWorkers, Caps, Drain, HeldExecution, PendingExecution, SchedulingSnapshot, Tags, Usage,
    WorkerSnapshot,
};
use scaleout_core::lease::report::{AttemptEnding, AttemptLog, Verdict, fresh, judge};
use scaleout_core::lease::{Begun, Claim, ExecutionState, Lease, Rerun};
use scaleout_core::protocol::worker::{AttemptKey, AttemptOutcome, CompleteReply};
use uuid::Uuid;

use super::messages::{LEASE, Time, WorkerIndex};

/// A fault that someone could put into the code, to see that it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlantedBug {
    /// Takes whatever attempt calls for the one in force.
    NoFencing,
    /// Answers before the commit.
    EarlyAcknowledgement,
    /// Counts slots up at a grant and down at a report, instead of deriving them from leases.
    CountedSlots,
}

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

/// The id of a worker.
pub fn id_of(worker: WorkerIndex) -> Uuid {
    Uuid::from_u128(worker as u128 + 1)
}

/// A time of the master's clock as the real code takes it.
pub fn stamp(time: Time) -> Timestamp {
    Timestamp::from_millisecond(i64::try_from(time).unwrap()).unwrap()
}

/// The rows with one change after the other, and what a planted bug does to them.
#[derive(Clone, Debug)]
pub struct Catalog {
    pub rows: Rows,
    pub bug: Option<PlantedBug>,
}

impl Catalog {
    fn claim(&self, execution: &Execution, worker: Uuid, attempt: u32) -> Claim {
        let claimed = Claim { worker, attempt };
        match (self.bug, execution.state.lease()) {
            (Some(PlantedBug::NoFencing), Some(lease)) => Claim {
                worker: lease.worker,
                attempt: execution.state.tally().attempts,
            },
            _ => claimed,
        }
    }

    pub fn start(&mut self, id: i64, now: Time) -> bool {
        let Some(execution) = self.rows.executions.get_mut(&id) else {
            return false;
        };
        let Ok(next) = execution.state.start() else {
            return false;
        };
        execution.state = next;
        execution.pending_since = now;
        true
    }

    pub fn stop(&mut self, id: i64) -> bool {
        let Some(execution) = self.rows.executions.get_mut(&id) else {
            return false;
        };
        let stopped = execution.state.request_stop();
        execution.state = stopped.unwrap_or(execution.state);
        stopped.is_ok()
    }

    /// What the scheduler gets to see.
    pub fn snapshot(&self, now: Time) -> SchedulingSnapshot {
        let all = self.rows.executions.iter();
        let waits = all.filter(|(_, one)| matches!(one.state, ExecutionState::Pending(_)));
        let mut pending: Vec<PendingExecution> =
            waits.map(|(id, one)| pending_row(*id, one)).collect();
        pending.sort_by_key(|one| (one.pending_since, one.execution_id));
        let workers = self.rows.workers.iter().enumerate();
        SchedulingSnapshot {
            taken: stamp(now),
            pending,
            is_whole: true,
            held: self.held(),
            workers: workers
                .filter(|(_, row)| row.registered)
                .map(|(index, row)| self.worker_row(index, row))
                .collect(),
        }
    }

    fn worker_row(&self, index: WorkerIndex, row: &WorkerRow) -> WorkerSnapshot {
        WorkerSnapshot {
            worker: id_of(index),
            enabled: row.enabled,
            display_name: String::new(),
            machine_name: String::new(),
            tags: Tags::parse(row.tags),
            last_seen: stamp(row.seen),
            max_task_count: row.most,
            live_leases: self.live_leases(index),
            cpu_percent: None,
            free_memory_mb: None,
            gate: None,
            drain: row.drain.map(|until| Drain {
                until: Some(stamp(until)),
            }),
        }
    }

    pub fn held(&self) -> Vec<HeldExecution> {
        let held = self.rows.executions.iter().filter_map(|(id, execution)| {
            Some(HeldExecution {
                execution_id: *id,
                worker: execution.state.lease()?.worker,
                folder_name: execution.folder.to_owned(),
                caller_name: String::new(),
                project_id: 1,
                package_name: execution.package.to_owned(),
                caps: execution.caps.clone(),
            })
        });
        held.collect()
    }

    /// Leases that a worker holds: counted from the leases, unless a bug is planted.
    pub fn live_leases(&self, worker: WorkerIndex) -> u32 {
        if self.bug == Some(PlantedBug::CountedSlots) {
            return self.rows.workers[worker].counted;
        }
        let held = self.held();
        let own = held.iter().filter(|one| one.worker == id_of(worker));
        u32::try_from(own.count()).unwrap()
    }

    /// Grants what was planned, if it still may be; the same checks as in the real write.
    pub fn grant(&mut self, id: i64, worker: WorkerIndex, now: Time) -> Option<AttemptKey> {
        let row = &self.rows.workers[worker];
        if !row.enabled || row.drain.is_some() || row.most <= self.live_leases(worker) {
            return None;
        }
        let usage = Usage::of(&self.held());
        let worker_tags = Tags::parse(row.tags);
        let execution = self.rows.executions.get_mut(&id)?;
        let asked = pending_row(id, execution);
        let may = execution.allowed.contains(id_of(worker))
            && worker_tags.include(&asked.required_tags)
            && usage.obstacle(&asked).is_none();
        let lease = Lease {
            worker: id_of(worker),
            until: stamp(now + LEASE),
        };
        let next = execution.state.grant(lease).ok().filter(|_| may)?;
        execution.state = next;
        execution.last_worker = Some(id_of(worker));
        let attempt = next.tally().attempts;
        let log = AttemptLog::default();
        execution.attempts.insert(attempt, (id_of(worker), log));
        self.rows.workers[worker].counted += 1;
        Some(AttemptKey {
            execution_id: id,
            attempt,
        })
    }

    /// Renews; `None` when it is not this worker's, else whether it is to be stopped.
    pub fn renew(&mut self, worker: WorkerIndex, key: AttemptKey, now: Time) -> Option<bool> {
        let execution = self.rows.executions.get(&key.execution_id)?;
        let claim = self.claim(execution, id_of(worker), key.attempt);
        let next = execution.state.renew(claim, stamp(now + LEASE)).ok()?;
        let execution = self.rows.executions.get_mut(&key.execution_id)?;
        execution.state = next;
        Some(matches!(next, ExecutionState::Stopping(..)))
    }

    /// Stores events; how far the log is stored then, or `None` when it is refused.
    pub fn append(&mut self, worker: WorkerIndex, key: AttemptKey, events: &[u64]) -> Option<u64> {
        let execution = self.rows.executions.get(&key.execution_id)?;
        let claim = self.claim(execution, id_of(worker), key.attempt);
        let is_held = execution.state.is_held_by(claim);
        let execution = self.rows.executions.get_mut(&key.execution_id)?;
        let (owner, log) = execution.attempts.get_mut(&key.attempt)?;
        if *owner != id_of(worker) {
            return None;
        }
        let new = fresh(log.durable_through, events);
        match events[new].last() {
            None => Some(log.durable_through),
            Some(_) if !is_held => None,
            Some(last) => {
                log.durable_through = *last;
                Some(*last)
            }
        }
    }

    /// Ends an attempt.
    pub fn complete(
        &mut self,
        worker: WorkerIndex,
        key: AttemptKey,
        outcome: &AttemptOutcome,
        last: u64,
        now: Time,
    ) -> CompleteReply {
        let Some(execution) = self.rows.executions.get(&key.execution_id) else {
            return CompleteReply::Stale;
        };
        let found = execution.attempts.get(&key.attempt);
        let Some((owner, log)) = found.filter(|(owner, _)| *owner == id_of(worker)) else {
            return CompleteReply::Stale;
        };
        let claim = self.claim(execution, *owner, key.attempt);
        let log = match self.bug {
            // Without the check a taken back attempt may end, too.
            Some(PlantedBug::NoFencing) if log.ending == Some(AttemptEnding::Lost) => AttemptLog {
                ending: None,
                ..*log
            },
            _ => *log,
        };
        match judge(
            execution.state,
            log,
            claim,
            (outcome, last),
            execution.rerun,
        ) {
            Verdict::Again => CompleteReply::Accepted,
            Verdict::Stale => CompleteReply::Stale,
            Verdict::LogIncomplete => CompleteReply::LogIncomplete,
            Verdict::Moves(next) => {
                self.leave(key, next, AttemptEnding::Completed, now);
                let row = &mut self.rows.workers[worker];
                row.counted = row.counted.saturating_sub(1);
                CompleteReply::Accepted
            }
        }
    }

    /// Takes back what a worker gives back; whether it was its own.
    pub fn hand_back(
        &mut self,
        worker: WorkerIndex,
        key: AttemptKey,
        begun: bool,
        now: Time,
    ) -> bool {
        let Some(execution) = self.rows.executions.get(&key.execution_id) else {
            return false;
        };
        let claim = self.claim(execution, id_of(worker), key.attempt);
        let begun = if begun { Begun::Perhaps } else { Begun::No };
        match execution.state.hand_back(claim, begun, execution.rerun) {
            Ok(next) => {
                self.leave(key, next, AttemptEnding::Lost, now);
                true
            }
            Err(_) => false,
        }
    }

    /// Takes back leases that have ended.
    pub fn expire(&mut self, now: Time) -> Vec<AttemptKey> {
        let ended = self.rows.executions.iter().filter_map(|(id, execution)| {
            let next = execution.state.expire(stamp(now), execution.rerun).ok()?;
            let attempt = execution.state.tally().attempts;
            let key = AttemptKey {
                execution_id: *id,
                attempt,
            };
            Some((key, next))
        });
        let ended: Vec<(AttemptKey, ExecutionState)> = ended.collect();
        for (key, next) in &ended {
            self.leave(*key, *next, AttemptEnding::Lost, now);
        }
        ended.into_iter().map(|(key, _)| key).collect()
    }

    /// A worker registers: what it does not name it no longer runs.
    /// One that arrives after a later one takes nothing back, and says so.
    pub fn register(
        &mut self,
        worker: WorkerIndex,
        running: &[AttemptKey],
        number: Time,
        now: Time,
    ) -> bool {
        let row = &mut self.rows.workers[worker];
        row.registered = true;
        row.seen = now;
        if number <= row.registration {
            return false;
        }
        row.registration = number;
        let own = id_of(worker);
        let gone = self.rows.executions.iter().filter_map(|(id, execution)| {
            let key = AttemptKey {
                execution_id: *id,
                attempt: execution.state.tally().attempts,
            };
            let is_own = execution.state.lease()?.worker == own;
            let next = execution.state.lose(execution.rerun).ok()?;
            (is_own && !running.contains(&key)).then_some((key, next))
        });
        for (key, next) in gone.collect::<Vec<_>>() {
            self.leave(key, next, AttemptEnding::Lost, now);
        }
        true
    }

    /// When the next lease ends.
    pub fn next_deadline(&self) -> Option<Time> {
        let leases = self.rows.executions.values();
        let until = leases.filter_map(|one| Some(one.state.lease()?.until.as_millisecond()));
        until.min().map(|until| u64::try_from(until).unwrap())
    }

    fn leave(&mut self, key: AttemptKey, next: ExecutionState, ending: AttemptEnding, now: Time) {
        let execution = self.rows.executions.get_mut(&key.execution_id).unwrap();
        execution.state = next;
        execution.pending_since = now;
        if let Some((_, log)) = execution.attempts.get_mut(&key.attempt) {
            log.ending = Some(ending);
        }
    }
}

fn pending_row(id: i64, execution: &Execution) -> PendingExecution {
    PendingExecution {
        execution_id: id,
        folder_name: execution.folder.to_owned(),
        project_name: String::new(),
        package_name: execution.package.to_owned(),
        caller_name: String::new(),
        created: stamp(0),
        pending_since: stamp(execution.pending_since),
        allowed: execution.allowed.clone(),
        attempts: execution.state.tally().attempts,
        lost: execution.state.tally().lost,
        last_worker: execution.last_worker,
        is_child: false,
        project_id: 1,
        priority: execution.priority,
        required_tags: Tags::parse(execution.tags),
        caps: execution.caps.clone(),
    }
}
