//! A model of the master around the real scheduler: requests that wait, commits in groups, the sweep.

use scaleout_agent::master::schedule::{Action, SlotRequest, plan};
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::worker::{AttemptKey, AttemptOutcome, CompleteReply};

use super::catalog::{Catalog, PlantedBug, Rows, id_of};
use super::messages::{Call, LEASE, Reply, Request, Time, WorkerIndex};
use super::watch::{Fact, Ledger, Violation};

/// After a start no lease is taken back for so long.
const GRACE: Time = 20_000;
/// A lease request waits so long.
const WAIT: Time = 10_000;

struct Waiting {
    ticket: u64,
    call: Call,
    slots: u32,
    ends: Time,
}

/// What is to be told once it is committed.
struct Told {
    call: Option<Call>,
    reply: Option<Reply>,
    fact: Option<Fact>,
}

/// One master.
pub struct Master {
    pub up: bool,
    /// A master that has started anew knows nothing of what was planned before.
    pub life: u32,
    /// How far its clock is ahead.
    pub clock: Time,
    pub catalog: Catalog,
    committed: Rows,
    pub ledger: Ledger,
    committed_ledger: Ledger,
    waiting: Vec<Waiting>,
    next_ticket: u64,
    uncommitted: Vec<Told>,
    is_changed: bool,
    no_sweep_before: Time,
}

/// What comes of a look.
#[derive(Default)]
pub struct Outcome {
    pub replies: Vec<(Call, Reply)>,
    pub beats: Vec<WorkerIndex>,
}

impl Master {
    pub fn new(catalog: Catalog) -> Self {
        Self {
            up: true,
            life: 0,
            clock: 0,
            committed: catalog.rows.clone(),
            catalog,
            ledger: Ledger::default(),
            committed_ledger: Ledger::default(),
            waiting: Vec::new(),
            next_ticket: 1,
            uncommitted: Vec::new(),
            is_changed: false,
            no_sweep_before: 0,
        }
    }

    pub fn committed(&self) -> &Rows {
        &self.committed
    }

    /// Killed: what was not committed never happened.
    pub fn crash(&mut self) -> Result<Vec<Call>, Violation> {
        self.up = false;
        self.life += 1;
        self.catalog.rows = self.committed.clone();
        self.ledger.roll_back(&self.committed_ledger);
        self.uncommitted.clear();
        self.is_changed = false;
        self.ledger.check_facts(&self.committed)?;
        Ok(self.waiting.drain(..).map(|one| one.call).collect())
    }

    pub fn start(&mut self, now: Time) {
        self.up = true;
        self.no_sweep_before = now + GRACE;
    }

    fn now(&self, now: Time) -> Time {
        now + self.clock
    }

    /// When the next lease ends or request has waited long enough, by true time.
    pub fn wakes(&self, now: Time) -> Option<Time> {
        let sweep = self.catalog.next_deadline().map(|until| {
            let true_end = until.saturating_sub(self.clock);
            true_end.max(self.no_sweep_before).max(now + 1)
        });
        let waits = self.waiting.iter().map(|one| one.ends.max(now + 1)).min();
        sweep.into_iter().chain(waits).min()
    }

    /// A person's request: starts or stops an execution.
    pub fn start_execution(&mut self, id: i64, now: Time) {
        let now = self.now(now);
        if self.catalog.start(id, now) {
            self.tell(None, None, Some(Fact::Started(id)));
        }
    }

    pub fn stop_execution(&mut self, id: i64) {
        if self.catalog.stop(id) {
            self.ledger.stopped(id);
            self.tell(None, None, Some(Fact::Stopped(id)));
        }
    }

    fn tell(&mut self, call: Option<Call>, reply: Option<Reply>, fact: Option<Fact>) {
        self.is_changed = true;
        self.uncommitted.push(Told { call, reply, fact });
    }

    /// A request comes in; it is answered after the commit.
    pub fn take(&mut self, call: Call, request: Request, now: Time) -> Result<(), Violation> {
        let worker = call.worker;
        if !self.catalog.rows.workers[worker].registered
            && !matches!(request, Request::Register { .. })
        {
            self.tell(Some(call), Some(Reply::Unknown), None);
            return Ok(());
        }
        let clock = self.now(now);
        self.catalog.rows.workers[worker].seen = clock;
        match request {
            Request::Register { running, number } => {
                if self.catalog.register(worker, &running, number, clock) {
                    self.ledger.forget_all_but(worker, &running);
                }
                let master_time = clock;
                self.tell(Some(call), Some(Reply::Registered { master_time }), None);
            }
            Request::Lease { slots } => {
                self.waiting.push(Waiting {
                    ticket: self.next_ticket,
                    call,
                    slots,
                    ends: now + WAIT,
                });
                self.next_ticket += 1;
            }
            Request::TaskHeartbeat { running } => {
                let reply = self.beat(worker, &running, clock)?;
                self.tell(Some(call), Some(reply), None);
            }
            Request::Log { key, events } => self.log(call, key, &events)?,
            Request::Complete { key, outcome, last } => {
                self.complete(call, key, &outcome, last, clock)?;
            }
            Request::HandBack { key, begun } => {
                if self.catalog.hand_back(worker, key, begun, clock) {
                    self.ledger.ends(worker, key)?;
                }
                self.tell(Some(call), Some(Reply::HandedBack { key }), None);
            }
        }
        Ok(())
    }

    fn beat(
        &mut self,
        worker: WorkerIndex,
        running: &[AttemptKey],
        clock: Time,
    ) -> Result<Reply, Violation> {
        let drained = self.catalog.rows.workers[worker].drain;
        let is_over = drained.is_some_and(|until| until <= clock);
        let (mut renewed, mut stop, mut lost, mut hand_back) = (vec![], vec![], vec![], vec![]);
        for key in running {
            match self.catalog.renew(worker, *key, clock) {
                None => lost.push(*key),
                Some(is_stopping) => {
                    self.ledger.acts(worker, *key)?;
                    renewed.push(*key);
                    if is_stopping {
                        stop.push(*key);
                    } else if is_over {
                        hand_back.push(*key);
                    }
                }
            }
        }
        Ok(Reply::Beaten {
            renewed,
            stop,
            lost,
            hand_back,
        })
    }

    fn log(&mut self, call: Call, key: AttemptKey, events: &[u64]) -> Result<(), Violation> {
        let before = self.durable_through(key);
        match self.catalog.append(call.worker, key, events) {
            None => self.tell(Some(call), Some(Reply::Refused { key }), None),
            Some(through) => {
                if before < through {
                    self.ledger.acts(call.worker, key)?;
                }
                let reply = Reply::Logged { key, through };
                self.tell(Some(call), Some(reply), Some(Fact::Logged(key, through)));
            }
        }
        Ok(())
    }

    fn durable_through(&self, key: AttemptKey) -> u64 {
        let execution = self.catalog.rows.executions.get(&key.execution_id);
        execution
            .and_then(|one| Some(one.attempts.get(&key.attempt)?.1.durable_through))
            .unwrap_or(0)
    }

    fn complete(
        &mut self,
        call: Call,
        key: AttemptKey,
        outcome: &AttemptOutcome,
        last: u64,
        clock: Time,
    ) -> Result<(), Violation> {
        let reply = self
            .catalog
            .complete(call.worker, key, outcome, last, clock);
        let mut fact = None;
        if reply == CompleteReply::Accepted {
            let succeeded = *outcome
                == AttemptOutcome::Ran {
                    result: PackageResult::Success,
                };
            self.ledger.completes(call.worker, key, succeeded)?;
            fact = Some(Fact::Completed(key));
        }
        self.tell(Some(call), Some(Reply::Completed { key, reply }), fact);
        Ok(())
    }

    /// Sweeps, answers who has waited long enough, plans. What is granted is told after the commit.
    pub fn look(&mut self, now: Time) {
        let clock = self.now(now);
        if self.no_sweep_before <= now {
            for key in self.catalog.expire(clock) {
                self.ledger.expires(key);
                self.is_changed = true;
            }
        }
        let (over, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|one: &Waiting| one.ends <= now);
        self.waiting = waiting;
        for one in over {
            self.tell(Some(one.call), Some(Reply::Leased(Vec::new())), None);
        }
        self.plan(clock);
    }

    fn plan(&mut self, clock: Time) {
        let requests: Vec<SlotRequest> = self
            .waiting
            .iter()
            .map(|one| SlotRequest {
                ticket: one.ticket,
                worker: id_of(one.call.worker),
                slots: one.slots,
            })
            .collect();
        if requests.is_empty() {
            return;
        }
        let actions = plan(&self.catalog.snapshot(clock), &requests);
        let mut granted: Vec<(u64, AttemptKey)> = Vec::new();
        for Action::Grant {
            execution_id,
            ticket,
            ..
        } in actions
        {
            let found = self.waiting.iter().find(|one| one.ticket == ticket);
            let worker = found.unwrap().call.worker;
            if let Some(key) = self.catalog.grant(execution_id, worker, clock) {
                self.ledger.granted(worker, key);
                granted.push((ticket, key));
            }
        }
        let (answered, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|one: &Waiting| granted.iter().any(|(ticket, _)| *ticket == one.ticket));
        self.waiting = waiting;
        for one in answered {
            let own = granted.iter().filter(|(ticket, _)| *ticket == one.ticket);
            let keys = own.map(|(_, key)| (*key, clock + LEASE)).collect();
            self.tell(Some(one.call), Some(Reply::Leased(keys)), None);
        }
    }

    /// An administrator has changed a row.
    pub fn changed(&mut self) {
        self.is_changed = true;
    }

    /// Whether something is to be committed.
    pub fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// What a planted bug answers before the commit.
    pub fn too_early(&mut self) -> Outcome {
        if self.catalog.bug == Some(PlantedBug::EarlyAcknowledgement) {
            self.answers()
        } else {
            Outcome::default()
        }
    }

    /// Makes everything durable, then answers.
    pub fn commit(&mut self) -> Result<Outcome, Violation> {
        self.is_changed = false;
        self.ledger
            .check_commit(&self.committed, &self.catalog.rows)?;
        self.committed = self.catalog.rows.clone();
        let outcome = self.answers();
        self.committed_ledger = self.ledger.clone();
        Ok(outcome)
    }

    fn answers(&mut self) -> Outcome {
        let mut outcome = Outcome::default();
        for Told { call, reply, fact } in self.uncommitted.drain(..) {
            if let Some(Fact::Stopped(id)) = fact {
                let held = self.catalog.held();
                let holder = held.iter().find(|one| one.execution_id == id);
                outcome
                    .beats
                    .extend(holder.map(|one| usize::try_from(one.worker.as_u128() - 1).unwrap()));
            }
            self.ledger.told(fact);
            outcome.replies.extend(call.zip(reply));
        }
        outcome
    }
}
