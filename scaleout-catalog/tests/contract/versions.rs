//! Versions of projects: redeployed, restored, moved, and deployed package by package.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scaleout_catalog::{Caller, Role};
use scaleout_core::error::Explain as _;
use scaleout_core::registry::ProcedureResult;
use serde_json::{Value, json};

use crate::databases::{Database, contract};
use crate::support::{Bench, package, parameter, project_file};

contract![
    every_deployment_is_a_version_that_can_be_restored_byte_for_byte,
    a_restored_version_has_the_server_values_of_now,
    a_restore_clears_all_server_values_when_told_to,
    only_a_version_of_that_project_can_be_restored,
    an_execution_that_waits_runs_its_own_version_after_a_restore,
    a_moved_project_stays_the_same_project,
    a_project_moves_only_to_where_its_name_is_free,
    deployed_packages_are_the_next_version_of_their_project,
    packages_make_a_project_where_there_is_none,
    packages_that_make_no_project_are_refused_and_change_nothing,
];

fn stream(result: &ProcedureResult) -> Vec<u8> {
    let rows = result.rows.as_ref().unwrap();
    assert_eq!(rows.columns, ["project_stream"]);
    STANDARD.decode(rows.rows[0][0].as_str().unwrap()).unwrap()
}

/// The `.ispac` in force.
async fn file(bench: &Bench) -> Vec<u8> {
    let name = json!({"folder_name": "f", "project_name": "p"});
    stream(&bench.call("get_project", name).await.unwrap())
}

/// The version in force.
async fn version(bench: &Bench) -> i64 {
    let projects = bench.view("projects", &[("name", "p")]).await;
    projects[0]["object_version_lsn"].as_i64().unwrap()
}

fn restoring(version: i64) -> Value {
    json!({"folder_name": "f", "project_name": "p", "object_version_lsn": version})
}

/// Value of a project parameter as it is in force; `Null` when none is set.
async fn value(bench: &Bench, name: &str) -> Value {
    let rows = bench
        .view("object_parameters", &[("parameter_name", name)])
        .await;
    assert_eq!(rows.len(), 1, "{name}");
    assert_eq!(rows[0]["value_set"], !rows[0]["default_value"].is_null());
    rows[0]["default_value"].clone()
}

async fn set(bench: &Bench, name: &str, value: i64) {
    let arguments = json!({"object_type": 20, "folder_name": "f", "project_name": "p",
        "parameter_name": name, "parameter_value": value});
    bench
        .call("set_object_parameter_value", arguments)
        .await
        .unwrap();
}

fn int(name: &str) -> String {
    parameter(name, 9, "", Some("1"))
}

async fn every_deployment_is_a_version_that_can_be_restored_byte_for_byte(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let (first, first_file) = (version(&bench).await, file(&bench).await);
    bench.wait(60);
    let second_file = project_file("p", &[package("b.dtsx")], "");
    bench.deploy_bytes("p", &second_file).await.unwrap();
    let second = version(&bench).await;
    assert_eq!(file(&bench).await, second_file);
    bench.wait(60);

    let restorer = Caller::new("rita", Role::SsisAdmin);
    let restored = bench
        .call_as(&restorer, "restore_project", restoring(first))
        .await
        .unwrap();
    assert_eq!(stream(&restored), first_file);
    assert_eq!(file(&bench).await, first_file);
    assert_eq!(version(&bench).await, first);
    let packages = bench.view("packages", &[]).await;
    assert_eq!(packages[0]["name"], "a.dtsx");

    let versions = bench.view("object_versions", &[]).await;
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[0]["object_version_lsn"], first);
    assert_eq!(versions[0]["object_type"], 20);
    assert_eq!(versions[0]["object_name"], "p");
    assert_eq!(versions[0]["created_by"], "admin");
    assert_eq!(versions[0]["restored_by"], "rita");
    assert_eq!(
        versions[0]["last_restored_time"],
        bench
            .in_seconds(0)
            .strftime("%Y-%m-%dT%H:%M:%S.%6fZ")
            .to_string()
    );
    assert_eq!(versions[1]["object_version_lsn"], second);
    assert!(versions[1]["restored_by"].is_null() && versions[1]["last_restored_time"].is_null());
    let operations = bench.view("operations", &[("operation_type", "106")]).await;
    assert_eq!(operations[0]["object_name"], "p");
    assert_eq!(operations[0]["caller_name"], "rita");
    assert_eq!(operations[0]["status"], 7);

    // The next deployment is a new version, not the one after the restored one.
    bench.deploy_bytes("p", &second_file).await.unwrap();
    assert!(version(&bench).await > second);
}

async fn a_restored_version_has_the_server_values_of_now(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let packages = [package("a.dtsx")];
    let declared = int("Kept") + &int("Cleared") + &int("Dropped");
    bench.deploy("p", &packages, &declared).await.unwrap();
    let first = version(&bench).await;
    for name in ["Kept", "Cleared", "Dropped"] {
        set(&bench, name, 5).await;
    }
    let declared = int("Kept") + &int("Cleared") + &int("Added");
    bench.deploy("p", &packages, &declared).await.unwrap();
    set(&bench, "Kept", 6).await;
    let clear = json!({"folder_name": "f", "project_name": "p", "object_type": 20,
        "object_name": "p", "parameter_name": "Cleared"});
    bench
        .call("clear_object_parameter_value", clear)
        .await
        .unwrap();
    bench
        .call("restore_project", restoring(first))
        .await
        .unwrap();
    assert_eq!(value(&bench, "Kept").await, 6);
    assert_eq!(value(&bench, "Cleared").await, Value::Null);
    // The version between did not have it, so nothing has replaced its value.
    assert_eq!(value(&bench, "Dropped").await, 5);
    assert_eq!(
        bench.refusal("restore_project", restoring(first)).await,
        "SO7037"
    );
    assert_eq!(value(&bench, "Kept").await, 6);
}

async fn a_restore_clears_all_server_values_when_told_to(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let packages = [package("a.dtsx")];
    let declared = int("One") + &int("Two") + &int("Three");
    bench.deploy("p", &packages, &declared).await.unwrap();
    let first = version(&bench).await;
    set(&bench, "One", 1).await;
    bench.deploy("p", &packages, &declared).await.unwrap();
    let second = version(&bench).await;
    set(&bench, "Two", 2).await;
    let mut arguments = restoring(first);
    arguments["reset_parameters"] = json!(true);
    let restored = bench.call("restore_project", arguments.clone()).await;
    assert_eq!(restored.unwrap().outputs["@parameters_reset"], 2);
    for name in ["One", "Two", "Three"] {
        assert_eq!(value(&bench, name).await, Value::Null, "{name}");
    }
    // Refused as a whole: nothing is cleared in the version that stays in force.
    set(&bench, "Three", 3).await;
    assert_eq!(bench.refusal("restore_project", arguments).await, "SO7037");
    assert_eq!(value(&bench, "Three").await, 3);
    // The version that was in force keeps its own.
    bench
        .call("restore_project", restoring(second))
        .await
        .unwrap();
    assert_eq!(value(&bench, "Three").await, 3);
}

async fn only_a_version_of_that_project_can_be_restored(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench.deploy("q", &[package("a.dtsx")], "").await.unwrap();
    let other = bench.view("projects", &[("name", "q")]).await;
    let other = other[0]["object_version_lsn"].as_i64().unwrap();
    for version in [other, 999] {
        assert_eq!(
            bench.refusal("restore_project", restoring(version)).await,
            "SO7041"
        );
    }
    let elsewhere = json!({"folder_name": "f", "project_name": "x", "object_version_lsn": 1});
    assert_eq!(bench.refusal("restore_project", elsewhere).await, "SO7015");
    let reader = bench.login("x", Role::ClusterExecutor).await;
    bench.grant("x", 2, 1, 1).await;
    let refused = bench
        .call_as(&reader, "restore_project", restoring(1))
        .await;
    assert_eq!(refused.unwrap_err().code(), "SO7100");
    assert!(
        bench
            .view("operations", &[("operation_type", "106")])
            .await
            .is_empty()
    );
}

async fn an_execution_that_waits_runs_its_own_version_after_a_restore(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let first = version(&bench).await;
    bench
        .deploy("p", &[package("a.dtsx")], &int("New"))
        .await
        .unwrap();
    let created = bench.create(json!({})).await.unwrap();
    let pending = bench.pending(0).await;
    bench
        .call("restore_project", restoring(first))
        .await
        .unwrap();
    let outdated = bench.start(created).await.unwrap_err();
    assert_eq!(outdated.code(), "SO7023");
    bench.worker(crate::support::ANNA).await;
    let task = bench.lease(pending, crate::support::ANNA).await.unwrap();
    let mine = project_file("p", &[package("a.dtsx")], &int("New"));
    let given = bench
        .catalog
        .project_file(&task.project_hash)
        .await
        .unwrap();
    assert_eq!(given.unwrap(), mine);
}

async fn a_moved_project_stays_the_same_project(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    bench
        .deploy("p", &[package("a.dtsx")], &int("Kept"))
        .await
        .unwrap();
    set(&bench, "Kept", 5).await;
    let before = bench.view("projects", &[]).await[0].clone();
    let folder = bench
        .call("create_folder", json!({"folder_name": "g"}))
        .await
        .unwrap();
    let moving =
        |to: &str| json!({"source_folder": "F", "project_name": "P", "destination_folder": to});
    bench.call("move_project", moving("G")).await.unwrap();
    let mut expected = before;
    expected["folder_id"] = folder.outputs["@folder_id"].clone();
    assert_eq!(bench.view("projects", &[]).await, [expected]);
    assert_eq!(value(&bench, "Kept").await, 5);
    assert_eq!(bench.view("object_versions", &[]).await.len(), 2);
    assert_eq!(bench.refusal("move_project", moving("g")).await, "SO7015");
}

async fn a_project_moves_only_to_where_its_name_is_free(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let moving = |from: &str, to: &str| json!({"source_folder": from, "project_name": "p", "destination_folder": to});
    assert_eq!(
        bench.refusal("move_project", moving("x", "f")).await,
        "SO7013"
    );
    assert_eq!(
        bench.refusal("move_project", moving("f", "x")).await,
        "SO7013"
    );
    bench
        .call("create_folder", json!({"folder_name": "g"}))
        .await
        .unwrap();
    let file = project_file("P", &[package("a.dtsx")], "");
    let taken =
        json!({"folder_name": "g", "project_name": "P", "project_stream": STANDARD.encode(file)});
    bench.call("deploy_project", taken).await.unwrap();
    assert_eq!(
        bench.refusal("move_project", moving("f", "g")).await,
        "SO7040"
    );
    // To where it is: nothing happens.
    bench.call("move_project", moving("f", "f")).await.unwrap();
    let reader = bench.login("x", Role::ClusterExecutor).await;
    bench.grant("x", 2, 1, 1).await;
    let refused = bench
        .call_as(&reader, "move_project", moving("f", "g"))
        .await;
    assert_eq!(refused.unwrap_err().code(), "SO7100");
}

fn dtsx(parameter: &str) -> String {
    format!(
        r#"<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package"
             DTS:CreationName="Microsoft.Package" DTS:ExecutableType="Microsoft.Package"
             DTS:ObjectName="x"><DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property>
             <DTS:PackageParameters><DTS:PackageParameter DTS:DataType="3" DTS:ObjectName="{parameter}">
             <DTS:Property DTS:DataType="3" DTS:Name="ParameterValue">1</DTS:Property>
             </DTS:PackageParameter></DTS:PackageParameters></DTS:Executable>"#
    )
}

fn packages(project: &str, packages: &[(&str, &str)]) -> Value {
    let row =
        |(name, data): &(&str, &str)| json!({"name": name, "package_data": STANDARD.encode(data)});
    let rows: Vec<Value> = packages.iter().map(row).collect();
    json!({"folder_name": "f", "project_name": project, "packages_table": rows})
}

async fn deployed_packages_are_the_next_version_of_their_project(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx"), package("b.dtsx")]).await;
    bench
        .deploy("p", &[package("a.dtsx"), package("b.dtsx")], &int("Kept"))
        .await
        .unwrap();
    set(&bench, "Kept", 5).await;
    let before = version(&bench).await;
    let new = packages("P", &[("B.DTSX", &dtsx("Day")), ("c.dtsx", &dtsx("Night"))]);
    let deployed = bench.call("deploy_packages", new).await.unwrap();
    assert!(version(&bench).await > before);
    let names: Vec<Value> = bench
        .view("packages", &[])
        .await
        .iter()
        .map(|row| row["name"].clone())
        .collect();
    assert_eq!(names, ["a.dtsx", "b.dtsx", "c.dtsx"]);
    assert_eq!(value(&bench, "Kept").await, 5);
    assert_eq!(value(&bench, "Day").await, Value::Null);
    let read = scaleout_core::package::ispac::unpack(&file(&bench).await, "p").unwrap();
    let replaced = read.iter().find(|member| member.name == "b.dtsx").unwrap();
    assert_eq!(replaced.bytes, dtsx("Day").as_bytes());
    let id = deployed.outputs["@operation_id"].to_string();
    let operations = bench.view("operations", &[("operation_id", &id)]).await;
    assert_eq!(
        (
            &operations[0]["operation_type"],
            &operations[0]["object_name"]
        ),
        (&json!(101), &json!("p"))
    );
}

async fn packages_make_a_project_where_there_is_none(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    // As text, the way a command line gives it.
    let mut new = packages("q", &[("n.dtsx", &dtsx("Day"))]);
    new["packages_table"] = Value::String(new["packages_table"].to_string());
    bench.call("deploy_packages", new).await.unwrap();
    let name = json!({"folder_name": "f", "project_name": "q"});
    let file = stream(&bench.call("get_project", name).await.unwrap());
    let project = scaleout_core::package::ispac::read(&file, "q").unwrap();
    assert_eq!(project.name, "q");
    assert_eq!(project.packages[0].file_name, "n.dtsx");
}

async fn packages_that_make_no_project_are_refused_and_change_nothing(on: Database) {
    let bench = Bench::with_project(on, &[package("a.dtsx")]).await;
    let good = dtsx("Day");
    for (arguments, code) in [
        (packages("p", &[]), "SO7026"),
        (packages("p", &[("b.txt", &good)]), "SO7011"),
        (packages("p", &[("b<.dtsx", &good)]), "SO7011"),
        (packages("@p", &[("b.dtsx", &good)]), "SO7011"),
        (
            packages("p", &[("b.dtsx", &good), ("B.dtsx", &good)]),
            "SO2024",
        ),
        (packages("p", &[("b.dtsx", "no package")]), "SO2001"),
        (
            json!({"folder_name": "x", "project_name": "p", "packages_table": [{"name": "b.dtsx", "package_data": ""}]}),
            "SO7013",
        ),
        (
            json!({"folder_name": "f", "project_name": "p", "packages_table": [{"name": "b.dtsx"}]}),
            "SO7006",
        ),
        (
            json!({"folder_name": "f", "project_name": "p", "packages_table": "b.dtsx"}),
            "SO7006",
        ),
    ] {
        assert_eq!(
            bench.refusal("deploy_packages", arguments.clone()).await,
            code,
            "{arguments}"
        );
    }
    let reader = bench.login("x", Role::ClusterExecutor).await;
    bench.grant("x", 2, 1, 1).await;
    let new = packages("p", &[("b.dtsx", &good)]);
    let refused = bench.call_as(&reader, "deploy_packages", new).await;
    assert_eq!(refused.unwrap_err().code(), "SO7100");
    assert_eq!(bench.view("object_versions", &[]).await.len(), 1);
}
