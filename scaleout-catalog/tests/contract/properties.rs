//! Properties of the catalog and of the master, and the schema.

use scaleout_catalog::{Caller, CatalogLocation, Role};
use scaleout_core::error::Explain as _;
use scaleout_core::protocol::event::PackageResult;
use serde_json::{Value, json};

use crate::databases::{Database, contract, run_sql};
use crate::housekeeping::{ended, set, setting};
use crate::support::{ANNA, Bench, key, package};

contract![
    a_new_catalog_has_the_properties_of_an_installation,
    a_property_is_set_and_recorded,
    what_cannot_be_set_is_refused,
    the_catalog_is_configured_at_rest_only,
    the_encryption_level_belongs_to_the_logs,
    the_schema_is_checked,
    the_server_of_the_logs_can_be_chosen,
];

async fn property(bench: &Bench, name: &str) -> Value {
    let rows = bench
        .view("catalog_properties", &[("property_name", name)])
        .await;
    rows[0]["property_value"].clone()
}

async fn a_new_catalog_has_the_properties_of_an_installation(on: Database) {
    let bench = Bench::open(on).await;
    let rows = bench.view("catalog_properties", &[]).await;
    let shown: Vec<String> = rows
        .iter()
        .filter(|row| row["property_name"] != "SCHEMA_BUILD")
        .map(|row| {
            let text = |column: &str| row[column].as_str().unwrap().to_owned();
            format!("{}={}", text("property_name"), text("property_value"))
        })
        .collect();
    assert_eq!(
        shown,
        [
            "DEFAULT_EXECUTION_MODE=0",
            "ENCRYPTION_ALGORITHM=AES_256",
            "MAX_PROJECT_VERSIONS=10",
            "OPERATION_CLEANUP_ENABLED=TRUE",
            "RETENTION_WINDOW=365",
            "SCALE_OUT_CHILD_PACKAGES=FALSE",
            "SCHEMA_VERSION=1",
            "SERVER_LOGGING_LEVEL=1",
            "SERVER_OPERATION_ENCRYPTION_LEVEL=1",
            "VALIDATION_TIMEOUT=300",
            "VERSION_CLEANUP_ENABLED=TRUE",
        ]
    );
    // The number of the newest script.
    let build = property(&bench, "SCHEMA_BUILD").await;
    assert!(build.as_str().unwrap().parse::<u32>().unwrap() >= 3);
}

async fn a_property_is_set_and_recorded(on: Database) {
    let bench = Bench::open(on).await;
    set(&bench, "retention_window", "90").await;
    assert_eq!(property(&bench, "RETENTION_WINDOW").await, "90");
    let operations = bench.view("operations", &[]).await;
    assert_eq!(operations.len(), 1);
    assert_eq!(
        (&operations[0]["operation_type"], &operations[0]["status"]),
        (&json!(1000), &json!(7))
    );
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    set(&bench, "SERVER_LOGGING_LEVEL", "3").await;
    let id = bench.create(json!({})).await.unwrap().to_string();
    let values = bench
        .view(
            "execution_parameter_values",
            &[("execution_id", &id), ("parameter_name", "LOGGING_LEVEL")],
        )
        .await;
    assert_eq!(values[0]["parameter_value"], 3);
}

async fn what_cannot_be_set_is_refused(on: Database) {
    let bench = Bench::open(on).await;
    for (name, value, code) in [
        ("NO_SUCH_PROPERTY", "1", "SO7042"),
        ("SCHEMA_VERSION", "2", "SO7043"),
        ("IS_SCALEOUT_ENABLED", "False", "SO7043"),
        ("RETENTION_WINDOW", "0", "SO7039"),
        ("ENCRYPTION_ALGORITHM", "DES", "SO7039"),
    ] {
        let refused = bench
            .refusal("configure_catalog", setting(name, value))
            .await;
        assert_eq!(refused, code, "{name}");
    }
    let reader = Caller::new("x", Role::ClusterExecutor);
    let refused = bench
        .call_as(
            &reader,
            "configure_catalog",
            setting("RETENTION_WINDOW", "9"),
        )
        .await;
    assert_eq!(refused.unwrap_err().code(), "SO7010");
    assert_eq!(property(&bench, "RETENTION_WINDOW").await, "365");
    assert_eq!(bench.view("operations", &[]).await.len(), 0);
}

async fn the_catalog_is_configured_at_rest_only(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    let new = setting("RETENTION_WINDOW", "9");
    bench.create(json!({})).await.unwrap();
    set(&bench, "RETENTION_WINDOW", "8").await;
    let id = bench.pending(0).await;
    assert_eq!(
        bench.refusal("configure_catalog", new.clone()).await,
        "SO7044"
    );
    bench.lease(id, ANNA).await.unwrap();
    assert_eq!(
        bench.refusal("configure_catalog", new.clone()).await,
        "SO7044"
    );
    assert_eq!(
        bench.refusal("cleanup_server_log", json!({})).await,
        "SO7044"
    );
    bench
        .call("stop_operation", json!({"operation_id": id}))
        .await
        .unwrap();
    assert_eq!(
        bench.refusal("configure_catalog", new.clone()).await,
        "SO7044"
    );
    bench
        .finish(ANNA, key(id, 1), PackageResult::Canceled)
        .await;
    bench.call("configure_catalog", new).await.unwrap();
}

async fn the_encryption_level_belongs_to_the_logs(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    ended(&bench, 1).await;
    let level = |value| setting("SERVER_OPERATION_ENCRYPTION_LEVEL", value);
    assert_eq!(
        bench.refusal("configure_catalog", level("2")).await,
        "SO7045"
    );
    bench.call("configure_catalog", level("1")).await.unwrap();
    bench.call("cleanup_server_log", json!({})).await.unwrap();
    bench.call("configure_catalog", level("2")).await.unwrap();
    assert_eq!(
        property(&bench, "SERVER_OPERATION_ENCRYPTION_LEVEL").await,
        "2"
    );
}

async fn the_schema_is_checked(on: Database) {
    let bench = Bench::open(on).await;
    let call = json!({"use32bitruntime": 0});
    bench
        .call("check_schema_version", call.clone())
        .await
        .unwrap();
    let newer = "INSERT INTO schema_migration (version, applied_time)
                 VALUES (999, '2027-01-01T00:00:00Z')";
    match &bench.location {
        CatalogLocation::Sqlite(path) => {
            let connection = rusqlite::Connection::open(path).unwrap();
            connection.execute(newer, []).unwrap();
        }
        CatalogLocation::Postgres(location) => {
            let newer = newer.replace("INTO ", "INTO internal.");
            run_sql(&location.to_string(), &newer).await;
        }
    }
    assert_eq!(bench.refusal("check_schema_version", call).await, "SO7047");
}

async fn the_server_of_the_logs_can_be_chosen(on: Database) {
    let bench = Bench::open(on).await;
    let found = |text: &str| [("CLUSTER_LOGDB_SERVER", text.to_owned())];
    bench
        .catalog
        .set_master_properties(&found("here"))
        .await
        .unwrap();
    let chosen = json!({"server_name": "logs,1433", "connection_string": "Password=hunter2"});
    bench.call("update_logdb_info", chosen).await.unwrap();
    bench
        .catalog
        .set_master_properties(&found("here"))
        .await
        .unwrap();
    let rows = bench.view("master_properties", &[]).await;
    assert_eq!(rows[0]["property_value"], "logs,1433");
    assert!(!bench.holds("hunter2").await);
    assert!(
        bench
            .view("catalog_properties", &[("property_value", "logs,1433")])
            .await
            .is_empty()
    );
    let empty = json!({"server_name": " ", "connection_string": "x"});
    assert_eq!(bench.refusal("update_logdb_info", empty).await, "SO7026");
}
