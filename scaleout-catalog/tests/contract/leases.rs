//! Leases: one holder, fenced, renewed, lost, retried, stopped.

use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::executor::PackageUsage;
use scaleout_core::protocol::worker::{
    AttemptBegan, AttemptOutcome, Began, Complete, CompleteReply, TaskHeartbeat,
};
use serde_json::{Value, json};

use crate::databases::{Database, contract};
use crate::support::{ANNA, BERT, Bench, key, messages, package};

contract![
    an_execution_is_leased_once_and_runs_to_its_end,
    only_enabled_workers_with_room_get_a_lease,
    a_failure_is_run_again_as_often_as_asked,
    retries_belong_to_scale_out,
    a_lost_worker_costs_no_retry_and_can_change_nothing_any_more,
    a_renewed_lease_lives_on,
    a_stop_reaches_the_worker_and_ends_as_canceled,
    a_stopped_execution_whose_worker_is_gone_is_canceled,
    a_dead_executor_ends_the_execution_unexpectedly_and_says_why,
    where_a_package_ran_and_what_it_used_stays_known,
    a_log_of_which_a_part_was_left_out_is_not_complete,
    the_snapshot_shows_who_waits_and_who_has_room,
];

async fn bench(on: Database) -> Bench {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    bench.worker(BERT).await;
    bench
}

fn beat(running: &[(i64, u32)]) -> TaskHeartbeat {
    TaskHeartbeat {
        running: running
            .iter()
            .map(|(id, attempt)| key(*id, *attempt))
            .collect(),
        lease_ms: 60_000,
        process_ids: vec![4711; running.len()],
        counters: Vec::new(),
        began: Vec::new(),
    }
}

async fn an_execution_is_leased_once_and_runs_to_its_end(on: Database) {
    let bench = bench(on).await;
    let id = bench.pending(0).await;
    let (first, second) = tokio::join!(bench.lease(id, ANNA), bench.lease(id, BERT));
    assert_eq!(first.unwrap().attempt, 1);
    assert!(second.is_none());
    assert_eq!(bench.execution(id, "status").await, 2);
    assert_eq!(
        bench.execution(id, "worker_agent_id").await,
        ANNA.to_string()
    );
    bench.wait(5);
    assert_eq!(
        bench.finish(ANNA, key(id, 1), PackageResult::Success).await,
        CompleteReply::Accepted
    );
    let report = &bench
        .view("execution_report", &[("execution_id", &id.to_string())])
        .await[0];
    assert_eq!(report["status_name"], "succeeded");
    assert_eq!(report["duration_ms"], 5000);
    assert_eq!(report["worker_name"], "worker 10");
    assert_eq!(report["executed_count"], 1);
    assert_eq!(report["log_complete"], true);
    // The answer was lost: the same report gets the same answer and changes nothing.
    assert_eq!(
        bench.finish(ANNA, key(id, 1), PackageResult::Failure).await,
        CompleteReply::Accepted
    );
    assert_eq!(bench.execution(id, "status").await, 7);
}

async fn only_enabled_workers_with_room_get_a_lease(on: Database) {
    let bench = bench(on).await;
    for _ in 0..2 {
        let id = bench.pending(0).await;
        assert!(bench.lease(id, ANNA).await.is_some());
    }
    let id = bench.pending(0).await;
    assert!(bench.lease(id, ANNA).await.is_none(), "full");
    bench
        .call("disable_worker_agent", json!({"WorkerAgentId": BERT}))
        .await
        .unwrap();
    assert!(bench.lease(id, BERT).await.is_none(), "disabled");
    assert!(
        bench.lease(id, uuid::Uuid::from_u128(9)).await.is_none(),
        "unknown"
    );
    assert!(bench.lease(999, ANNA).await.is_none(), "no such execution");
}

async fn a_failure_is_run_again_as_often_as_asked(on: Database) {
    let bench = bench(on).await;
    let id = bench.pending(1).await;
    bench.lease(id, ANNA).await.unwrap();
    bench.finish(ANNA, key(id, 1), PackageResult::Failure).await;
    assert_eq!(bench.execution(id, "status").await, 5);
    assert_eq!(bench.lease(id, BERT).await.unwrap().attempt, 2);
    bench.finish(BERT, key(id, 2), PackageResult::Failure).await;
    assert_eq!(bench.execution(id, "status").await, 4);
    assert_eq!(bench.execution(id, "executed_count").await, 2);
}

async fn retries_belong_to_scale_out(on: Database) {
    let bench = bench(on).await;
    let id = bench.create(json!({"runinscaleout": 0})).await.unwrap();
    bench
        .call(
            "start_execution",
            json!({"execution_id": id, "retry_count": 3}),
        )
        .await
        .unwrap();
    bench.lease(id, ANNA).await.unwrap();
    bench.finish(ANNA, key(id, 1), PackageResult::Failure).await;
    assert_eq!(bench.execution(id, "status").await, 4);
}

async fn a_lost_worker_costs_no_retry_and_can_change_nothing_any_more(on: Database) {
    let bench = bench(on).await;
    let id = bench.pending(0).await;
    bench.lease(id, ANNA).await.unwrap();
    assert_eq!(
        bench.catalog.next_deadline().await.unwrap(),
        Some(bench.in_seconds(60))
    );
    bench.wait(59);
    assert!(bench.catalog.expire_leases().await.unwrap().is_empty());
    bench.wait(1);
    assert_eq!(bench.catalog.expire_leases().await.unwrap(), [key(id, 1)]);
    assert_eq!(bench.execution(id, "status").await, 5);
    assert_eq!(bench.execution(id, "executed_count").await, 0);
    bench.lease(id, BERT).await.unwrap();
    let reply = bench
        .catalog
        .renew_leases(ANNA, &beat(&[(id, 1)]), bench.in_seconds(60))
        .await
        .unwrap();
    assert_eq!((reply.renewed.len(), reply.lost), (0, vec![key(id, 1)]));
    assert_eq!(
        bench.finish(ANNA, key(id, 1), PackageResult::Success).await,
        CompleteReply::Stale
    );
    assert_eq!(
        bench.finish(ANNA, key(id, 2), PackageResult::Success).await,
        CompleteReply::Stale
    );
    assert!(
        bench
            .catalog
            .append_events(ANNA, &messages(key(id, 1), 1, 1))
            .await
            .is_err()
    );
    assert_eq!(bench.execution(id, "status").await, 2);
    bench.finish(BERT, key(id, 2), PackageResult::Success).await;
    assert_eq!(bench.execution(id, "executed_count").await, 1);
    let report = &bench.view("execution_report", &[]).await[0];
    assert_eq!(report["lost_count"], 1);
}

async fn a_renewed_lease_lives_on(on: Database) {
    let bench = bench(on).await;
    let id = bench.pending(0).await;
    bench.lease(id, ANNA).await.unwrap();
    bench.wait(50);
    let reply = bench
        .catalog
        .renew_leases(ANNA, &beat(&[(id, 1)]), bench.in_seconds(60))
        .await
        .unwrap();
    assert_eq!(reply.renewed, [key(id, 1)]);
    bench.wait(50);
    assert!(bench.catalog.expire_leases().await.unwrap().is_empty());
    assert_eq!(bench.execution(id, "process_id").await, 4711);
}

async fn a_stop_reaches_the_worker_and_ends_as_canceled(on: Database) {
    let bench = bench(on).await;
    let id = bench.pending(5).await;
    bench.lease(id, ANNA).await.unwrap();
    bench
        .call("stop_operation", json!({"operation_id": id}))
        .await
        .unwrap();
    assert_eq!(bench.execution(id, "status").await, 8);
    assert_eq!(
        bench
            .refusal("stop_operation", json!({"operation_id": id}))
            .await,
        "SO7022"
    );
    let reply = bench
        .catalog
        .renew_leases(ANNA, &beat(&[(id, 1)]), bench.in_seconds(60))
        .await
        .unwrap();
    assert_eq!(reply.stop, [key(id, 1)]);
    bench.finish(ANNA, key(id, 1), PackageResult::Failure).await;
    assert_eq!(bench.execution(id, "status").await, 3);
}

async fn a_stopped_execution_whose_worker_is_gone_is_canceled(on: Database) {
    let bench = bench(on).await;
    let id = bench.pending(5).await;
    bench.lease(id, ANNA).await.unwrap();
    bench
        .call("stop_operation", json!({"operation_id": id}))
        .await
        .unwrap();
    bench.wait(60);
    bench.catalog.expire_leases().await.unwrap();
    assert_eq!(bench.execution(id, "status").await, 3);
}

async fn a_dead_executor_ends_the_execution_unexpectedly_and_says_why(on: Database) {
    let bench = bench(on).await;
    let id = bench.pending(0).await;
    bench.lease(id, ANNA).await.unwrap();
    let complete = Complete {
        attempt: key(id, 1),
        outcome: AttemptOutcome::EndedUnexpectedly {
            reason: "signal 9".into(),
        },
        last_sequence: 0,
        events: Vec::new(),
        began: None,
        usage: None,
        left_out: 0,
    };
    bench.catalog.complete(ANNA, &complete).await.unwrap();
    assert_eq!(bench.execution(id, "status").await, 6);
    let messages = bench
        .view("operation_messages", &[("operation_id", &id.to_string())])
        .await;
    assert!(
        messages[0]["message"]
            .as_str()
            .unwrap()
            .contains("signal 9")
    );
}

async fn where_a_package_ran_and_what_it_used_stays_known(on: Database) {
    let bench = bench(on).await;
    let id = bench.pending(1).await;
    let machine = |process_id: u32, available: u64| Began {
        process_id,
        cpu_count: 2,
        total_physical_memory_kb: 8_000_000,
        available_physical_memory_kb: available,
        total_page_file_kb: 9_000_000,
        available_page_file_kb: available + 500_000,
    };
    const SHOWN: [&str; 6] = [
        "process_id",
        "cpu_count",
        "total_physical_memory_kb",
        "available_physical_memory_kb",
        "total_page_file_kb",
        "available_page_file_kb",
    ];
    let shown = async || {
        let rows = bench
            .view("executions", &[("execution_id", &id.to_string())])
            .await;
        SHOWN.map(|column| rows[0][column].clone())
    };
    let used = async || {
        let rows = bench
            .view("execution_report", &[("execution_id", &id.to_string())])
            .await;
        ["processor_ms", "peak_memory_kb"].map(|column| rows[0][column].clone())
    };
    bench.lease(id, ANNA).await.unwrap();
    assert_eq!(shown().await, SHOWN.map(|_| Value::Null));
    // A running package: its worker says so once, with a heartbeat.
    let attempt = key(id, 1);
    let mut told = beat(&[(id, 1)]);
    told.began = vec![AttemptBegan {
        attempt,
        began: machine(4711, 3_000_000),
    }];
    let until = bench.in_seconds(60);
    bench
        .catalog
        .renew_leases(ANNA, &told, until)
        .await
        .unwrap();
    let first: [Value; 6] = [4711, 2, 8_000_000, 3_000_000, 9_000_000, 3_500_000].map(Value::from);
    assert_eq!(shown().await, first);
    assert_eq!(used().await, [Value::Null, Value::Null]);
    let mut complete = Complete {
        attempt,
        outcome: AttemptOutcome::Ran {
            result: PackageResult::Failure,
        },
        last_sequence: 0,
        events: Vec::new(),
        began: None,
        usage: Some(PackageUsage {
            processor_ms: 120,
            peak_memory_kb: 45_000,
        }),
        left_out: 0,
    };
    bench.catalog.complete(ANNA, &complete).await.unwrap();
    assert_eq!(shown().await, first);
    assert_eq!(used().await, [120, 45_000].map(Value::from));
    // A retry on another machine, too short for a heartbeat.
    bench.lease(id, BERT).await.unwrap();
    assert_eq!(shown().await, SHOWN.map(|_| Value::Null));
    complete.attempt = key(id, 2);
    complete.began = Some(machine(815, 1_000_000));
    complete.outcome = AttemptOutcome::Ran {
        result: PackageResult::Success,
    };
    bench.catalog.complete(BERT, &complete).await.unwrap();
    let second: [Value; 6] = [815, 2, 8_000_000, 1_000_000, 9_000_000, 1_500_000].map(Value::from);
    assert_eq!(shown().await, second);
}

async fn a_log_of_which_a_part_was_left_out_is_not_complete(on: Database) {
    let bench = bench(on).await;
    for (left_out, is_complete) in [(3, false), (0, true)] {
        let id = bench.pending(0).await;
        bench.lease(id, ANNA).await.unwrap();
        let complete = Complete {
            attempt: key(id, 1),
            outcome: AttemptOutcome::Ran {
                result: PackageResult::Success,
            },
            last_sequence: 0,
            events: Vec::new(),
            began: None,
            usage: None,
            left_out,
        };
        bench.catalog.complete(ANNA, &complete).await.unwrap();
        let reports = bench
            .view("execution_report", &[("execution_id", &id.to_string())])
            .await;
        assert_eq!(reports[0]["status_name"], "succeeded");
        assert_eq!(reports[0]["log_complete"], is_complete);
    }
}

async fn the_snapshot_shows_who_waits_and_who_has_room(on: Database) {
    let bench = bench(on).await;
    let leased = bench.pending(0).await;
    bench.lease(leased, ANNA).await.unwrap();
    let waiting = bench.pending(0).await;
    let named = bench.create(json!({"useanyworker": 0})).await.unwrap();
    bench
        .call(
            "add_execution_worker",
            json!({"execution_id": named, "workeragent_id": BERT}),
        )
        .await
        .unwrap();
    bench.start(named).await.unwrap();
    let snapshot = bench.catalog.scheduling_snapshot().await.unwrap();
    let ids: Vec<i64> = snapshot
        .pending
        .iter()
        .map(|pending| pending.execution_id)
        .collect();
    assert_eq!(ids, [waiting, named]);
    assert!(snapshot.pending[0].allowed.contains(ANNA));
    assert!(!snapshot.pending[1].allowed.contains(ANNA));
    let slots: Vec<u32> = snapshot
        .workers
        .iter()
        .map(|worker| worker.free_slots())
        .collect();
    assert_eq!(slots, [1, 2]);
}
