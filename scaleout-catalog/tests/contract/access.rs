//! Who may do what, tokens, and the shape of calls and queries.

use scaleout_catalog::{Caller, Role};
use scaleout_core::error::Explain as _;
use scaleout_core::registry::ViewQuery;
use scaleout_core::registry::views::VIEWS;
use serde_json::json;

use crate::support::{Bench, admin, package};

#[tokio::test]
async fn a_cluster_executor_runs_packages_and_sees_its_own_executions_only() {
    let bench = Bench::with_project(&[package("a.dtsx")]).await;
    let carl = Caller::new("carl", Role::ClusterExecutor);
    let dora = Caller::new("dora", Role::ClusterExecutor);
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

#[tokio::test]
async fn without_a_role_nothing_is_run_or_shown() {
    let bench = Bench::with_project(&[package("a.dtsx")]).await;
    let nobody = Caller::new("nobody", Role::Public);
    assert_eq!(
        bench
            .create_as(&nobody, json!({}))
            .await
            .unwrap_err()
            .code(),
        "SO7010"
    );
    bench.create(json!({})).await.unwrap();
    for view in VIEWS {
        assert!(
            bench.view_as(&nobody, view.name, &[]).await.is_empty(),
            "{}",
            view.name
        );
    }
}

#[tokio::test]
async fn every_declared_view_exists_with_its_columns() {
    let bench = Bench::with_project(&[package("a.dtsx")]).await;
    for view in VIEWS {
        let rows = bench
            .catalog
            .view(&admin(), view.name, &ViewQuery::default())
            .await
            .unwrap();
        assert_eq!(rows.columns.len(), view.columns.len());
        for column in view.columns {
            let query = ViewQuery {
                order_by: Some(column.name.to_lowercase()),
                descending: true,
                ..ViewQuery::default()
            };
            bench
                .catalog
                .view(&admin(), view.name, &query)
                .await
                .unwrap();
        }
    }
}

#[tokio::test]
async fn queries_filter_order_and_limit() {
    let bench = Bench::sqlite().await;
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

#[tokio::test]
async fn a_token_names_its_caller_and_is_kept_as_a_hash() {
    let bench = Bench::sqlite().await;
    let token = bench
        .catalog
        .create_token("ci", Role::ClusterExecutor)
        .await
        .unwrap();
    let caller = bench.catalog.authenticate(&token).await.unwrap().unwrap();
    assert_eq!(caller, Caller::new("ci", Role::ClusterExecutor));
    assert!(bench.catalog.authenticate("guess").await.unwrap().is_none());
    let bench = bench.reopen().await;
    assert!(bench.catalog.authenticate(&token).await.unwrap().is_some());
    let file = std::fs::read(bench.folder.path().join("catalog.db")).unwrap();
    assert!(
        !file
            .windows(token.len())
            .any(|part| part == token.as_bytes())
    );
}
