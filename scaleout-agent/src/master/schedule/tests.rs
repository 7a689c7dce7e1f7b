//! The scheduler's rules, each by itself and all at once on random input.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use proptest::prelude::*;
use scaleout_catalog::{
    AllowedWorkers, Caps, Drain, HeldExecution, KeyCap, PendingExecution, Tags, WorkerSnapshot,
};

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn worker(number: u128, max_task_count: u32, live_leases: u32) -> WorkerSnapshot {
    WorkerSnapshot {
        worker: Uuid::from_u128(number),
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
    }
}

fn pending(execution_id: i64, allowed: AllowedWorkers) -> PendingExecution {
    PendingExecution {
        execution_id,
        folder_name: String::new(),
        project_name: String::new(),
        package_name: String::new(),
        caller_name: String::new(),
        created: Timestamp::UNIX_EPOCH,
        pending_since: Timestamp::UNIX_EPOCH,
        allowed,
        attempts: 0,
        lost: 0,
        last_worker: None,
        is_child: false,
        project_id: 1,
        priority: 0,
        required_tags: Tags::default(),
        caps: Caps::default(),
    }
}

fn any(execution_id: i64) -> PendingExecution {
    pending(execution_id, AllowedWorkers::Any)
}

fn snapshot(pending: Vec<PendingExecution>, workers: Vec<WorkerSnapshot>) -> SchedulingSnapshot {
    SchedulingSnapshot {
        taken: at(3600),
        pending,
        is_whole: true,
        held: Vec::new(),
        workers,
    }
}

fn asks(ticket: u64, number: u128, slots: u32) -> SlotRequest {
    SlotRequest {
        ticket,
        worker: Uuid::from_u128(number),
        slots,
    }
}

fn granted(actions: &[Action]) -> Vec<(i64, u128)> {
    actions
        .iter()
        .map(
            |Action::Grant {
                 execution_id,
                 worker,
                 ..
             }| (*execution_id, worker.as_u128()),
        )
        .collect()
}

#[test]
fn work_spreads_over_the_least_loaded() {
    let snapshot = snapshot(
        vec![any(1), any(2), any(3), any(4)],
        vec![worker(1, 4, 2), worker(2, 4, 0)],
    );
    let actions = plan(&snapshot, &[asks(1, 1, 4), asks(2, 2, 4)]);
    assert_eq!(granted(&actions), [(1, 2), (2, 2), (3, 1), (4, 2)]);
}

#[test]
fn a_disabled_worker_gets_nothing() {
    let mut disabled = worker(1, 4, 0);
    disabled.enabled = false;
    let snapshot = snapshot(vec![any(1)], vec![disabled]);
    assert!(plan(&snapshot, &[asks(1, 1, 4)]).is_empty());
}

#[test]
fn a_worker_that_does_not_ask_or_is_unknown_gets_nothing() {
    let snapshot = snapshot(vec![any(1)], vec![worker(1, 4, 0)]);
    assert!(plan(&snapshot, &[]).is_empty());
    assert!(plan(&snapshot, &[asks(1, 1, 0)]).is_empty());
    assert!(plan(&snapshot, &[asks(1, 9, 4)]).is_empty());
}

#[test]
fn a_named_execution_waits_for_its_worker_and_holds_up_nobody() {
    let only = AllowedWorkers::Only(vec![Uuid::from_u128(2)]);
    let snapshot = snapshot(
        vec![pending(1, only), any(2)],
        vec![worker(1, 4, 0), worker(2, 4, 0)],
    );
    assert_eq!(granted(&plan(&snapshot, &[asks(1, 1, 4)])), [(2, 1)]);
    assert_eq!(
        granted(&plan(&snapshot, &[asks(1, 1, 4), asks(2, 2, 4)])),
        [(1, 2), (2, 1)]
    );
}

#[test]
fn a_retry_prefers_another_worker_but_takes_the_same_if_it_must() {
    let mut retry = any(1);
    retry.last_worker = Some(Uuid::from_u128(1));
    let both = snapshot(vec![retry], vec![worker(1, 4, 0), worker(2, 4, 3)]);
    let requests = [asks(1, 1, 1), asks(2, 2, 1)];
    assert_eq!(granted(&plan(&both, &requests)), [(1, 2)]);
    assert_eq!(granted(&plan(&both, &requests[..1])), [(1, 1)]);
}

#[test]
fn among_equals_the_one_who_asked_first_gets_it() {
    let snapshot = snapshot(vec![any(1)], vec![worker(1, 4, 0), worker(2, 4, 0)]);
    let actions = plan(&snapshot, &[asks(7, 1, 1), asks(3, 2, 1)]);
    assert_eq!(granted(&actions), [(1, 2)]);
}

/// One that waits since a second, of a folder, caller and priority.
fn queued(id: i64, since: i64, (folder, caller): (&str, &str), priority: i32) -> PendingExecution {
    PendingExecution {
        pending_since: at(since),
        folder_name: folder.to_owned(),
        caller_name: caller.to_owned(),
        priority,
        ..any(id)
    }
}

fn order(pending: Vec<PendingExecution>, held: Vec<HeldExecution>) -> Vec<i64> {
    let slots = u32::try_from(pending.len()).unwrap();
    let snapshot = SchedulingSnapshot {
        held,
        ..snapshot(pending, vec![worker(1, slots, 0)])
    };
    let actions = plan(&snapshot, &[asks(1, 1, slots)]);
    granted(&actions).into_iter().map(|(id, _)| id).collect()
}

fn held(id: i64, (folder, caller): (&str, &str), caps: Caps) -> HeldExecution {
    HeldExecution {
        execution_id: id,
        worker: Uuid::from_u128(9),
        folder_name: folder.to_owned(),
        caller_name: caller.to_owned(),
        project_id: 1,
        package_name: String::new(),
        caps,
    }
}

const F: (&str, &str) = ("f", "ann");

#[test]
fn higher_priorities_go_first_until_others_have_waited_long_enough() {
    let all = vec![
        queued(1, 3500, F, 0),
        queued(2, 3550, F, 10),
        queued(3, 3590, F, -5),
    ];
    assert_eq!(order(all, vec![]), [2, 1, 3]);
    // Ten points are ten minutes.
    let waited = vec![queued(1, 2900, F, 0), queued(2, 3550, F, 10)];
    assert_eq!(order(waited, vec![]), [1, 2]);
}

#[test]
fn whoever_starts_many_does_not_hold_up_the_one_of_somebody_else() {
    let mut all: Vec<_> = (1..=4).map(|id| queued(id, id, F, 0)).collect();
    all.push(queued(5, 100, ("g", "bob"), 0));
    all.push(queued(6, 200, ("f", "eve"), 0));
    assert_eq!(order(all, vec![]), [1, 5, 6, 2, 3, 4]);
}

#[test]
fn what_runs_counts_for_the_share_of_its_folder_and_caller() {
    let all = vec![queued(1, 1, F, 0), queued(2, 2, ("g", "bob"), 0)];
    let running = vec![held(9, F, Caps::default())];
    assert_eq!(order(all.clone(), running), [2, 1]);
    assert_eq!(order(all, vec![]), [1, 2]);
}

#[test]
fn tags_are_all_needed() {
    let mut tagged = any(1);
    tagged.required_tags = Tags::parse("big gpu");
    let mut right = worker(2, 4, 3);
    right.tags = Tags::parse("gpu, big, etl");
    let mut half = worker(1, 4, 0);
    half.tags = Tags::parse("gpu");
    let both = snapshot(vec![tagged], vec![half, right]);
    let requests = [asks(1, 1, 4), asks(2, 2, 1)];
    assert_eq!(granted(&plan(&both, &requests)), [(1, 2)]);
    assert!(plan(&both, &requests[..1]).is_empty());
}

#[test]
fn a_drained_worker_gets_nothing_and_a_busy_one_only_its_first() {
    let mut drained = worker(1, 4, 0);
    drained.drain = Some(Drain { until: None });
    let mut busy = worker(2, 4, 1);
    busy.gate = Some("busy".into());
    let requests = [asks(1, 1, 4), asks(2, 2, 3)];
    let snapshot = snapshot(vec![any(1)], vec![drained, busy.clone()]);
    assert!(plan(&snapshot, &requests).is_empty());
    let idle = WorkerSnapshot {
        live_leases: 0,
        ..busy
    };
    let snapshot = SchedulingSnapshot {
        workers: vec![idle],
        ..snapshot
    };
    assert_eq!(granted(&plan(&snapshot, &requests)), [(1, 2)]);
}

#[test]
fn a_busy_machine_comes_after_an_idle_one_with_as_many_leases() {
    let mut busy = worker(1, 4, 0);
    busy.cpu_percent = Some(80.0);
    let snapshot = snapshot(vec![any(1)], vec![busy, worker(2, 4, 0)]);
    let actions = plan(&snapshot, &[asks(1, 1, 4), asks(2, 2, 4)]);
    assert_eq!(granted(&actions), [(1, 2)]);
}

#[test]
fn caps_of_packages_and_keys_are_kept_and_hold_up_nobody_else() {
    let capped = |id| {
        let mut one = any(id);
        one.caps.package_limit = Some(2);
        one
    };
    let other = PendingExecution {
        package_name: "other".into(),
        ..any(9)
    };
    let all = vec![capped(1), capped(2), capped(3), other];
    let by_package = order(all, vec![]);
    assert_eq!(by_package, [1, 2, 9]);
    let key = |limit| Caps {
        package_limit: None,
        key: Some(KeyCap {
            key: "dwh".into(),
            limit,
        }),
    };
    let keyed = |id| PendingExecution {
        caps: key(1),
        ..any(id)
    };
    assert_eq!(order(vec![keyed(1), keyed(2)], vec![]), [1]);
    let running = vec![held(7, F, key(1))];
    assert!(order(vec![keyed(1), keyed(2)], running).is_empty());
}

#[test]
fn any_worker_never_piles_up() {
    let all: Vec<_> = (1..=40).map(any).collect();
    let workers: Vec<_> = (1..=4).map(|number| worker(number, 10, 0)).collect();
    let requests: Vec<_> = (1..=4).map(|n| asks(n, u128::from(n), 10)).collect();
    for so_many in 1..=40 {
        let snapshot = snapshot(all[..so_many].to_vec(), workers.clone());
        let mut load: HashMap<u128, usize> = HashMap::new();
        for (_, worker) in granted(&plan(&snapshot, &requests)) {
            *load.entry(worker).or_default() += 1;
        }
        let most = load.values().max().copied().unwrap_or(0);
        assert_eq!(most, so_many.div_ceil(4), "{so_many}: {load:?}");
    }
}

proptest! {
    #[test]
    fn whatever_the_input_the_rules_hold(
        workers in prop::collection::vec((0u32..5, 0u32..6, any_bool()), 0..6),
        requests in prop::collection::vec((0u128..7, 0u32..5), 0..10),
        executions in prop::collection::vec(prop::option::of(prop::collection::vec(0u128..7, 0..3)), 0..20),
        priorities in prop::collection::vec(-3i32..3, 20),
        limits in prop::collection::vec(prop::option::weighted(0.3, 1u32..4), 20),
    ) {
        let workers: Vec<WorkerSnapshot> = workers
            .iter()
            .zip(0u128..)
            .map(|((most, live, enabled), number)| WorkerSnapshot {
                enabled: *enabled,
                ..worker(number, *most, *live)
            })
            .collect();
        let requests: Vec<SlotRequest> = requests
            .iter()
            .zip(0u64..)
            .map(|((number, slots), ticket)| asks(ticket, *number, *slots))
            .collect();
        let executions: Vec<PendingExecution> = executions
            .into_iter()
            .zip(1i64..)
            .map(|(only, id)| match only {
                None => any(id),
                Some(numbers) => pending(
                    id,
                    AllowedWorkers::Only(numbers.into_iter().map(Uuid::from_u128).collect()),
                ),
            })
            .collect();
        let executions = executions
            .into_iter()
            .zip(priorities.into_iter().zip(limits))
            .map(|(one, (priority, package_limit))| PendingExecution {
                priority,
                package_name: (one.execution_id % 4).to_string(),
                caps: Caps { package_limit, key: None },
                ..one
            })
            .collect();
        let snapshot = snapshot(executions, workers);
        let actions = plan(&snapshot, &requests);
        check_rules(&snapshot, &requests, &actions)?;
    }
}

fn any_bool() -> impl Strategy<Value = bool> {
    proptest::bool::weighted(0.8)
}

fn check_rules(
    snapshot: &SchedulingSnapshot,
    requests: &[SlotRequest],
    actions: &[Action],
) -> Result<(), TestCaseError> {
    let mut given: BTreeSet<i64> = BTreeSet::new();
    let mut by_ticket: HashMap<u64, u32> = HashMap::new();
    let mut by_worker: HashMap<Uuid, u32> = HashMap::new();
    for Action::Grant {
        execution_id,
        worker,
        ticket,
    } in actions
    {
        prop_assert!(given.insert(*execution_id), "granted twice");
        *by_ticket.entry(*ticket).or_default() += 1;
        *by_worker.entry(*worker).or_default() += 1;
        let execution = snapshot
            .pending
            .iter()
            .find(|one| one.execution_id == *execution_id);
        prop_assert!(execution.is_some_and(|one| one.allowed.contains(*worker)));
        let request = requests.iter().find(|one| one.ticket == *ticket);
        prop_assert_eq!(request.map(|one| one.worker), Some(*worker));
    }
    for (ticket, count) in &by_ticket {
        let request = requests.iter().find(|one| one.ticket == *ticket);
        prop_assert!(request.is_some_and(|one| *count <= one.slots));
    }
    let room = |worker: Uuid| {
        let known = snapshot
            .workers
            .iter()
            .find(|one| one.worker == worker && one.enabled);
        let asked: u32 = requests
            .iter()
            .filter(|one| one.worker == worker)
            .map(|one| one.slots)
            .sum();
        known.map_or(0, |one| one.free_slots().min(asked))
    };
    for (worker, count) in &by_worker {
        prop_assert!(*count <= room(*worker));
    }
    let mut usage = Usage::default();
    for execution in snapshot
        .pending
        .iter()
        .filter(|one| given.contains(&one.execution_id))
    {
        usage.take(execution);
    }
    check_caps(snapshot, &given)?;
    // Nothing that could run is left waiting.
    for execution in snapshot
        .pending
        .iter()
        .filter(|one| !given.contains(&one.execution_id) && usage.obstacle(one).is_none())
    {
        for worker in &snapshot.workers {
            if execution.allowed.contains(worker.worker) {
                let used = by_worker.get(&worker.worker).copied().unwrap_or(0);
                prop_assert_eq!(used, room(worker.worker));
            }
        }
    }
    Ok(())
}

fn check_caps(snapshot: &SchedulingSnapshot, given: &BTreeSet<i64>) -> Result<(), TestCaseError> {
    for package in 0..4 {
        let name = package.to_string();
        let granted: Vec<_> = snapshot
            .pending
            .iter()
            .filter(|one| one.package_name == name && given.contains(&one.execution_id))
            .collect();
        let lowest = granted
            .iter()
            .filter_map(|one| one.caps.package_limit)
            .min();
        let count = u32::try_from(granted.len()).unwrap();
        prop_assert!(
            lowest.is_none_or(|limit| count <= limit),
            "a cap is exceeded"
        );
    }
    Ok(())
}
