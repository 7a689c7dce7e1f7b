//! The scheduler's rules, each by itself and all at once on random input.

use jiff::Timestamp;
use proptest::prelude::*;
use scaleout_catalog::WorkerSnapshot;

use super::*;

fn worker(number: u128, max_task_count: u32, live_leases: u32) -> WorkerSnapshot {
    WorkerSnapshot {
        worker: Uuid::from_u128(number),
        enabled: true,
        display_name: String::new(),
        machine_name: String::new(),
        tags: String::new(),
        last_seen: Timestamp::UNIX_EPOCH,
        max_task_count,
        live_leases,
        cpu_percent: None,
        free_memory_mb: None,
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
    }
}

fn any(execution_id: i64) -> PendingExecution {
    pending(execution_id, AllowedWorkers::Any)
}

fn snapshot(pending: Vec<PendingExecution>, workers: Vec<WorkerSnapshot>) -> SchedulingSnapshot {
    SchedulingSnapshot {
        taken: Timestamp::UNIX_EPOCH,
        pending,
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

proptest! {
    #[test]
    fn whatever_the_input_the_rules_hold(
        workers in prop::collection::vec((0u32..5, 0u32..6, any_bool()), 0..6),
        requests in prop::collection::vec((0u128..7, 0u32..5), 0..10),
        executions in prop::collection::vec(prop::option::of(prop::collection::vec(0u128..7, 0..3)), 0..20),
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
    // Nothing that could run is left waiting.
    for execution in snapshot
        .pending
        .iter()
        .filter(|one| !given.contains(&one.execution_id))
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
