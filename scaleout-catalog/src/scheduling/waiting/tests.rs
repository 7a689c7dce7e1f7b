//! Every reason once, with its sentence.

use uuid::Uuid;

use super::super::{Caps, Drain, HeldExecution, KeyCap, Tags};
use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn worker(number: u128) -> WorkerSnapshot {
    WorkerSnapshot {
        worker: Uuid::from_u128(number),
        enabled: true,
        display_name: format!("w{number}"),
        machine_name: String::new(),
        tags: Tags::default(),
        last_seen: at(0),
        max_task_count: 2,
        live_leases: 0,
        cpu_percent: None,
        free_memory_mb: None,
        gate: None,
        drain: None,
    }
}

fn pending() -> PendingExecution {
    PendingExecution {
        execution_id: 50,
        folder_name: "f".into(),
        project_name: "p".into(),
        package_name: "a.dtsx".into(),
        caller_name: "me".into(),
        created: at(0),
        pending_since: at(0),
        allowed: AllowedWorkers::Any,
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

fn held(execution_id: i64, caps: Caps) -> HeldExecution {
    HeldExecution {
        execution_id,
        worker: Uuid::from_u128(1),
        folder_name: "f".into(),
        caller_name: "me".into(),
        project_id: 1,
        package_name: "a.dtsx".into(),
        caps,
    }
}

fn explained(
    workers: Vec<WorkerSnapshot>,
    held: Vec<HeldExecution>,
    execution: PendingExecution,
) -> (&'static str, String) {
    let snapshot = SchedulingSnapshot {
        taken: at(200),
        pending: vec![execution.clone()],
        is_whole: true,
        held,
        workers: workers
            .into_iter()
            .map(|worker| WorkerSnapshot {
                // Those of the tests that are not about it were just heard of.
                last_seen: if worker.machine_name == "silent" {
                    worker.last_seen
                } else {
                    at(200)
                },
                ..worker
            })
            .collect(),
    };
    let reason = WaitReason::of(&snapshot, &Usage::of(&snapshot.held), &execution);
    assert!(WAIT_CODES.contains(&reason.code()), "{reason:?}");
    assert_eq!(count_by_reason(&snapshot)[reason.code()], 1);
    (reason.code(), reason.sentence(Some(at(200))))
}

#[test]
fn without_workers_nothing_starts() {
    assert_eq!(explained(vec![], vec![], pending()).0, "NO_WORKER");
    let disabled = WorkerSnapshot {
        enabled: false,
        ..worker(1)
    };
    let (code, sentence) = explained(vec![disabled.clone()], vec![], pending());
    assert_eq!(
        (code, sentence.as_str()),
        ("NO_ENABLED_WORKER", "no worker is enabled; there is w1")
    );
    let mut named = pending();
    named.allowed = AllowedWorkers::Only(vec![Uuid::from_u128(1)]);
    let (code, _) = explained(vec![disabled, worker(2)], vec![], named.clone());
    assert_eq!(code, "WORKER_DISABLED");
    let (code, _) = explained(vec![worker(2)], vec![], named);
    assert_eq!(code, "WORKER_UNKNOWN");
}

#[test]
fn a_named_worker_that_is_offline_is_said_to_be_so_since_when() {
    let silent = WorkerSnapshot {
        machine_name: "silent".into(),
        ..worker(1)
    };
    let mut named = pending();
    named.allowed = AllowedWorkers::Only(vec![Uuid::from_u128(1)]);
    let (code, sentence) = explained(vec![silent, worker(2)], vec![], named);
    assert_eq!(code, "WORKER_OFFLINE");
    assert_eq!(
        sentence,
        "every worker that may run it is offline: w1, since 2027-01-15T08:00:00Z (3 min)"
    );
}

#[test]
fn caps_name_who_uses_them_up() {
    let mut capped = pending();
    capped.caps.package_limit = Some(2);
    let both = vec![held(41, Caps::default()), held(42, Caps::default())];
    let (code, sentence) = explained(vec![worker(1)], both, capped);
    assert_eq!(code, "PACKAGE_LIMIT");
    assert_eq!(
        sentence,
        "the cap of its package (2 at once) is reached by 41, 42"
    );
    let key = |limit| Caps {
        package_limit: None,
        key: Some(KeyCap {
            key: "dwh".into(),
            limit,
        }),
    };
    let mut keyed = pending();
    keyed.caps = key(1);
    let (code, sentence) = explained(vec![worker(1)], vec![held(41, key(1))], keyed);
    assert_eq!(code, "KEY_LIMIT");
    assert_eq!(
        sentence,
        "the cap of the key `dwh` (1 at once) is reached by 41"
    );
}

#[test]
fn tags_drains_gates_and_slots_are_told_apart() {
    let mut tagged = pending();
    tagged.required_tags = Tags::parse("gpu big");
    let (code, sentence) = explained(vec![worker(1)], vec![], tagged);
    assert_eq!(code, "NO_WORKER_WITH_TAGS");
    assert_eq!(sentence, "no worker has all of the tags big, gpu");

    let drained = WorkerSnapshot {
        drain: Some(Drain { until: None }),
        ..worker(1)
    };
    let (code, _) = explained(vec![drained.clone()], vec![], pending());
    assert_eq!(code, "WORKER_DRAINING");

    let busy = WorkerSnapshot {
        gate: Some("the processors are 93 % busy".into()),
        live_leases: 1,
        ..worker(2)
    };
    let (code, sentence) = explained(vec![drained, busy.clone()], vec![], pending());
    assert_eq!(code, "WORKER_BUSY");
    assert!(sentence.contains("93 %"), "{sentence}");

    let full = WorkerSnapshot {
        live_leases: 2,
        ..worker(3)
    };
    let (code, sentence) = explained(vec![busy, full], vec![], pending());
    assert_eq!(code, "NO_FREE_SLOT");
    assert_eq!(
        sentence,
        "all slots of the workers that may run it are taken (2 of 2): w3"
    );

    let idle = WorkerSnapshot {
        gate: Some("busy".into()),
        ..worker(4)
    };
    assert_eq!(explained(vec![idle], vec![], pending()).0, "IN_TURN");
}

#[test]
fn long_lists_are_cut() {
    let ids: Vec<i64> = (1..=7).collect();
    assert_eq!(Listed(&ids).to_string(), "1, 2, 3, 4, 5 and 2 more");
}
