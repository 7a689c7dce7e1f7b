//! Acknowledged means durable, commits are shared, and files of other programs are refused.

use std::os::unix::fs::PermissionsExt as _;

use scaleout_catalog::{Catalog, CatalogLocation, Role};
use scaleout_core::error::Explain as _;
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::worker::{
    AttemptCounters, AttemptOutcome, Complete, CompleteReply, Counter, TaskHeartbeat,
};
use serde_json::json;
use uuid::Uuid;

use crate::databases::{Database, contract, run_sql};
use crate::support::{ANNA, Bench, key, messages, package, parameter, project_file};

contract![
    what_was_acknowledged_survives_a_crash,
    changes_that_arrive_together_share_commits,
    a_refused_change_takes_only_itself_back,
    a_refused_change_leaves_what_others_have_for_the_commit,
    starts_that_arrive_together_happen_once_each,
    what_follows_a_start_in_a_commit_sees_it,
    ends_that_arrive_together_happen_once_each,
    a_closed_catalog_says_so,
    the_files_are_private,
    a_catalog_without_its_key_is_refused,
    a_newer_schema_is_refused,
];

/// The catalog as a master that starts anew finds it after this one was killed.
async fn crashed(bench: &Bench) -> (tempfile::TempDir, Catalog) {
    let copy = tempfile::tempdir().unwrap();
    let location = match &bench.location {
        CatalogLocation::Sqlite(_) => {
            for name in ["catalog.db", "catalog.db-wal", "catalog.db.key"] {
                std::fs::copy(bench.folder.path().join(name), copy.path().join(name)).unwrap();
            }
            CatalogLocation::Sqlite(copy.path().join("catalog.db"))
        }
        CatalogLocation::Postgres(location) => {
            end_connections(&location.to_string()).await;
            std::fs::copy(bench.key_file(), copy.path().join("catalog.key")).unwrap();
            bench.location.clone()
        }
    };
    let catalog = Catalog::open(&location, copy.path(), bench.clock.clone())
        .await
        .unwrap();
    (copy, catalog)
}

/// Ends every other connection to a database, as the server does with those of a dead client.
pub async fn end_connections(url: &str) {
    run_sql(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .await;
}

async fn what_was_acknowledged_survives_a_crash(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    let id = bench.pending(0).await;
    let (_copy, after) = crashed(&bench).await;
    let proposals = vec![bench.proposal(id, ANNA)];
    let granted = after.grant_leases(proposals).await.unwrap();
    let task = granted[0].as_ref().unwrap();
    assert!(
        after
            .project_file(&task.project_hash)
            .await
            .unwrap()
            .is_some()
    );
}

async fn changes_that_arrive_together_share_commits(on: Database) {
    let bench = Bench::open(on).await;
    let before = bench.catalog.commit_counts();
    let names: Vec<String> = (0..200).map(|number| format!("folder {number}")).collect();
    let calls = names
        .iter()
        .map(|name| bench.call("create_folder", json!({"folder_name": name})));
    for result in futures_util::future::join_all(calls).await {
        result.unwrap();
    }
    let after = bench.catalog.commit_counts();
    assert_eq!(after.changes - before.changes, 200);
    assert!(after.commits - before.commits < 100, "{after:?}");
    let (_copy, crashed) = crashed(&bench).await;
    let rows = crashed
        .view(&crate::support::admin(), "folders", &Default::default())
        .await
        .unwrap();
    assert_eq!(rows.rows.len(), 200);
}

async fn a_refused_change_takes_only_itself_back(on: Database) {
    let bench = Bench::open(on).await;
    let calls = ["a", "a", "b", "", "c", "B"]
        .map(|name| bench.call("create_folder", json!({"folder_name": name})));
    let results = futures_util::future::join_all(calls).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 3);
    assert_eq!(bench.view("folders", &[]).await.len(), 3);
}

/// Rows of a new execution wait for the commit; what comes between and is refused must not take them.
async fn a_refused_change_leaves_what_others_have_for_the_commit(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench
        .call("create_folder", json!({"folder_name": "there"}))
        .await
        .unwrap();
    let eve = bench.login("eve", Role::ClusterExecutor).await;
    let project = bench.view("projects", &[]).await[0]["project_id"].as_i64();
    for permission in [1, 3] {
        bench.grant("eve", 2, project.unwrap(), permission).await;
    }
    let own = bench.create_as(&eve, json!({})).await.unwrap();
    // Refused once the option has a row.
    let first = json!({"execution_id": own, "object_type": 50, "parameter_name": "PRIORITY", "parameter_value": 1});
    let calls = (0..60).map(|_| async {
        let created = bench.create(json!({"package_name": "a.dtsx"}));
        let refused = bench.call("create_folder", json!({"folder_name": "there"}));
        let put_first = bench.call_as(&eve, "set_execution_parameter_value", first.clone());
        let (created, refused, put_first) =
            futures_util::future::join3(created, refused, put_first).await;
        refused.unwrap_err();
        put_first.unwrap_err();
        created.unwrap()
    });
    let created = futures_util::future::join_all(calls).await;
    assert_eq!(created.len(), 60);
    assert_eq!(bench.view("executions", &[]).await.len(), 61);
    // Each has its options, and no more.
    let options = bench.view("execution_parameter_values", &[]).await;
    assert_eq!(options.len(), 61 * 8);
}

/// Starts are read and written together; each has its own answer all the same.
async fn starts_that_arrive_together_happen_once_each(on: Database) {
    let needy = project_file(
        "needy",
        &[package("b.dtsx")],
        &parameter("Year", 9, "required", None),
    );
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.deploy_bytes("needy", &needy).await.unwrap();
    let ids = bench.created(40).await;
    let wanting = bench
        .create(json!({"project_name": "needy", "package_name": "b.dtsx"}))
        .await
        .unwrap();
    // Every second one writes something of its own beside what all write together.
    let retries = |id: i64| 2 * (id % 2);
    let start = |id: i64| {
        let arguments = json!({"execution_id": id, "retry_count": retries(id)});
        bench.call("start_execution", arguments)
    };
    let start = &start;
    let calls = ids.iter().map(|id| async move {
        let both = futures_util::future::join(start(*id), start(*id));
        let refused = futures_util::future::join(start(wanting), start(1_000_000));
        let ((first, second), (wanting, missing)) = futures_util::future::join(both, refused).await;
        assert_eq!(wanting.unwrap_err().code(), "SO7024");
        assert_eq!(missing.unwrap_err().code(), "SO7020");
        let refusals: Vec<_> = [first, second]
            .into_iter()
            .filter_map(Result::err)
            .collect();
        let [refusal] = refusals.as_slice() else {
            panic!("one of two starts of {id} is refused: {refusals:?}");
        };
        assert_eq!(refusal.code(), "SO7021");
        assert!(!refusal.to_string().contains("created"), "{refusal}");
    });
    futures_util::future::join_all(calls).await;
    for row in bench.view("executions", &[]).await {
        let waits = if row["execution_id"] == wanting { 1 } else { 5 };
        assert_eq!(row["status"], waits, "{row:?}");
    }
    for id in &ids {
        let settled = format!("execution_id = {id} AND retry_count = {}", retries(*id));
        assert_eq!(bench.count("execution", &settled).await, 1, "{settled}");
    }
    let (_copy, after) = crashed(&bench).await;
    let snapshot = after.scheduling_snapshot().await.unwrap();
    assert_eq!(snapshot.pending.len(), ids.len());
}

/// A value that arrives together with the start of its execution is set before it or not at all.
async fn what_follows_a_start_in_a_commit_sees_it(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let mut ids = bench.created(34).await;
    let set = |id: i64| {
        let option = json!({"execution_id": id, "object_type": 50, "parameter_name": "PRIORITY",
            "parameter_value": 7});
        bench.call("set_execution_parameter_value", option)
    };
    // All connections are there before it counts.
    let first = ids.drain(..4).map(set);
    for done in futures_util::future::join_all(first).await {
        done.unwrap();
    }
    let calls = ids
        .iter()
        .map(|id| futures_util::future::join(bench.start(*id), set(*id)));
    let answers = futures_util::future::join_all(calls).await;
    let snapshot = bench.catalog.scheduling_snapshot().await.unwrap();
    for (id, (started, set)) in ids.into_iter().zip(answers) {
        started.unwrap();
        let pending = snapshot.pending.iter().find(|one| one.execution_id == id);
        let priority = pending.expect("it was started").priority;
        match set {
            Ok(_) => assert_eq!(priority, 7, "{id}"),
            Err(refused) => assert_eq!((refused.code(), priority), ("SO7021", 0), "{id}"),
        }
    }
}

async fn ends_that_arrive_together_happen_once_each(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let mut running = Vec::new();
    for number in 101..=112 {
        let worker = Uuid::from_u128(number);
        bench.worker(worker).await;
        for _ in 0..2 {
            let id = bench.pending(0).await;
            bench.lease(id, worker).await.unwrap();
            running.push((id, worker));
        }
    }
    let end = |id: i64, attempt: u32| Complete {
        events: messages(key(id, 1), 1, 2).events,
        attempt: key(id, attempt),
        outcome: AttemptOutcome::Ran {
            result: match id % 2 {
                0 => PackageResult::Success,
                _ => PackageResult::Failure,
            },
        },
        last_sequence: 2,
        began: None,
        usage: None,
        left_out: 0,
    };
    let (bench, end) = (&bench, &end);
    let reports = running.iter().map(|(id, worker)| async move {
        let beat = TaskHeartbeat {
            running: vec![key(*id, 1)],
            lease_ms: 60_000,
            process_ids: vec![1],
            counters: vec![AttemptCounters {
                attempt: key(*id, 1),
                counters: vec![Counter {
                    name: "Rows read".into(),
                    value: 1,
                }],
            }],
            began: Vec::new(),
        };
        let catalog = &bench.catalog;
        let beaten = catalog.renew_leases(*worker, &beat, bench.in_seconds(60));
        let (own, later) = (end(*id, 1), end(*id, 2));
        let (first, again, foreign, later, beaten) = tokio::join!(
            catalog.complete(*worker, &own),
            catalog.complete(*worker, &own),
            catalog.complete(ANNA, &own),
            catalog.complete(*worker, &later),
            beaten,
        );
        assert_eq!(first.unwrap(), CompleteReply::Accepted);
        assert_eq!(again.unwrap(), CompleteReply::Accepted);
        assert_eq!(foreign.unwrap(), CompleteReply::Stale);
        assert_eq!(later.unwrap(), CompleteReply::Stale);
        beaten.unwrap();
    });
    futures_util::future::join_all(reports).await;
    let (_copy, _after) = crashed(bench).await;
    for (id, _) in &running {
        let rows = async |table, condition: &str| bench.count(table, condition).await;
        let ends_as = if id % 2 == 0 { 7 } else { 4 };
        let moved = format!("operation_id = {id} AND status = {ends_as} AND lease_worker IS NULL");
        assert_eq!(rows("operation", &moved).await, 1, "execution {id}");
        let ended = format!("execution_id = {id} AND ending = 'completed' AND durable_through = 2");
        assert_eq!(rows("attempt", &ended).await, 1, "execution {id}");
        let said = format!("operation_id = {id} AND message LIKE 'message %'");
        assert_eq!(rows("message", &said).await, 2, "execution {id}");
        let counters = format!("execution_id = {id}");
        assert_eq!(
            rows("performance_counter", &counters).await,
            0,
            "execution {id}"
        );
    }
}

async fn a_closed_catalog_says_so(on: Database) {
    let bench = Bench::open(on).await;
    bench.catalog.clone().close().await;
    assert_eq!(bench.refusal("enable_scaleout", json!({})).await, "SO9106");
    let read = bench.catalog.next_deadline().await;
    assert_eq!(read.unwrap_err().code(), "SO9106");
}

async fn the_files_are_private(on: Database) {
    let bench = Bench::open(on).await;
    let mut files = 0;
    for entry in std::fs::read_dir(bench.folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
        files += 1;
    }
    assert!(files > 0);
}

async fn reopened(bench: &Bench) -> String {
    match bench.open_again().await {
        Ok(catalog) => {
            catalog.close().await;
            "opened".to_owned()
        }
        Err(error) => error.code().to_owned(),
    }
}

async fn a_catalog_without_its_key_is_refused(on: Database) {
    let bench = Bench::open(on).await;
    bench.catalog.clone().close().await;
    let key = bench.key_file();
    let content = std::fs::read_to_string(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    assert_eq!(reopened(&bench).await, "SO9107");
    assert!(!key.exists());
    std::fs::write(&key, "00".repeat(32)).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(reopened(&bench).await, "SO9107");
    std::fs::write(&key, content).unwrap();
    assert_eq!(reopened(&bench).await, "opened");
}

async fn a_newer_schema_is_refused(on: Database) {
    let bench = Bench::open(on).await;
    bench.catalog.clone().close().await;
    let sql = "INSERT INTO schema_migration (version, applied_time) VALUES (999, '2027-01-01')";
    match &bench.location {
        CatalogLocation::Sqlite(path) => {
            let raw = rusqlite::Connection::open(path).unwrap();
            raw.execute(sql, []).unwrap();
        }
        CatalogLocation::Postgres(location) => {
            let sql = sql.replace("schema_migration", "internal.schema_migration");
            run_sql(&location.to_string(), &sql).await;
        }
    }
    assert_eq!(reopened(&bench).await, "SO9104");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let bench = Bench::open(Database::Sqlite).await;
    bench.catalog.clone().close().await;
    for name in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
        let _ = std::fs::remove_file(bench.folder.path().join(name));
    }
    std::fs::write(
        bench.folder.path().join("catalog.db"),
        "this is not a database, just some text that is long enough",
    )
    .unwrap();
    let code = reopened(&bench).await;
    assert!(code == "SO9101" || code == "SO9102", "{code}");
}
