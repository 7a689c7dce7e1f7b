//! Child packages as executions of their own: started once, stopped with their parent, in a slot that
//! their parent leaves them.

use scaleout_catalog::CatalogError;
use scaleout_core::error::Explain as _;
use scaleout_core::package::VariableType;
use scaleout_core::protocol::child::{ChildPackage, ParentVariable, StartChild};
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::task::ParameterValue;
use scaleout_core::protocol::worker::AttemptKey;
use serde_json::json;
use uuid::Uuid;

use crate::databases::{Database, contract};
use crate::support::{ANNA, BERT, Bench, key, messages, package, parameter};

contract![
    a_child_runs_with_what_its_parent_gives_it,
    a_place_has_one_child_until_its_parent_is_retried,
    only_the_worker_that_holds_the_parent_has_children_of_it,
    a_package_that_waits_leaves_its_slot_to_children_only,
    children_stop_with_their_parent_and_so_do_theirs,
    a_child_whose_worker_is_lost_runs_again_and_its_parent_goes_on,
    a_parent_hears_of_rows_and_first_errors,
    packages_that_run_themselves_come_to_an_end,
    children_that_take_longest_wait_in_front,
    children_have_the_place_of_their_parent_in_the_queue,
];

/// A catalog with a parent that Anna runs, which has no room for more.
async fn bench(on: Database) -> (Bench, i64) {
    let mut child = package("b.dtsx");
    child.entry_point = false;
    child.parameters =
        parameter("Day", 18, "", Some("design")) + &parameter("Password", 18, "sensitive", None);
    let bench = Bench::with_project(on, &[package("a.dtsx"), child]).await;
    bench.worker(ANNA).await;
    bench.worker(BERT).await;
    let parent = bench.pending(1).await;
    bench.lease(parent, ANNA).await.unwrap();
    (bench, parent)
}

fn at(path: &str) -> ChildPackage {
    ChildPackage {
        path: path.to_owned(),
        occurrence: 1,
        package_name: "b.dtsx".to_owned(),
        parameters: Vec::new(),
        variables: Vec::new(),
    }
}

async fn start(
    bench: &Bench,
    worker: Uuid,
    attempt: AttemptKey,
    child: ChildPackage,
) -> Result<i64, CatalogError> {
    let start = StartChild { attempt, child };
    let started = bench.catalog.start_child(worker, &start).await?;
    Ok(started.execution_id)
}

fn text(name: &str, value: &str, sensitive: bool) -> ParameterValue {
    ParameterValue {
        name: name.to_owned(),
        data_type: VariableType::String,
        value: Some(value.to_owned()),
        sensitive,
    }
}

async fn a_child_runs_with_what_its_parent_gives_it(on: Database) {
    let (bench, parent) = bench(on).await;
    let variable = ParentVariable {
        namespace: "User".to_owned(),
        name: "Token".to_owned(),
        data_type: VariableType::String,
        value: Some("swordfish".to_owned()),
    };
    let child = ChildPackage {
        parameters: vec![
            text("Day", "monday", false),
            text("Password", "tiger77", true),
        ],
        variables: vec![variable.clone()],
        ..at(r"\Package\Run")
    };
    let id = start(&bench, ANNA, key(parent, 1), child).await.unwrap();
    assert_eq!(bench.execution(id, "status").await, 5);
    assert_eq!(bench.execution(id, "package_name").await, "b.dtsx");
    assert_eq!(
        bench.execution(id, "caller_name").await,
        bench.execution(parent, "caller_name").await
    );
    let task = bench.lease(id, BERT).await.unwrap();
    assert_eq!(task.parent_variables, [variable]);
    assert_eq!(task.depth, 1);
    let value = |name: &str| {
        let mut values = task.package_parameters.iter();
        values.find(|one| one.name == name).unwrap().value.clone()
    };
    assert_eq!(value("Day").as_deref(), Some("monday"));
    assert_eq!(value("Password").as_deref(), Some("tiger77"));
    assert!(!bench.holds("swordfish").await && !bench.holds("tiger77").await);
    let rows = bench.view("execution_children", &[]).await;
    assert_eq!(rows[0]["execution_id"], parent);
    assert_eq!(rows[0]["child_execution_id"], id);
    assert_eq!(rows[0]["execution_path"], r"\Package\Run");

    let missing = ChildPackage {
        package_name: "c.dtsx".to_owned(),
        ..at(r"\Package\Other")
    };
    let refused = start(&bench, ANNA, key(parent, 1), missing).await;
    assert_eq!(refused.unwrap_err().code(), "SO7016");
}

async fn a_place_has_one_child_until_its_parent_is_retried(on: Database) {
    let (bench, parent) = bench(on).await;
    let path = r"\Package\Loop[2]\Run";
    let first = start(&bench, ANNA, key(parent, 1), at(path)).await.unwrap();
    let again = start(&bench, ANNA, key(parent, 1), at(path)).await.unwrap();
    assert_eq!(first, again);
    let second_time = ChildPackage {
        occurrence: 2,
        ..at(path)
    };
    let other = start(&bench, ANNA, key(parent, 1), second_time).await;
    assert_ne!(first, other.unwrap());
    // The worker of the parent is lost: another one finds the child, which runs on.
    bench.lease(first, BERT).await.unwrap();
    bench.wait(61);
    bench.catalog.expire_leases().await.unwrap();
    assert_eq!(bench.lease(parent, BERT).await.unwrap().attempt, 2);
    let found = start(&bench, BERT, key(parent, 2), at(path)).await.unwrap();
    assert_eq!(found, first);
    // A retry after a failure begins anew.
    bench
        .finish(BERT, key(parent, 2), PackageResult::Failure)
        .await;
    assert_eq!(bench.execution(first, "status").await, 3);
    bench.lease(parent, BERT).await.unwrap();
    let anew = start(&bench, BERT, key(parent, 3), at(path)).await.unwrap();
    assert_ne!(anew, first);
}

async fn only_the_worker_that_holds_the_parent_has_children_of_it(on: Database) {
    let (bench, parent) = bench(on).await;
    let stranger = start(&bench, BERT, key(parent, 1), at(r"\Package\Run")).await;
    assert_eq!(stranger.unwrap_err().code(), "SO7034");
    let stale = start(&bench, ANNA, key(parent, 2), at(r"\Package\Run")).await;
    assert_eq!(stale.unwrap_err().code(), "SO7034");
    assert!(bench.view("execution_children", &[]).await.is_empty());
    let child = start(&bench, ANNA, key(parent, 1), at(r"\Package\Run"))
        .await
        .unwrap();
    let end = async |worker, id| bench.catalog.child_end(worker, key(parent, 1), id).await;
    assert_eq!(end(ANNA, child).await.unwrap(), None);
    assert_eq!(end(BERT, child).await.unwrap_err().code(), "SO7034");
    let other = bench.pending(0).await;
    assert_eq!(end(ANNA, other).await.unwrap_err().code(), "SO7193");
}

async fn a_package_that_waits_leaves_its_slot_to_children_only(on: Database) {
    let (bench, parent) = bench(on).await;
    let more = bench.pending(0).await;
    bench.lease(more, ANNA).await.unwrap();
    // MaxTaskCount is 2, and both slots are taken.
    let child = start(&bench, ANNA, key(parent, 1), at(r"\Package\Run"))
        .await
        .unwrap();
    let top = bench.pending(0).await;
    assert!(bench.lease(top, ANNA).await.is_none());
    let snapshot = bench.catalog.child_snapshot().await.unwrap();
    let pending: Vec<i64> = snapshot
        .pending
        .iter()
        .map(|one| one.execution_id)
        .collect();
    assert_eq!(pending, [child]);
    assert_eq!(snapshot.waiting, [(ANNA, 1)].into());
    assert!(bench.lease(child, ANNA).await.is_some());
    // One child for one package that waits.
    let second = start(&bench, ANNA, key(parent, 1), at(r"\Package\Other"))
        .await
        .unwrap();
    assert!(bench.lease(second, ANNA).await.is_none());
    bench
        .finish(ANNA, key(child, 1), PackageResult::Success)
        .await;
    assert!(bench.lease(second, ANNA).await.is_some());
    bench
        .finish(ANNA, key(second, 1), PackageResult::Success)
        .await;
    let snapshot = bench.catalog.child_snapshot().await.unwrap();
    assert_eq!(snapshot.waiting, Default::default());
}

async fn children_stop_with_their_parent_and_so_do_theirs(on: Database) {
    let (bench, parent) = bench(on).await;
    let child = start(&bench, ANNA, key(parent, 1), at(r"\Package\Run"))
        .await
        .unwrap();
    bench.lease(child, BERT).await.unwrap();
    let grandchild = start(&bench, BERT, key(child, 1), at(r"\Package\Run"))
        .await
        .unwrap();
    bench
        .call("stop_operation", json!({"operation_id": parent}))
        .await
        .unwrap();
    assert_eq!(bench.execution(child, "status").await, 8);
    assert_eq!(bench.execution(grandchild, "status").await, 3);
    assert_eq!(bench.execution(child, "stopped_by_name").await, "admin");
    let late = start(&bench, ANNA, key(parent, 1), at(r"\Package\Late")).await;
    assert_eq!(late.unwrap_err().code(), "SO7192");
}

async fn a_child_whose_worker_is_lost_runs_again_and_its_parent_goes_on(on: Database) {
    let (bench, parent) = bench(on).await;
    let child = start(&bench, ANNA, key(parent, 1), at(r"\Package\Run"))
        .await
        .unwrap();
    bench.lease(child, BERT).await.unwrap();
    bench.wait(30);
    let until = bench.in_seconds(60);
    let beat = scaleout_core::protocol::worker::TaskHeartbeat {
        running: vec![key(parent, 1)],
        lease_ms: 60_000,
        process_ids: vec![1],
        counters: Vec::new(),
        began: Vec::new(),
    };
    bench
        .catalog
        .renew_leases(ANNA, &beat, until)
        .await
        .unwrap();
    bench.wait(31);
    let lost = bench.catalog.expire_leases().await.unwrap();
    assert_eq!(lost, [key(child, 1)]);
    assert_eq!(bench.lease(child, ANNA).await.unwrap().attempt, 2);
    bench
        .finish(ANNA, key(child, 2), PackageResult::Success)
        .await;
    let end = bench.catalog.child_end(ANNA, key(parent, 1), child).await;
    let end = end.unwrap().unwrap();
    assert_eq!(end.result, PackageResult::Success);
    assert_eq!(end.worker, format!("worker {}", ANNA.as_u128()));
    let rows = bench.view("execution_children", &[]).await;
    assert_eq!(
        (&rows[0]["lost_count"], &rows[0]["executed_count"]),
        (&1.into(), &1.into())
    );
    assert_eq!(bench.execution(parent, "executed_count").await, 1);
}

async fn a_parent_hears_of_rows_and_first_errors(on: Database) {
    let (bench, parent) = bench(on).await;
    let child = start(&bench, ANNA, key(parent, 1), at(r"\Package\Run"))
        .await
        .unwrap();
    bench.lease(child, BERT).await.unwrap();
    let mut log = messages(key(child, 1), 1, 13);
    for event in log.events.iter_mut().skip(1) {
        if let scaleout_core::protocol::event::EventBody::Message(message) = &mut event.body {
            message.message_type = 120;
            message.message_code = -7;
        }
    }
    log.events.push(scaleout_core::protocol::event::Event {
        sequence: 14,
        ..log.events[0].clone()
    });
    log.events[13].body = crate::events::rows_sent(25, true, "x");
    bench.catalog.append_events(BERT, &log).await.unwrap();
    let complete = scaleout_core::protocol::worker::Complete {
        events: Vec::new(),
        attempt: key(child, 1),
        outcome: scaleout_core::protocol::worker::AttemptOutcome::Ran {
            result: PackageResult::Failure,
        },
        last_sequence: 14,
        began: None,
        usage: None,
        left_out: 0,
    };
    bench.catalog.complete(BERT, &complete).await.unwrap();
    let end = bench.catalog.child_end(ANNA, key(parent, 1), child).await;
    let end = end.unwrap().unwrap();
    assert_eq!(end.result, PackageResult::Failure);
    assert_eq!((end.rows, end.errors.len(), end.more_errors), (25, 10, 2));
    assert_eq!(end.errors[0].code, -7);
}

async fn packages_that_run_themselves_come_to_an_end(on: Database) {
    let (bench, mut parent) = bench(on).await;
    for depth in 1..=16 {
        let child = start(&bench, ANNA, key(parent, 1), at(r"\Package\Run")).await;
        parent = child.unwrap();
        let task = bench.lease(parent, ANNA).await.unwrap();
        assert_eq!(task.depth, depth);
    }
    let deeper = start(&bench, ANNA, key(parent, 1), at(r"\Package\Run")).await;
    assert_eq!(deeper.unwrap_err().code(), "SO7190");
}

async fn children_that_take_longest_wait_in_front(on: Database) {
    let (bench, parent) = bench(on).await;
    let package = |path: &str, name: &str| ChildPackage {
        package_name: name.to_owned(),
        ..at(path)
    };
    // Both have run once: `a.dtsx` for 5 seconds, `b.dtsx` for 20.
    for (path, name, seconds) in [(r"\Package\1", "a.dtsx", 5), (r"\Package\2", "b.dtsx", 20)] {
        let id = start(&bench, ANNA, key(parent, 1), package(path, name))
            .await
            .unwrap();
        bench.lease(id, BERT).await.unwrap();
        bench.wait(seconds);
        bench.finish(BERT, key(id, 1), PackageResult::Success).await;
    }
    let mut ids = Vec::new();
    for (path, name) in [(r"\Package\3", "a.dtsx"), (r"\Package\4", "b.dtsx")] {
        let id = start(&bench, ANNA, key(parent, 1), package(path, name)).await;
        ids.push(id.unwrap());
    }
    let snapshot = bench.catalog.child_snapshot().await.unwrap();
    let pending: Vec<i64> = snapshot
        .pending
        .iter()
        .map(|one| one.execution_id)
        .collect();
    assert_eq!(pending, [ids[1], ids[0]]);
    assert!(snapshot.pending[0].is_child);
}

async fn children_have_the_place_of_their_parent_in_the_queue(on: Database) {
    let (bench, _) = bench(on).await;
    let parent = bench
        .create(json!({"package_name": "a.dtsx"}))
        .await
        .unwrap();
    for (name, value) in [
        ("PRIORITY", json!(7)),
        ("WORKER_TAGS", json!("big")),
        ("AT_MOST_ONCE", json!(true)),
        ("CONCURRENCY_KEY", json!("dwh")),
    ] {
        let option = json!({
            "execution_id": parent, "object_type": 50, "parameter_name": name,
            "parameter_value": value,
        });
        let set = bench.call("set_execution_parameter_value", option);
        set.await.unwrap();
    }
    bench.start(parent).await.unwrap();
    let tags = json!({"WorkerAgentId": BERT, "PropertyName": "Tags", "PropertyValue": "big"});
    let set = bench.call("set_worker_agent_property", tags);
    set.await.unwrap();
    bench.lease(parent, BERT).await.unwrap();
    let child = start(&bench, BERT, key(parent, 1), at(r"\Package\Run"))
        .await
        .unwrap();
    let snapshot = bench.catalog.scheduling_snapshot().await.unwrap();
    let waiting = &snapshot.pending[0];
    assert_eq!((waiting.execution_id, waiting.priority), (child, 7));
    assert_eq!(waiting.required_tags.to_string(), "big");
    // A key that its parent holds would keep it waiting for its own parent.
    assert_eq!(waiting.caps.key, None);
    let rows = bench.view("waiting_executions", &[]).await;
    assert_eq!(rows[0]["execution_id"], child);
    assert_eq!(rows[0]["at_most_once"], true);
    assert!(bench.lease(child, ANNA).await.is_none(), "without the tag");
    bench.lease(child, BERT).await.unwrap();
}
