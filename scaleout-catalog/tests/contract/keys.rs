//! Keys of secrets: one for each owner, replaced while the catalog is at work, removed when nothing
//! needs them.

use scaleout_catalog::{Caller, CatalogLocation, Role, back_up};
use scaleout_core::error::Explain as _;
use scaleout_core::protocol::event::PackageResult;
use serde_json::{Value, json};

use crate::databases::{Database, contract, run_sql};
use crate::support::{ANNA, Bench, key, package, parameter};

contract![
    every_owner_has_a_key_of_its_own,
    a_secret_does_not_open_in_the_row_of_another_owner,
    all_secrets_outlive_new_keys,
    a_rotation_that_broke_off_anywhere_is_brought_to_its_end,
    keys_go_with_their_owners,
    keys_of_ended_executions_can_be_removed,
    keys_of_projects_can_be_removed_when_they_are_gone,
    rotation_is_for_administrators,
];

const SECRETS: [&str; 4] = ["s-design", "s-server", "s-environment", "s-override"];

/// A project with a secret of each kind, and a pending execution that has all of them.
async fn with_secrets(on: Database) -> (Bench, i64) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    let parameters = parameter("Design", 18, "sensitive", Some(SECRETS[0]))
        + &parameter("Server", 18, "sensitive", None)
        + &parameter("Bound", 18, "sensitive", None);
    let packages = [package("a.dtsx")];
    bench.deploy("p", &packages, &parameters).await.unwrap();
    let place = json!({"folder_name": "f", "environment_name": "e"});
    bench.call("create_environment", place).await.unwrap();
    let variable = json!({"folder_name": "f", "environment_name": "e", "variable_name": "V",
        "data_type": "String", "sensitive": 1, "value": SECRETS[2], "description": ""});
    bench
        .call("create_environment_variable", variable)
        .await
        .unwrap();
    for (name, value, kind) in [("Server", SECRETS[1], "V"), ("Bound", "V", "R")] {
        let set = json!({"object_type": 20, "folder_name": "f", "project_name": "p",
            "parameter_name": name, "parameter_value": value, "value_type": kind});
        bench.call("set_object_parameter_value", set).await.unwrap();
    }
    let reference = json!({"folder_name": "f", "project_name": "p", "environment_name": "e",
        "reference_location": "R"});
    bench
        .call("create_environment_reference", reference)
        .await
        .unwrap();
    let id = create(&bench).await;
    (bench, id)
}

/// An execution with all secrets, pending.
async fn create(bench: &Bench) -> i64 {
    let references = bench.view("environment_references", &[]).await;
    let reference = references[0]["reference_id"].clone();
    let id = bench
        .create(json!({"reference_id": reference}))
        .await
        .unwrap();
    let path = r"\Package.Properties[X]";
    let set = json!({"execution_id": id, "property_path": path, "property_value": SECRETS[3],
        "sensitive": 1});
    bench
        .call("set_execution_property_override_value", set)
        .await
        .unwrap();
    // Its design default is the package's own; what is set anew must be sent.
    let own = json!({"execution_id": id, "object_type": 20, "parameter_name": "Design",
        "parameter_value": SECRETS[0]});
    bench
        .call("set_execution_parameter_value", own)
        .await
        .unwrap();
    bench.start(id).await.unwrap();
    id
}

/// Leases the execution, and demands that the worker gets every secret.
async fn runs_with_its_secrets(bench: &Bench, id: i64) {
    let task = bench.lease(id, ANNA).await.unwrap();
    let sent = serde_json::to_string(&task).unwrap();
    for secret in SECRETS {
        assert!(sent.contains(secret), "{secret}");
    }
    let ended = bench
        .finish(ANNA, key(id, task.attempt), PackageResult::Success)
        .await;
    assert_eq!(
        ended,
        scaleout_core::protocol::worker::CompleteReply::Accepted
    );
}

/// Statements beside the catalog, as an administrator of the database could run them.
async fn beside(bench: &Bench, sql: &str) {
    match &bench.location {
        CatalogLocation::Sqlite(path) => {
            let raw = rusqlite::Connection::open(path).unwrap();
            raw.execute_batch(sql).unwrap();
        }
        CatalogLocation::Postgres(location) => {
            let sql = format!("SET search_path = internal, catalog; {sql}");
            run_sql(&location.to_string(), &sql).await;
        }
    }
}

/// How many rows a condition on the keys holds for.
async fn keys(bench: &Bench, condition: &str) -> i64 {
    bench.count("data_key", condition).await
}

async fn rotate(bench: &Bench, data_keys: bool) -> Value {
    let result = bench
        .call("internal.rotate_keys", json!({"data_keys": data_keys}))
        .await
        .unwrap();
    serde_json::to_value(result.outputs).unwrap()
}

async fn every_owner_has_a_key_of_its_own(on: Database) {
    let (bench, id) = with_secrets(on).await;
    for kind in [20, 40, 50] {
        assert_eq!(keys(&bench, &format!("owner_kind = {kind}")).await, 1);
    }
    for secret in SECRETS {
        assert!(!bench.holds(secret).await, "{secret}");
    }
    runs_with_its_secrets(&bench, id).await;
    // What has no secret needs no key.
    bench.deploy("q", &[package("a.dtsx")], "").await.unwrap();
    let plain = bench.create(json!({"project_name": "q"})).await.unwrap();
    bench.start(plain).await.unwrap();
    assert_eq!(keys(&bench, "TRUE").await, 3);
}

async fn a_secret_does_not_open_in_the_row_of_another_owner(on: Database) {
    let (bench, id) = with_secrets(on).await;
    let steal = "UPDATE data_key SET wrapped = (SELECT k.wrapped FROM data_key k
        WHERE k.owner_kind = 40) WHERE owner_kind = 50";
    beside(&bench, steal).await;
    let proposals = vec![bench.proposal(id, ANNA)];
    let refused = bench.catalog.grant_leases(proposals).await;
    assert_eq!(refused.unwrap_err().code(), "SO9108");
}

async fn all_secrets_outlive_new_keys(on: Database) {
    let (bench, id) = with_secrets(on).await;
    let before = std::fs::read_to_string(bench.key_file()).unwrap();
    let rotated = rotate(&bench, false).await;
    let expected = json!({"@keys_wrapped": 3, "@keys_renewed": 0, "@values_renewed": 0});
    assert_eq!(rotated, expected);
    let after = std::fs::read_to_string(bench.key_file()).unwrap();
    assert!(before != after && after.len() == 64, "one key is left");
    let later = create(&bench).await;
    runs_with_its_secrets(&bench, id).await;
    let rotated = rotate(&bench, true).await;
    let expected = json!({"@keys_wrapped": 4, "@keys_renewed": 2, "@values_renewed": 3});
    assert_eq!(rotated, expected);
    let bench = bench.reopen().await;
    runs_with_its_secrets(&bench, later).await;
    let last = create(&bench).await;
    runs_with_its_secrets(&bench, last).await;
    for secret in SECRETS {
        assert!(!bench.holds(secret).await, "{secret}");
    }
    // The keys before are worth nothing now.
    bench.catalog.clone().close().await;
    for old in [before, after] {
        std::fs::write(bench.key_file(), old).unwrap();
        let refused = bench.open_again().await.unwrap_err();
        assert_eq!(refused.code(), "SO9107");
    }
}

async fn a_rotation_that_broke_off_anywhere_is_brought_to_its_end(on: Database) {
    let (mut bench, first) = with_secrets(on).await;
    let mut ids = vec![first];
    for _ in 0..3 {
        ids.push(create(&bench).await);
    }
    let old = std::fs::read_to_string(bench.key_file()).unwrap();
    let remember = "CREATE TABLE wrapped_before AS SELECT * FROM data_key;
        CREATE TABLE in_force_before AS SELECT * FROM secret_key";
    beside(&bench, remember).await;
    rotate(&bench, false).await;
    let new = std::fs::read_to_string(bench.key_file()).unwrap();
    let remember = "CREATE TABLE wrapped_after AS SELECT * FROM data_key;
        CREATE TABLE in_force_after AS SELECT * FROM secret_key";
    beside(&bench, remember).await;

    let wrapped = |when: &str, condition: &str| {
        format!(
            "DELETE FROM data_key WHERE {condition};
             INSERT INTO data_key (owner_kind, owner_id, wrapped, master)
             SELECT owner_kind, owner_id, wrapped, master FROM wrapped_{when} WHERE {condition};"
        )
    };
    let in_force = |when: &str| {
        format!("DELETE FROM secret_key; INSERT INTO secret_key SELECT * FROM in_force_{when};")
    };
    let before = wrapped("before", "TRUE") + &in_force("before");
    let in_force_only = wrapped("before", "TRUE") + &in_force("after");
    let half = wrapped("before", "owner_kind < 50")
        + &wrapped("after", "owner_kind = 50")
        + &in_force("after");
    let all = wrapped("after", "TRUE") + &in_force("after");
    // Each state with both keys in the file; and the one that is left after opening.
    for (state, kept) in [
        (before, &old),
        (in_force_only, &new),
        (half, &new),
        (all, &new),
    ] {
        bench.catalog.clone().close().await;
        beside(&bench, &state).await;
        std::fs::write(bench.key_file(), format!("{old}\n{new}")).unwrap();
        bench = bench.reopen().await;
        let left = std::fs::read_to_string(bench.key_file()).unwrap();
        assert_eq!(&left, kept, "{state}");
        runs_with_its_secrets(&bench, ids.remove(0)).await;
    }
}

async fn keys_go_with_their_owners(on: Database) {
    let (bench, id) = with_secrets(on).await;
    runs_with_its_secrets(&bench, id).await;
    let removed = bench.call("cleanup_server_log", json!({})).await.unwrap();
    assert_eq!(removed.outputs["@is_finished"], true);
    assert_eq!(keys(&bench, "owner_kind = 50").await, 0);
    let place = json!({"folder_name": "f", "environment_name": "e"});
    bench.call("delete_environment", place).await.unwrap();
    assert_eq!(keys(&bench, "owner_kind = 40").await, 0);
    let delete = json!({"folder_name": "f", "project_name": "p"});
    bench.call("delete_project", delete).await.unwrap();
    // Its versions are still there.
    assert_eq!(keys(&bench, "owner_kind = 20").await, 1);
    bench.catalog.clean_up("master").await.unwrap();
    assert_eq!(keys(&bench, "TRUE").await, 0);
}

async fn clean(bench: &Bench, flag: i64, batch: i64) -> Result<i64, String> {
    let arguments = json!({"cleanup_flag": flag, "delete_batch_size": batch});
    match bench.call("cleanup_server_execution_keys", arguments).await {
        Ok(result) => Ok(result.outputs["@keys_removed"].as_i64().unwrap()),
        Err(error) => Err(error.code().to_owned()),
    }
}

async fn keys_of_ended_executions_can_be_removed(on: Database) {
    let (bench, id) = with_secrets(on).await;
    let second = create(&bench).await;
    assert_eq!(clean(&bench, 1, 1000).await, Err("SO7044".into()));
    runs_with_its_secrets(&bench, id).await;
    runs_with_its_secrets(&bench, second).await;
    let references = bench.view("environment_references", &[]).await;
    let reference = references[0]["reference_id"].clone();
    let not_started = bench.create(json!({"reference_id": reference})).await;
    assert_eq!(clean(&bench, 2, 1000).await, Err("SO7170".into()));
    for (flag, batch) in [(0, 1000), (3, 1000), (1, 0), (1, -1)] {
        let refused = clean(&bench, flag, batch).await;
        assert_eq!(refused, Err("SO7026".into()), "{flag} {batch}");
    }
    assert_eq!(clean(&bench, 1, 1).await, Ok(1));
    assert_eq!(clean(&bench, 1, 1000).await, Ok(1));
    assert_eq!(clean(&bench, 1, 1000).await, Ok(0));
    bench.start(not_started.unwrap()).await.unwrap();
    assert_eq!(keys(&bench, "owner_kind = 50").await, 1);
}

async fn keys_of_projects_can_be_removed_when_they_are_gone(on: Database) {
    let bench = Bench::open(on).await;
    let level =
        json!({"property_name": "SERVER_OPERATION_ENCRYPTION_LEVEL", "property_value": "2"});
    bench.call("configure_catalog", level).await.unwrap();
    let bench = bench.and_project(&[package("a.dtsx")]).await;
    bench.worker(ANNA).await;
    let set = |id: i64| {
        json!({"execution_id": id, "property_path": r"\Package.Properties[X]",
            "property_value": SECRETS[3], "sensitive": 1})
    };
    for _ in 0..2 {
        let id = bench.create(json!({})).await.unwrap();
        bench
            .call("set_execution_property_override_value", set(id))
            .await
            .unwrap();
        bench.start(id).await.unwrap();
        let task = bench.lease(id, ANNA).await.unwrap();
        assert_eq!(task.property_overrides[0].value, SECRETS[3]);
        bench.finish(ANNA, key(id, 1), PackageResult::Success).await;
    }
    assert_eq!(keys(&bench, "owner_kind = 51").await, 1);
    assert_eq!(keys(&bench, "TRUE").await, 1);
    assert_eq!(clean(&bench, 1, 1000).await, Err("SO7170".into()));
    assert_eq!(clean(&bench, 2, 1000).await, Ok(0));
    let delete = json!({"folder_name": "f", "project_name": "p"});
    bench.call("delete_project", delete).await.unwrap();
    assert_eq!(clean(&bench, 2, 1000).await, Ok(0));
    bench.call("cleanup_server_log", json!({})).await.unwrap();
    assert_eq!(clean(&bench, 2, 1000).await, Ok(1));
    assert_eq!(keys(&bench, "TRUE").await, 0);
}

async fn rotation_is_for_administrators(on: Database) {
    let bench = Bench::open(on).await;
    let reader = Caller::new("x", Role::ClusterExecutor);
    for (procedure, arguments) in [
        ("rotate_keys", json!({})),
        ("cleanup_server_execution_keys", json!({"cleanup_flag": 1})),
    ] {
        let refused = bench.call_as(&reader, procedure, arguments).await;
        assert_eq!(refused.unwrap_err().code(), "SO7010", "{procedure}");
    }
}

#[tokio::test]
async fn a_backup_opens_after_a_rotation_of_the_original() {
    let (bench, id) = with_secrets(Database::Sqlite).await;
    let CatalogLocation::Sqlite(database) = &bench.location else {
        panic!("it is a file");
    };
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("catalog.db");
    back_up(database, &copy).await.unwrap();
    rotate(&bench, true).await;
    let copied = Bench::open_at(CatalogLocation::Sqlite(copy), elsewhere).await;
    runs_with_its_secrets(&copied, id).await;
}
