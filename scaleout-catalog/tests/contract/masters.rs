//! Several masters on one catalog: what one writes the others see, and nothing happens twice.

use std::time::Duration;

use futures_util::future::join_all;
use scaleout_catalog::{Catalog, MasterReport};
use scaleout_core::error::Explain as _;
use scaleout_core::protocol::event::PackageResult;
use serde_json::json;
use sqlx::Connection as _;

use crate::databases::Database;
use crate::support::{
    ANNA, BERT, Bench, admin, key, package, parameter, project_file, registration,
};

/// A catalog that two masters have open.
async fn two_masters() -> Option<(Bench, Catalog)> {
    let on = Database::postgres_or_skip()?;
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let second = bench.open_again().await.unwrap();
    Some((bench, second))
}

#[tokio::test]
async fn one_master_hears_of_what_another_has_to_offer() {
    let Some((bench, second)) = two_masters().await else {
        return;
    };
    // Until it listens, it hears nothing: each start is a note.
    let mut changes = second.changes();
    let heard = async {
        loop {
            bench.pending(0).await;
            let wait = tokio::time::timeout(Duration::from_millis(200), changes.changed());
            if wait.await.is_ok() {
                break;
            }
        }
    };
    let limit = tokio::time::timeout(Duration::from_secs(60), heard);
    limit.await.expect("a note within a minute");
    let snapshot = second.scheduling_snapshot().await.unwrap();
    assert!(!snapshot.pending.is_empty());
}

#[tokio::test]
async fn an_execution_is_granted_once_whoever_plans() {
    let Some((bench, second)) = two_masters().await else {
        return;
    };
    bench.worker(ANNA).await;
    bench.worker(BERT).await;
    let most = registration(ANNA).max_task_count;
    let mut ids = Vec::new();
    for _ in 0..most * 3 {
        ids.push(bench.pending(0).await);
    }
    let together = |ids: &[i64], worker| {
        let proposals = ids.iter().map(|id| bench.proposal(*id, worker));
        proposals.collect::<Vec<_>>()
    };
    let grants = ids.chunks(2).flat_map(|ids| {
        [
            bench.catalog.grant_leases(together(ids, ANNA)),
            second.grant_leases(together(ids, ANNA)),
            second.grant_leases(together(ids, BERT)),
        ]
    });
    let granted: Vec<i64> = join_all(grants)
        .await
        .into_iter()
        .flat_map(|granted| granted.unwrap().into_iter().flatten())
        .map(|task| task.execution_id)
        .collect();
    let mut distinct = granted.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), granted.len(), "granted twice: {granted:?}");
    assert_eq!(granted.len(), 2 * most as usize, "slots of both workers");
    for worker in second.scheduling_snapshot().await.unwrap().workers {
        assert_eq!(worker.live_leases, most);
    }
}

#[tokio::test]
async fn what_is_administered_at_two_masters_happens_once() {
    let Some((bench, second)) = two_masters().await else {
        return;
    };
    for number in 0..20 {
        let arguments = json!({"folder_name": format!("f{number}")});
        let arguments = serde_json::from_value(arguments).unwrap();
        let caller = admin();
        let (here, there) = tokio::join!(
            bench.catalog.call(&caller, "create_folder", &arguments),
            second.call(&caller, "create_folder", &arguments),
        );
        let outcomes = [here.is_ok(), there.is_ok()];
        assert_eq!(outcomes.iter().filter(|made| **made).count(), 1, "{number}");
        let refused = here.err().or(there.err()).unwrap();
        assert_eq!(refused.code(), "SO7012", "{refused}");
    }
}

#[tokio::test]
async fn executions_that_share_a_key_can_be_made_side_by_side() {
    let Some((bench, second)) = two_masters().await else {
        return;
    };
    let secret = parameter("Password", 18, "required sensitive", None);
    let file = project_file("p", &[package("a.dtsx")], &secret);
    bench.deploy_bytes("p", &file).await.unwrap();
    let value = json!({"object_type": 20, "folder_name": "f", "project_name": "p",
        "parameter_name": "Password", "parameter_value": "hunter2", "value_type": "V"});
    bench
        .call("set_object_parameter_value", value)
        .await
        .unwrap();
    let level =
        json!({"property_name": "SERVER_OPERATION_ENCRYPTION_LEVEL", "property_value": "2"});
    bench.call("configure_catalog", level).await.unwrap();
    let calls = (0..20).map(|number| {
        let master = if number % 2 == 0 {
            &bench.catalog
        } else {
            &second
        };
        let arguments = json!({"folder_name": "f", "project_name": "p", "package_name": "a.dtsx"});
        let arguments = serde_json::from_value(arguments).unwrap();
        async move { master.call(&admin(), "create_execution", &arguments).await }
    });
    let mut ids: Vec<i64> = join_all(calls)
        .await
        .into_iter()
        .map(|made| made.unwrap().outputs["@execution_id"].as_i64().unwrap())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 20);
    // Each of them opens: none is under a key that another master replaced.
    bench.worker(ANNA).await;
    for id in ids {
        let start = json!({"execution_id": id});
        bench.call("start_execution", start).await.unwrap();
        let task = bench.lease(id, ANNA).await.unwrap();
        assert_eq!(task.project_parameters[0].value.as_deref(), Some("hunter2"));
        bench.finish(ANNA, key(id, 1), PackageResult::Success).await;
    }
}

#[tokio::test]
async fn an_execution_is_started_once_whoever_starts_it() {
    let Some((bench, second)) = two_masters().await else {
        return;
    };
    let ids = bench.created(60).await;
    let arguments = |id: i64| serde_json::from_value(json!({"execution_id": id})).unwrap();
    let start = async |master: &Catalog, id: i64| {
        let done = master
            .call(&admin(), "start_execution", &arguments(id))
            .await;
        done.map_err(|error| error.code().to_owned())
    };
    // One begins at the end, so that both lock what the other has.
    let here = join_all(ids.iter().map(|id| start(&bench.catalog, *id)));
    let there = join_all(ids.iter().rev().map(|id| start(&second, *id)));
    let (here, there) = futures_util::future::join(here, there).await;
    for ((id, here), there) in ids.iter().zip(here).zip(there.into_iter().rev()) {
        match (here, there) {
            (Ok(_), Err(code)) | (Err(code), Ok(_)) => assert_eq!(code, "SO7021", "{id}"),
            other => panic!("{id}: {other:?}"),
        }
    }
    let pending = second.scheduling_snapshot().await.unwrap().pending;
    assert_eq!(pending.len(), ids.len());
}

#[tokio::test]
async fn a_master_of_an_earlier_version_is_alone() {
    let Some(on) = Database::postgres_or_skip() else {
        return;
    };
    let bench = Bench::open(on).await;
    bench.catalog.clone().close().await;
    let url = bench.location.to_string();
    let mut old = sqlx::PgConnection::connect(&url).await.unwrap();
    // "ssisdb" as a number.
    let lock = sqlx::query("SELECT pg_advisory_lock(126939527603298)");
    lock.execute(&mut old).await.unwrap();
    let refused = bench.open_again().await.unwrap_err();
    assert_eq!(refused.code(), "SO9110", "{refused}");
    old.close().await.unwrap();
    bench.open_again().await.unwrap();
}

#[tokio::test]
async fn each_master_says_that_it_is_there() {
    let Some((bench, second)) = two_masters().await else {
        return;
    };
    let report = |address: &str| MasterReport {
        address: address.to_owned(),
        machine_name: "m".to_owned(),
        process_id: 7,
        program_version: "1".to_owned(),
        thumbprint: "aa".to_owned(),
        started: bench.in_seconds(0),
    };
    bench
        .catalog
        .report_master(&report("https://a:1"))
        .await
        .unwrap();
    second.report_master(&report("https://b:1")).await.unwrap();
    assert_eq!(bench.view("masters", &[]).await.len(), 2);
    second.forget_master("https://b:1").await.unwrap();
    let left = bench.view("masters", &[]).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["address"], "https://a:1");
    bench.wait(2 * 86_400);
    second.report_master(&report("https://b:1")).await.unwrap();
    let left = bench.view("masters", &[]).await;
    assert_eq!(
        left[0]["address"], "https://b:1",
        "one day of silence: {left:?}"
    );
}
