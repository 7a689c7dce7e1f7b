//! Who sees what, and the shape of calls and queries.

use scaleout_catalog::{Caller, Role};
use scaleout_core::error::Explain as _;
use scaleout_core::registry::views::VIEWS;
use scaleout_core::registry::{Readers, ViewQuery, readers};
use serde_json::json;

use crate::databases::{Database, contract};
use crate::support::{Bench, admin, package};

contract![
    whoever_may_execute_a_project_sees_its_own_executions_only,
    without_a_role_nothing_is_run_or_shown,
    queries_filter_order_and_limit,
];

async fn whoever_may_execute_a_project_sees_its_own_executions_only(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let carl = bench.login("carl", Role::ClusterExecutor).await;
    let dora = bench.login("dora", Role::ClusterExecutor).await;
    // The role alone is not enough: the project does not even seem to be there.
    let refused = bench.create_as(&carl, json!({})).await.unwrap_err();
    assert_eq!(refused.code(), "SO7013");
    for who in ["carl", "dora"] {
        for permission in [1, 101, 103] {
            bench.grant(who, 1, 1, permission).await;
        }
    }
    let id = bench.create_as(&carl, json!({})).await.unwrap();
    let start = json!({"execution_id": id});
    let refused = bench
        .call_as(&dora, "start_execution", start.clone())
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "SO7020");
    bench
        .call_as(&carl, "start_execution", start)
        .await
        .unwrap();
    assert_eq!(bench.view_as(&carl, "executions", &[]).await.len(), 1);
    assert!(bench.view_as(&dora, "executions", &[]).await.is_empty());
    assert_eq!(bench.view_as(&dora, "packages", &[]).await.len(), 1);
    let folder = bench
        .call_as(&carl, "create_folder", json!({"folder_name": "x"}))
        .await;
    assert_eq!(folder.unwrap_err().code(), "SO7010");
}

async fn without_a_role_nothing_is_run_or_shown(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let nobody = Caller::new("nobody", Role::Public);
    assert_eq!(
        bench
            .create_as(&nobody, json!({}))
            .await
            .unwrap_err()
            .code(),
        "SO7013"
    );
    bench.create(json!({})).await.unwrap();
    for view in VIEWS
        .iter()
        .filter(|view| readers(view) != Readers::Everyone)
    {
        assert!(
            bench.view_as(&nobody, view.name, &[]).await.is_empty(),
            "{}",
            view.name
        );
    }
}

async fn queries_filter_order_and_limit(on: Database) {
    let bench = Bench::open(on).await;
    for name in ["a", "b", "c", "d"] {
        bench
            .call("create_folder", json!({"folder_name": name}))
            .await
            .unwrap();
    }
    let query = ViewQuery {
        greater: vec![("id".into(), "1".into())],
        order_by: Some("NAME".into()),
        descending: true,
        limit: Some(2),
        ..ViewQuery::default()
    };
    let rows = bench
        .catalog
        .view(&admin(), "catalog.folders", &query)
        .await
        .unwrap();
    let names: Vec<_> = rows
        .rows
        .iter()
        .map(|row| row[1].as_str().unwrap())
        .collect();
    assert_eq!(names, ["d", "c"]);
    let odd = ViewQuery {
        order_by: Some("name; DROP TABLE folder".into()),
        ..ViewQuery::default()
    };
    assert_eq!(
        bench
            .catalog
            .view(&admin(), "folders", &odd)
            .await
            .unwrap_err()
            .code(),
        "SO7007"
    );
    let typed = ViewQuery {
        equals: vec![("id".into(), "one".into())],
        ..ViewQuery::default()
    };
    assert_eq!(
        bench
            .catalog
            .view(&admin(), "folders", &typed)
            .await
            .unwrap_err()
            .code(),
        "SO7008"
    );
    assert_eq!(bench.refusal("create_file", json!({})).await, "SO7002");
}
