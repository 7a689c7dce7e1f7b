//! The queue: options, caps, tags, drains, what is handed back, and why things wait.

use std::collections::BTreeSet;

use scaleout_catalog::{OFFLINE_AFTER, Role, WAIT_CODES};
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::worker::{
    AttemptKey, AttemptOutcome, Complete, HandBack, HandedBack, Heartbeat, Keeps, Register,
    TaskHeartbeat,
};
use serde_json::{Value, json};

use crate::databases::{Database, contract};
use crate::support::{ANNA, BERT, Bench, admin, key, package, registration, thumbprint};

contract![
    options_of_the_queue_are_kept_only_where_they_are_set,
    only_administrators_put_something_first,
    what_must_not_run_twice_takes_no_retries_and_ends_with_its_worker,
    what_certainly_never_began_may_run_although_it_must_not_run_twice,
    what_is_handed_back_is_offered_again_and_counted_apart,
    a_worker_that_stops_holds_nothing_more,
    a_registration_that_arrives_late_takes_nothing_back,
    caps_hold_at_the_moment_of_the_grant,
    a_key_is_shared_by_packages,
    what_is_granted_together_counts_for_each_other,
    what_is_granted_together_has_its_own_values,
    tags_are_looked_at_again_at_the_grant,
    a_drained_worker_gets_nothing_and_hands_back_at_its_deadline,
    every_queue_is_in_the_snapshot_of_many,
    why_an_execution_waits_is_explained_noted_and_counted,
    what_does_not_wait_is_explained_too,
    who_may_not_see_an_execution_gets_no_explanation,
];

async fn bench(on: Database) -> Bench {
    let bench = Bench::with_project(on, &[package("a.dtsx"), package("b.dtsx")]).await;
    bench.worker(ANNA).await;
    bench.worker(BERT).await;
    bench
}

/// Started with options, of a package.
async fn started(bench: &Bench, package: &str, options: &[(&str, Value)]) -> i64 {
    let id = bench
        .create(json!({"package_name": package}))
        .await
        .unwrap();
    for (name, value) in options {
        set(bench, id, name, value.clone()).await;
    }
    bench.start(id).await.unwrap();
    id
}

async fn set(bench: &Bench, id: i64, name: &str, value: Value) {
    bench
        .call("set_execution_parameter_value", option(id, name, value))
        .await
        .unwrap();
}

fn option(id: i64, name: &str, value: Value) -> Value {
    json!({"execution_id": id, "object_type": 50, "parameter_name": name, "parameter_value": value})
}

async fn give_back(bench: &Bench, attempt: AttemptKey, begun: bool) -> Vec<AttemptKey> {
    let message = HandBack {
        attempts: vec![HandedBack { attempt, begun }],
        reason: "it drains".into(),
        keeps: None,
    };
    bench.catalog.hand_back(ANNA, &message).await.unwrap().taken
}

async fn explained(bench: &Bench, id: i64) -> (String, String) {
    let result = bench
        .call("explain_execution", json!({"execution_id": id}))
        .await
        .unwrap();
    let text = |name: &str| result.outputs[name].as_str().unwrap().to_owned();
    (text("@reason_code"), text("@reason"))
}

async fn options_of_the_queue_are_kept_only_where_they_are_set(on: Database) {
    let bench = bench(on).await;
    let plain = started(&bench, "a.dtsx", &[]).await;
    let asked = started(
        &bench,
        "a.dtsx",
        &[
            ("priority", json!(7)),
            ("WORKER_TAGS", json!("big")),
            ("PACKAGE_LIMIT", json!(3)),
            ("CONCURRENCY_KEY", json!("dwh")),
        ],
    )
    .await;
    let names = async |id: i64| -> usize {
        let rows = bench
            .view(
                "execution_parameter_values",
                &[("execution_id", &id.to_string())],
            )
            .await;
        rows.iter().filter(|row| row["object_type"] == 50).count()
    };
    assert_eq!(names(plain).await + 4, names(asked).await);
    let rows = bench.view("waiting_executions", &[]).await;
    let row = |id: i64| rows.iter().find(|row| row["execution_id"] == id).unwrap();
    assert_eq!(row(asked)["priority"], 7);
    assert_eq!(row(asked)["worker_tags"], "big");
    assert_eq!(row(asked)["package_limit"], 3);
    assert_eq!(row(asked)["concurrency_key"], "dwh");
    assert_eq!(row(asked)["concurrency_limit"], 1);
    assert_eq!(row(plain)["worker_tags"], Value::Null);
    let unknown = option(asked, "SPEED", json!(1));
    assert_eq!(
        bench
            .refusal("set_execution_parameter_value", unknown)
            .await,
        "SO7021",
        "it was started"
    );
    let fresh = bench.create(json!({})).await.unwrap();
    let refused = |name: &'static str, value: Value| option(fresh, name, value);
    for (name, value) in [("PRIORITY", json!(101)), ("PACKAGE_LIMIT", json!(-1))] {
        let call = refused(name, value);
        assert_eq!(
            bench.refusal("set_execution_parameter_value", call).await,
            "SO7026"
        );
    }
    // What was refused has left nothing behind.
    assert_eq!(names(fresh).await, names(plain).await);
}

async fn only_administrators_put_something_first(on: Database) {
    let bench = bench(on).await;
    let caller = bench.login("eve", Role::ClusterExecutor).await;
    let project = bench.view("projects", &[]).await[0]["project_id"]
        .as_i64()
        .unwrap();
    for permission in [1, 3] {
        bench.grant("eve", 2, project, permission).await;
    }
    let id = bench.create_as(&caller, json!({})).await.unwrap();
    let call = async |value: i64| {
        let call = option(id, "PRIORITY", json!(value));
        bench
            .call_as(&caller, "set_execution_parameter_value", call)
            .await
            .is_ok()
    };
    assert!(!call(1).await);
    assert!(call(0).await);
    assert!(call(-10).await);
}

async fn what_must_not_run_twice_takes_no_retries_and_ends_with_its_worker(on: Database) {
    let bench = bench(on).await;
    let id = bench.create(json!({})).await.unwrap();
    set(&bench, id, "AT_MOST_ONCE", json!(true)).await;
    let with_retries = json!({"execution_id": id, "retry_count": 1});
    assert_eq!(
        bench.refusal("start_execution", with_retries).await,
        "SO7195"
    );
    bench.start(id).await.unwrap();
    bench.lease(id, ANNA).await.unwrap();
    bench.wait(60);
    bench.catalog.expire_leases().await.unwrap();
    assert_eq!(bench.execution(id, "status").await, 6);
    let messages = bench
        .view("operation_messages", &[("operation_id", &id.to_string())])
        .await;
    let told = |text: &str| {
        messages
            .iter()
            .any(|row| row["message"].as_str().unwrap().contains(text))
    };
    assert!(told("AT_MOST_ONCE"), "{messages:?}");
}

async fn what_certainly_never_began_may_run_although_it_must_not_run_twice(on: Database) {
    let bench = bench(on).await;
    let id = started(&bench, "a.dtsx", &[("AT_MOST_ONCE", json!(true))]).await;
    bench.lease(id, ANNA).await.unwrap();
    assert_eq!(give_back(&bench, key(id, 1), false).await, [key(id, 1)]);
    assert_eq!(bench.execution(id, "status").await, 5);
    bench.lease(id, ANNA).await.unwrap();
    assert_eq!(give_back(&bench, key(id, 2), true).await, [key(id, 2)]);
    assert_eq!(bench.execution(id, "status").await, 6);
}

async fn what_is_handed_back_is_offered_again_and_counted_apart(on: Database) {
    let bench = bench(on).await;
    let id = bench.pending(0).await;
    bench.lease(id, ANNA).await.unwrap();
    assert_eq!(give_back(&bench, key(id, 1), true).await, [key(id, 1)]);
    assert!(
        give_back(&bench, key(id, 1), true).await.is_empty(),
        "again"
    );
    assert_eq!(bench.execution(id, "status").await, 5);
    bench.lease(id, BERT).await.unwrap();
    assert!(
        give_back(&bench, key(id, 2), true).await.is_empty(),
        "not hers"
    );
    bench.finish(BERT, key(id, 2), PackageResult::Success).await;
    let report = &bench.view("execution_report", &[]).await[0];
    assert_eq!(report["executed_count"], 1);
    assert_eq!(report["lost_count"], 0);
    assert_eq!(report["handed_back_count"], 1);
    assert_eq!(report["status"], 7);
    let late = Complete {
        events: Vec::new(),
        attempt: key(id, 1),
        outcome: AttemptOutcome::Ran {
            result: PackageResult::Success,
        },
        last_sequence: 0,
        began: None,
        usage: None,
        left_out: 0,
    };
    let reply = bench.catalog.complete(ANNA, &late).await.unwrap();
    assert_eq!(reply, scaleout_core::protocol::worker::CompleteReply::Stale);
}

async fn a_worker_that_stops_holds_nothing_more(on: Database) {
    let bench = bench(on).await;
    let kept = bench.pending(0).await;
    let unseen = bench.pending(0).await;
    bench.lease(kept, ANNA).await.unwrap();
    bench.lease(unseen, ANNA).await.unwrap();
    let message = HandBack {
        attempts: Vec::new(),
        reason: "it stops".into(),
        keeps: Some(Keeps {
            registration: 7,
            attempts: vec![key(kept, 1)],
        }),
    };
    let registered = async |number: u64| {
        let registration = Register {
            number,
            running: vec![key(kept, 1), key(unseen, 1)],
            ..registration(ANNA)
        };
        let registered = bench
            .catalog
            .register_worker(&registration, &thumbprint(ANNA))
            .await;
        registered.unwrap();
    };
    registered(8).await;
    let reply = bench.catalog.hand_back(ANNA, &message).await.unwrap();
    assert!(reply.taken.is_empty(), "said before it started again");
    let message = HandBack {
        keeps: message.keeps.map(|keeps| Keeps {
            registration: 8,
            ..keeps
        }),
        ..message
    };
    let reply = bench.catalog.hand_back(ANNA, &message).await.unwrap();
    assert_eq!(reply.taken, [key(unseen, 1)]);
    assert_eq!(bench.execution(kept, "status").await, 2);
    assert_eq!(bench.execution(unseen, "status").await, 5);
}

async fn a_registration_that_arrives_late_takes_nothing_back(on: Database) {
    let bench = bench(on).await;
    let numbered = |number: u64| Register {
        number,
        ..registration(ANNA)
    };
    let register = async |registration: Register| {
        let registered = bench
            .catalog
            .register_worker(&registration, &thumbprint(ANNA))
            .await;
        assert!(registered.unwrap().enabled);
    };
    register(numbered(2)).await;
    let id = bench.pending(0).await;
    bench.lease(id, ANNA).await.unwrap();
    register(numbered(1)).await;
    assert_eq!(bench.execution(id, "status").await, 2);
    register(numbered(3)).await;
    assert_eq!(bench.execution(id, "status").await, 5);
}

async fn caps_hold_at_the_moment_of_the_grant(on: Database) {
    let bench = bench(on).await;
    let alone = started(&bench, "a.dtsx", &[("PACKAGE_LIMIT", json!(1))]).await;
    let other = started(&bench, "a.dtsx", &[]).await;
    let elsewhere = started(&bench, "b.dtsx", &[]).await;
    bench.lease(alone, ANNA).await.unwrap();
    assert!(bench.lease(other, BERT).await.is_none(), "it stays alone");
    assert!(bench.lease(elsewhere, BERT).await.is_some());
    bench
        .finish(ANNA, key(alone, 1), PackageResult::Success)
        .await;
    assert!(bench.lease(other, BERT).await.is_some());
    let second = started(&bench, "a.dtsx", &[("PACKAGE_LIMIT", json!(1))]).await;
    assert!(bench.lease(second, ANNA).await.is_none(), "one runs");
}

async fn a_key_is_shared_by_packages(on: Database) {
    let bench = bench(on).await;
    let key_of = [
        ("CONCURRENCY_KEY", json!("dwh")),
        ("CONCURRENCY_LIMIT", json!(2)),
    ];
    let first = started(&bench, "a.dtsx", &key_of).await;
    let second = started(&bench, "b.dtsx", &key_of).await;
    let third = started(&bench, "b.dtsx", &key_of).await;
    assert!(bench.lease(first, ANNA).await.is_some());
    assert!(bench.lease(second, BERT).await.is_some());
    assert!(bench.lease(third, BERT).await.is_none());
    let (code, reason) = explained(&bench, third).await;
    assert_eq!(code, "KEY_LIMIT");
    assert!(reason.contains(&format!("{first}, {second}")), "{reason}");
}

async fn what_is_granted_together_counts_for_each_other(on: Database) {
    let bench = bench(on).await;
    let most = registration(ANNA).max_task_count as usize;
    let mut ids = Vec::new();
    for _ in 0..most + 3 {
        ids.push(bench.pending(0).await);
    }
    let other = ids[most + 2];
    let mut wanted: Vec<(i64, uuid::Uuid)> = vec![(987_654, ANNA), (ids[0], ANNA), (ids[0], BERT)];
    wanted.extend(ids[1..=most].iter().map(|id| (*id, ANNA)));
    wanted.push((other, BERT));
    let granted = bench.lease_all(&wanted).await;
    let granted: Vec<Option<i64>> = granted
        .into_iter()
        .map(|task| task.map(|task| task.execution_id))
        .collect();
    let mut expected = vec![None, Some(ids[0]), None];
    expected.extend(ids[1..most].iter().map(|id| Some(*id)));
    // Its slots are taken by those before.
    expected.push(None);
    expected.push(Some(other));
    assert_eq!(granted, expected);
    let standing = |worker| {
        let bench = &bench;
        async move {
            let asking = BTreeSet::from([worker]);
            let taken = bench.catalog.scheduling_snapshot_for(&asking, (100, false));
            let snapshot = taken.await.unwrap();
            let held = snapshot.held.iter().filter(|one| one.worker == worker);
            (snapshot.workers[0].live_leases as usize, held.count())
        }
    };
    assert_eq!(standing(BERT).await, (1, 1));
    assert_eq!(standing(ANNA).await.0, most);

    // A cap of one of them counts for all that come behind it, in whatever order they wait.
    let carl = uuid::Uuid::from_u128(0xca51);
    bench.worker(carl).await;
    let alone = started(&bench, "b.dtsx", &[("PACKAGE_LIMIT", json!(1))]).await;
    let second = started(&bench, "b.dtsx", &[]).await;
    let granted = bench
        .lease_all(&[(alone, carl), (second, carl), (ids[most], carl)])
        .await;
    let granted: Vec<bool> = granted.iter().map(Option::is_some).collect();
    assert_eq!(granted, [true, false, true]);
}

async fn what_is_granted_together_has_its_own_values(on: Database) {
    let bench = bench(on).await;
    let verbose = started(&bench, "a.dtsx", &[("LOGGING_LEVEL", json!(3))]).await;
    let plain = started(&bench, "b.dtsx", &[("DUMP_ON_ERROR", json!(true))]).await;
    let granted = bench.lease_all(&[(plain, BERT), (verbose, ANNA)]).await;
    let said: Vec<_> = granted
        .into_iter()
        .map(|task| {
            let task = task.unwrap();
            let level = task.logging_level.number();
            let package = task.package_name;
            (
                task.execution_id,
                task.attempt,
                package,
                level,
                task.dump_on_error,
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            (plain, 1, "b.dtsx".to_owned(), 1, true),
            (verbose, 1, "a.dtsx".to_owned(), 3, false)
        ]
    );
}

async fn tags_are_looked_at_again_at_the_grant(on: Database) {
    let bench = bench(on).await;
    let id = started(&bench, "a.dtsx", &[("WORKER_TAGS", json!("GPU big"))]).await;
    assert!(bench.lease(id, ANNA).await.is_none());
    assert_eq!(explained(&bench, id).await.0, "NO_WORKER_WITH_TAGS");
    let tags = json!({"WorkerAgentId": ANNA, "PropertyName": "Tags", "PropertyValue": "big, gpu"});
    bench.call("set_worker_agent_property", tags).await.unwrap();
    assert_eq!(explained(&bench, id).await.0, "IN_TURN");
    assert!(bench.lease(id, BERT).await.is_none());
    assert!(bench.lease(id, ANNA).await.is_some());
}

async fn a_drained_worker_gets_nothing_and_hands_back_at_its_deadline(on: Database) {
    let bench = bench(on).await;
    let id = bench.pending(0).await;
    bench.lease(id, ANNA).await.unwrap();
    let drain = json!({"WorkerAgentId": ANNA, "deadline_seconds": 30});
    bench.call("drain_worker_agent", drain).await.unwrap();
    let next = bench.pending(0).await;
    assert!(bench.lease(next, ANNA).await.is_none());
    assert_eq!(
        bench.catalog.next_drain_end().await.unwrap(),
        Some(bench.in_seconds(30))
    );
    let beat = TaskHeartbeat {
        running: vec![key(id, 1)],
        lease_ms: 60_000,
        process_ids: Vec::new(),
        counters: Vec::new(),
        began: Vec::new(),
    };
    let beaten = async || {
        let until = bench.in_seconds(60);
        bench
            .catalog
            .renew_leases(ANNA, &beat, until)
            .await
            .unwrap()
    };
    assert!(beaten().await.hand_back.is_empty());
    bench.wait(30);
    assert_eq!(beaten().await.hand_back, [key(id, 1)]);
    assert_eq!(give_back(&bench, key(id, 1), true).await, [key(id, 1)]);
    assert_eq!(bench.catalog.next_drain_end().await.unwrap(), None);
    let state = &bench
        .view("worker_states", &[("worker_agent_id", &ANNA.to_string())])
        .await[0];
    assert_eq!(state["is_draining"], true);
    bench
        .call("resume_worker_agent", json!({"WorkerAgentId": ANNA}))
        .await
        .unwrap();
    assert!(bench.lease(next, ANNA).await.is_some());
    let bad = json!({"WorkerAgentId": ANNA, "deadline_seconds": -1});
    assert_eq!(bench.refusal("drain_worker_agent", bad).await, "SO7026");
}

async fn every_queue_is_in_the_snapshot_of_many(on: Database) {
    let bench = bench(on).await;
    let mut first = Vec::new();
    for _ in 0..6 {
        first.push(started(&bench, "a.dtsx", &[]).await);
    }
    let urgent = started(&bench, "b.dtsx", &[("PRIORITY", json!(5))]).await;
    let low = started(&bench, "b.dtsx", &[("PRIORITY", json!(-5))]).await;
    let whole = bench
        .catalog
        .scheduling_snapshot_for(&BTreeSet::from([ANNA]), (100, false))
        .await
        .unwrap();
    assert!(whole.is_whole);
    assert_eq!(whole.pending.len(), 8);
    let part = bench
        .catalog
        .scheduling_snapshot_for(&BTreeSet::from([ANNA]), (6, false))
        .await
        .unwrap();
    assert!(!part.is_whole);
    let ids: Vec<i64> = part.pending.iter().map(|one| one.execution_id).collect();
    assert_eq!(ids, [first[0], first[1], urgent, low]);
}

async fn why_an_execution_waits_is_explained_noted_and_counted(on: Database) {
    let bench = bench(on).await;
    let id = bench.pending(0).await;
    assert_eq!(explained(&bench, id).await.0, "IN_TURN");
    assert_eq!(bench.catalog.note_waiting_reasons().await.unwrap(), 0);
    bench.wait(OFFLINE_AFTER.as_secs() + 1);
    let (code, reason) = explained(&bench, id).await;
    assert_eq!(code, "WORKER_OFFLINE");
    assert!(reason.contains("(2 min)"), "{reason}");
    assert_eq!(bench.catalog.note_waiting_reasons().await.unwrap(), 1);
    assert_eq!(
        bench.catalog.note_waiting_reasons().await.unwrap(),
        0,
        "as noted"
    );
    let row = &bench.view("waiting_executions", &[]).await[0];
    assert_eq!(row["reason_code"], "WORKER_OFFLINE");
    let counts = bench.catalog.waiting_by_reason().await.unwrap();
    assert_eq!(counts.len(), WAIT_CODES.len());
    assert_eq!(counts["WORKER_OFFLINE"], 1);

    let beat = Heartbeat {
        cpu_percent: 93.0,
        free_memory_mb: 10,
        running_tasks: 1,
        gate: Some("the processors are 93 % busy".into()),
    };
    bench.catalog.record_heartbeat(ANNA, &beat).await.unwrap();
    bench.lease(id, ANNA).await.unwrap();
    assert!(bench.view("waiting_executions", &[]).await.is_empty());
    let next = bench.pending(0).await;
    let (code, reason) = explained(&bench, next).await;
    assert_eq!(code, "WORKER_BUSY");
    assert!(reason.contains("93 %"), "{reason}");
    bench.wait(10);
    assert!(bench.catalog.note_waiting_reasons().await.unwrap() > 0);
}

async fn what_does_not_wait_is_explained_too(on: Database) {
    let bench = bench(on).await;
    let id = bench.create(json!({})).await.unwrap();
    assert_eq!(explained(&bench, id).await.0, "NOT_STARTED");
    bench.start(id).await.unwrap();
    bench.lease(id, ANNA).await.unwrap();
    assert_eq!(explained(&bench, id).await.0, "RUNNING");
    bench
        .call("stop_operation", json!({"operation_id": id}))
        .await
        .unwrap();
    assert_eq!(explained(&bench, id).await.0, "STOPPING");
    bench
        .finish(ANNA, key(id, 1), PackageResult::Canceled)
        .await;
    assert_eq!(explained(&bench, id).await.0, "ENDED");
}

async fn who_may_not_see_an_execution_gets_no_explanation(on: Database) {
    let bench = bench(on).await;
    let id = bench.pending(0).await;
    let stranger = bench.login("stranger", Role::ClusterExecutor).await;
    let call = json!({"execution_id": id});
    let refused = bench.call_as(&stranger, "explain_execution", call).await;
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("may not see it"), "{error}");
    assert!(
        bench
            .view_as(&stranger, "waiting_executions", &[])
            .await
            .is_empty()
    );
    assert_eq!(
        bench
            .view_as(&admin(), "waiting_executions", &[])
            .await
            .len(),
        1
    );
    // What waits for a worker that was never there is offered once one registers.
    let registered = bench
        .catalog
        .register_worker(&registration(ANNA), &thumbprint(ANNA))
        .await;
    assert!(registered.is_ok());
}
