//! The scheduler's loop: lease requests wait here, executions are granted to them.
//!
//! One task owns all waiting requests, so that a request is answered exactly once: with tasks,
//! with nothing at its end, or with nothing when the worker is to look at what it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use scaleout_catalog::{CatalogError, ChildSnapshot, Proposal};
use scaleout_core::kill_points::{KillPoint, pass};
use scaleout_core::protocol::worker::{AttemptKey, HandBack, HandedBack, LeaseReply, LeasedTask};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::grants::grant_all;
use super::schedule::{Action, SlotRequest, plan};
use super::schedule_children::{ChildRequest, GATHER, hold_back, longest_first, plan_children};
use super::state::Shared;
use super::unserved::{Unserved, Wants};

/// How long the loop rests after the catalog failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How long the loop relies on hearing of what other masters have written.
const UNHEARD: Duration = Duration::from_secs(2);

/// How many pending executions are looked at for each slot that is free, and at most: further ones
/// where the first can go nowhere.
const FOR_A_SLOT: u32 = 2;
const FEW: u32 = 8;
const MANY: u32 = 64_000;

/// Whether a look saw everything that waits.
enum Found {
    All,
    PerhapsMore,
    /// Children wait for their siblings.
    Soon,
}

/// The requests' side of the loop.
#[derive(Clone, Debug)]
pub(super) struct Dispatch {
    tell: mpsc::UnboundedSender<Message>,
    look: Arc<watch::Sender<u64>>,
}

/// The loop's side.
#[derive(Debug)]
pub(super) struct DispatchLoop {
    told: mpsc::UnboundedReceiver<Message>,
    look: watch::Receiver<u64>,
    waiting: BTreeMap<u64, Waiting>,
    /// Those that nobody has looked for yet.
    fresh: BTreeSet<u64>,
    /// Workers for whom there was nothing.
    unserved: Unserved,
    next_ticket: u64,
    /// Workers that are to be answered at once when they ask the next time.
    woken: BTreeSet<Uuid>,
}

#[derive(Debug)]
enum Message {
    Ask(Waiting),
    WakeBusyWorkers,
    Wake(Uuid),
}

#[derive(Debug)]
struct Waiting {
    worker: Uuid,
    slots: u32,
    child_slots: u32,
    lease: SignedDuration,
    end: Instant,
    answer: oneshot::Sender<LeaseReply>,
}

impl Waiting {
    /// Whether it asks for anything but to be woken.
    fn wants_work(&self) -> bool {
        0 < self.slots || 0 < self.child_slots
    }

    fn wants(&self) -> Wants {
        Wants {
            any: 0 < self.slots,
            children: 0 < self.child_slots,
        }
    }
}

/// Both sides of a new loop.
pub(super) fn dispatch() -> (Dispatch, DispatchLoop) {
    // Unbounded, but no request is told twice and each holds a connection, which are bounded.
    let (tell, told) = mpsc::unbounded_channel();
    let (look, looked) = watch::channel(0);
    let dispatch = Dispatch {
        tell,
        look: Arc::new(look),
    };
    let run = DispatchLoop {
        told,
        look: looked,
        waiting: BTreeMap::new(),
        fresh: BTreeSet::new(),
        unserved: Unserved::new(Instant::now()),
        next_ticket: 1,
        woken: BTreeSet::new(),
    };
    (dispatch, run)
}

impl Dispatch {
    /// Waits for work for a worker. With no slots, only for being woken.
    pub async fn ask(
        &self,
        worker: Uuid,
        (slots, child_slots): (u32, u32),
        lease: SignedDuration,
        wait: Duration,
    ) -> LeaseReply {
        let (answer, answered) = oneshot::channel();
        let ask = Message::Ask(Waiting {
            worker,
            slots,
            child_slots,
            lease,
            end: Instant::now() + wait,
            answer,
        });
        if self.tell.send(ask).is_err() {
            return LeaseReply::default();
        }
        // The loop went away: the master is stopping.
        answered.await.unwrap_or_default()
    }

    /// Something may be grantable that was not before.
    pub fn look_again(&self) {
        self.look.send_modify(|count| *count += 1);
    }

    /// Answers the requests of workers that ask for no slots: they ask in order to hear at once
    /// when something they run is to be stopped.
    pub fn wake_busy_workers(&self) {
        // Without a loop nobody waits.
        let _ = self.tell.send(Message::WakeBusyWorkers);
    }

    /// Answers what a worker waits for, or its next request at once: there is something to tell it.
    pub fn wake(&self, worker: Uuid) {
        let _ = self.tell.send(Message::Wake(worker));
    }
}

impl DispatchLoop {
    /// Runs until the master stops.
    pub async fn run(mut self, shared: Shared) {
        let mut changes = shared.catalog().changes();
        let mut stops = shared.catalog().stops();
        let mut elsewhere = shared.catalog().elsewhere();
        // When all who wait are looked at; who has just asked is looked at on the way.
        let mut look_at: Option<Instant> = None;
        loop {
            let wake = self.next_end(look_at);
            tokio::select! {
                message = self.told.recv() => match message {
                    Some(message) => look_at = sooner(look_at, self.take_in(message)),
                    None => return,
                },
                changed = changes.changed() => match changed {
                    Ok(()) => look_at = Some(Instant::now()),
                    Err(_) => return,
                },
                stopped = stops.changed() => match stopped {
                    Ok(()) => self.answer_holders(),
                    Err(_) => return,
                },
                heard = elsewhere.changed() => match heard {
                    Ok(()) => shared.note_activity(),
                    Err(_) => return,
                },
                _ = self.look.changed() => look_at = Some(Instant::now()),
                () = sleep_until(wake) => {}
                () = shared.closed() => return,
            }
            while let Ok(message) = self.told.try_recv() {
                look_at = sooner(look_at, self.take_in(message));
            }
            self.answer_overdue();
            let all = look_at.is_some_and(|at| at <= Instant::now());
            if !all && self.fresh.is_empty() {
                continue;
            }
            let next = match self.grant(&shared, all).await {
                // What another master has to offer may not have been heard of.
                Ok(Found::All) if shared.catalog().is_shared() && self.has_asks() => {
                    Some(Instant::now() + UNHEARD)
                }
                Ok(Found::All) => None,
                Ok(Found::PerhapsMore) => Some(Instant::now()),
                Ok(Found::Soon) => Some(Instant::now() + GATHER.unsigned_abs()),
                Err(error) => {
                    tracing::error!("failed to schedule: {error}");
                    Some(Instant::now() + AFTER_FAILURE)
                }
            };
            look_at = sooner(look_at.filter(|_| !all), next);
        }
    }

    /// Takes in a message; says when all are to be looked at because of it.
    fn take_in(&mut self, message: Message) -> Option<Instant> {
        match message {
            Message::Ask(waiting) if self.woken.remove(&waiting.worker) => {
                // Who hung up needs no answer.
                let _ = waiting.answer.send(LeaseReply::default());
                None
            }
            Message::Ask(waiting) => {
                let ticket = self.next_ticket;
                self.next_ticket += 1;
                let look_at = match waiting.wants_work() {
                    true => self.unserved.look_at(waiting.worker, waiting.wants()),
                    false => None,
                };
                if waiting.wants_work() && look_at.is_none() {
                    self.fresh.insert(ticket);
                }
                self.waiting.insert(ticket, waiting);
                look_at
            }
            Message::WakeBusyWorkers => {
                self.answer_holders();
                None
            }
            Message::Wake(worker) => {
                let of_worker = self.tickets(|waiting| waiting.worker == worker);
                if of_worker.is_empty() {
                    self.woken.insert(worker);
                }
                self.answer_with_nothing(&of_worker);
                None
            }
        }
    }

    /// Answers those who ask for nothing but news of what they run.
    fn answer_holders(&mut self) {
        let tickets = self.tickets(|waiting| !waiting.wants_work());
        self.answer_with_nothing(&tickets);
    }

    /// Those who ask for work.
    fn asking(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.values().filter(|waiting| waiting.wants_work())
    }

    fn has_asks(&self) -> bool {
        self.asking().next().is_some()
    }

    fn next_end(&self, look_at: Option<Instant>) -> Instant {
        let far = Instant::now() + Duration::from_secs(60);
        let ends = self.waiting.values().map(|waiting| waiting.end);
        ends.chain(look_at).min().unwrap_or(far)
    }

    fn answer_overdue(&mut self) {
        let now = Instant::now();
        let over = self.tickets(|waiting| waiting.end <= now || waiting.answer.is_closed());
        self.answer_with_nothing(&over);
    }

    fn tickets(&self, which: impl Fn(&Waiting) -> bool) -> Vec<u64> {
        self.waiting
            .iter()
            .filter(|(_, waiting)| which(waiting))
            .map(|(ticket, _)| *ticket)
            .collect()
    }

    fn answer_with_nothing(&mut self, tickets: &[u64]) {
        for ticket in tickets {
            if let Some(waiting) = self.waiting.remove(ticket) {
                // Who hung up needs no answer.
                let _ = waiting.answer.send(LeaseReply::default());
            }
        }
    }

    /// Plans and carries out the plan, for all who wait or for those who have just asked.
    async fn grant(&mut self, shared: &Shared, all: bool) -> Result<Found, CatalogError> {
        let fresh = std::mem::take(&mut self.fresh);
        let looked_at: BTreeSet<u64> = match all {
            true => self.tickets(Waiting::wants_work).into_iter().collect(),
            false => fresh,
        };
        if all {
            self.unserved.forget(Instant::now());
        }
        let found = self.grant_to(shared, &looked_at).await?;
        if let Found::All = found {
            for ticket in &looked_at {
                // Who is no longer there got something, or hung up.
                if let Some(waiting) = self.waiting.get(ticket) {
                    self.unserved.note(waiting.worker, waiting.wants());
                }
            }
        }
        Ok(found)
    }

    async fn grant_to(
        &mut self,
        shared: &Shared,
        tickets: &BTreeSet<u64>,
    ) -> Result<Found, CatalogError> {
        let looked_at = || {
            let all = self.waiting.iter();
            all.filter(|(ticket, _)| tickets.contains(ticket))
        };
        let requests: Vec<SlotRequest> = looked_at()
            .filter(|(_, waiting)| 0 < waiting.slots)
            .map(|(ticket, waiting)| SlotRequest {
                ticket: *ticket,
                worker: waiting.worker,
                slots: waiting.slots,
            })
            .collect();
        let child_requests: Vec<ChildRequest> = looked_at()
            .filter(|(_, waiting)| 0 < waiting.child_slots)
            .map(|(ticket, waiting)| ChildRequest {
                ticket: *ticket,
                worker: waiting.worker,
                child_slots: waiting.child_slots,
            })
            .collect();
        if requests.is_empty() && child_requests.is_empty() {
            return Ok(Found::All);
        }
        let asking: BTreeSet<Uuid> = looked_at().map(|(_, waiting)| waiting.worker).collect();
        let slots = requests.iter().map(|request| request.slots).sum::<u32>();
        let mut most = slots.saturating_mul(FOR_A_SLOT).clamp(FEW, MANY);
        let (snapshot, actions, holds_back) = loop {
            let wanted = (most, !child_requests.is_empty());
            let snapshot = shared.catalog().scheduling_snapshot_for(&asking, wanted);
            let mut snapshot = snapshot.await?;
            // Who has no children pays nothing for those of others.
            let has_children = snapshot.pending.iter().any(|execution| execution.is_child);
            let mut children = match has_children || !child_requests.is_empty() {
                true => shared.catalog().child_snapshot().await?,
                false => ChildSnapshot::default(),
            };
            let holds_back = hold_back(&mut snapshot, &mut children);
            longest_first(&mut snapshot, &children);
            let mut actions = plan(&snapshot, &requests);
            let more = plan_children(&snapshot, &children, &child_requests, &actions);
            actions.extend(more);
            if !actions.is_empty() || snapshot.is_whole || MANY <= most {
                break (snapshot, actions, holds_back);
            }
            most = most.saturating_mul(8).min(MANY);
        };
        let proposed = actions
            .iter()
            .filter_map(|action| self.proposal(shared, *action));
        let proposed: Vec<(u64, Proposal)> = proposed.collect();
        let mut replies: BTreeMap<u64, Vec<LeasedTask>> = BTreeMap::new();
        for (ticket, task) in grant_all(shared, &proposed).await {
            replies.entry(ticket).or_default().push(task);
        }
        if !replies.is_empty() {
            pass(KillPoint::MasterLeased);
            shared.note_lease();
            shared.note_activity();
        }
        for (ticket, tasks) in replies {
            self.deliver(shared, ticket, tasks).await;
        }
        if !snapshot.is_whole && !actions.is_empty() {
            return Ok(Found::PerhapsMore);
        }
        if holds_back {
            return Ok(Found::Soon);
        }
        Ok(Found::All)
    }

    /// What is to be granted for a ticket; `None` when who asked has gone.
    fn proposal(&self, shared: &Shared, action: Action) -> Option<(u64, Proposal)> {
        let Action::Grant {
            execution_id,
            worker,
            ticket,
        } = action;
        let proposal = Proposal {
            execution_id,
            worker,
            until: shared.now() + self.waiting.get(&ticket)?.lease,
        };
        Some((ticket, proposal))
    }

    async fn deliver(&mut self, shared: &Shared, ticket: u64, tasks: Vec<LeasedTask>) {
        let Some(waiting) = self.waiting.remove(&ticket) else {
            return;
        };
        let worker = waiting.worker;
        self.unserved.remove(worker);
        if let Err(LeaseReply { tasks, .. }) = waiting.answer.send(LeaseReply {
            tasks,
            ..LeaseReply::default()
        }) {
            // Rare: the worker hung up while its tasks were being granted. It never saw them.
            let handed_back = HandBack {
                attempts: tasks
                    .iter()
                    .map(|LeasedTask { task, .. }| HandedBack {
                        attempt: AttemptKey {
                            execution_id: task.execution_id,
                            attempt: task.attempt,
                        },
                        begun: false,
                    })
                    .collect(),
                reason: "the lease could not be delivered".to_owned(),
                keeps: None,
            };
            if let Err(error) = shared.catalog().hand_back(worker, &handed_back).await {
                tracing::warn!(%worker, "leases could not be delivered and are offered again when they end: {error}");
            }
        }
    }
}

/// The earlier of two moments, where there is one.
fn sooner(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}
