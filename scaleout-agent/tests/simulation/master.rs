//! A model of the master around the real scheduler: requests that wait, commits in groups, the sweep.

use std::collections::{BTreeMap, BTreeSet};

use scaleout_agent::master::schedule::{Action, SlotRequest, plan};
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::worker::{AttemptKey, AttemptOutcome, CompleteReply};

use super::catalog::{Catalog, PlantedBug, id_of};
use super::messages::{Call, LEASE, Reply, Request, Time, WorkerIndex};
use super::rows::Rows;
use super::watch::{Fact, Ledger, Violation};

/// After a start no lease is taken back for so long.
const GRACE: Time = 20_000;
/// A lease request waits so long.
const WAIT: Time = 10_000;

struct Waiting {
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
    pub ledger: Ledger,
    /// By ticket; all wait equally long, so that the first one waits no longer than the others.
    waiting: BTreeMap<u64, Waiting>,
    /// Tickets that nobody has looked at yet.
    fresh: BTreeSet<u64>,
    next_ticket: u64,
    /// Looks since all who wait were last counted as served.
    unchecked_looks: usize,
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
            catalog,
            ledger: Ledger::default(),
            waiting: BTreeMap::new(),
            fresh: BTreeSet::new(),
            next_ticket: 1,
            unchecked_looks: 0,
            uncommitted: Vec::new(),
            is_changed: false,
            no_sweep_before: 0,
        }
    }

    pub fn committed(&self) -> &Rows {
        self.catalog.committed()
    }

    /// Killed: what was not committed never happened.
    pub fn crash(&mut self) -> Result<Vec<Call>, Violation> {
        self.up = false;
        self.life += 1;
        self.catalog.roll_back();
        self.ledger.roll_back();
        self.uncommitted.clear();
        self.is_changed = false;
        self.ledger.check_facts(self.catalog.committed())?;
        self.fresh.clear();
        let waiting = std::mem::take(&mut self.waiting);
        Ok(waiting.into_values().map(|one| one.call).collect())
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
        let first = self.waiting.values().next();
        let waits = first.map(|one| one.ends.max(now + 1));
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
        if !self.catalog.worker(worker).registered && !matches!(request, Request::Register { .. }) {
            self.tell(Some(call), Some(Reply::Unknown), None);
            return Ok(());
        }
        let clock = self.now(now);
        self.catalog.hear_of(worker, clock);
        match request {
            Request::Register { running, number } => {
                if self.catalog.register(worker, &running, number, clock) {
                    self.ledger.forget_all_but(worker, &running);
                }
                let master_time = clock;
                self.tell(Some(call), Some(Reply::Registered { master_time }), None);
            }
            Request::Lease { slots } => {
                let ends = now + WAIT;
                let waiting = Waiting { call, slots, ends };
                self.waiting.insert(self.next_ticket, waiting);
                self.fresh.insert(self.next_ticket);
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
        let drained = self.catalog.worker(worker).drain;
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
        let execution = self.catalog.rows().executions.get(&key.execution_id);
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
    pub fn look(&mut self, now: Time) -> Result<(), Violation> {
        let clock = self.now(now);
        if self.no_sweep_before <= now {
            for key in self.catalog.expire(clock) {
                self.ledger.expires(key);
                self.is_changed = true;
            }
        }
        while let Some(first) = self.waiting.first_entry()
            && first.get().ends <= now
        {
            let call = first.remove().call;
            self.tell(Some(call), Some(Reply::Leased(Vec::new())), None);
        }
        self.plan(clock);
        self.check_served(clock)
    }

    /// Plans for all who wait where there is news, else for those who have just asked, as the real
    /// loop does: for the others nothing was found before.
    fn plan(&mut self, clock: Time) {
        let fresh = std::mem::take(&mut self.fresh);
        let actions = match self.catalog.take_news() {
            true => self.actions(self.waiting.keys().copied(), clock),
            false => self.actions(fresh.into_iter(), clock),
        };
        let mut granted: BTreeMap<u64, Vec<(AttemptKey, Time)>> = BTreeMap::new();
        for Action::Grant {
            execution_id,
            ticket,
            ..
        } in actions
        {
            let worker = self.waiting[&ticket].call.worker;
            if let Some(key) = self.catalog.grant(execution_id, worker, clock) {
                self.ledger.granted(worker, key);
                granted
                    .entry(ticket)
                    .or_default()
                    .push((key, clock + LEASE));
            }
        }
        for (ticket, keys) in granted {
            let call = self.waiting.remove(&ticket).map(|one| one.call);
            self.tell(call, Some(Reply::Leased(keys)), None);
        }
    }

    /// What the real scheduler would do for some of those who wait.
    fn actions(&self, tickets: impl Iterator<Item = u64>, clock: Time) -> Vec<Action> {
        if !self.catalog.has_pending() {
            return Vec::new();
        }
        let waiting = tickets.filter_map(|ticket| Some((ticket, self.waiting.get(&ticket)?)));
        let (workers, requests): (BTreeSet<WorkerIndex>, Vec<SlotRequest>) = waiting
            .map(|(ticket, one)| {
                let worker = one.call.worker;
                let request = SlotRequest {
                    ticket,
                    worker: id_of(worker),
                    slots: one.slots,
                };
                (worker, request)
            })
            .unzip();
        plan(&self.catalog.snapshot_for(&workers, clock), &requests)
    }

    /// Nobody waits for something that a look at all who wait would grant. Checked once in as many
    /// looks as there are who wait, so that each look of a crowd costs no more than one of a few.
    fn check_served(&mut self, clock: Time) -> Result<(), Violation> {
        self.unchecked_looks += 1;
        if self.unchecked_looks < self.waiting.len() {
            return Ok(());
        }
        self.unchecked_looks = 0;
        match self.actions(self.waiting.keys().copied(), clock).first() {
            None => Ok(()),
            Some(missed) => Err(Violation(format!("left out: {missed:?}"))),
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
        let (before, after) = (self.catalog.committed(), self.catalog.rows());
        self.ledger.check_commit(before, after)?;
        self.catalog.commit();
        let outcome = self.answers();
        self.ledger.commit();
        Ok(outcome)
    }

    fn answers(&mut self) -> Outcome {
        let mut outcome = Outcome::default();
        for Told { call, reply, fact } in self.uncommitted.drain(..) {
            if let Some(Fact::Stopped(id)) = fact {
                outcome.beats.extend(self.catalog.holder(id));
            }
            self.ledger.told(fact);
            outcome.replies.extend(call.zip(reply));
        }
        outcome
    }
}
