//! The attempts that this worker holds, and the orders given to them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use scaleout_core::protocol::worker::AttemptKey;
use tokio::sync::watch;

/// What an attempt is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Go on.
    Run,
    /// Someone called `stop_operation`.
    Stop,
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
    pid: u32,
}

impl Attempts {
    pub fn new() -> Self {
        Self {
            held: Mutex::new(BTreeMap::new()),
            changed: watch::Sender::new(0),
        }
    }

    /// Holds one more; `None` if it is held already.
    pub fn add(&self, key: AttemptKey) -> Option<watch::Receiver<Order>> {
        let mut held = self.held();
        if held.contains_key(&key) {
            return None;
        }
        let (orders, received) = watch::channel(Order::Run);
        held.insert(key, Held { orders, pid: 0 });
        drop(held);
        self.note();
        Some(received)
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

    /// Says which process runs it.
    pub fn set_pid(&self, key: AttemptKey, pid: u32) {
        if let Some(held) = self.held().get_mut(&key) {
            held.pid = pid;
        }
    }

    /// All, with their process ids.
    pub fn running(&self) -> Vec<(AttemptKey, u32)> {
        self.held()
            .iter()
            .map(|(key, held)| (*key, held.pid))
            .collect()
    }

    pub fn count(&self) -> usize {
        self.held().len()
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
        Order::Abandon(_) => 2,
        Order::Drop => 3,
        Order::Leave => 4,
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
        let orders = attempts.add(key).unwrap();
        assert!(attempts.add(key).is_none());
        attempts.order(key, &Order::Drop);
        attempts.order(key, &Order::Stop);
        assert_eq!(*orders.borrow(), Order::Drop);
        attempts.remove(key);
        assert_eq!(attempts.count(), 0);
    }
}
