//! Free slots of the workers that ask, and which of them gets an execution: the least loaded one
//! that may have it, so that nothing piles up on one while others idle.

use std::collections::{BTreeSet, HashMap};

use scaleout_catalog::{
    AllowedWorkers, PendingExecution, SchedulingSnapshot, Tags, WorkerSnapshot,
};
use uuid::Uuid;

use super::SlotRequest;

/// From this share of its processors on, a machine comes after those that are less busy.
const BUSY_PERCENT: f64 = 75.0;

/// Free slots, by worker and by load.
pub(super) struct Offers {
    by_worker: HashMap<Uuid, Offer>,
    by_load: BTreeSet<Rank>,
}

/// Load in thousandths of all slots, whether its machine is busy, then who has asked longest.
type Rank = (u64, bool, u64, Uuid);

struct Offer {
    most: u32,
    live: u32,
    free: u32,
    busy: bool,
    tags: Tags,
    /// Ticket and slots left, the earliest ticket last.
    requests: Vec<(u64, u32)>,
}

impl Offer {
    fn of(worker: &WorkerSnapshot, requests: &[SlotRequest]) -> Option<Self> {
        // An idle worker takes one, however busy its machine is with other things.
        let is_gated = worker.gate.is_some() && 0 < worker.live_leases;
        if !worker.enabled || worker.drain.is_some() || is_gated {
            return None;
        }
        let mut asked: Vec<(u64, u32)> = requests
            .iter()
            .filter(|request| request.worker == worker.worker && 0 < request.slots)
            .map(|request| (request.ticket, request.slots))
            .collect();
        asked.sort_unstable_by(|left, right| right.cmp(left));
        let offer = Self {
            most: worker.max_task_count,
            live: worker.live_leases,
            free: worker.free_slots(),
            busy: worker.cpu_percent.is_some_and(|busy| BUSY_PERCENT <= busy),
            tags: worker.tags.clone(),
            requests: asked,
        };
        (!offer.is_used_up()).then_some(offer)
    }

    fn rank(&self, worker: Uuid) -> Rank {
        let load = u64::from(self.live) * 1000 / u64::from(self.most.max(1));
        let ticket = self.requests.last().map_or(u64::MAX, |(ticket, _)| *ticket);
        (load, self.busy, ticket, worker)
    }

    fn is_used_up(&self) -> bool {
        self.free == 0 || self.requests.is_empty()
    }
}

impl Offers {
    /// What the workers of a snapshot offer that have asked.
    pub fn new(snapshot: &SchedulingSnapshot, requests: &[SlotRequest]) -> Self {
        let mut asked: HashMap<Uuid, Vec<SlotRequest>> = HashMap::new();
        for request in requests {
            asked.entry(request.worker).or_default().push(*request);
        }
        let by_worker: HashMap<Uuid, Offer> = snapshot
            .workers
            .iter()
            .filter_map(|worker| {
                let requests = asked.get(&worker.worker)?;
                Some((worker.worker, Offer::of(worker, requests)?))
            })
            .collect();
        let by_load = by_worker
            .iter()
            .map(|(worker, offer)| offer.rank(*worker))
            .collect();
        Self { by_worker, by_load }
    }

    /// Whether nobody offers anything more.
    pub fn is_empty(&self) -> bool {
        self.by_load.is_empty()
    }

    /// Who is to get an execution.
    pub fn choose(&self, execution: &PendingExecution) -> Option<Uuid> {
        let has_tags = |rank: &&Rank| {
            let offer = self.by_worker.get(&rank.3);
            offer.is_some_and(|offer| offer.tags.include(&execution.required_tags))
        };
        let not_again = |rank: &&Rank| Some(rank.3) != execution.last_worker;
        let pick = |ranks: &BTreeSet<Rank>| {
            let other = ranks.iter().filter(has_tags).find(not_again);
            let any = || ranks.iter().find(has_tags);
            other.or_else(any).map(|rank| rank.3)
        };
        match &execution.allowed {
            AllowedWorkers::Any => pick(&self.by_load),
            AllowedWorkers::Only(workers) => pick(
                &workers
                    .iter()
                    .filter_map(|worker| Some(self.by_worker.get(worker)?.rank(*worker)))
                    .collect(),
            ),
        }
    }

    /// Uses one slot of a worker and says which request it came from.
    pub fn take(&mut self, worker: Uuid) -> u64 {
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
