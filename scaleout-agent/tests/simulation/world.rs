//! One history: master, workers and the network between them in one thread, event after event.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use scaleout_core::lease::{Ending, ExecutionState, MAX_LOST, Rerun};
use scaleout_core::protocol::worker::AttemptKey;

use super::catalog::{Catalog, PlantedBug};
use super::chance::Chance;
use super::crowd::Crowd;
use super::master::{Master, Outcome};
use super::messages::{Call, Reply, Request, Time, WorkerIndex};
use super::script::{Happening, Script, draw, draw_with_workers, fate};
use super::watch::Violation;
use super::worker::{Worker, limit_of};

/// Everything must have ended by then.
const END: Time = super::script::HEALED + 1_800_000;

enum Event {
    Happens(Happening),
    Arrives(Call, Request),
    Answered(Call, Reply),
    WorkerWakes(WorkerIndex),
    BeatNow(WorkerIndex),
    MasterWakes,
    Commits(u32),
}

/// What a history was like, so that a test can see that histories are not all alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tale {
    pub events: u64,
    pub lost: u64,
    pub handed_back: u64,
    pub retried: u64,
    pub canceled: u64,
}

struct World {
    now: Time,
    chance: Chance,
    events: BinaryHeap<Reverse<(Time, u64)>>,
    waiting: BTreeMap<u64, Event>,
    next_event: u64,
    master: Master,
    workers: Crowd,
    cut_off: Vec<Time>,
    commits: bool,
    /// The next wake of each worker and of the master; earlier plans count no more.
    worker_wakes: Vec<Time>,
    master_wakes: Time,
    all_succeed: bool,
    clocks_are_right: bool,
    begun: BTreeMap<i64, u32>,
    trace: bool,
    tale: Tale,
}

/// Plays the history of a seed.
pub fn play(seed: u64, bug: Option<PlantedBug>, trace: bool) -> Result<Tale, Violation> {
    let mut chance = Chance::new(seed);
    let script = draw(&mut chance);
    begin(script, chance, bug, trace).run()
}

/// Plays the history of a seed with so many workers.
pub fn play_with_many(seed: u64, workers: u64) -> Result<Tale, Violation> {
    let mut chance = Chance::new(seed);
    let script = draw_with_workers(&mut chance, workers);
    begin(script, chance, None, false).run()
}

fn begin(script: Script, chance: Chance, bug: Option<PlantedBug>, trace: bool) -> World {
    let Script {
        rows,
        happenings,
        all_succeed,
        clocks_are_right,
    } = script;
    let workers = Crowd::new(rows.workers.iter().map(|row| row.most));
    let mut world = World {
        now: 0,
        chance,
        events: BinaryHeap::new(),
        waiting: BTreeMap::new(),
        next_event: 0,
        cut_off: vec![0; workers.len()],
        worker_wakes: vec![0; workers.len()],
        master_wakes: 0,
        workers,
        master: Master::new(Catalog::new(rows, bug)),
        commits: false,
        all_succeed,
        clocks_are_right,
        begun: BTreeMap::new(),
        trace,
        tale: Tale::default(),
    };
    for (at, happening) in happenings {
        world.at(at, Event::Happens(happening));
    }
    for worker in 0..world.workers.len() {
        world.at(0, Event::WorkerWakes(worker));
    }
    world
}

impl World {
    fn at(&mut self, time: Time, event: Event) {
        self.next_event += 1;
        self.events.push(Reverse((time, self.next_event)));
        self.waiting.insert(self.next_event, event);
    }

    fn run(mut self) -> Result<Tale, Violation> {
        while let Some(Reverse((time, number))) = self.events.pop() {
            if END < time || (super::script::HEALED < time && self.has_ended()) {
                break;
            }
            self.now = time;
            self.tale.events += 1;
            let event = self
                .waiting
                .remove(&number)
                .expect("each event happens once");
            self.happens(event)?;
        }
        self.check_end()?;
        Ok(self.tale)
    }

    fn happens(&mut self, event: Event) -> Result<(), Violation> {
        match event {
            Event::Happens(happening) => self.carry_out(happening)?,
            Event::Arrives(call, request) => {
                self.say(|| format!("{call:?} {request:?}"));
                if self.master.up {
                    self.master.take(call, request, self.now)?;
                    self.look_and_commit()?;
                } else {
                    self.answer(call, Reply::ConnectionRefused);
                }
            }
            Event::Answered(call, reply) => self.hear(call, reply)?,
            Event::WorkerWakes(worker) => {
                if self.worker_wakes[worker] == self.now {
                    self.wake(worker);
                }
            }
            Event::BeatNow(worker) => {
                self.workers.with(worker, |one| one.beat_now(self.now));
                self.wake(worker);
            }
            Event::MasterWakes => {
                if self.master.up && self.master_wakes == self.now {
                    self.look_and_commit()?;
                }
            }
            Event::Commits(life) => {
                if self.master.up && self.master.life == life {
                    self.commits = false;
                    let outcome = self.master.commit()?;
                    self.deliver(outcome);
                }
            }
        }
        Ok(())
    }

    fn look_and_commit(&mut self) -> Result<(), Violation> {
        self.master.look(self.now)?;
        let early = self.master.too_early();
        self.deliver(early);
        if self.master.is_changed() && !self.commits {
            self.commits = true;
            let takes = self.chance.between(1, 8);
            self.at(self.now + takes, Event::Commits(self.master.life));
        }
        let is_planned = self.now < self.master_wakes;
        if let Some(wake) = self.master.wakes(self.now)
            && (!is_planned || wake < self.master_wakes)
        {
            self.master_wakes = wake;
            self.at(wake, Event::MasterWakes);
        }
        Ok(())
    }

    fn deliver(&mut self, outcome: Outcome) {
        for (call, reply) in outcome.replies {
            self.answer(call, reply);
        }
        for worker in outcome.beats {
            let at = self.now + self.chance.between(1, 40);
            if self.cut_off[worker] <= self.now {
                self.at(at, Event::BeatNow(worker));
            }
        }
    }

    fn answer(&mut self, call: Call, reply: Reply) {
        // What is cut off hears nothing; the time limit of the call tells it so.
        if self.cut_off[call.worker] <= self.now && !self.chance.percent(2) {
            let at = self.now + self.delay();
            self.at(at, Event::Answered(call, reply));
        }
    }

    /// Fast as a rule, slow now and then.
    fn delay(&mut self) -> Time {
        if self.chance.percent(97) {
            self.chance.between(1, 60)
        } else {
            self.chance.between(60, 20_000)
        }
    }

    fn hear(&mut self, call: Call, reply: Reply) -> Result<(), Violation> {
        let worker = &self.workers[call.worker];
        if !worker.up || worker.life != call.life {
            return Ok(());
        }
        let hear = |one: &mut Worker| one.hear(call.number, reply, self.now);
        for leased in self.workers.with(call.worker, hear) {
            self.begin(call.worker, leased)?;
        }
        self.wake(call.worker);
        Ok(())
    }

    fn begin(
        &mut self,
        worker: WorkerIndex,
        (key, until): (AttemptKey, Time),
    ) -> Result<(), Violation> {
        let fate = fate(&mut self.chance, self.all_succeed);
        *self.begun.entry(key.execution_id).or_default() += 1;
        let begin = |one: &mut Worker| one.begin((key, until), &fate, self.now);
        self.workers.with(worker, begin);
        self.say(|| format!("worker {worker} begins {key:?}: {fate:?}"));
        self.check_runs(key.execution_id)
    }

    fn wake(&mut self, index: WorkerIndex) {
        if !self.workers[index].up {
            return;
        }
        let said = self.workers.with(index, |one| one.act(self.now));
        let life = self.workers[index].life;
        for (number, request) in said {
            let call = Call {
                worker: index,
                life,
                number,
            };
            self.send(call, request);
        }
        let planned = self.worker_wakes[index];
        if let Some(wake) = self.workers[index].wakes(self.now)
            && (planned <= self.now || wake < planned)
        {
            self.worker_wakes[index] = wake;
            self.at(wake, Event::WorkerWakes(index));
        }
    }

    fn send(&mut self, call: Call, request: Request) {
        let limit = limit_of(&request);
        self.at(self.now + limit, Event::Answered(call, Reply::TimedOut));
        if self.now < self.cut_off[call.worker] || self.chance.percent(2) {
            return;
        }
        let delay = self.delay();
        if self.chance.percent(3) {
            let again = self.delay();
            self.at(self.now + again, Event::Arrives(call, request.clone()));
        }
        self.at(self.now + delay, Event::Arrives(call, request));
    }

    fn carry_out(&mut self, happening: Happening) -> Result<(), Violation> {
        self.say(|| format!("{happening:?}"));
        match happening {
            Happening::Start(_) | Happening::Stop(_) if !self.master.up => {
                // Whoever asks tries again.
                self.at(self.now + 1_000, Event::Happens(happening));
            }
            Happening::Start(id) => {
                self.master.start_execution(id, self.now);
                self.look_and_commit()?;
            }
            Happening::Stop(id) => {
                self.master.stop_execution(id);
                self.look_and_commit()?;
            }
            Happening::MasterDies { down } => {
                if self.master.up {
                    self.commits = false;
                    for call in self.master.crash()? {
                        self.answer(call, Reply::TimedOut);
                    }
                    self.at(self.now + down, Event::Happens(Happening::MasterStarts));
                }
            }
            Happening::MasterStarts => {
                self.master.start(self.now);
                self.restart_lost();
                self.look_and_commit()?;
            }
            Happening::WorkerDies { worker, down } => {
                if self.workers[worker].up {
                    self.workers.with(worker, Worker::crash);
                    self.at(
                        self.now + down,
                        Event::Happens(Happening::WorkerStarts(worker)),
                    );
                }
            }
            Happening::WorkerStarts(worker) => {
                self.workers.with(worker, |one| one.start(self.now));
                self.wake(worker);
            }
            Happening::CutOff { worker, until } => {
                self.cut_off[worker] = self.cut_off[worker].max(until);
            }
            Happening::ClockJumps { ahead } => self.master.clock += ahead,
            Happening::Drain { worker, within } => {
                let until = self.now + self.master.clock + within;
                self.master.catalog.drain(worker, Some(until));
                self.master.changed();
            }
            Happening::Resume(worker) => {
                self.master.catalog.drain(worker, None);
                self.master.changed();
            }
            Happening::Enable(worker, enabled) => {
                self.master.catalog.enable(worker, enabled);
                self.master.changed();
            }
        }
        if self.master.up && self.master.is_changed() {
            self.look_and_commit()?;
        }
        Ok(())
    }

    /// Who started something and got no answer starts it again.
    fn restart_lost(&mut self) {
        let rows = &self.master.catalog.rows().executions;
        let created = rows
            .iter()
            .filter(|(_, one)| one.state == ExecutionState::Created);
        let ids: Vec<i64> = created.map(|(id, _)| *id).collect();
        for id in ids {
            self.at(self.now + 500, Event::Happens(Happening::Start(id)));
        }
    }

    /// No two attempts of one execution run at once, as long as clocks are right: looked at whenever
    /// one begins.
    fn check_runs(&self, id: i64) -> Result<(), Violation> {
        if self.clocks_are_right && 1 < self.workers.runs(id) {
            return Err(Violation(format!("{id} runs twice at once")));
        }
        Ok(())
    }

    fn has_ended(&self) -> bool {
        let mut all = self.master.committed().executions.values();
        all.all(|one| one.state.status().is_terminal()) && self.workers.is_idle()
    }

    fn check_end(&mut self) -> Result<(), Violation> {
        let rows = self.master.committed().clone();
        self.master.ledger.check_facts(&rows)?;
        for (id, execution) in &rows.executions {
            let state = execution.state;
            let ExecutionState::Ended(tally, ending) = state else {
                return Err(Violation(format!("{id} never ends: {state:?}")));
            };
            let begun = self.begun.get(id).copied().unwrap_or(0);
            if execution.rerun == Rerun::Never && 1 < begun {
                return Err(Violation(format!("{id} must not run twice and has")));
            }
            let is_excused = match ending {
                Ending::Succeeded | Ending::Canceled => true,
                Ending::EndedUnexpectedly => {
                    execution.rerun == Rerun::Never || tally.lost == MAX_LOST
                }
                Ending::Failed => false,
            };
            if self.all_succeed && !is_excused {
                return Err(Violation(format!(
                    "{id} failed without a failure: {state:?}"
                )));
            }
            self.tale.lost += u64::from(tally.lost);
            self.tale.handed_back += u64::from(tally.handed_back);
            self.tale.retried += u64::from(tally.failures);
            self.tale.canceled += u64::from(ending == Ending::Canceled);
        }
        for (index, row) in rows.workers.iter().enumerate() {
            let taken = self.master.catalog.live_leases(index);
            if 0 < taken {
                let most = row.most;
                return Err(Violation(format!(
                    "nothing runs, and {taken} of {most} slots of worker {index} are taken"
                )));
            }
        }
        Ok(())
    }

    fn say(&self, what: impl FnOnce() -> String) {
        if self.trace {
            eprintln!("{:>8} {}", self.now, what());
        }
    }
}
