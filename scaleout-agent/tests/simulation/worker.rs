//! A model of a worker: what it runs, what it has on disk, and what it says to the master when.

use std::collections::BTreeMap;

use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::worker::{AttemptKey, AttemptOutcome, CompleteReply};

use super::messages::{BEAT, LEASE, Reply, Request, Time};

/// How long a call may take.
pub fn limit_of(request: &Request) -> Time {
    match request {
        // One that gets lost is said again before the lease ends.
        Request::TaskHeartbeat { .. } => LEASE / 3,
        _ => 30_000,
    }
}

/// A package says something so often.
const SAYS_EVERY: Time = 700;
/// Longest rest after a failed call.
const LONGEST_REST: Time = 5_000;

/// What a package will do on this attempt.
#[derive(Clone, Debug)]
pub struct Fate {
    pub takes: Time,
    pub outcome: AttemptOutcome,
}

/// What becomes of an attempt here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    Running {
        ends: Time,
        outcome: AttemptOutcome,
    },
    Finished(AttemptOutcome),
    /// To be given back; its package had begun.
    Back,
    /// Left behind by an earlier life: its log is shipped, then it is forgotten.
    Remains,
}

/// An attempt on this worker.
#[derive(Clone, Debug)]
pub struct Held {
    pub phase: Phase,
    pub lease_end: Time,
    pub began: Time,
    pub written: u64,
    pub durable: u64,
    shipping: Option<u64>,
    retry_at: Time,
}

/// A call under way.
#[derive(Clone, Debug)]
struct Under {
    request: Request,
    sent: Time,
}

/// One worker.
#[derive(Clone, Debug)]
pub struct Worker {
    pub up: bool,
    pub life: u32,
    pub most: u32,
    pub held: BTreeMap<AttemptKey, Held>,
    registered: bool,
    refused: bool,
    /// What time it was at the master when this was sent.
    master_clock: (Time, Time),
    next_call: u64,
    calls: BTreeMap<u64, Under>,
    next_beat: Time,
    next_lease: Time,
    next_register: Time,
    rest: Time,
}

impl Worker {
    pub fn new(most: u32) -> Self {
        Self {
            up: true,
            life: 0,
            most,
            held: BTreeMap::new(),
            registered: false,
            refused: false,
            master_clock: (0, 0),
            next_call: 0,
            calls: BTreeMap::new(),
            next_beat: 0,
            next_lease: 0,
            next_register: 0,
            rest: 100,
        }
    }

    /// Killed: executors end with it, what is on disk stays.
    pub fn crash(&mut self) {
        self.up = false;
        self.life += 1;
        self.calls.clear();
        self.registered = false;
        self.refused = false;
    }

    /// Starts again: finished attempts are reported, of the others only the log is shipped.
    pub fn start(&mut self, now: Time) {
        self.up = true;
        self.rest = 100;
        (self.next_beat, self.next_lease, self.next_register) = (now, now, now);
        for held in self.held.values_mut() {
            if !matches!(held.phase, Phase::Finished(_)) {
                held.phase = Phase::Remains;
            }
            held.shipping = None;
            held.durable = 0;
            held.retry_at = now;
        }
    }

    /// Whether a package of the execution runs here right now.
    pub fn runs(&self, execution_id: i64) -> bool {
        self.held.iter().any(|(key, held)| {
            key.execution_id == execution_id && matches!(held.phase, Phase::Running { .. })
        })
    }

    /// Lets the packages get on, keeps to leases, and says what is to be said now.
    pub fn act(&mut self, now: Time) -> Vec<(u64, Request)> {
        self.run_packages(now);
        self.keep_to_leases(now);
        let mut said = Vec::new();
        if !self.registered {
            let has_remains = self.held.values().any(|held| held.phase == Phase::Remains);
            if now >= self.next_register && !has_remains && !self.is_under(is_register) {
                let running = self.held.keys().copied().collect();
                let number = now + 1;
                said.push(self.call(Request::Register { running, number }, now));
            }
        } else {
            self.ask_and_beat(now, &mut said);
        }
        self.ship(now, &mut said);
        said
    }

    /// When there is something to do next, if nothing comes in before.
    pub fn wakes(&self, now: Time) -> Option<Time> {
        if !self.up {
            return None;
        }
        let held = self.held.values().flat_map(|held| {
            let end = match held.phase {
                Phase::Running { ends, .. } => {
                    // A lease that has ended is looked at again: the master refuses connections.
                    let look = if now < held.lease_end {
                        held.lease_end
                    } else {
                        now + 500
                    };
                    Some(ends.min(look))
                }
                _ => None,
            };
            let retry = held.shipping.is_none().then_some(held.retry_at);
            end.into_iter().chain(retry)
        });
        let beat = (!self.held.is_empty()).then_some(self.next_beat);
        let free = usize::try_from(self.most).unwrap() > self.held.len();
        let lease =
            (self.registered && free && !self.is_under(is_lease)).then_some(self.next_lease);
        let register =
            (!self.registered && !self.is_under(is_register)).then_some(self.next_register);
        held.chain(beat)
            .chain(lease)
            .chain(register)
            .filter(|at| *at > now)
            .min()
    }

    fn run_packages(&mut self, now: Time) {
        for held in self.held.values_mut() {
            let Phase::Running { ends, outcome } = &held.phase else {
                continue;
            };
            held.written = (now.min(*ends) - held.began.min(now)) / SAYS_EVERY + 1;
            if *ends <= now {
                held.phase = Phase::Finished(outcome.clone());
            }
        }
    }

    fn keep_to_leases(&mut self, now: Time) {
        for held in self.held.values_mut() {
            let runs = matches!(held.phase, Phase::Running { .. });
            if runs && held.lease_end <= now && !self.refused {
                held.phase = Phase::Back;
            }
        }
    }

    fn ask_and_beat(&mut self, now: Time, said: &mut Vec<(u64, Request)>) {
        let held = u32::try_from(self.held.len()).unwrap();
        let slots = self.most.saturating_sub(held);
        if slots > 0 && now >= self.next_lease && !self.is_under(is_lease) {
            said.push(self.call(Request::Lease { slots }, now));
        }
        if held > 0 && now >= self.next_beat && !self.is_under(is_beat) {
            let running = self.held.keys().copied().collect();
            said.push(self.call(Request::TaskHeartbeat { running }, now));
        }
    }

    fn ship(&mut self, now: Time, said: &mut Vec<(u64, Request)>) {
        let keys: Vec<AttemptKey> = self.held.keys().copied().collect();
        for key in keys {
            let held = &self.held[&key];
            let waits = held.shipping.is_some() || now < held.retry_at;
            let request = match &held.phase {
                _ if waits => continue,
                _ if held.durable < held.written => Request::Log {
                    key,
                    events: (held.durable + 1..=held.written).collect(),
                },
                Phase::Finished(outcome) => Request::Complete {
                    key,
                    outcome: outcome.clone(),
                    last: held.written,
                },
                Phase::Back => Request::HandBack { key, begun: true },
                Phase::Remains => {
                    self.held.remove(&key);
                    continue;
                }
                Phase::Running { .. } => continue,
            };
            let call = self.call(request, now);
            let held = self.held.get_mut(&key).unwrap();
            held.shipping = Some(call.0);
            held.retry_at = now + SAYS_EVERY;
            said.push(call);
        }
    }

    fn call(&mut self, request: Request, now: Time) -> (u64, Request) {
        self.next_call += 1;
        let under = Under {
            request: request.clone(),
            sent: now,
        };
        self.calls.insert(self.next_call, under);
        (self.next_call, request)
    }

    fn is_under(&self, which: impl Fn(&Request) -> bool) -> bool {
        self.calls.values().any(|under| which(&under.request))
    }

    /// The master has something to say: the next heartbeat is due now.
    pub fn beat_now(&mut self, now: Time) {
        self.next_beat = now;
    }

    /// Takes an answer in, if it still waits for it. Gives the attempts that begin now.
    pub fn hear(&mut self, number: u64, reply: Reply, now: Time) -> Vec<(AttemptKey, Time)> {
        let Some(Under { request, sent }) = self.calls.remove(&number) else {
            return Vec::new();
        };
        if let Request::Log { key, .. }
        | Request::Complete { key, .. }
        | Request::HandBack { key, .. } = &request
            && let Some(held) = self.held.get_mut(key)
        {
            held.shipping = None;
        }
        let failed = matches!(
            reply,
            Reply::TimedOut | Reply::ConnectionRefused | Reply::Unknown
        );
        if failed {
            self.failed(&request, &reply, now);
            return Vec::new();
        }
        self.rest = 100;
        match reply {
            Reply::Registered { master_time } => {
                self.registered = true;
                self.master_clock = (sent, master_time);
            }
            Reply::Leased(keys) => {
                self.next_lease = now;
                return keys;
            }
            Reply::Beaten {
                renewed,
                stop,
                lost,
                hand_back,
            } => {
                self.next_beat = now + BEAT;
                self.refused = false;
                self.beaten(&renewed, &stop, &lost, &hand_back, (sent, now));
            }
            Reply::Logged { key, through } => {
                if let Some(held) = self.held.get_mut(&key) {
                    held.durable = through;
                    held.retry_at = now + SAYS_EVERY / 7;
                }
            }
            Reply::Completed {
                key,
                reply: CompleteReply::LogIncomplete,
            } => {
                if let Some(held) = self.held.get_mut(&key) {
                    held.durable = 0;
                    held.retry_at = now + 200;
                }
            }
            Reply::Completed { key, .. } | Reply::HandedBack { key } | Reply::Refused { key } => {
                self.held.remove(&key);
            }
            Reply::Unknown | Reply::ConnectionRefused | Reply::TimedOut => {}
        }
        Vec::new()
    }

    /// Begins a package.
    pub fn begin(&mut self, (key, until): (AttemptKey, Time), fate: &Fate, now: Time) {
        let (then, time) = self.master_clock;
        let end = then + until.saturating_sub(time);
        let held = Held {
            phase: Phase::Running {
                ends: now + fate.takes,
                outcome: fate.outcome.clone(),
            },
            lease_end: end.clamp(now + LEASE / 5, now + LEASE),
            began: now,
            written: 1,
            durable: 0,
            shipping: None,
            retry_at: now,
        };
        self.held.entry(key).or_insert(held);
        self.next_beat = now;
    }

    fn failed(&mut self, request: &Request, reply: &Reply, now: Time) {
        if matches!(reply, Reply::Unknown) {
            self.registered = false;
            self.next_register = now;
        }
        let again = now + self.rest;
        self.rest = (self.rest * 2).min(LONGEST_REST);
        match request {
            Request::Register { .. } => self.next_register = again,
            Request::Lease { .. } => self.next_lease = again,
            Request::TaskHeartbeat { .. } => {
                self.next_beat = again;
                self.refused = matches!(reply, Reply::ConnectionRefused);
            }
            Request::Log { key, .. }
            | Request::Complete { key, .. }
            | Request::HandBack { key, .. } => {
                if let Some(held) = self.held.get_mut(key) {
                    held.retry_at = again;
                }
            }
        }
    }

    fn beaten(
        &mut self,
        renewed: &[AttemptKey],
        stop: &[AttemptKey],
        lost: &[AttemptKey],
        hand_back: &[AttemptKey],
        (sent, now): (Time, Time),
    ) {
        for key in renewed {
            if let Some(held) = self.held.get_mut(key) {
                held.lease_end = held.lease_end.max(sent + LEASE);
            }
        }
        for key in stop {
            if let Some(held) = self.held.get_mut(key)
                && let Phase::Running { ends, outcome } = &mut held.phase
            {
                *ends = (*ends).min(now + 1_500);
                *outcome = AttemptOutcome::Ran {
                    result: PackageResult::Canceled,
                };
            }
        }
        for key in hand_back {
            if let Some(held) = self.held.get_mut(key)
                && matches!(held.phase, Phase::Running { .. })
            {
                held.phase = Phase::Back;
            }
        }
        for key in lost {
            self.held.remove(key);
        }
    }
}

fn is_register(request: &Request) -> bool {
    matches!(request, Request::Register { .. })
}

fn is_lease(request: &Request) -> bool {
    matches!(request, Request::Lease { .. })
}

fn is_beat(request: &Request) -> bool {
    matches!(request, Request::TaskHeartbeat { .. })
}
