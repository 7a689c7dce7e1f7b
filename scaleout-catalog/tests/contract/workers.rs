//! Workers.

use scaleout_core::error::Explain as _;
use scaleout_core::protocol::worker::Heartbeat;
use serde_json::json;

use crate::databases::{Database, contract};
use crate::support::{ANNA, BERT, Bench, key, package, registration, thumbprint};

contract![
    a_worker_registers_disabled_and_keeps_what_was_decided,
    an_id_belongs_to_its_certificate_and_a_certificate_to_its_id,
    a_restarted_worker_loses_what_it_no_longer_runs,
    heartbeats_are_seen_by_the_scheduler,
    properties_set_by_an_administrator_win,
    the_master_shows_its_properties_to_everyone,
];

async fn a_worker_registers_disabled_and_keeps_what_was_decided(on: Database) {
    let bench = Bench::open(on).await;
    let register = || async {
        let standing = bench
            .catalog
            .register_worker(&registration(ANNA), &thumbprint(ANNA))
            .await;
        standing.unwrap().enabled
    };
    assert!(!register().await);
    let mut changes = bench.catalog.changes();
    changes.mark_unchanged();
    bench
        .call("enable_worker_agent", json!({"WorkerAgentId": ANNA}))
        .await
        .unwrap();
    assert!(changes.has_changed().unwrap());
    assert!(register().await);
    let row = &bench
        .view("worker_agents", &[("computerName", "HOST")])
        .await[0];
    assert_eq!(row["WorkerAgentId"], ANNA.to_string());
    assert_eq!(row["IsEnabled"], true);
    bench
        .call("disable_worker_agent", json!({"WorkerAgentId": ANNA}))
        .await
        .unwrap();
    assert!(!register().await);
}

async fn an_id_belongs_to_its_certificate_and_a_certificate_to_its_id(on: Database) {
    let bench = Bench::open(on).await;
    bench.worker(ANNA).await;
    for (id, certificate) in [(ANNA, BERT), (BERT, ANNA)] {
        let refused = bench
            .catalog
            .register_worker(&registration(id), &thumbprint(certificate))
            .await;
        assert_eq!(refused.unwrap_err().code(), "SO7033");
    }
    assert_eq!(bench.view("worker_agents", &[]).await.len(), 1);
    let lower = thumbprint(ANNA).to_lowercase();
    assert_eq!(
        bench.catalog.worker_by_thumbprint(&lower).await.unwrap(),
        Some(ANNA)
    );
    assert_eq!(
        bench
            .catalog
            .worker_by_thumbprint(&thumbprint(BERT))
            .await
            .unwrap(),
        None
    );
}

async fn a_restarted_worker_loses_what_it_no_longer_runs(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    let (gone, kept) = (bench.pending(0).await, bench.pending(0).await);
    bench.lease(gone, ANNA).await.unwrap();
    bench.lease(kept, ANNA).await.unwrap();
    let mut registration = registration(ANNA);
    registration.running = vec![key(kept, 1)];
    bench
        .catalog
        .register_worker(&registration, &thumbprint(ANNA))
        .await
        .unwrap();
    assert_eq!(bench.execution(gone, "status").await, 5);
    assert_eq!(bench.execution(kept, "status").await, 2);
}

async fn heartbeats_are_seen_by_the_scheduler(on: Database) {
    let bench = Bench::open(on).await;
    bench.worker(ANNA).await;
    bench.wait(30);
    let beat = Heartbeat {
        cpu_percent: 12.5,
        free_memory_mb: 2048,
        running_tasks: 1,
        gate: None,
    };
    assert!(
        bench
            .catalog
            .record_heartbeat(ANNA, &beat)
            .await
            .unwrap()
            .enabled
    );
    let worker = &bench.catalog.scheduling_snapshot().await.unwrap().workers[0];
    assert_eq!(worker.last_seen, bench.in_seconds(0));
    assert_eq!(
        (worker.cpu_percent, worker.free_memory_mb),
        (Some(12.5), Some(2048))
    );
    assert_eq!(
        bench
            .catalog
            .record_heartbeat(BERT, &beat)
            .await
            .unwrap_err()
            .code(),
        "SO7032"
    );
}

async fn properties_set_by_an_administrator_win(on: Database) {
    let bench = Bench::open(on).await;
    bench.worker(ANNA).await;
    let set = |worker, name: &str, value: &str| json!({"WorkerAgentId": worker, "PropertyName": name, "PropertyValue": value});
    bench
        .call(
            "set_worker_agent_property",
            set(ANNA, "DisplayName", "big one"),
        )
        .await
        .unwrap();
    bench
        .call("set_worker_agent_property", set(ANNA, "tags", "gpu"))
        .await
        .unwrap();
    bench
        .catalog
        .register_worker(&registration(ANNA), &thumbprint(ANNA))
        .await
        .unwrap();
    let row = &bench.view("worker_agents", &[]).await[0];
    assert_eq!(
        (&row["DisplayName"], &row["Tags"]),
        (&json!("big one"), &json!("gpu"))
    );
    assert_eq!(
        bench
            .refusal("set_worker_agent_property", set(ANNA, "Colour", "red"))
            .await,
        "SO7026"
    );
    assert_eq!(
        bench
            .refusal("set_worker_agent_property", set(BERT, "Tags", "x"))
            .await,
        "SO7032"
    );
    for procedure in ["enable_worker_agent", "disable_worker_agent"] {
        assert_eq!(
            bench
                .refusal(procedure, json!({"WorkerAgentId": BERT}))
                .await,
            "SO7032"
        );
    }
}

async fn the_master_shows_its_properties_to_everyone(on: Database) {
    let bench = Bench::open(on).await;
    let properties = [
        ("MACHINE_NAME", "box".to_owned()),
        ("MASTER_SERVICE_PORT", "8391".to_owned()),
    ];
    bench
        .catalog
        .set_master_properties(&properties)
        .await
        .unwrap();
    bench
        .call(
            "update_master_address",
            json!({"MasterAddress": "https://box:8391"}),
        )
        .await
        .unwrap();
    let nobody = scaleout_catalog::Caller::new("x", scaleout_catalog::Role::Public);
    let rows = bench.view_as(&nobody, "master_properties", &[]).await;
    let names: Vec<_> = rows
        .iter()
        .map(|row| row["property_name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["MACHINE_NAME", "MASTER_ADDRESS", "MASTER_SERVICE_PORT"]
    );
    let found_out = [("MASTER_ADDRESS", "https://localhost:8391".to_owned())];
    bench
        .catalog
        .set_master_properties(&found_out)
        .await
        .unwrap();
    let chosen = bench.view_as(&nobody, "master_properties", &[]).await;
    assert_eq!(chosen, rows, "a chosen address outlives a restart");
    assert_eq!(
        bench
            .refusal("update_master_address", json!({"MasterAddress": "box"}))
            .await,
        "SO7026"
    );
}
