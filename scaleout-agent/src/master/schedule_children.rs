//! Which waiting child execution goes to a worker whose packages wait for their children.
//!
//! A package that waits for children holds its lease and its slot. Were that slot kept from the
//! children, workers full of such packages would wait for ever. So a worker may have one child
//! execution more for each of its packages that waits; nothing but children gets these slots, or
//! packages that wait would pile up.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use scaleout_catalog::{ChildSnapshot, PendingExecution, SchedulingSnapshot, WorkerSnapshot};
use uuid::Uuid;

use super::schedule::{Action, SlotRequest, plan};

/// Puts the children among the waiting executions into their own order, the longest of each parent
/// first: begun last, a long one would keep its parent waiting while the other workers are idle.
pub fn longest_first(snapshot: &mut SchedulingSnapshot, children: &ChildSnapshot) {
    if children.pending.is_empty() {
        return;
    }
    let waiting: BTreeSet<i64> = snapshot
        .pending
        .iter()
        .filter(|execution| execution.is_child)
        .map(|execution| execution.execution_id)
        .collect();
    let mut ordered = children
        .pending
        .iter()
        .filter(|child| waiting.contains(&child.execution_id));
    let known: BTreeSet<i64> = children
        .pending
        .iter()
        .map(|child| child.execution_id)
        .collect();
    for place in &mut snapshot.pending {
        // One that came after the other snapshot was taken stays where it is.
        if place.is_child
            && known.contains(&place.execution_id)
            && let Some(next) = ordered.next()
        {
            *place = next.clone();
        }
    }
}

/// How long a child waits for its siblings: a parent asks for all of them within moments.
pub const GATHER: SignedDuration = SignedDuration::from_millis(60);
/// No child waits for siblings longer than this, however many come.
const LONGEST_GATHER: SignedDuration = SignedDuration::from_millis(240);

/// Leaves children out whose siblings may be on their way still, so that the longest of all begins
/// first and not the one that came first. Says whether it did; a look after [`GATHER`] is due then.
pub fn hold_back(snapshot: &mut SchedulingSnapshot, children: &mut ChildSnapshot) -> bool {
    let since = |child: &PendingExecution| snapshot.taken.duration_since(child.pending_since);
    let youngest = children.pending.iter().map(since).min();
    let oldest = children.pending.iter().map(since).max();
    let holds =
        youngest.is_some_and(|age| age < GATHER) && oldest.is_some_and(|age| age < LONGEST_GATHER);
    if holds {
        children.pending.clear();
        snapshot.pending.retain(|execution| !execution.is_child);
    }
    holds
}

/// A lease request that waits, with the child executions that it wants beyond its slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChildRequest {
    /// Which request.
    pub ticket: u64,
    /// Who asks.
    pub worker: Uuid,
    /// Most child executions beyond its free slots.
    pub child_slots: u32,
}

/// What is granted beside `granted`, which the same snapshot was planned with.
#[must_use]
pub fn plan_children(
    snapshot: &SchedulingSnapshot,
    children: &ChildSnapshot,
    requests: &[ChildRequest],
    granted: &[Action],
) -> Vec<Action> {
    if requests.is_empty() || children.pending.is_empty() {
        return Vec::new();
    }
    let mut taken: BTreeMap<Uuid, u32> = BTreeMap::new();
    for Action::Grant { worker, .. } in granted {
        *taken.entry(*worker).or_default() += 1;
    }
    let is_granted = |child: &PendingExecution| {
        granted
            .iter()
            .any(|Action::Grant { execution_id, .. }| *execution_id == child.execution_id)
    };
    let pending = children.pending.iter().filter(|child| !is_granted(child));
    let workers = snapshot.workers.iter().map(|worker| {
        let waiting = children.waiting.get(&worker.worker).copied().unwrap_or(0);
        let taken = taken.get(&worker.worker).copied().unwrap_or(0);
        WorkerSnapshot {
            live_leases: (worker.live_leases + taken).saturating_sub(waiting),
            ..worker.clone()
        }
    });
    let narrowed = SchedulingSnapshot {
        pending: pending.cloned().collect(),
        workers: workers.collect(),
        ..snapshot.clone()
    };
    let requests: Vec<SlotRequest> = requests
        .iter()
        .filter(|request| 0 < request.child_slots)
        .map(|request| SlotRequest {
            ticket: request.ticket,
            worker: request.worker,
            slots: request.child_slots,
        })
        .collect();
    plan(&narrowed, &requests)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use scaleout_catalog::{AllowedWorkers, Caps, Tags};

    use super::*;

    const WORKER: Uuid = Uuid::from_u128(1);

    fn child(execution_id: i64) -> PendingExecution {
        PendingExecution {
            execution_id,
            folder_name: String::new(),
            project_name: String::new(),
            package_name: String::new(),
            caller_name: String::new(),
            created: Timestamp::UNIX_EPOCH,
            pending_since: Timestamp::UNIX_EPOCH,
            allowed: AllowedWorkers::Any,
            attempts: 0,
            lost: 0,
            last_worker: None,
            is_child: true,
            project_id: 1,
            priority: 0,
            required_tags: Tags::default(),
            caps: Caps::default(),
        }
    }

    fn full(max_task_count: u32, live_leases: u32) -> SchedulingSnapshot {
        SchedulingSnapshot {
            taken: Timestamp::UNIX_EPOCH,
            pending: Vec::new(),
            is_whole: true,
            held: Vec::new(),
            workers: vec![WorkerSnapshot {
                worker: WORKER,
                enabled: true,
                display_name: String::new(),
                machine_name: String::new(),
                tags: Tags::default(),
                last_seen: Timestamp::UNIX_EPOCH,
                max_task_count,
                live_leases,
                cpu_percent: None,
                free_memory_mb: None,
                gate: None,
                drain: None,
            }],
        }
    }

    fn granted(
        snapshot: &SchedulingSnapshot,
        waiting: u32,
        child_slots: u32,
        before: &[Action],
    ) -> Vec<i64> {
        let children = ChildSnapshot {
            pending: vec![child(7), child(8), child(9)],
            waiting: [(WORKER, waiting)].into(),
        };
        let request = ChildRequest {
            ticket: 1,
            worker: WORKER,
            child_slots,
        };
        plan_children(snapshot, &children, &[request], before)
            .iter()
            .map(|Action::Grant { execution_id, .. }| *execution_id)
            .collect()
    }

    #[test]
    fn a_full_worker_gets_a_child_for_each_package_that_waits() {
        assert_eq!(granted(&full(1, 1), 1, 1, &[]), [7]);
        assert_eq!(granted(&full(2, 2), 2, 2, &[]), [7, 8]);
        assert_eq!(granted(&full(1, 1), 0, 1, &[]), [] as [i64; 0]);
    }

    #[test]
    fn a_child_that_runs_there_already_uses_the_slot_up() {
        assert_eq!(granted(&full(1, 2), 1, 1, &[]), [] as [i64; 0]);
        assert_eq!(granted(&full(1, 1), 1, 0, &[]), [] as [i64; 0]);
    }

    #[test]
    fn the_longest_child_takes_the_first_place_of_a_child() {
        let mut snapshot = full(1, 0);
        let parent = PendingExecution {
            is_child: false,
            ..child(1)
        };
        snapshot.pending = vec![child(7), parent, child(8), child(10)];
        let children = ChildSnapshot {
            pending: vec![child(9), child(8), child(7)],
            waiting: BTreeMap::new(),
        };
        longest_first(&mut snapshot, &children);
        let ids: Vec<i64> = snapshot
            .pending
            .iter()
            .map(|one| one.execution_id)
            .collect();
        assert_eq!(ids, [8, 1, 7, 10]);
    }

    #[test]
    fn a_child_waits_for_its_siblings_for_a_moment_and_for_no_longer() {
        let held = |ages: &[i64]| {
            let mut snapshot = full(1, 0);
            snapshot.taken = Timestamp::from_millisecond(10_000).unwrap();
            let aged = |age: &i64| PendingExecution {
                pending_since: Timestamp::from_millisecond(10_000 - age).unwrap(),
                ..child(*age)
            };
            let pending: Vec<PendingExecution> = ages.iter().map(aged).collect();
            let parent = PendingExecution {
                is_child: false,
                ..child(1)
            };
            snapshot.pending = [&[parent], &pending[..]].concat();
            let mut children = ChildSnapshot {
                pending,
                waiting: BTreeMap::new(),
            };
            let held = hold_back(&mut snapshot, &mut children);
            assert_eq!(snapshot.pending.len(), 1 + children.pending.len());
            assert_eq!(children.pending.is_empty(), held || ages.is_empty());
            held
        };
        assert!(held(&[0]) && held(&[59, 100]));
        assert!(!held(&[60]) && !held(&[]));
        assert!(!held(&[0, 240]), "others come without end");
    }

    #[test]
    fn what_was_granted_in_the_same_plan_counts_and_is_not_granted_twice() {
        let before = [Action::Grant {
            execution_id: 7,
            worker: WORKER,
            ticket: 1,
        }];
        assert_eq!(granted(&full(2, 1), 1, 2, &before), [8]);
    }
}
