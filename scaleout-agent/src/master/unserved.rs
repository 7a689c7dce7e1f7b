//! The workers that asked and for whom nothing was found: asking again finds nothing either, unless
//! something has changed. So ten thousand idle workers do not have the catalog read for each question.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

/// How long that counts where nobody says that something has changed: not every change is told.
const COUNTS_FOR: Duration = Duration::from_secs(5);

/// What a worker asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wants {
    /// Executions.
    pub any: bool,
    /// Child executions beyond those.
    pub children: bool,
}

/// Those workers.
#[derive(Debug)]
pub(super) struct Unserved {
    workers: BTreeMap<Uuid, Wants>,
    /// When everybody was looked at.
    looked: Instant,
}

impl Unserved {
    /// Nobody yet.
    pub fn new(now: Instant) -> Self {
        Self {
            workers: BTreeMap::new(),
            looked: now,
        }
    }

    /// Everybody is looked at anew.
    pub fn forget(&mut self, now: Instant) {
        self.workers.clear();
        self.looked = now;
    }

    /// Nothing was found for a worker.
    pub fn note(&mut self, worker: Uuid, wants: Wants) {
        let known = self.workers.entry(worker).or_default();
        known.any |= wants.any;
        known.children |= wants.children;
    }

    /// Something was found for it.
    pub fn remove(&mut self, worker: Uuid) {
        self.workers.remove(&worker);
    }

    /// When everybody is to be looked at because of a worker that asks; `None` where the worker itself
    /// is to be looked at now.
    pub fn look_at(&self, worker: Uuid, wants: Wants) -> Option<Instant> {
        let known = self.workers.get(&worker)?;
        let covers = (known.any || !wants.any) && (known.children || !wants.children);
        covers.then(|| self.looked + COUNTS_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Wants = Wants {
        any: true,
        children: false,
    };
    const CHILDREN: Wants = Wants {
        any: false,
        children: true,
    };

    #[test]
    fn who_found_nothing_waits_for_the_next_look_at_all() {
        let now = Instant::now();
        let (anna, bert) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut unserved = Unserved::new(now);
        assert_eq!(unserved.look_at(anna, ANY), None);
        unserved.note(anna, ANY);
        assert_eq!(unserved.look_at(anna, ANY), Some(now + COUNTS_FOR));
        assert_eq!(unserved.look_at(anna, CHILDREN), None, "it asks for more");
        assert_eq!(unserved.look_at(bert, ANY), None);
        unserved.note(anna, CHILDREN);
        let both = Wants {
            any: true,
            children: true,
        };
        assert_eq!(unserved.look_at(anna, both), Some(now + COUNTS_FOR));
        unserved.remove(anna);
        assert_eq!(unserved.look_at(anna, ANY), None);
        unserved.note(anna, ANY);
        unserved.forget(now + COUNTS_FOR);
        assert_eq!(unserved.look_at(anna, ANY), None, "all is looked at anew");
    }
}
