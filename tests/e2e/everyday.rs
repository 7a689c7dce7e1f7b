//! What people do every day: deploy, run, look, stop.

use crate::support::package::{self, FlatFile};
use crate::support::{Site, Soctl};

fn people(name: &'static str, path: String) -> FlatFile {
    FlatFile {
        name,
        path,
        code_page: 65001,
        columns: vec![("id", "i4", 0), ("name", "wstr", 10)],
    }
}

/// Writes a package that copies `in.csv` to `out.csv` in the home of `soctl`, and the input.
fn copy_package(soctl: &Soctl, rows: &str) -> String {
    let path = |name: &str| soctl.home().join(name).display().to_string();
    std::fs::write(path("in.csv"), format!("id,name\r\n{rows}")).unwrap();
    let text = package::copy(
        "copy",
        &people("In", path("in.csv")),
        &people("Out", path("out.csv")),
    );
    std::fs::write(path("copy.dtsx"), text).unwrap();
    path("copy.dtsx")
}

#[test]
fn deploy_execute_and_look() {
    let site = Site::start();
    let soctl = &site.soctl;
    let file = copy_package(soctl, "1,a\r\n2,\"b,c\"\r\n");
    let deployed = soctl.json(&[
        "deploy",
        &file,
        "--folder",
        "Finance",
        "--project",
        "Nightly",
    ]);
    assert_eq!(deployed["packages"][0], "copy.dtsx");

    assert_eq!(soctl.json(&["folders", "list"])[0]["name"], "Finance");
    assert_eq!(
        soctl.json(&["projects", "list", "--folder", "finance"])[0]["name"],
        "Nightly"
    );
    assert_eq!(
        soctl.json(&["packages", "list"])[0]["package_name"],
        "copy.dtsx"
    );

    let report = soctl.json(&["execute", "--package", "copy.dtsx", "--folder", "Finance"]);
    assert_eq!(report[0]["status"], "succeeded", "{report:#}");
    assert_eq!(report[0]["rows"], 2);
    assert_eq!(
        std::fs::read_to_string(soctl.home().join("out.csv")).unwrap(),
        "\"id\",\"name\"\r\n\"1\",\"a\"\r\n\"2\",\"b,c\"\r\n"
    );

    let id = report[0]["execution_id"].as_i64().unwrap().to_string();
    let messages = soctl.json(&["executions", "messages", &id]);
    let events: Vec<&str> = messages
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|message| message["event_name"].as_str())
        .collect();
    for wanted in [
        "OnPreValidate",
        "OnPostValidate",
        "OnPreExecute",
        "OnPostExecute",
    ] {
        assert!(events.contains(&wanted), "{wanted} in {events:?}");
    }
    let listed = soctl.json(&["executions", "list", "--status", "succeeded"]);
    assert_eq!(listed[0]["execution_id"], report[0]["execution_id"]);
}

#[test]
fn procedures_and_views_by_name() {
    let site = Site::start();
    let made = site
        .soctl
        .json(&["proc", "create_folder", "--param", "folder_name=Ops"]);
    assert!(made["outputs"]["@folder_id"].is_i64(), "{made:#}");
    let folders = site
        .soctl
        .json(&["view", "catalog.folders", "--where", "name=Ops"]);
    assert_eq!(folders.as_array().unwrap().len(), 1);
    let listed = site.soctl.json(&["proc", "--list"]);
    let names: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert!(
        names.contains(&"start_execution") && names.contains(&"deploy_project"),
        "{names:?}"
    );
    let again = site
        .soctl
        .run(&["proc", "create_folder", "--param", "folder_name=ops"]);
    again.fails(6, &["ops", "already"]);
}

#[test]
fn csv_and_table_show_the_same_folder() {
    let site = Site::start();
    site.soctl
        .json(&["proc", "create_folder", "--param", "folder_name=Ops"]);
    let csv = site
        .soctl
        .run(&["folders", "list", "--output", "csv"])
        .success()
        .stdout;
    assert!(csv.starts_with("id,name,description,created by\n"), "{csv}");
    assert!(csv.contains(",Ops,"), "{csv}");
    let table = site.soctl.run(&["folders", "list"]).success().stdout;
    assert!(
        table.contains("Ops") && !table.contains('\u{1b}'),
        "{table}"
    );
}

#[test]
fn a_running_execution_is_stopped_with_its_processes() {
    let site = Site::start();
    let soctl = &site.soctl;
    let marker = soctl.home().join("still-here");
    // The process would leave its mark when it is not killed with the package.
    let script = format!("-c &quot;sleep 600; touch {}&quot;", marker.display());
    let file = soctl.home().join("long.dtsx");
    std::fs::write(&file, package::process("long", "sh", &script)).unwrap();
    let started = soctl.json(&["execute", "--package", file.to_str().unwrap(), "--detach"]);
    let id = started[0]["execution_id"].as_i64().unwrap().to_string();
    site.wait_for_status(&id, "running");

    let stopped = soctl.json(&["executions", "stop", &id, "--wait"]);
    assert_eq!(stopped["status"], "canceled", "{stopped:#}");
    assert!(!marker.exists());
    soctl.run(&["executions", "watch", &id]).fails(3, &[]);
    soctl.run(&["executions", "stop", &id]).fails(6, &[&id]);
}

#[test]
fn a_failed_process_fails_its_execution_with_the_code_it_gave() {
    let site = Site::start();
    let file = site.soctl.home().join("fails.dtsx");
    std::fs::write(
        &file,
        package::process("fails", "sh", "-c &quot;exit 7&quot;"),
    )
    .unwrap();
    let ran = site
        .soctl
        .run(&["execute", "--package", file.to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stdout.contains("failed"), "{}", ran.stdout);
    let listed = site.soctl.json(&["executions", "list"]);
    let id = listed[0]["execution_id"].as_i64().unwrap().to_string();
    let shown = site.soctl.json(&["executions", "show", &id]);
    let errors = shown["errors"].as_array().unwrap();
    let said = errors.iter().any(|error| {
        error["message"].as_str().unwrap().contains('7') && error["package_path"] == r"\Package\Run"
    });
    assert!(said, "{shown:#}");
}

#[test]
fn retries_run_a_failed_package_again() {
    let site = Site::start();
    let soctl = &site.soctl;
    let marker = soctl.home().join("second-time");
    let script = format!(
        "-c &quot;test -e {0} || {{ touch {0}; exit 1; }}&quot;",
        marker.display()
    );
    let file = soctl.home().join("flaky.dtsx");
    std::fs::write(&file, package::process("flaky", "sh", &script)).unwrap();
    let report = soctl.json(&[
        "execute",
        "--package",
        file.to_str().unwrap(),
        "--retry-count",
        "1",
    ]);
    assert_eq!(report[0]["status"], "succeeded", "{report:#}");
    assert_eq!(report[0]["executed_count"], 2);
}

#[test]
fn expressions_can_be_tried_without_a_master() {
    let soctl = Soctl::new();
    let value = soctl.json(&[
        "expression",
        "eval",
        "UPPER(@[User::S]) + \"!\"",
        "--variable",
        "User::S=DT_WSTR:abc",
    ]);
    assert_eq!(value["value"], "ABC!");
    assert_eq!(value["type"], "DT_WSTR");
    let wrong = soctl.run(&["expression", "eval", "1 = 2"]);
    assert!(
        wrong.stdout.contains("next: write `==` to compare"),
        "{}",
        wrong.stdout
    );
    let wrong = soctl.run(&["expression", "eval", "1 + ", "--output", "json"]);
    assert_eq!(wrong.code, 1);
    assert!(
        wrong.json()["error"]["position"].is_u64(),
        "{}",
        wrong.stdout
    );
}

#[test]
fn help_and_completions_work_for_every_command() {
    let soctl = Soctl::new();
    let help = soctl.run(&["--help"]).success().stdout;
    for command in [
        "demo",
        "up",
        "deploy",
        "execute",
        "executions",
        "workers",
        "folders",
        "projects",
        "packages",
        "proc",
        "view",
        "completions",
    ] {
        assert!(help.contains(command), "{command} in:\n{help}");
        soctl.run(&[command, "--help"]).success();
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            soctl
                .run(&["completions", shell])
                .success()
                .stdout
                .contains("soctl")
        );
    }
    soctl.run(&["execut"]).fails(2, &["execut"]);
}

#[test]
fn windows_paths_go_through_the_mappings_of_the_worker() {
    let soctl = Soctl::new();
    let share = soctl.home().join("share");
    std::fs::create_dir_all(share.join("In Box")).unwrap();
    std::fs::write(share.join("In Box/people.csv"), "id,name\r\n1,a\r\n").unwrap();
    let mappings = serde_json::json!({ r"\\srv01\data": share, "D:\\": share });
    let site = Site::start_in(soctl, &["--workers", "1"], &mappings);
    let from = people("In", r"\\SRV01\Data\In Box\people.csv".to_owned());
    let to = people("Out", r"D:\out.csv".to_owned());
    let file = site.soctl.home().join("mapped.dtsx");
    std::fs::write(&file, package::copy("mapped", &from, &to)).unwrap();
    let report = site
        .soctl
        .json(&["execute", "--package", file.to_str().unwrap()]);
    assert_eq!(report[0]["status"], "succeeded", "{report:#}");
    assert_eq!(
        std::fs::read_to_string(share.join("out.csv"))
            .unwrap()
            .lines()
            .count(),
        2
    );
}

#[test]
fn an_unmapped_share_names_the_mapping_that_is_missing() {
    let site = Site::start();
    let from = people("In", r"\\srv01\data\people.csv".to_owned());
    let to = people(
        "Out",
        site.soctl.home().join("out.csv").display().to_string(),
    );
    let file = site.soctl.home().join("unmapped.dtsx");
    std::fs::write(&file, package::copy("unmapped", &from, &to)).unwrap();
    let ran = site.soctl.run(&[
        "execute",
        "--package",
        file.to_str().unwrap(),
        "--output",
        "json",
    ]);
    assert_eq!(ran.code, 1);
    let shown = site
        .soctl
        .run(&[
            "executions",
            "show",
            &ran.json()[0]["execution_id"].to_string(),
        ])
        .success()
        .stdout;
    assert!(
        shown.contains("PathMappings") && shown.contains(r"\\srv01\data"),
        "{shown}"
    );
}

#[test]
fn a_bare_package_is_validated_with_what_lies_beside_it() {
    let soctl = Soctl::new();
    let managed = r#"<DTS:Executable DTS:refId="Package\Run" DTS:CreationName="Microsoft.ExpressionTask" DTS:ExecutableType="Microsoft.ExpressionTask" DTS:ObjectName="Run" DTS:DTSID="{00000000-0000-4000-8000-0000000000aa}"><DTS:PropertyExpression DTS:Name="Description">@[$Project::Where]</DTS:PropertyExpression><DTS:Variables/><DTS:ObjectData><ExpressionTask Expression="1 == 1"/></DTS:ObjectData></DTS:Executable>"#;
    let file = soctl.home().join("p.dtsx");
    std::fs::write(&file, package::with_body("p", "", managed)).unwrap();
    let alone = soctl.run(&["validate", file.to_str().unwrap()]);
    assert_eq!(alone.code, 1, "{}", alone.stdout);
    assert!(alone.stdout.contains("$Project::Where"), "{}", alone.stdout);
    let parameters = r#"<SSIS:Parameters xmlns:SSIS="www.microsoft.com/SqlServer/SSIS"><SSIS:Parameter SSIS:Name="Where"><SSIS:Properties><SSIS:Property SSIS:Name="Required">0</SSIS:Property><SSIS:Property SSIS:Name="Sensitive">0</SSIS:Property><SSIS:Property SSIS:Name="Value">here</SSIS:Property><SSIS:Property SSIS:Name="DataType">18</SSIS:Property></SSIS:Properties></SSIS:Parameter></SSIS:Parameters>"#;
    std::fs::write(soctl.home().join("Project.params"), parameters).unwrap();
    soctl.run(&["validate", file.to_str().unwrap()]).success();
}
