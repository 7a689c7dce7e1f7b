//! Projects over their life: deployed again, exported, restored, moved, deleted; and their folders.

use scaleout_core::package::{bare, ispac};
use serde_json::Value;

use crate::support::package;
use crate::support::{Site, Soctl};

/// Writes project `Nightly` of one package that succeeds, and gives its bytes.
fn ispac_file(soctl: &Soctl, file: &str, package_name: &str) -> Vec<u8> {
    let text = package::process("load", "true", package_name);
    let built = bare::build(text.as_bytes(), "load.dtsx", "Nightly").unwrap();
    std::fs::write(soctl.home().join(file), &built.ispac).unwrap();
    built.ispac
}

fn versions(soctl: &Soctl) -> Vec<(i64, bool)> {
    let listed = soctl.json(&["projects", "versions", "nightly"]);
    let rows = listed.as_array().unwrap().iter();
    rows.map(|row| {
        (
            row["object_version_lsn"].as_i64().unwrap(),
            row["in_force"].as_bool().unwrap(),
        )
    })
    .collect()
}

#[test]
fn a_project_is_deployed_again_exported_restored_and_moved() {
    let site = Site::start();
    let soctl = &site.soctl;
    let first = ispac_file(soctl, "first.ispac", "1");
    let second = ispac_file(soctl, "second.ispac", "2");
    for file in ["first.ispac", "second.ispac"] {
        soctl.json(&["projects", "deploy", file, "--folder", "Finance"]);
    }
    let [(new, true), (old, false)] = versions(soctl)[..] else {
        panic!("{:?}", versions(soctl));
    };
    let exported = |file: &str| {
        let written = soctl.json(&["projects", "export", "Nightly", file]);
        assert_eq!(written["folder_name"], "Finance");
        std::fs::read(soctl.home().join(file)).unwrap()
    };
    assert!(exported("out2.ispac") == second);
    let again = soctl.run(&["projects", "export", "Nightly", "out2.ispac"]);
    again.fails(1, &["SO8001", "out2.ispac"]);

    soctl.json(&["projects", "restore", "Nightly", &old.to_string()]);
    assert!(exported("out1.ispac") == first);
    assert_eq!(versions(soctl), [(new, false), (old, true)]);
    let none = soctl.run(&["projects", "restore", "Nightly", "99"]);
    none.fails(
        4,
        &["SO7041", "soctl projects versions Nightly --folder Finance"],
    );

    soctl.json(&["folders", "create", "Archive", "--description", "old"]);
    soctl.json(&["projects", "move", "Nightly", "--to", "Archive"]);
    let shown = soctl.json(&["projects", "show", "Nightly", "--folder", "archive"]);
    assert_eq!(shown["project"]["object_version_lsn"], old);
    assert_eq!(shown["packages"][0]["name"], "load.dtsx");
    let run = soctl.json(&["execute", "--package", "load.dtsx", "--folder", "Archive"]);
    assert_eq!(run[0]["status"], "succeeded", "{run:#}");
}

#[test]
fn single_packages_become_the_next_version() {
    let site = Site::start();
    let soctl = &site.soctl;
    ispac_file(soctl, "first.ispac", "1");
    soctl.json(&["deploy", "first.ispac", "--folder", "Finance"]);
    let text = package::process("extra", "true", "");
    std::fs::write(soctl.home().join("extra.dtsx"), &text).unwrap();
    let place = ["--folder", "Finance", "--project", "Nightly"];
    let mut deploy = vec!["packages", "deploy", "extra.dtsx"];
    deploy.extend(place);
    soctl.json(&deploy);
    assert_eq!(versions(soctl).len(), 2);
    soctl.json(&["projects", "export", "Nightly", "out.ispac"]);
    let file = std::fs::read(soctl.home().join("out.ispac")).unwrap();
    let project = ispac::read(&file, "out.ispac").unwrap();
    let names: Vec<&str> = project
        .packages
        .iter()
        .map(|one| one.file_name.as_str())
        .collect();
    assert_eq!(names, ["load.dtsx", "extra.dtsx"]);
    let run = soctl.json(&["execute", "--package", "extra.dtsx", "--project", "Nightly"]);
    assert_eq!(run[0]["status"], "succeeded", "{run:#}");
}

#[test]
fn a_restore_clears_server_values_only_when_told_to() {
    let site = Site::start();
    let soctl = &site.soctl;
    let package = package::process("load", "true", "").replacen(
        "<DTS:Variables/>",
        r#"<DTS:PackageParameters><DTS:PackageParameter DTS:DataType="8" DTS:ObjectName="Day"><DTS:Property DTS:DataType="8" DTS:Name="ParameterValue">Monday</DTS:Property></DTS:PackageParameter></DTS:PackageParameters><DTS:Variables/>"#,
        1,
    );
    std::fs::write(soctl.home().join("load.dtsx"), package).unwrap();
    for _ in 0..2 {
        soctl.json(&[
            "deploy",
            "load.dtsx",
            "--folder",
            "F",
            "--project",
            "Nightly",
        ]);
    }
    let [(newer, true), (older, false)] = versions(soctl)[..] else {
        panic!("{:?}", versions(soctl));
    };
    soctl.json(&[
        "proc",
        "set_object_parameter_value",
        "--param",
        "object_type=30",
        "--param",
        "folder_name=F",
        "--param",
        "project_name=Nightly",
        "--param",
        "object_name=load.dtsx",
        "--param",
        "parameter_name=Day",
        "--param",
        "parameter_value=Friday",
    ]);
    let day = || {
        let shown = soctl.json(&["projects", "show", "Nightly"]);
        shown["parameters"][0]["default_value"].clone()
    };
    let (newer, older) = (newer.to_string(), older.to_string());
    soctl.json(&["projects", "restore", "Nightly", &older]);
    assert_eq!(day(), "Friday");
    let again = soctl.run(&["projects", "restore", "Nightly", &older]);
    again.fails(6, &["SO7037", "in force already"]);
    let reset = [
        "projects",
        "restore",
        "Nightly",
        &newer,
        "--reset-parameters",
    ];
    soctl.run(&reset).fails(6, &["SO8020", "--yes"]);
    assert_eq!(day(), "Friday");
    let cleared = soctl.json(&[&reset[..], &["--yes"]].concat());
    assert_eq!(cleared["parameters_reset"], 1);
    assert_eq!(day(), Value::Null);
}

#[test]
fn what_cannot_be_undone_is_asked_for() {
    let site = Site::start();
    let soctl = &site.soctl;
    ispac_file(soctl, "first.ispac", "1");
    soctl.json(&["deploy", "first.ispac", "--folder", "Finance"]);
    let projects = || soctl.json(&["projects", "list"]).as_array().unwrap().len();
    let delete = ["projects", "delete", "Nightly"];
    soctl.run(&delete).fails(
        6,
        &["SO8020", "delete project `Nightly` of folder `Finance`"],
    );
    let refused = soctl.run_on_terminal(&delete, &[("delete", "n")]);
    refused.fails(130, &["delete project `Nightly` of folder `Finance`?"]);
    assert_eq!(projects(), 1);
    soctl.run_on_terminal(&delete, &[("delete", "y")]).success();
    assert_eq!(projects(), 0);

    soctl
        .run(&["folders", "delete", "Finance"])
        .fails(6, &["SO8020"]);
    soctl.json(&["folders", "rename", "Finance", "Money"]);
    soctl.json(&["folders", "describe", "Money", "what it costs"]);
    assert_eq!(
        soctl.json(&["folders", "list"])[0]["description"],
        "what it costs"
    );
    soctl.json(&["folders", "delete", "Money", "--yes"]);
    assert_eq!(soctl.json(&["folders", "list"]), serde_json::json!([]));
}
