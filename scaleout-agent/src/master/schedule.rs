//! Which waiting execution goes to which waiting worker: pure arithmetic, no clock, no catalog.
//!
//! A worker takes part while a lease request of it waits here: that is what makes it online, and
//! the slots it asks for are an upper bound. The catalog's own count of live leases is the other
//! one, so a worker that asks for too much gets no more than `MaxTaskCount`.

use std::collections::{BTreeSet, HashMap};

use scaleout_catalog::{AllowedWorkers, PendingExecution, SchedulingSnapshot};
use uuid::Uuid;

/// A lease request that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotRequest {
    /// Which request; earlier ones have lower numbers.
    pub ticket: u64,
    /// Who asks.
    pub worker: Uuid,
    /// Most tasks wanted.
    pub slots: u32,
}

/// What the loop is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Lease the execution to the worker, in answer to that request.
    Grant {
        /// The execution.
        execution_id: i64,
        /// Who gets it.
        worker: Uuid,
        /// Which request it answers.
        ticket: u64,
    },
}

/// Gives executions, longest waiting first, to the least loaded worker that may have them.
///
/// A retry goes to another worker than the last one where there is a choice. An execution that
/// nobody here may run is passed over; it holds up no other.
#[must_use]
pub fn plan(snapshot: &SchedulingSnapshot, requests: &[SlotRequest]) -> Vec<Action> {
    let mut offers = Offers::new(snapshot, requests);
    let mut actions = Vec::new();
    for execution in &snapshot.pending {
        if offers.is_empty() {
            break;
        }
        if let Some(worker) = offers.choose(execution) {
            let ticket = offers.take(worker);
            actions.push(Action::Grant {
                execution_id: execution.execution_id,
                worker,
                ticket,
            });
        }
    }
    actions
}

/// Free slots, by worker and by load.
struct Offers {
    by_worker: HashMap<Uuid, Offer>,
    by_load: BTreeSet<Rank>,
}

/// Load in thousandths of all slots, then who has asked longest.
type Rank = (u64, u64, Uuid);

struct Offer {
    most: u32,
    live: u32,
    free: u32,
    /// Ticket and slots left, the earliest ticket last.
    requests: Vec<(u64, u32)>,
}

impl Offer {
    fn rank(&self, worker: Uuid) -> Rank {
        let load = u64::from(self.live) * 1000 / u64::from(self.most.max(1));
        let ticket = self.requests.last().map_or(u64::MAX, |(ticket, _)| *ticket);
        (load, ticket, worker)
    }

    fn is_used_up(&self) -> bool {
        self.free == 0 || self.requests.is_empty()
    }
}

impl Offers {
    fn new(snapshot: &SchedulingSnapshot, requests: &[SlotRequest]) -> Self {
        let mut by_worker = HashMap::new();
        for worker in snapshot.workers.iter().filter(|worker| worker.enabled) {
            let mut asked: Vec<(u64, u32)> = requests
                .iter()
                .filter(|request| request.worker == worker.worker && 0 < request.slots)
                .map(|request| (request.ticket, request.slots))
                .collect();
            asked.sort_unstable_by(|left, right| right.cmp(left));
            let offer = Offer {
                most: worker.max_task_count,
                live: worker.live_leases,
                free: worker.free_slots(),
                requests: asked,
            };
            if !offer.is_used_up() {
                by_worker.insert(worker.worker, offer);
            }
        }
        let by_load = by_worker
            .iter()
            .map(|(worker, offer)| offer.rank(*worker))
            .collect();
        Self { by_worker, by_load }
    }

    fn is_empty(&self) -> bool {
        self.by_load.is_empty()
    }

    fn choose(&self, execution: &PendingExecution) -> Option<Uuid> {
        let not_again = |rank: &&Rank| Some(rank.2) != execution.last_worker;
        match &execution.allowed {
            AllowedWorkers::Any => {
                let other = self.by_load.iter().find(not_again);
                other.or(self.by_load.first()).map(|rank| rank.2)
            }
            AllowedWorkers::Only(workers) => {
                let ranks: BTreeSet<Rank> = workers
                    .iter()
                    .filter_map(|worker| Some(self.by_worker.get(worker)?.rank(*worker)))
                    .collect();
                let other = ranks.iter().find(not_again);
                other.or(ranks.first()).map(|rank| rank.2)
            }
        }
    }

    /// Uses one slot of a worker and says which request it came from.
    fn take(&mut self, worker: Uuid) -> u64 {
        let offer = self
            .by_worker
            .get_mut(&worker)
            .expect("a chosen worker has an offer");
        self.by_load.remove(&offer.rank(worker));
        offer.live += 1;
        offer.free -= 1;
        let (ticket, slots) = offer
            .requests
            .last_mut()
            .expect("an offer has a request until it is used up");
        let ticket = *ticket;
        *slots -= 1;
        if *slots == 0 {
            offer.requests.pop();
        }
        if offer.is_used_up() {
            self.by_worker.remove(&worker);
        } else {
            self.by_load.insert(offer.rank(worker));
        }
        ticket
    }
}

#[cfg(test)]
mod tests;
