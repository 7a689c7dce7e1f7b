//! Permissions on objects: what the procedures answer, and that the rule and the rows agree.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use scaleout_catalog::{Caller, Entry, Object, Role, effective};
use scaleout_core::model::{PermissionType, Securable};
use serde_json::{Value, json};

use crate::databases::{Database, contract};
use crate::support::{Bench, package};

contract![
    return_codes_are_those_of_the_original,
    who_may_not_manage_an_object_grants_nothing_on_it,
    a_denial_counts_more_than_a_grant_wherever_it_comes_from,
    whoever_manages_a_folder_grants_what_is_in_it,
    whoever_makes_something_owns_it_until_it_is_taken_away,
    permissions_go_with_their_object_and_their_login,
    log_readers_read_logs_and_nothing_else,
    secrets_and_names_do_not_pass_by_what_is_hidden,
];

fn asked(object_type: i64, object_id: i64, principal_id: i64, permission: Value) -> Value {
    json!({
        "object_type": object_type, "object_id": object_id,
        "principal_id": principal_id, "permission_type": permission,
    })
}

async fn return_codes_are_those_of_the_original(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.login("anna", Role::Public).await;
    let id = bench.principal("anna").await;
    let wrong = [
        (asked(5, 1, id, json!(1)), 1, "SO7101"),
        (asked(0, 1, id, json!(1)), 1, "SO7101"),
        (asked(1, 77, id, json!(1)), 2, "SO7102"),
        (asked(4, 77, id, json!(1)), 2, "SO7102"),
        (asked(1, 1, 77, json!(1)), 3, "SO7103"),
        (asked(1, 1, id, json!(3)), 4, "SO7104"),
        (asked(1, 1, id, json!(5)), 4, "SO7104"),
        (asked(2, 1, id, json!(101)), 4, "SO7104"),
        (asked(4, 1, id, json!(3)), 4, "SO7104"),
    ];
    for procedure in ["grant_permission", "deny_permission", "revoke_permission"] {
        for (arguments, code, ours) in &wrong {
            let answer = bench.call(procedure, arguments.clone()).await.unwrap();
            assert_eq!(answer.return_value, *code, "{procedure} {arguments}");
            assert_eq!(
                answer.refusal.unwrap().code,
                *ours,
                "{procedure} {arguments}"
            );
        }
        let right = asked(1, 1, id, json!(1));
        let answer = bench.call(procedure, right.clone()).await.unwrap();
        assert_eq!(
            (answer.return_value, answer.refusal),
            (0, None),
            "{procedure}"
        );
        // Twice is as good as once.
        assert_eq!(bench.call(procedure, right).await.unwrap().return_value, 0);
    }
    let needed = bench.refusal(
        "grant_permission",
        json!({"object_type": 1, "object_id": 1, "principal_id": id}),
    );
    assert_eq!(needed.await, "SO7005", "granting needs a permission");
    let all = asked(2, 1, id, Value::Null);
    assert_eq!(
        bench
            .call("deny_permission", all.clone())
            .await
            .unwrap()
            .return_value,
        0
    );
    let denied = bench
        .view(
            "explicit_object_permissions",
            &[("object_type", "2"), ("is_deny", "1")],
        )
        .await;
    let numbers: Vec<i64> = denied
        .iter()
        .map(|row| row["permission_type"].as_i64().unwrap())
        .collect();
    assert_eq!(BTreeSet::from_iter(numbers), BTreeSet::from([1, 2, 3, 4]));
    bench.call("revoke_permission", all).await.unwrap();
    let denied = bench
        .view("explicit_object_permissions", &[("is_deny", "1")])
        .await;
    assert!(
        denied.iter().all(|row| row["object_type"] != 2),
        "{denied:?}"
    );
}

async fn who_may_not_manage_an_object_grants_nothing_on_it(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let anna = bench.login("anna", Role::Public).await;
    let id = bench.principal("anna").await;
    let mine = asked(1, 1, id, json!(2));
    let answer = bench
        .call_as(&anna, "grant_permission", mine.clone())
        .await
        .unwrap();
    assert_eq!(answer.return_value, 2, "what is hidden does not exist");
    bench.grant("anna", 1, 1, 1).await;
    let answer = bench
        .call_as(&anna, "grant_permission", mine)
        .await
        .unwrap();
    assert_eq!(answer.return_value, 5);
    assert_eq!(answer.refusal.unwrap().code, "SO7100");
}

async fn a_denial_counts_more_than_a_grant_wherever_it_comes_from(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let anna = bench.login("anna", Role::LogReader).await;
    let sees = async || !bench.view_as(&anna, "projects", &[]).await.is_empty();
    bench.grant("anna", 1, 1, 101).await;
    assert!(sees().await);
    for (object_type, who, permission) in [
        (2, "anna", 1),
        (2, "ssis_logreader", 1),
        (2, "public", 1),
        (1, "anna", 101),
        (1, "public", 101),
    ] {
        let denied = asked(
            object_type,
            1,
            bench.principal(who).await,
            json!(permission),
        );
        bench.call("deny_permission", denied.clone()).await.unwrap();
        assert!(!sees().await, "denied to {who} on {object_type}");
        bench.call("revoke_permission", denied).await.unwrap();
        bench.grant("anna", 1, 1, 101).await;
        assert!(sees().await, "revoked from {who} on {object_type}");
    }
}

async fn whoever_manages_a_folder_grants_what_is_in_it(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let chief = bench.login("chief", Role::Public).await;
    let anna = bench.login("anna", Role::Public).await;
    let id = bench.principal("anna").await;
    bench.grant("chief", 1, 1, 104).await;
    let on_project = bench
        .call_as(&chief, "grant_permission", asked(2, 1, id, json!(1)))
        .await;
    assert_eq!(on_project.unwrap().return_value, 0);
    assert_eq!(bench.view_as(&anna, "projects", &[]).await.len(), 1);
    // The folder itself is not in the folder.
    let on_folder = bench
        .call_as(&chief, "grant_permission", asked(1, 1, id, json!(1)))
        .await;
    assert_eq!(on_folder.unwrap().return_value, 5);
    let shown = bench
        .view_as(
            &chief,
            "explicit_object_permissions",
            &[("principal_id", &id.to_string())],
        )
        .await;
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert_eq!(shown[0]["grantor_id"], bench.principal("chief").await);
    let own = bench
        .view_as(&anna, "explicit_object_permissions", &[])
        .await;
    assert_eq!(own.len(), 1, "{own:?}");
}

async fn whoever_makes_something_owns_it_until_it_is_taken_away(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let anna = bench.login("anna", Role::ClusterExecutor).await;
    for permission in [1, 100] {
        bench.grant("anna", 1, 1, permission).await;
    }
    let new = json!({"folder_name": "f", "environment_name": "e"});
    bench
        .call_as(&anna, "create_environment", new)
        .await
        .unwrap();
    assert_eq!(bench.view_as(&anna, "environments", &[]).await.len(), 1);
    let has = bench
        .view_as(
            &anna,
            "effective_object_permissions",
            &[("object_type", "3")],
        )
        .await;
    let numbers: Vec<i64> = has
        .iter()
        .map(|row| row["permission_type"].as_i64().unwrap())
        .collect();
    assert_eq!(BTreeSet::from_iter(numbers), BTreeSet::from([1, 2, 4]));
    for permission in [1, 3] {
        bench.grant("anna", 2, 1, permission).await;
    }
    let id = bench.create_as(&anna, json!({})).await.unwrap();
    let gone = asked(4, id, bench.principal("anna").await, json!(2));
    bench.call("revoke_permission", gone).await.unwrap();
    let start = bench
        .call_as(&anna, "start_execution", json!({"execution_id": id}))
        .await;
    let start = start.unwrap_err();
    assert!(
        start.to_string().contains("MODIFY on the operation"),
        "{start}"
    );
}

async fn permissions_go_with_their_object_and_their_login(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.login("anna", Role::Public).await;
    bench.login("bert", Role::Public).await;
    for (kind, who) in [(1, "anna"), (2, "anna"), (2, "bert")] {
        bench.grant(who, kind, 1, 1).await;
    }
    let rows = async |column: &str, id: i64| {
        let id = id.to_string();
        bench
            .view("explicit_object_permissions", &[(column, &id)])
            .await
            .len()
    };
    let (anna, bert) = (bench.principal("anna").await, bench.principal("bert").await);
    bench
        .call("delete_login", json!({"login_name": "bert"}))
        .await
        .unwrap();
    assert_eq!(rows("principal_id", bert).await, 0);
    assert_eq!(rows("principal_id", anna).await, 2);
    let project = json!({"folder_name": "f", "project_name": "p"});
    bench.call("delete_project", project).await.unwrap();
    assert_eq!(rows("principal_id", anna).await, 1);
    bench
        .call("delete_folder", json!({"folder_name": "f"}))
        .await
        .unwrap();
    assert_eq!(rows("principal_id", anna).await, 0);
    // A name that comes again is somebody else.
    bench.login("bert", Role::Public).await;
    assert_ne!(bench.principal("bert").await, bert);
}

async fn log_readers_read_logs_and_nothing_else(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let id = bench.create(json!({})).await.unwrap();
    let reader = bench.login("reader", Role::LogReader).await;
    assert_eq!(bench.view_as(&reader, "executions", &[]).await.len(), 1);
    assert!(!bench.view_as(&reader, "operations", &[]).await.is_empty());
    assert!(bench.view_as(&reader, "projects", &[]).await.is_empty());
    let stop = bench
        .call_as(&reader, "stop_operation", json!({"operation_id": id}))
        .await;
    assert!(stop.is_err());
}

async fn secrets_and_names_do_not_pass_by_what_is_hidden(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let anna = bench.login("anna", Role::Public).await;
    let get = async |folder: &str, project: &str| {
        let named = json!({"folder_name": folder, "project_name": project});
        let error = bench
            .call_as(&anna, "get_project", named)
            .await
            .unwrap_err();
        let text = error.to_string();
        text.replace(&format!("`{folder}`"), "FOLDER")
            .replace(&format!("`{project}`"), "PROJECT")
    };
    // What is there and hidden is refused in the words of what is not there.
    assert_eq!(get("f", "p").await, get("nowhere", "none").await);
    bench.grant("anna", 1, 1, 1).await;
    assert_eq!(get("f", "p").await, get("f", "none").await);
    // A reference does not lead into an environment that its user may not read.
    let environment = json!({"folder_name": "f", "environment_name": "e"});
    bench.call("create_environment", environment).await.unwrap();
    let reference = json!({"folder_name": "f", "project_name": "p", "environment_name": "e", "reference_location": "R"});
    let made = bench
        .call("create_environment_reference", reference)
        .await
        .unwrap();
    for permission in [1, 3] {
        bench.grant("anna", 2, 1, permission).await;
    }
    let through = json!({"reference_id": made.outputs["@reference_id"], "runinscaleout": 0});
    let refused = bench.create_as(&anna, through.clone()).await.unwrap_err();
    assert!(refused.to_string().contains("environment `e`"), "{refused}");
    bench.grant("anna", 3, 1, 1).await;
    bench.create_as(&anna, through).await.unwrap();
}

/// A change of what is granted: object, principal, permission, and grant, deny or take away.
type Step = (usize, usize, usize, u8);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0..8_usize, 0..5_usize, 0..9_usize, 0..3_u8), 1..30)
}

/// Folders 1 and 2, each with a project and an environment; two operations.
async fn world(on: Database) -> (Bench, Vec<(Object, &'static str, &'static str)>) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench
        .call("create_folder", json!({"folder_name": "g"}))
        .await
        .unwrap();
    bench.deploy("q", &[package("a.dtsx")], "").await.unwrap();
    let moved = json!({"source_folder": "f", "project_name": "q", "destination_folder": "g"});
    bench.call("move_project", moved).await.unwrap();
    for folder in ["f", "g"] {
        let new = json!({"folder_name": folder, "environment_name": "e"});
        bench.call("create_environment", new).await.unwrap();
    }
    let object = |kind, id, folder_id| Object {
        kind,
        id,
        folder_id,
    };
    let objects = vec![
        (object(Securable::Folder, 1, None), "folders", "id"),
        (object(Securable::Folder, 2, None), "folders", "id"),
        (
            object(Securable::Project, 1, Some(1)),
            "projects",
            "project_id",
        ),
        (
            object(Securable::Project, 2, Some(2)),
            "projects",
            "project_id",
        ),
        (
            object(Securable::Environment, 1, Some(1)),
            "environments",
            "environment_id",
        ),
        (
            object(Securable::Environment, 2, Some(2)),
            "environments",
            "environment_id",
        ),
        (
            object(Securable::Operation, 1, None),
            "operations",
            "operation_id",
        ),
        (
            object(Securable::Operation, 2, None),
            "operations",
            "operation_id",
        ),
    ];
    (bench, objects)
}

/// What is granted and denied now, as an administrator sees it.
async fn entries(bench: &Bench) -> Vec<Entry> {
    let rows = bench.view("explicit_object_permissions", &[]).await;
    let number = |row: &Value, column: &str| row[column].as_i64().unwrap();
    let entry = |row: &Value| Entry {
        kind: Securable::from_number(number(row, "object_type")).unwrap(),
        object_id: number(row, "object_id"),
        principal: number(row, "principal_id"),
        permission: PermissionType::from_number(number(row, "permission_type")).unwrap(),
        is_deny: row["is_deny"] == true,
    };
    rows.iter().map(entry).collect()
}

/// The rule in memory and the rows that the database gives are compared for each login.
async fn compare(bench: &Bench, objects: &[(Object, &str, &str)], logins: &[(Caller, Vec<i64>)]) {
    let entries = entries(bench).await;
    for (login, principals) in logins {
        let rows = bench
            .view_as(login, "effective_object_permissions", &[])
            .await;
        let number = |row: &Value, column: &str| row[column].as_i64().unwrap();
        let shown: BTreeSet<(i64, i64, i64)> = rows
            .iter()
            .map(|row| {
                let object = (number(row, "object_type"), number(row, "object_id"));
                (object.0, object.1, number(row, "permission_type"))
            })
            .collect();
        let mut expected = BTreeSet::new();
        for (object, view, column) in objects {
            let has = effective(principals, &entries, object);
            let id = object.id.to_string();
            let is_shown = !bench
                .view_as(login, view, &[(column, &id)])
                .await
                .is_empty();
            let may_read = has.contains(&PermissionType::Read);
            assert_eq!(is_shown, may_read, "{login:?} {object:?} {entries:?}");
            // Among all others the same: it is looked for in another way.
            let mut others = bench.view_as(login, view, &[]).await.into_iter();
            let is_among = others.any(|row| row[*column] == object.id);
            assert_eq!(is_among, may_read, "{login:?} {object:?} {entries:?}");
            let of_object = [
                ("object_type", object.kind.number().to_string()),
                ("object_id", id),
            ];
            let of_object = of_object
                .each_ref()
                .map(|(name, value)| (*name, value.as_str()));
            let view = "effective_object_permissions";
            let count = bench.view_as(login, view, &of_object).await.len();
            assert_eq!(count, has.len(), "{login:?} {object:?} {entries:?}");
            let kind = object.kind.number();
            expected.extend(has.into_iter().map(|one| (kind, object.id, one.number())));
        }
        let known: BTreeSet<(i64, i64, i64)> = shown
            .into_iter()
            .filter(|one| {
                objects
                    .iter()
                    .any(|(o, _, _)| (o.kind.number(), o.id) == (one.0, one.1))
            })
            .collect();
        assert_eq!(known, expected, "{login:?} {entries:?}");
    }
}

async fn agreement(on: Database, histories: u32) {
    let (bench, objects) = world(on).await;
    let anna = bench.login("anna", Role::ClusterExecutor).await;
    let bert = bench.login("bert", Role::Public).await;
    let mut ids = Vec::new();
    for name in [
        "anna",
        "bert",
        "public",
        "ssis_cluster_executor",
        "ssis_monitor",
    ] {
        ids.push(bench.principal(name).await);
    }
    let logins = [
        (anna, vec![ids[0], ids[2], ids[3]]),
        (bert, vec![ids[1], ids[2]]),
    ];
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        prop::test_runner::TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha),
    );
    for _ in 0..histories {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        for (object, principal, permission, change) in steps {
            let object = objects[object].0;
            let permission = PermissionType::ALL[permission];
            if !permission.applies_to(object.kind) {
                continue;
            }
            let procedure = ["grant_permission", "deny_permission", "revoke_permission"];
            let number = json!(permission.number());
            let arguments = asked(object.kind.number(), object.id, ids[principal], number);
            let done = bench
                .call(procedure[usize::from(change)], arguments)
                .await
                .unwrap();
            assert_eq!(done.return_value, 0);
        }
        compare(&bench, &objects, &logins).await;
    }
}

#[tokio::test]
async fn the_rule_and_the_rows_agree_on_sqlite() {
    agreement(Database::Sqlite, 12).await;
}

#[tokio::test]
async fn the_rule_and_the_rows_agree_on_postgres() {
    if let Some(database) = Database::postgres_or_skip() {
        agreement(database, 12).await;
    }
}
