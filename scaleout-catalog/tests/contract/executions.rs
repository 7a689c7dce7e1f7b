//! Executions until they wait for a worker, and stops.

use serde_json::json;

use crate::databases::{Database, contract};
use crate::support::{ANNA, BERT, Bench, Pkg, package};

contract![
    an_execution_is_created_then_pending,
    the_old_name_of_runinscaleout_is_accepted,
    each_condition_of_create_execution_refuses,
    scale_out_must_be_enabled_first,
    an_execution_starts_once_and_is_then_settled,
    a_redeployed_or_deleted_project_makes_an_execution_outdated,
    named_workers_must_be_known_and_there_must_be_one,
    a_stop_ends_what_waits_and_is_recorded_once,
    a_synchronized_start_returns_when_the_execution_has_ended,
];

async fn an_execution_is_created_then_pending(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let id = bench.create(json!({})).await.unwrap();
    let row = &bench
        .view("executions", &[("execution_id", &id.to_string())])
        .await[0];
    assert_eq!(row["status"], 1);
    assert_eq!(row["folder_name"], "f");
    assert_eq!(row["package_name"], "a.dtsx");
    assert_eq!(row["executed_as_name"], "admin");
    assert_eq!(row["executed_count"], 0);
    let mut changes = bench.catalog.changes();
    changes.mark_unchanged();
    bench.start(id).await.unwrap();
    assert!(changes.has_changed().unwrap());
    assert_eq!(bench.execution(id, "status").await, 5);
}

async fn the_old_name_of_runinscaleout_is_accepted(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let old = json!({"folder_name": "f", "project_name": "p", "package_name": "a.dtsx", "@runincluster": true});
    let made = bench.call("create_execution", old).await.unwrap();
    let id = made.outputs["@execution_id"].as_i64().unwrap();
    bench.worker(ANNA).await;
    let worker = json!({"execution_id": id, "workeragent_id": ANNA});
    bench.call("add_execution_worker", worker).await.unwrap();
}

async fn each_condition_of_create_execution_refuses(on: Database) {
    let inner = Pkg {
        entry_point: false,
        ..package("inner.dtsx")
    };
    let bench = Bench::with_project(on, &[package("a.dtsx"), inner]).await;
    for (extra, code) in [
        (json!({"folder_name": "x"}), "SO7013"),
        (json!({"project_name": "x"}), "SO7015"),
        (json!({"package_name": "x.dtsx"}), "SO7016"),
        (json!({"package_name": "inner.dtsx"}), "SO7017"),
        (json!({"reference_id": 1}), "SO7028"),
        (json!({"runinscaleout": 5}), "SO7006"),
        (json!({"runincluster": 1}), "SO7004"),
    ] {
        let error = bench.create(extra.clone()).await.unwrap_err();
        assert_eq!(scaleout_core::error::Explain::code(&error), code, "{extra}");
    }
    assert!(bench.view("executions", &[]).await.is_empty());
}

async fn scale_out_must_be_enabled_first(on: Database) {
    let bench = Bench::open(on).await;
    bench
        .call("create_folder", json!({"folder_name": "f"}))
        .await
        .unwrap();
    bench.deploy("p", &[package("a.dtsx")], "").await.unwrap();
    let error = bench.create(json!({})).await.unwrap_err();
    assert_eq!(scaleout_core::error::Explain::code(&error), "SO7031");
    assert!(
        bench
            .view(
                "catalog_properties",
                &[("property_name", "IS_SCALEOUT_ENABLED")]
            )
            .await
            .is_empty()
    );
    bench.call("enable_scaleout", json!({})).await.unwrap();
    let row = &bench
        .view(
            "catalog_properties",
            &[("property_name", "IS_SCALEOUT_ENABLED")],
        )
        .await[0];
    assert_eq!(row["property_value"], "True");
    bench.create(json!({})).await.unwrap();
}

async fn an_execution_starts_once_and_is_then_settled(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let id = bench.create(json!({})).await.unwrap();
    bench.start(id).await.unwrap();
    let option = json!({"execution_id": id, "object_type": 50, "parameter_name": "LOGGING_LEVEL", "parameter_value": 3});
    let property = json!({"execution_id": id, "property_path": r"\Package.Disable", "property_value": "1", "sensitive": 0});
    let worker = json!({"execution_id": id, "workeragent_id": ANNA});
    assert_eq!(
        bench
            .refusal("start_execution", json!({"execution_id": id}))
            .await,
        "SO7021"
    );
    assert_eq!(
        bench.refusal("set_execution_parameter_value", option).await,
        "SO7021"
    );
    assert_eq!(
        bench
            .refusal("set_execution_property_override_value", property)
            .await,
        "SO7021"
    );
    assert_eq!(
        bench.refusal("add_execution_worker", worker).await,
        "SO7021"
    );
    assert_eq!(
        bench
            .refusal("start_execution", json!({"execution_id": 999}))
            .await,
        "SO7020"
    );
    let negative = json!({"execution_id": id, "retry_count": -1});
    assert_eq!(bench.refusal("start_execution", negative).await, "SO7026");
}

async fn a_redeployed_or_deleted_project_makes_an_execution_outdated(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let id = bench.create(json!({})).await.unwrap();
    bench.deploy("p", &[package("a.dtsx")], "").await.unwrap();
    assert_eq!(
        bench
            .refusal("start_execution", json!({"execution_id": id}))
            .await,
        "SO7023"
    );
    let id = bench.create(json!({})).await.unwrap();
    bench
        .call(
            "delete_project",
            json!({"folder_name": "f", "project_name": "p"}),
        )
        .await
        .unwrap();
    assert_eq!(
        bench
            .refusal("start_execution", json!({"execution_id": id}))
            .await,
        "SO7023"
    );
    assert_eq!(bench.execution(id, "status").await, 1);
}

async fn named_workers_must_be_known_and_there_must_be_one(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    bench.worker(BERT).await;
    let id = bench.create(json!({"useanyworker": 0})).await.unwrap();
    assert_eq!(
        bench
            .refusal("start_execution", json!({"execution_id": id}))
            .await,
        "SO7030"
    );
    let unknown = json!({"execution_id": id, "workeragent_id": uuid::Uuid::from_u128(99)});
    assert_eq!(
        bench.refusal("add_execution_worker", unknown).await,
        "SO7032"
    );
    let anna = json!({"execution_id": id, "workeragent_id": ANNA});
    bench
        .call("add_execution_worker", anna.clone())
        .await
        .unwrap();
    bench
        .call("add_execution_worker", anna.clone())
        .await
        .unwrap();
    assert_eq!(bench.view("execution_worker_agents", &[]).await.len(), 1);
    bench.start(id).await.unwrap();
    assert!(bench.lease(id, BERT).await.is_none());
    assert!(bench.lease(id, ANNA).await.is_some());
    let server = bench.create(json!({"runinscaleout": 0})).await.unwrap();
    let on_server = json!({"execution_id": server, "workeragent_id": ANNA});
    assert_eq!(
        bench.refusal("add_execution_worker", on_server).await,
        "SO7029"
    );
}

async fn a_stop_ends_what_waits_and_is_recorded_once(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let id = bench.pending(0).await;
    let stop = json!({"operation_id": id});
    bench.call("stop_operation", stop.clone()).await.unwrap();
    assert_eq!(bench.execution(id, "status").await, 3);
    assert_eq!(bench.execution(id, "stopped_by_name").await, "admin");
    assert!(bench.execution(id, "end_time").await.is_string());
    assert_eq!(bench.refusal("stop_operation", stop).await, "SO7022");
    assert_eq!(
        bench
            .view("operations", &[("operation_type", "202")])
            .await
            .len(),
        1
    );
    assert_eq!(
        bench
            .refusal("stop_operation", json!({"operation_id": 999}))
            .await,
        "SO7020"
    );
    let deployment =
        bench.view("operations", &[("operation_type", "101")]).await[0]["operation_id"].clone();
    assert_eq!(
        bench
            .refusal("stop_operation", json!({"operation_id": deployment}))
            .await,
        "SO7020"
    );
}

async fn a_synchronized_start_returns_when_the_execution_has_ended(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let id = bench.create(json!({})).await.unwrap();
    let option = json!({"execution_id": id, "object_type": 50, "parameter_name": "SYNCHRONIZED", "parameter_value": true});
    bench
        .call("set_execution_parameter_value", option)
        .await
        .unwrap();
    let stop = async {
        let mut changes = bench.catalog.changes();
        changes.wait_for(|_| true).await.unwrap();
        while bench.execution(id, "status").await != 5 {
            changes.changed().await.unwrap();
        }
        bench
            .call("stop_operation", json!({"operation_id": id}))
            .await
            .unwrap();
    };
    let (started, ()) = tokio::join!(bench.start(id), stop);
    started.unwrap();
    assert_eq!(bench.execution(id, "status").await, 3);
}
