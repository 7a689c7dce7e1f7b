//! The attempts that this worker holds, and the orders given to them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use scaleout_core::protocol::worker::{
    AttemptBegan, AttemptCounters, AttemptKey, Began, Counter, DumpRequest,
};
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

/// What an attempt is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Go on.
    Run,
    /// Someone called `stop_operation`.
    Stop,
    /// End the package and give it back to the master, for this reason.
    HandBack(String),
    /// End the package and report why.
    Abandon(String),
    /// It is no longer ours: end the package, report nothing.
    Drop,
    /// This worker stops: end the package, keep what it said for the next start.
    Leave,
}

/// All attempts from their lease until the master has recorded their end.
#[derive(Debug)]
pub(super) struct Attempts {
    held: Mutex<BTreeMap<AttemptKey, Held>>,
    changed: watch::Sender<u64>,
}

#[derive(Debug)]
struct Held {
    orders: watch::Sender<Order>,
    /// Where its package runs, once it does.
    began: Option<Began>,
    /// The master knows of that.
    began_is_told: bool,
    /// Its package waits for child packages.
    waits: bool,
    /// The package has ended; the master is to hear of it.
    has_ended: bool,
    /// What its executor said last.
    counters: Vec<Counter>,
    /// Dumps to write, and the one that was asked for last.
    dumps: watch::Sender<Option<Uuid>>,
    /// When its lease ends for all that is known here; `None` once nothing of it runs.
    lease_end: Option<Instant>,
}

/// What an attempt listens to.
#[derive(Debug)]
pub(super) struct Listener {
    /// What it is to do.
    pub orders: watch::Receiver<Order>,
    /// The dump that it is to write.
    pub dumps: watch::Receiver<Option<Uuid>>,
}

impl Attempts {
    pub fn new() -> Self {
        Self {
            held: Mutex::new(BTreeMap::new()),
            changed: watch::Sender::new(0),
        }
    }

    /// Holds one more, whose lease ends then; `None` if it is held already.
    pub fn add(&self, key: AttemptKey, lease_end: Instant) -> Option<Listener> {
        let mut held = self.held();
        if held.contains_key(&key) {
            return None;
        }
        let (orders, received) = watch::channel(Order::Run);
        let (dumps, wanted) = watch::channel(None);
        held.insert(
            key,
            Held {
                orders,
                began: None,
                began_is_told: false,
                waits: false,
                has_ended: false,
                counters: Vec::new(),
                dumps,
                lease_end: Some(lease_end),
            },
        );
        drop(held);
        self.note();
        Some(Listener {
            orders: received,
            dumps: wanted,
        })
    }

    pub fn remove(&self, key: AttemptKey) {
        self.held().remove(&key);
        self.note();
    }

    /// Gives an order. A later order may only be a harder one. Says whether anyone got it.
    pub fn order(&self, key: AttemptKey, order: &Order) -> bool {
        self.held().get(&key).is_some_and(|held| {
            held.orders.send_if_modified(|current| {
                let harder = hardness(current) < hardness(order);
                if harder {
                    *current = order.clone();
                }
                harder
            })
        })
    }

    pub fn order_all(&self, order: &Order) {
        for (key, _) in self.running() {
            self.order(key, order);
        }
    }

    /// Moves the end of leases; never back.
    pub fn renew(&self, keys: &[AttemptKey], lease_end: Instant) {
        let mut held = self.held();
        for key in keys {
            if let Some(held) = held.get_mut(key) {
                held.lease_end = held.lease_end.map(|end| end.max(lease_end));
            }
        }
    }

    /// Says that its package is over, so that the end of its lease does no harm.
    pub fn nothing_runs(&self, key: AttemptKey) {
        if let Some(held) = self.held().get_mut(&key) {
            held.lease_end = None;
        }
    }

    /// Those whose lease has ended, and when the next one ends.
    pub fn ended_leases(&self, now: Instant) -> (Vec<AttemptKey>, Option<Instant>) {
        let held = self.held();
        let is_over = |held: &Held| held.lease_end.is_some_and(|end| end <= now);
        let ended = held.iter().filter(|(_, held)| is_over(held));
        let later = held.values().filter_map(|held| held.lease_end);
        (
            ended.map(|(key, _)| *key).collect(),
            later.filter(|end| now < *end).min(),
        )
    }

    /// Says which process runs it, and where.
    pub fn set_began(&self, key: AttemptKey, began: Began) {
        if let Some(held) = self.held().get_mut(&key) {
            held.began = Some(began);
        }
    }

    /// What the master does not know yet of where packages run.
    pub fn untold_beginnings(&self) -> Vec<AttemptBegan> {
        let held = self.held();
        let untold = held.iter().filter(|(_, held)| !held.began_is_told);
        untold
            .filter_map(|(key, held)| {
                let (attempt, began) = (*key, held.began?);
                Some(AttemptBegan { attempt, began })
            })
            .collect()
    }

    /// The master knows now where these run.
    pub fn told_beginnings(&self, told: &[AttemptBegan]) {
        let mut held = self.held();
        for began in told {
            if let Some(held) = held.get_mut(&began.attempt) {
                held.began_is_told = true;
            }
        }
    }

    /// Says whether its package waits for child packages.
    pub fn set_waiting(&self, key: AttemptKey, waits: bool) {
        let mut held = self.held();
        let Some(attempt) = held.get_mut(&key) else {
            return;
        };
        if std::mem::replace(&mut attempt.waits, waits) == waits {
            return;
        }
        drop(held);
        self.note();
    }

    /// How many there are whose packages wait for child packages.
    pub fn waiting(&self) -> usize {
        self.held().values().filter(|held| held.waits).count()
    }

    /// Keeps what its executor says of itself.
    pub fn set_counters(&self, key: AttemptKey, counters: Vec<Counter>) {
        if let Some(held) = self.held().get_mut(&key) {
            held.counters = counters;
        }
    }

    /// What the executors said last of themselves.
    pub fn counters(&self) -> Vec<AttemptCounters> {
        let held = self.held();
        let told = held.iter().filter(|(_, held)| !held.counters.is_empty());
        told.map(|(key, held)| AttemptCounters {
            attempt: *key,
            counters: held.counters.clone(),
        })
        .collect()
    }

    /// Asks for a dump; the same one is asked for once.
    pub fn dump(&self, request: DumpRequest) {
        if let Some(held) = self.held().get(&request.attempt) {
            held.dumps.send_if_modified(|wanted| {
                let is_new = *wanted != Some(request.dump_id);
                *wanted = Some(request.dump_id);
                is_new
            });
        }
    }

    /// All, with their process ids.
    pub fn running(&self) -> Vec<(AttemptKey, u32)> {
        self.held()
            .iter()
            .map(|(key, held)| (*key, held.began.map_or(0, |began| began.process_id)))
            .collect()
    }

    /// Says that its package has ended: its slot can take another one.
    pub fn set_ended(&self, key: AttemptKey) {
        if let Some(held) = self.held().get_mut(&key) {
            held.has_ended = true;
        }
        self.note();
    }

    pub fn count(&self) -> usize {
        self.held().len()
    }

    /// Those whose package has not ended.
    pub fn count_running(&self) -> usize {
        self.held().values().filter(|held| !held.has_ended).count()
    }

    /// Moves when an attempt comes or goes.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn note(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<AttemptKey, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hardness(order: &Order) -> u8 {
    match order {
        Order::Run => 0,
        Order::Stop => 1,
        Order::HandBack(_) => 2,
        Order::Abandon(_) => 3,
        Order::Drop => 4,
        Order::Leave => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_only_get_harder() {
        let attempts = Attempts::new();
        let key = AttemptKey {
            execution_id: 1,
            attempt: 1,
        };
        let now = Instant::now();
        let listener = attempts.add(key, now).unwrap();
        assert!(attempts.add(key, now).is_none());
        attempts.order(key, &Order::Drop);
        attempts.order(key, &Order::Stop);
        assert_eq!(*listener.orders.borrow(), Order::Drop);
        attempts.remove(key);
        assert_eq!(attempts.count(), 0);
    }

    #[test]
    fn a_lease_ends_where_its_last_renewal_says() {
        let attempts = Attempts::new();
        let key = |execution_id| AttemptKey {
            execution_id,
            attempt: 1,
        };
        let start = Instant::now();
        let after = |seconds| start + std::time::Duration::from_secs(seconds);
        attempts.add(key(1), after(10)).unwrap();
        attempts.add(key(2), after(10)).unwrap();
        attempts.renew(&[key(1)], after(20));
        attempts.renew(&[key(1)], after(15));
        assert_eq!(attempts.ended_leases(after(9)), (vec![], Some(after(10))));
        let (ended, next) = attempts.ended_leases(after(10));
        assert_eq!((ended, next), (vec![key(2)], Some(after(20))));
        attempts.nothing_runs(key(2));
        attempts.nothing_runs(key(1));
        assert_eq!(attempts.ended_leases(after(99)), (vec![], None));
    }

    #[test]
    fn where_a_package_runs_is_said_until_the_master_knows() {
        let attempts = Attempts::new();
        let attempt = AttemptKey {
            execution_id: 1,
            attempt: 1,
        };
        let _listener = attempts.add(attempt, Instant::now()).unwrap();
        assert_eq!(attempts.untold_beginnings(), []);
        assert_eq!(attempts.running(), [(attempt, 0)]);
        let began = Began {
            process_id: 7,
            ..Began::default()
        };
        attempts.set_began(attempt, began);
        assert_eq!(attempts.running(), [(attempt, 7)]);
        let untold = attempts.untold_beginnings();
        assert_eq!(untold, [AttemptBegan { attempt, began }]);
        attempts.told_beginnings(&untold);
        assert_eq!(attempts.untold_beginnings(), []);
    }

    #[test]
    fn a_dump_is_asked_for_once_however_often_the_master_says_so() {
        let attempts = Attempts::new();
        let attempt = AttemptKey {
            execution_id: 1,
            attempt: 1,
        };
        let mut listener = attempts.add(attempt, Instant::now()).unwrap();
        let dump_id = Uuid::from_u128(7);
        attempts.dump(DumpRequest { attempt, dump_id });
        assert!(listener.dumps.has_changed().unwrap());
        assert_eq!(*listener.dumps.borrow_and_update(), Some(dump_id));
        attempts.dump(DumpRequest { attempt, dump_id });
        assert!(!listener.dumps.has_changed().unwrap());
    }
}
