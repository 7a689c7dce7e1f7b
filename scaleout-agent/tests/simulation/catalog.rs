//! A model of the catalog: the real state machine and the real rules over rows in memory, with
//! commits in groups. What is not committed is gone after a crash of the master.

use std::collections::BTreeSet;

use jiff::Timestamp;
use scaleout_catalog::{
    Drain, HeldExecution, PendingExecution, SchedulingSnapshot, Tags, Usage, WorkerSnapshot,
};
use scaleout_core::lease::report::{AttemptEnding, AttemptLog, Verdict, fresh, judge};
use scaleout_core::lease::{Begun, Claim, ExecutionState, Lease};
use scaleout_core::protocol::worker::{AttemptKey, AttemptOutcome, CompleteReply};
use uuid::Uuid;

use super::messages::{LEASE, Time, WorkerIndex};
use super::rows::{Execution, Rows, Tables, WorkerRow};

/// A fault that someone could put into the code, to see that it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlantedBug {
    /// Takes whatever attempt calls for the one in force.
    NoFencing,
    /// Answers before the commit.
    EarlyAcknowledgement,
    /// Counts slots up at a grant and down at a report, instead of deriving them from leases.
    CountedSlots,
    /// Looks at those who have just asked only, whatever has changed for those who wait.
    DeafLoop,
}

/// The id of a worker.
pub fn id_of(worker: WorkerIndex) -> Uuid {
    Uuid::from_u128(worker as u128 + 1)
}

/// The worker with an id.
pub fn index_of(worker: Uuid) -> WorkerIndex {
    usize::try_from(worker.as_u128() - 1).unwrap()
}

/// A time of the master's clock as the real code takes it.
pub fn stamp(time: Time) -> Timestamp {
    Timestamp::from_millisecond(i64::try_from(time).unwrap()).unwrap()
}

/// The rows with one change after the other, and what a planted bug does to them.
#[derive(Debug)]
pub struct Catalog {
    tables: Tables,
    pub bug: Option<PlantedBug>,
    has_news: bool,
}

impl Catalog {
    pub fn new(rows: Rows, bug: Option<PlantedBug>) -> Self {
        Self {
            tables: Tables::new(rows),
            bug,
            has_news: false,
        }
    }

    /// The rows with what is not committed.
    pub fn rows(&self) -> &Rows {
        self.tables.written()
    }

    pub fn worker(&self, worker: WorkerIndex) -> &WorkerRow {
        &self.rows().workers[worker]
    }

    pub fn committed(&self) -> &Rows {
        self.tables.committed()
    }

    pub fn commit(&mut self) {
        self.tables.commit();
    }

    pub fn roll_back(&mut self) {
        self.tables.roll_back();
        self.has_news = true;
    }

    /// Whether something may be grantable now to one who waited before; asked once.
    pub fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.has_news) && self.bug != Some(PlantedBug::DeafLoop)
    }

    /// Moves an execution. It is news where it begins or ends to wait or to be held: the scheduler
    /// sees nothing else of a state.
    fn move_to(&mut self, id: i64, next: ExecutionState) -> &mut Execution {
        let seen = |state: ExecutionState| {
            let holder = state.lease().map(|lease| lease.worker);
            (matches!(state, ExecutionState::Pending(_)), holder)
        };
        let execution = self.tables.execution_mut(id).unwrap();
        self.has_news |= seen(execution.state) != seen(next);
        execution.state = next;
        execution
    }

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
        let Some(execution) = self.rows().executions.get(&id) else {
            return false;
        };
        let Ok(next) = execution.state.start() else {
            return false;
        };
        self.move_to(id, next).pending_since = now;
        true
    }

    pub fn stop(&mut self, id: i64) -> bool {
        let Some(execution) = self.rows().executions.get(&id) else {
            return false;
        };
        let Ok(next) = execution.state.request_stop() else {
            return false;
        };
        self.move_to(id, next);
        true
    }

    /// Hears of a worker.
    pub fn hear_of(&mut self, worker: WorkerIndex, now: Time) {
        self.tables.worker_mut(worker).seen = now;
    }

    /// An administrator drains a worker or no longer does.
    pub fn drain(&mut self, worker: WorkerIndex, until: Option<Time>) {
        let row = self.tables.worker_mut(worker);
        self.has_news |= row.drain != until;
        row.drain = until;
    }

    pub fn enable(&mut self, worker: WorkerIndex, enabled: bool) {
        let row = self.tables.worker_mut(worker);
        self.has_news |= row.enabled != enabled;
        row.enabled = enabled;
    }

    /// What the scheduler gets to see for the workers that ask: as in the real catalog, of the workers
    /// those only, and nothing that waits where none of them has a free slot.
    pub fn snapshot_for(&self, asking: &BTreeSet<WorkerIndex>, now: Time) -> SchedulingSnapshot {
        let rows = asking.iter().map(|index| (*index, self.worker(*index)));
        let registered = rows.filter(|(_, row)| row.registered);
        let workers: Vec<WorkerSnapshot> = registered
            .map(|(index, row)| self.worker_row(index, row))
            .collect();
        let has_room = workers.iter().any(|worker| 0 < worker.free_slots());
        let pending = if has_room { self.pending() } else { Vec::new() };
        let held = match pending.is_empty() {
            true => Vec::new(),
            false => self.held(),
        };
        SchedulingSnapshot {
            taken: stamp(now),
            pending,
            is_whole: true,
            held,
            workers,
        }
    }

    /// Whether anything waits for a worker.
    pub fn has_pending(&self) -> bool {
        let mut all = self.rows().executions.values();
        all.any(|one| matches!(one.state, ExecutionState::Pending(_)))
    }

    fn pending(&self) -> Vec<PendingExecution> {
        let all = self.rows().executions.iter();
        let waits = all.filter(|(_, one)| matches!(one.state, ExecutionState::Pending(_)));
        let mut pending: Vec<PendingExecution> =
            waits.map(|(id, one)| pending_row(*id, one)).collect();
        pending.sort_by_key(|one| (one.pending_since, one.execution_id));
        pending
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

    fn held(&self) -> Vec<HeldExecution> {
        let held = self.rows().executions.iter().filter_map(|(id, execution)| {
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
            return self.worker(worker).counted;
        }
        let leases = self.rows().executions.values();
        let leases = leases.filter_map(|one| one.state.lease());
        let own = leases.filter(|lease| lease.worker == id_of(worker));
        u32::try_from(own.count()).unwrap()
    }

    /// Who holds an execution.
    pub fn holder(&self, id: i64) -> Option<WorkerIndex> {
        let lease = self.rows().executions.get(&id)?.state.lease()?;
        Some(index_of(lease.worker))
    }

    /// Grants what was planned, if it still may be; the same checks as in the real write.
    pub fn grant(&mut self, id: i64, worker: WorkerIndex, now: Time) -> Option<AttemptKey> {
        let row = self.worker(worker);
        if !row.enabled || row.drain.is_some() || row.most <= self.live_leases(worker) {
            return None;
        }
        let usage = Usage::of(&self.held());
        let worker_tags = Tags::parse(row.tags);
        let execution = self.rows().executions.get(&id)?;
        let asked = pending_row(id, execution);
        let may = execution.allowed.contains(id_of(worker))
            && worker_tags.include(&asked.required_tags)
            && usage.obstacle(&asked).is_none();
        let lease = Lease {
            worker: id_of(worker),
            until: stamp(now + LEASE),
        };
        let next = execution.state.grant(lease).ok().filter(|_| may)?;
        let execution = self.move_to(id, next);
        execution.last_worker = Some(id_of(worker));
        let attempt = next.tally().attempts;
        let log = AttemptLog::default();
        execution.attempts.insert(attempt, (id_of(worker), log));
        self.tables.worker_mut(worker).counted += 1;
        Some(AttemptKey {
            execution_id: id,
            attempt,
        })
    }

    /// Renews; `None` when it is not this worker's, else whether it is to be stopped.
    pub fn renew(&mut self, worker: WorkerIndex, key: AttemptKey, now: Time) -> Option<bool> {
        let execution = self.rows().executions.get(&key.execution_id)?;
        let claim = self.claim(execution, id_of(worker), key.attempt);
        let next = execution.state.renew(claim, stamp(now + LEASE)).ok()?;
        self.move_to(key.execution_id, next);
        Some(matches!(next, ExecutionState::Stopping(..)))
    }

    /// Stores events; how far the log is stored then, or `None` when it is refused.
    pub fn append(&mut self, worker: WorkerIndex, key: AttemptKey, events: &[u64]) -> Option<u64> {
        let execution = self.rows().executions.get(&key.execution_id)?;
        let claim = self.claim(execution, id_of(worker), key.attempt);
        let is_held = execution.state.is_held_by(claim);
        let execution = self.tables.execution_mut(key.execution_id)?;
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
        let Some(execution) = self.rows().executions.get(&key.execution_id) else {
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
                let row = self.tables.worker_mut(worker);
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
        let Some(execution) = self.rows().executions.get(&key.execution_id) else {
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
        let ended = self.rows().executions.iter().filter_map(|(id, execution)| {
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
        let row = self.tables.worker_mut(worker);
        row.registered = true;
        row.seen = now;
        if number <= row.registration {
            return false;
        }
        row.registration = number;
        let own = id_of(worker);
        let gone = self.rows().executions.iter().filter_map(|(id, execution)| {
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
        let leases = self.rows().executions.values();
        let until = leases.filter_map(|one| Some(one.state.lease()?.until.as_millisecond()));
        until.min().map(|until| u64::try_from(until).unwrap())
    }

    fn leave(&mut self, key: AttemptKey, next: ExecutionState, ending: AttemptEnding, now: Time) {
        let execution = self.move_to(key.execution_id, next);
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
