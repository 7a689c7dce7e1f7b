//! Acknowledged means durable, commits are shared, and files of other programs are refused.

use std::os::unix::fs::PermissionsExt as _;

use scaleout_catalog::{Catalog, CatalogLocation};
use scaleout_core::error::Explain as _;
use serde_json::json;

use crate::support::{ANNA, Bench, package};

/// Copies what is on disk while the catalog is open, as a crash would leave it.
async fn crashed(bench: &Bench) -> (tempfile::TempDir, Catalog) {
    let copy = tempfile::tempdir().unwrap();
    for name in ["catalog.db", "catalog.db-wal", "catalog.db.key"] {
        std::fs::copy(bench.folder.path().join(name), copy.path().join(name)).unwrap();
    }
    let location = CatalogLocation::Sqlite(copy.path().join("catalog.db"));
    let catalog = Catalog::open(&location, bench.clock.clone()).await.unwrap();
    (copy, catalog)
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_crash() {
    let bench = Bench::with_project(&[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    let id = bench.pending(0).await;
    let (_copy, after) = crashed(&bench).await;
    let until = bench.in_seconds(60);
    let task = after.grant_lease(id, ANNA, until).await.unwrap().unwrap();
    assert!(
        after
            .project_file(&task.project_hash)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn changes_that_arrive_together_share_commits() {
    let bench = Bench::sqlite().await;
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

#[tokio::test]
async fn a_refused_change_takes_only_itself_back() {
    let bench = Bench::sqlite().await;
    let calls = ["a", "a", "b", "", "c", "B"]
        .map(|name| bench.call("create_folder", json!({"folder_name": name})));
    let results = futures_util::future::join_all(calls).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 3);
    assert_eq!(bench.view("folders", &[]).await.len(), 3);
}

#[tokio::test]
async fn a_closed_catalog_says_so() {
    let bench = Bench::sqlite().await;
    bench.catalog.clone().close().await;
    assert_eq!(bench.refusal("enable_scaleout", json!({})).await, "SO9106");
    let read = bench.catalog.next_deadline().await;
    assert_eq!(read.unwrap_err().code(), "SO9106");
}

#[tokio::test]
async fn the_files_are_private() {
    let bench = Bench::sqlite().await;
    for name in ["catalog.db", "catalog.db.key"] {
        let mode = std::fs::metadata(bench.folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

async fn reopened(bench: &Bench) -> String {
    let location = CatalogLocation::Sqlite(bench.folder.path().join("catalog.db"));
    match Catalog::open(&location, bench.clock.clone()).await {
        Ok(_) => "opened".to_owned(),
        Err(error) => error.code().to_owned(),
    }
}

#[tokio::test]
async fn a_catalog_without_its_key_is_refused() {
    let bench = Bench::sqlite().await;
    bench.catalog.clone().close().await;
    let key = bench.folder.path().join("catalog.db.key");
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

#[tokio::test]
async fn a_newer_schema_and_a_file_that_is_no_database_are_refused() {
    use sqlx::Connection as _;

    let bench = Bench::sqlite().await;
    bench.catalog.clone().close().await;
    let path = bench.folder.path().join("catalog.db");
    let mut raw = sqlx::SqliteConnection::connect(path.to_str().unwrap())
        .await
        .unwrap();
    sqlx::query("INSERT INTO schema_migration (version, applied_time) VALUES (999, '')")
        .execute(&mut raw)
        .await
        .unwrap();
    raw.close().await.unwrap();
    assert_eq!(reopened(&bench).await, "SO9104");
    for name in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
        let _ = std::fs::remove_file(bench.folder.path().join(name));
    }
    std::fs::write(
        &path,
        "this is not a database, just some text that is long enough",
    )
    .unwrap();
    let code = reopened(&bench).await;
    assert!(code == "SO9101" || code == "SO9102", "{code}");
}
