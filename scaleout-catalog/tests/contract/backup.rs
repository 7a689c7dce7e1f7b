//! Copies of a catalog on SQLite. PostgreSQL has its own tools.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use scaleout_catalog::{CatalogLocation, back_up, restore};
use scaleout_core::error::Explain as _;
use serde_json::json;

use crate::databases::Database;
use crate::support::{Bench, package, parameter};

fn database(bench: &Bench) -> std::path::PathBuf {
    bench.folder.path().join("catalog.db")
}

/// A catalog with a secret that was set on the server.
async fn bench_with_a_secret() -> Bench {
    let bench = Bench::with_project(Database::Sqlite, &[package("a.dtsx")]).await;
    let secret = parameter("Password", 18, "sensitive", None);
    bench
        .deploy("p", &[package("a.dtsx")], &secret)
        .await
        .unwrap();
    let value = json!({"object_type": 20, "folder_name": "f", "project_name": "p",
        "parameter_name": "Password", "parameter_value": "hunter2"});
    bench
        .call("set_object_parameter_value", value)
        .await
        .unwrap();
    bench
}

fn change(file: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.execute(sql, []).unwrap();
}

#[tokio::test]
async fn a_backup_has_everything_up_to_its_moment_and_its_key() {
    let bench = bench_with_a_secret().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copy.db");
    // The catalog is open and at work.
    let backup = back_up(&database(&bench), &copy).await.unwrap();
    bench
        .call("create_folder", json!({"folder_name": "later"}))
        .await
        .unwrap();
    for file in [&backup.database, &backup.key] {
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 2);

    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("catalog.db");
    let aside = restore(&copy, &target, None).await.unwrap();
    assert_eq!(aside, None);
    let restored = Bench::open_at(CatalogLocation::Sqlite(target), folder).await;
    let folders = restored.view("folders", &[]).await;
    assert_eq!(folders.len(), 1);
    let id = restored.pending(0).await;
    restored.worker(crate::support::ANNA).await;
    let task = restored.lease(id, crate::support::ANNA).await.unwrap();
    // Opened with the restored key.
    let task = serde_json::to_string(&task).unwrap();
    assert!(task.contains("hunter2"));
}

#[tokio::test]
async fn a_backup_replaces_no_file_and_leaves_no_half_of_one() {
    let bench = bench_with_a_secret().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copy.db");
    for taken in ["copy.db", "copy.db.key"] {
        std::fs::write(elsewhere.path().join(taken), "mine").unwrap();
        let refused = back_up(&database(&bench), &copy).await.unwrap_err();
        assert_eq!(refused.code(), "SO7048", "{taken}");
        let left = std::fs::read_to_string(elsewhere.path().join(taken)).unwrap();
        assert_eq!(left, "mine");
        std::fs::remove_file(elsewhere.path().join(taken)).unwrap();
    }
    let missing = elsewhere.path().join("no/such/folder/copy.db");
    assert_eq!(
        back_up(&database(&bench), &missing)
            .await
            .unwrap_err()
            .code(),
        "SO9102"
    );
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn what_does_not_fit_is_not_restored() {
    let bench = bench_with_a_secret().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copy.db");
    let backup = back_up(&database(&bench), &copy).await.unwrap();
    let target = elsewhere.path().join("new/catalog.db");
    let refusal = async |replace| {
        restore(&copy, &target, replace)
            .await
            .unwrap_err()
            .code()
            .to_owned()
    };

    let key = std::fs::read(&backup.key).unwrap();
    std::fs::write(&backup.key, "0".repeat(64)).unwrap();
    assert_eq!(refusal(None).await, "SO9107");
    std::fs::remove_file(&backup.key).unwrap();
    assert_eq!(refusal(None).await, "SO9107");
    std::fs::write(&backup.key, key).unwrap();
    std::fs::set_permissions(&backup.key, std::fs::Permissions::from_mode(0o600)).unwrap();

    change(
        &copy,
        "UPDATE schema_migration SET version = 999 WHERE version = 1",
    );
    assert_eq!(refusal(Some(".old")).await, "SO9104");
    change(&copy, "DROP TABLE schema_migration");
    assert_eq!(refusal(None).await, "SO7049");
    assert!(!target.exists());
}

#[tokio::test]
async fn a_catalog_that_is_there_is_kept_aside_with_its_key() {
    let bench = bench_with_a_secret().await;
    let copy = bench.folder.path().join("copy.db");
    back_up(&database(&bench), &copy).await.unwrap();
    bench
        .call("create_folder", json!({"folder_name": "later"}))
        .await
        .unwrap();
    let bench = {
        bench.catalog.clone().close().await;
        bench
    };
    let target = database(&bench);
    let refused = restore(&copy, &target, None).await.unwrap_err();
    assert_eq!(refused.code(), "SO7038");
    let aside = restore(&copy, &target, Some(".old")).await.unwrap();
    let aside = aside.unwrap();
    let bench = bench.reopen().await;
    assert_eq!(bench.view("folders", &[]).await.len(), 1);
    // The way back.
    bench.catalog.clone().close().await;
    let again = restore(&aside, &target, Some(".older")).await.unwrap();
    assert!(again.is_some());
    let bench = bench.reopen().await;
    assert_eq!(bench.view("folders", &[]).await.len(), 2);
}
