//! Bad input, callers who get in each other's way, and a disk that is full: a clear error, and
//! nothing half-written.

use std::path::Path;
use std::process::Command;

use scaleout_catalog::CatalogLocation;
use scaleout_core::error::Explain as _;
use scaleout_core::registry::all_procedures;
use scaleout_core::registry::{Direction, Procedure, SqlType};
use serde_json::{Value, json};

use crate::databases::{Database, contract};
use crate::support::{Bench, package, parameter, project_file};

contract![
    every_procedure_refuses_what_it_cannot_read,
    names_may_have_every_character_that_sql_knows,
    names_that_break_the_rules_are_refused_everywhere,
    ids_that_nothing_has_are_refused,
    what_many_create_at_once_exists_once,
    a_deployment_during_starts_leaves_each_execution_whole,
];

/// A value of a type, which fits as far as the type goes.
fn some(sql_type: SqlType) -> Value {
    match sql_type {
        SqlType::Bigint | SqlType::Int | SqlType::Smallint | SqlType::Tinyint => json!(1),
        SqlType::Bit => json!(true),
        SqlType::UniqueIdentifier => json!("6583054a-e915-4c2c-80e4-c765e79ef61d"),
        SqlType::DatetimeOffset { .. } | SqlType::Datetime => json!("2026-01-31T22:00:00Z"),
        SqlType::Varbinary(_) => json!("AA=="),
        SqlType::PackageTable => json!([]),
        _ => json!("x"),
    }
}

/// A value that is none of the type.
fn wrong(sql_type: SqlType) -> Value {
    match sql_type {
        SqlType::SqlVariant => json!({"a": 1}),
        SqlType::PackageTable => json!("x"),
        SqlType::Varbinary(_) => json!("not base64!"),
        SqlType::Nvarchar(_) | SqlType::NvarcharUnstated | SqlType::Sysname | SqlType::Char(_) => {
            json!([1])
        }
        _ => json!("no such value"),
    }
}

fn all_but(procedure: &Procedure, left_out: &str) -> Value {
    let inputs = procedure.parameters.iter();
    let inputs = inputs.filter(|one| one.direction == Direction::In && one.name != left_out);
    inputs
        .map(|one| (one.name.to_owned(), some(one.sql_type)))
        .collect()
}

async fn every_procedure_refuses_what_it_cannot_read(on: Database) {
    let bench = Bench::open(on).await;
    for procedure in all_procedures() {
        let inputs = procedure.parameters.iter();
        for one in inputs.filter(|one| one.direction == Direction::In) {
            let what = format!("{} {}", procedure.name, one.name);
            let mut arguments = all_but(procedure, one.name);
            if one.required {
                let code = bench.refusal(procedure.name, arguments.clone()).await;
                assert_eq!(code, "SO7005", "{what}");
            }
            arguments[one.name] = wrong(one.sql_type);
            let code = bench.refusal(procedure.name, arguments.clone()).await;
            assert_eq!(code, "SO7006", "{what}");
            arguments[one.name] = some(one.sql_type);
            arguments["@no_such_parameter"] = json!(1);
            let code = bench.refusal(procedure.name, arguments).await;
            assert_eq!(code, "SO7003", "{what}");
        }
    }
    assert!(bench.view("folders", &[]).await.is_empty());
    assert!(bench.view("operations", &[]).await.is_empty());
}

/// Texts that have broken other programs.
const HOSTILE: [&str; 12] = [
    "'; DROP TABLE folder; --",
    "a''b",
    "100%",
    "a_b",
    "[a]",
    "$1",
    "?1",
    ":name",
    "a\\b\\",
    "/* a */",
    "名前 Ünïcödé 🦀",
    "ﬀ ß İ",
];

async fn names_may_have_every_character_that_sql_knows(on: Database) {
    let bench = Bench::open(on).await;
    let long = "n".repeat(128);
    let names: Vec<&str> = HOSTILE.into_iter().chain([long.as_str()]).collect();
    for name in &names {
        let folder = json!({"folder_name": name});
        bench.call("create_folder", folder.clone()).await.unwrap();
        assert_eq!(
            bench.refusal("create_folder", folder).await,
            "SO7012",
            "{name}"
        );
        let described = json!({"folder_name": name, "folder_description": name});
        bench
            .call("set_folder_description", described)
            .await
            .unwrap();
        let environment = json!({"folder_name": name, "environment_name": name});
        bench.call("create_environment", environment).await.unwrap();
    }
    for name in &names {
        let rows = bench.view("folders", &[("name", name)]).await;
        assert_eq!(rows.len(), 1, "{name}");
        assert_eq!(
            (&rows[0]["name"], &rows[0]["description"]),
            (&json!(name), &json!(name))
        );
        let rows = bench.view("environments", &[("name", name)]).await;
        assert_eq!(rows.len(), 1, "{name}");
    }
    assert_eq!(bench.view("folders", &[]).await.len(), names.len());
    for name in &names {
        let environment = json!({"folder_name": name, "environment_name": name});
        bench.call("delete_environment", environment).await.unwrap();
        bench
            .call("delete_folder", json!({"folder_name": name}))
            .await
            .unwrap();
    }
    assert!(bench.view("folders", &[]).await.is_empty());
}

async fn names_that_break_the_rules_are_refused_everywhere(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let kept = json!({"folder_name": "f", "environment_name": "e"});
    bench.call("create_environment", kept).await.unwrap();
    let long = "n".repeat(129);
    let mut names = vec![
        "",
        " a",
        "a ",
        "@a",
        "a\"b",
        "a<b",
        "a>b",
        "a|b",
        long.as_str(),
    ];
    let controls: Vec<String> = (1..32_u8)
        .chain([127])
        .map(|byte| format!("a{}b", char::from(byte)))
        .collect();
    names.extend(controls.iter().map(String::as_str));
    for name in names {
        let file = project_file("p", &[package("a.dtsx")], "");
        use base64::Engine as _;
        let stream = base64::engine::general_purpose::STANDARD.encode(file);
        for (procedure, arguments) in [
            ("create_folder", json!({"folder_name": name})),
            ("rename_folder", json!({"old_name": "f", "new_name": name})),
            (
                "create_environment",
                json!({"folder_name": "f", "environment_name": name}),
            ),
            (
                "rename_environment",
                json!({"folder_name": "f", "environment_name": "e", "new_environment_name": name}),
            ),
            (
                "create_environment_variable",
                json!({"folder_name": "f", "environment_name": "e", "variable_name": name,
                    "data_type": "String", "sensitive": 0, "value": "x", "description": ""}),
            ),
            (
                "deploy_project",
                json!({"folder_name": "f", "project_name": name, "project_stream": stream}),
            ),
        ] {
            let code = bench.refusal(procedure, arguments).await;
            // Longer than its type, or against the rules of names.
            assert!(
                code == "SO7011" || code == "SO7006",
                "{procedure} {name:?}: {code}"
            );
        }
    }
    for (view, rows) in [
        ("folders", 1),
        ("environments", 1),
        ("environment_variables", 0),
        ("projects", 1),
    ] {
        assert_eq!(bench.view(view, &[]).await.len(), rows, "{view}");
    }
    // The one character that SQLite keeps and PostgreSQL does not is refused as a control character.
    let nul = json!({"folder_name": "a\0b"});
    assert_eq!(bench.refusal("create_folder", nul).await, "SO7011");
}

async fn ids_that_nothing_has_are_refused(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    for id in [0, -1, 999, i64::MAX, i64::MIN] {
        for (procedure, arguments) in [
            ("start_execution", json!({"execution_id": id})),
            ("stop_operation", json!({"operation_id": id})),
            ("delete_environment_reference", json!({"reference_id": id})),
            (
                "set_execution_parameter_value",
                json!({"execution_id": id, "object_type": 50, "parameter_name": "LOGGING_LEVEL",
                    "parameter_value": 1}),
            ),
            (
                "restore_project",
                json!({"folder_name": "f", "project_name": "p", "object_version_lsn": id}),
            ),
            (
                "create_execution",
                json!({"folder_name": "f", "project_name": "p", "package_name": "a.dtsx",
                    "reference_id": id}),
            ),
        ] {
            let refused = bench.call(procedure, arguments).await.unwrap_err();
            assert_eq!(
                refused.blame().exit_code(),
                4,
                "{procedure} {id}: {refused}"
            );
        }
    }
    assert!(bench.view("executions", &[]).await.is_empty());
}

async fn what_many_create_at_once_exists_once(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let environment = json!({"folder_name": "f", "environment_name": "e"});
    let variable = json!({"folder_name": "f", "environment_name": "e", "variable_name": "V",
        "data_type": "String", "sensitive": 1, "value": "x", "description": ""});
    let reference = json!({"folder_name": "f", "project_name": "p", "environment_name": "e",
        "reference_location": "R"});
    for (procedure, arguments, view) in [
        ("create_folder", json!({"folder_name": "new"}), "folders"),
        ("create_environment", environment, "environments"),
        (
            "create_environment_variable",
            variable,
            "environment_variables",
        ),
        (
            "create_environment_reference",
            reference,
            "environment_references",
        ),
    ] {
        let before = bench.view(view, &[]).await.len();
        let calls = (0..16).map(|_| bench.call(procedure, arguments.clone()));
        let answers = futures_util::future::join_all(calls).await;
        let made = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(made, 1, "{procedure}");
        for refused in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            assert_eq!(refused.blame().exit_code(), 6, "{procedure}: {refused}");
        }
        assert_eq!(bench.view(view, &[]).await.len(), before + 1, "{procedure}");
    }
    // Deployments do not exclude each other: each is a version.
    let deploying = (0..8).map(|_| async { bench.deploy("q", &[package("a.dtsx")], "").await });
    let answers = futures_util::future::join_all(deploying).await;
    assert!(answers.iter().all(Result::is_ok));
    let projects = bench.view("projects", &[("name", "q")]).await;
    assert_eq!(projects.len(), 1);
    let id = projects[0]["project_id"].to_string();
    let versions = bench.view("object_versions", &[("object_id", &id)]).await;
    assert_eq!(versions.len(), 8);
}

async fn a_deployment_during_starts_leaves_each_execution_whole(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let mut ids = Vec::new();
    for _ in 0..24 {
        ids.push(bench.create(json!({})).await.unwrap());
    }
    let declared = parameter("New", 18, "required", None);
    let deploying = async {
        tokio::task::yield_now().await;
        let packages = [package("a.dtsx"), package("b.dtsx")];
        bench.deploy("p", &packages, &declared).await.unwrap();
    };
    let starting = async {
        let mut answers = Vec::new();
        for id in &ids {
            answers.push(bench.start(*id).await);
        }
        answers
    };
    let ((), answers) = tokio::join!(deploying, starting);
    for (id, answer) in ids.iter().zip(answers) {
        let status = bench.execution(*id, "status").await;
        match answer {
            // With the version that it was created with.
            Ok(_) => assert_eq!(status, 5, "{id}"),
            Err(refused) => {
                assert_eq!(refused.code(), "SO7023", "{id}: {refused}");
                assert_eq!(status, 1, "{id}");
            }
        }
        let values = bench
            .view(
                "execution_parameter_values",
                &[("execution_id", &id.to_string())],
            )
            .await;
        assert!(values.iter().all(|row| row["parameter_name"] != "New"));
    }
}

/// A file system in memory that ends with this.
struct SmallDisk<'d>(&'d Path);

impl<'d> SmallDisk<'d> {
    fn mount(folder: &'d Path, size: &str) -> Option<Self> {
        let size = format!("size={size}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder)
            .output();
        mounted
            .is_ok_and(|ran| ran.status.success())
            .then_some(Self(folder))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ended = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_disk) = SmallDisk::mount(folder.path(), "3m") else {
        eprintln!("skipped: only root can mount a small disk");
        return;
    };
    let disk = folder.path().join("catalog");
    std::fs::create_dir(&disk).unwrap();
    let inner = tempfile::Builder::new().tempdir_in(&disk).unwrap();
    let location = CatalogLocation::Sqlite(inner.path().join("catalog.db"));
    let bench = Bench::open_at(location, inner).await;
    let mut made = 0;
    let refused = loop {
        let folder = json!({"folder_name": format!("{made} {}", "x".repeat(100))});
        let described = json!({"folder_name": folder["folder_name"],
            "folder_description": "d".repeat(1000)});
        let done = match bench.call("create_folder", folder).await {
            Ok(_) => bench.call("set_folder_description", described).await,
            refused => refused,
        };
        match done {
            Ok(_) => made += 1,
            Err(refused) => break refused,
        }
        assert!(made < 20_000, "the disk never was full");
    };
    let code = refused.code();
    assert!(code == "SO9105" || code == "SO9101", "{code}: {refused}");
    assert!(refused.hint().contains("disk"), "{}", refused.hint());
    // What was acknowledged is there, and nothing else; a deployment is not there in part.
    let stored = bench.view("folders", &[]).await.len();
    assert!(stored == made || stored == made + 1, "{stored} {made}");
    let file = project_file("p", &[package("a.dtsx")], "");
    let mut large = file.clone();
    large.resize(file.len() + 4_000_000, 0);
    assert!(bench.deploy_bytes("p", &large).await.is_err());
    for view in ["projects", "packages", "object_versions"] {
        assert!(bench.view(view, &[]).await.is_empty(), "{view}");
    }
    // With space again, it goes on.
    let remount = Command::new("mount")
        .args(["-o", "remount,size=30m"])
        .arg(folder.path())
        .status();
    assert!(remount.unwrap().success());
    bench
        .call("create_folder", json!({"folder_name": "later"}))
        .await
        .unwrap();
    let bench = bench.reopen().await;
    assert_eq!(bench.view("folders", &[]).await.len(), stored + 1);
    bench.catalog.clone().close().await;
}
