//! What housekeeping removes and leaves.

use scaleout_catalog::{Caller, Role};
use scaleout_core::error::Explain as _;
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::worker::{AttemptOutcome, Complete};
use serde_json::{Value, json};

use crate::databases::{Database, contract};
use crate::support::{ANNA, Bench, key, messages, package};

contract![
    logs_are_removed_when_their_window_has_passed,
    a_long_log_goes_in_parts_of_a_thousand_rows,
    what_runs_or_waits_is_never_touched,
    without_leave_nothing_is_removed,
    all_logs_of_what_has_ended_can_be_removed,
    versions_beyond_their_number_are_removed,
    a_version_in_use_stays_and_the_one_in_force_too,
    the_versions_of_a_deleted_project_go,
    housekeeping_is_for_administrators_and_is_recorded,
    startup_takes_back_what_a_lost_worker_left,
];

const DAY: i64 = 86_400;

pub fn setting(name: &str, value: &str) -> Value {
    json!({"property_name": name, "property_value": value})
}

pub async fn set(bench: &Bench, name: &str, value: &str) {
    bench
        .call("configure_catalog", setting(name, value))
        .await
        .unwrap();
}

/// An execution that ran, with this many messages.
pub async fn ended(bench: &Bench, log: u64) -> i64 {
    let id = bench.pending(0).await;
    bench.lease(id, ANNA).await.unwrap();
    for first in (1..=log).step_by(500) {
        let batch = messages(key(id, 1), first, log.min(first + 499));
        bench.catalog.append_events(ANNA, &batch).await.unwrap();
    }
    let complete = Complete {
        attempt: key(id, 1),
        outcome: AttemptOutcome::Ran {
            result: PackageResult::Success,
        },
        last_sequence: log,
        events: Vec::new(),
        began: None,
        usage: None,
        left_out: 0,
    };
    bench.catalog.complete(ANNA, &complete).await.unwrap();
    assert_eq!(bench.execution(id, "status").await, 7);
    id
}

async fn count(bench: &Bench, view: &str) -> usize {
    bench.view(view, &[]).await.len()
}

async fn outputs(bench: &Bench, procedure: &str, continued: &Value) -> Value {
    let arguments = json!({"continued_operation_id": continued});
    let result = bench.call(procedure, arguments).await.unwrap();
    serde_json::to_value(result.outputs).unwrap()
}

async fn logs_are_removed_when_their_window_has_passed(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    set(&bench, "RETENTION_WINDOW", "7").await;
    let old = ended(&bench, 3).await;
    let never_started = bench.create(json!({})).await.unwrap();
    bench.wait(DAY);
    let young = ended(&bench, 2).await;
    bench.wait(6 * DAY - 1);
    let (logs, _) = bench.catalog.clean_up("master").await.unwrap();
    assert_eq!(logs.operations, 0);
    bench.wait(1);
    let (logs, _) = bench.catalog.clean_up("master").await.unwrap();
    // Both executions of the first day, the deployment and the setting.
    assert_eq!(logs.operations, 4);
    assert!(logs.finished);
    let left = bench.view("executions", &[]).await;
    assert_eq!(left.len(), 1, "{old} and {never_started} are gone");
    assert_eq!(left[0]["execution_id"], young);
    assert_eq!(count(&bench, "event_messages").await, 2);
    let values = bench.view("execution_parameter_values", &[]).await;
    assert!(values.iter().all(|row| row["execution_id"] == young));
    // The project is none of housekeeping's business, and can still be run.
    ended(&bench, 1).await;
}

async fn a_long_log_goes_in_parts_of_a_thousand_rows(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    let long = ended(&bench, 2500).await;
    bench.wait(400 * DAY);
    let before = bench.catalog.commit_counts().changes;
    let (logs, _) = bench.catalog.clean_up("master").await.unwrap();
    let changes = bench.catalog.commit_counts().changes - before;
    // Three parts of logs, what was written down, their record, the look for versions and its record.
    assert_eq!(changes, 7);
    assert!(logs.rows > 2500 && logs.finished);
    let id = long.to_string();
    assert!(
        bench
            .view("event_messages", &[("operation_id", &id)])
            .await
            .is_empty()
    );
}

async fn what_runs_or_waits_is_never_touched(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    let running = bench.pending(0).await;
    let task = bench.lease(running, ANNA).await.unwrap();
    let batch = messages(key(running, 1), 1, 5);
    bench.catalog.append_events(ANNA, &batch).await.unwrap();
    let waiting = bench.pending(0).await;
    set_when_active(&bench).await;
    bench.wait(400 * DAY);
    let logs = outputs(&bench, "cleanup_server_retention_window", &Value::Null).await;
    assert_eq!(logs["@is_finished"], true);
    for id in [running, waiting] {
        assert!(bench.execution(id, "status").await.is_i64());
    }
    assert_eq!(count(&bench, "event_messages").await, 5);
    // The worker goes on as if nothing had been.
    let batch = messages(key(running, 1), 6, 7);
    bench.catalog.append_events(ANNA, &batch).await.unwrap();
    let file = bench
        .catalog
        .project_file(&task.project_hash)
        .await
        .unwrap();
    assert!(file.is_some());
}

/// Makes the version that runs one too many.
async fn set_when_active(bench: &Bench) {
    for _ in 0..12 {
        bench.deploy("p", &[package("b.dtsx")], "").await.unwrap();
    }
    bench.catalog.clean_up("master").await.unwrap();
}

async fn without_leave_nothing_is_removed(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    set(&bench, "OPERATION_CLEANUP_ENABLED", "FALSE").await;
    set(&bench, "VERSION_CLEANUP_ENABLED", "FALSE").await;
    set(&bench, "MAX_PROJECT_VERSIONS", "1").await;
    ended(&bench, 1).await;
    bench.deploy("p", &[package("a.dtsx")], "").await.unwrap();
    let operations = count(&bench, "operations").await;
    bench.wait(400 * DAY);
    for procedure in [
        "cleanup_server_retention_window",
        "cleanup_server_project_version",
    ] {
        let step = outputs(&bench, procedure, &Value::Null).await;
        assert_eq!(
            (&step["@is_enabled"], &step["@is_finished"]),
            (&json!(false), &json!(true))
        );
    }
    bench.catalog.clean_up("master").await.unwrap();
    assert_eq!(
        bench.refusal("cleanup_server_log", json!({})).await,
        "SO7046"
    );
    assert_eq!(count(&bench, "operations").await, operations);
    assert_eq!(count(&bench, "object_versions").await, 2);
    set(&bench, "OPERATION_CLEANUP_ENABLED", "TRUE").await;
    set(&bench, "RETENTION_WINDOW", "-1").await;
    let step = outputs(&bench, "cleanup_server_retention_window", &Value::Null).await;
    assert_eq!(
        (&step["@is_enabled"], &step["@operations_removed"]),
        (&json!(true), &json!(0))
    );
}

async fn all_logs_of_what_has_ended_can_be_removed(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    ended(&bench, 20_000).await;
    // A bounded part a call: each of these executions has one row more than a write removes.
    let mut calls = 0;
    loop {
        calls += 1;
        let step = bench.call("cleanup_server_log", json!({})).await.unwrap();
        if step.outputs["@is_finished"] == true {
            break;
        }
        assert_eq!(step.outputs["@rows_removed"].as_u64().unwrap() / 20_000, 1);
    }
    assert_eq!(calls, 2);
    for view in [
        "operations",
        "executions",
        "event_messages",
        "execution_parameter_values",
    ] {
        assert_eq!(count(&bench, view).await, 0, "{view}");
    }
    assert_eq!(count(&bench, "projects").await, 1);
}

/// The versions that are kept, by their place among all that were deployed.
async fn kept(bench: &Bench) -> Vec<i64> {
    let rows = bench.view("object_versions", &[]).await;
    rows.iter()
        .map(|row| row["object_version_lsn"].as_i64().unwrap())
        .collect()
}

async fn versions_beyond_their_number_are_removed(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    set(&bench, "MAX_PROJECT_VERSIONS", "3").await;
    for name in ["b.dtsx", "c.dtsx", "d.dtsx", "e.dtsx"] {
        bench.deploy("p", &[package(name)], "").await.unwrap();
    }
    // This one is at its newest version, the other goes back to its oldest.
    for _ in 0..4 {
        bench.deploy("q", &[package("a.dtsx")], "").await.unwrap();
    }
    let all = kept(&bench).await;
    let restore = json!({"folder_name": "f", "project_name": "p", "object_version_lsn": all[0]});
    bench.call("restore_project", restore).await.unwrap();
    let (_, versions) = bench.catalog.clean_up("master").await.unwrap();
    assert_eq!(versions.versions, 3);
    // The one in force and the two newest others.
    let expected = [all[0], all[3], all[4], all[6], all[7], all[8]];
    assert_eq!(kept(&bench).await, expected);
    assert_eq!(bench.view("packages", &[("name", "a.dtsx")]).await.len(), 2);
    let gone = json!({"folder_name": "f", "project_name": "p", "object_version_lsn": all[1]});
    assert_eq!(bench.refusal("restore_project", gone).await, "SO7041");
    let newest = json!({"folder_name": "f", "project_name": "p", "object_version_lsn": all[4]});
    bench.call("restore_project", newest).await.unwrap();
}

async fn a_version_in_use_stays_and_the_one_in_force_too(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    set(&bench, "MAX_PROJECT_VERSIONS", "1").await;
    let id = bench.pending(0).await;
    bench.deploy("p", &[package("b.dtsx")], "").await.unwrap();
    let all = kept(&bench).await;
    let (_, versions) = bench.catalog.clean_up("master").await.unwrap();
    assert_eq!((versions.versions, versions.finished), (0, true));
    let task = bench.lease(id, ANNA).await.unwrap();
    assert!(
        bench
            .catalog
            .project_file(&task.project_hash)
            .await
            .unwrap()
            .is_some()
    );
    bench.finish(ANNA, key(id, 1), PackageResult::Success).await;
    let (_, versions) = bench.catalog.clean_up("master").await.unwrap();
    assert_eq!(versions.versions, 1);
    assert_eq!(kept(&bench).await, [all[1]]);
    assert!(
        bench
            .catalog
            .project_file(&task.project_hash)
            .await
            .unwrap()
            .is_none()
    );
    // What it ran is still known.
    assert_eq!(bench.execution(id, "package_name").await, "a.dtsx");
}

async fn the_versions_of_a_deleted_project_go(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.deploy("q", &[package("b.dtsx")], "").await.unwrap();
    let all = kept(&bench).await;
    let delete = json!({"folder_name": "f", "project_name": "p"});
    bench.call("delete_project", delete).await.unwrap();
    assert_eq!(kept(&bench).await, all);
    bench.catalog.clean_up("master").await.unwrap();
    assert_eq!(kept(&bench).await, [all[1]]);
}

async fn housekeeping_is_for_administrators_and_is_recorded(on: Database) {
    let bench = Bench::open(on).await;
    let reader = Caller::new("x", Role::ClusterExecutor);
    for procedure in [
        "cleanup_server_retention_window",
        "cleanup_server_project_version",
        "cleanup_server_log",
        "startup",
    ] {
        let refused = bench.call_as(&reader, procedure, json!({})).await;
        assert_eq!(refused.unwrap_err().code(), "SO7010", "{procedure}");
    }
    let made = bench.catalog.last_cleanup().await.unwrap();
    assert_eq!(made, Some(bench.in_seconds(0)));
    bench.wait(60);
    let first = outputs(
        &bench,
        "internal.cleanup_server_retention_window",
        &Value::Null,
    )
    .await;
    assert_eq!(
        bench.catalog.last_cleanup().await.unwrap(),
        Some(bench.in_seconds(0))
    );
    bench.wait(60);
    let id = &first["@operation_id"];
    let second = outputs(&bench, "cleanup_server_retention_window", id).await;
    assert_eq!(&second["@operation_id"], id);
    let operations = bench.view("operations", &[]).await;
    assert_eq!(operations.len(), 1);
    assert_eq!(operations[0]["operation_type"], 2);
    assert_ne!(operations[0]["start_time"], operations[0]["end_time"]);
    let versions = json!({"continued_operation_id": id});
    assert_eq!(
        bench
            .refusal("cleanup_server_project_version", versions)
            .await,
        "SO7020"
    );
    let versions = outputs(&bench, "cleanup_server_project_version", &Value::Null).await;
    let id = versions["@operation_id"].to_string();
    let operations = bench.view("operations", &[("operation_id", &id)]).await;
    assert_eq!(operations[0]["operation_type"], 3);
}

async fn startup_takes_back_what_a_lost_worker_left(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    let id = bench.pending(0).await;
    bench.lease(id, ANNA).await.unwrap();
    bench.wait(59);
    bench.call("startup", json!({})).await.unwrap();
    assert_eq!(bench.execution(id, "status").await, 2);
    bench.wait(1);
    bench.call("startup", json!({})).await.unwrap();
    assert_eq!(bench.execution(id, "status").await, 5);
}
