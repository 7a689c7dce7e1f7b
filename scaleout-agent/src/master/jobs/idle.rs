//! When the workers count as idle. Decides only; the loop looks and fires.

use jiff::{SignedDuration, Timestamp};
use scaleout_catalog::{SchedulingSnapshot, WorkerSnapshot};

/// Processor load below which a worker is idle: the original's default.
const CPU_PERCENT: f64 = 10.0;
/// For how long they must be: the original's default.
const FOR: SignedDuration = SignedDuration::from_secs(600);
/// A worker that was not heard of for so long does not count.
const SILENT: SignedDuration = SignedDuration::from_mins(5);

/// What was seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct IdleWatch {
    since: Option<Timestamp>,
    fired: bool,
}

impl IdleWatch {
    /// Takes in a look; gives the moment since which the workers are idle, once for each time that
    /// they have been for long enough.
    pub fn observe(&mut self, snapshot: &SchedulingSnapshot) -> Option<Timestamp> {
        let now = snapshot.taken;
        if !is_idle(snapshot) {
            *self = Self::default();
            return None;
        }
        let since = *self.since.get_or_insert(now);
        if self.fired || now.duration_since(since) < FOR {
            return None;
        }
        self.fired = true;
        Some(since)
    }
}

/// Whether nothing waits, nothing runs, and no worker has anything else to do.
fn is_idle(snapshot: &SchedulingSnapshot) -> bool {
    let heard = |worker: &&WorkerSnapshot| snapshot.taken.duration_since(worker.last_seen) < SILENT;
    let mut workers = snapshot
        .workers
        .iter()
        .filter(|worker| worker.enabled)
        .filter(heard)
        .peekable();
    snapshot.pending.is_empty()
        && workers.peek().is_some()
        && workers.all(|worker| {
            worker.live_leases == 0 && worker.cpu_percent.is_none_or(|load| load < CPU_PERCENT)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn snapshot(second: i64, load: f64) -> SchedulingSnapshot {
        let worker = WorkerSnapshot {
            worker: uuid::Uuid::nil(),
            enabled: true,
            display_name: "w".into(),
            machine_name: "w".into(),
            tags: scaleout_catalog::Tags::default(),
            last_seen: at(second),
            max_task_count: 4,
            live_leases: 0,
            cpu_percent: Some(load),
            free_memory_mb: None,
            gate: None,
            drain: None,
        };
        SchedulingSnapshot {
            taken: at(second),
            pending: Vec::new(),
            is_whole: true,
            held: Vec::new(),
            workers: vec![worker],
        }
    }

    #[test]
    fn it_fires_once_for_each_time_that_the_workers_become_idle() {
        let mut watch = IdleWatch::default();
        assert_eq!(watch.observe(&snapshot(0, 1.0)), None);
        assert_eq!(watch.observe(&snapshot(599, 9.9)), None);
        assert_eq!(watch.observe(&snapshot(600, 1.0)), Some(at(0)));
        assert_eq!(watch.observe(&snapshot(9000, 1.0)), None);
        assert_eq!(watch.observe(&snapshot(9010, 50.0)), None);
        assert_eq!(watch.observe(&snapshot(9020, 1.0)), None);
        assert_eq!(watch.observe(&snapshot(9620, 1.0)), Some(at(9020)));
    }

    #[test]
    fn without_workers_nothing_is_idle() {
        let mut watch = IdleWatch::default();
        let none = |second| SchedulingSnapshot {
            workers: Vec::new(),
            ..snapshot(second, 0.0)
        };
        assert_eq!(watch.observe(&none(0)), None);
        assert_eq!(watch.observe(&none(700)), None);
    }
}
