//! `soctl execute`: which package a name means, Ctrl-C while it waits, how much is logged.

use std::path::PathBuf;

use crate::support::interrupt::interrupted_after;
use crate::support::package::{self, FlatFile};
use crate::support::{Ran, Site, Soctl};

fn write(soctl: &Soctl, name: &str, program: &str, arguments: &str) -> PathBuf {
    let file = soctl.home().join(name);
    let text = package::process(name.trim_end_matches(".dtsx"), program, arguments);
    std::fs::write(&file, text).unwrap();
    file
}

fn one_worker() -> Site {
    Site::start_with(&["--workers", "1"])
}

#[test]
fn a_name_is_a_file_here_or_a_package_of_the_catalog_and_never_a_guess() {
    let site = one_worker();
    let soctl = &site.soctl;
    // The deployed package succeeds, the file of the same name fails: the report tells which ran.
    let file = write(soctl, "x.dtsx", "true", "");
    soctl
        .run(&["deploy", "x.dtsx", "--folder", "F", "--project", "P"])
        .success();
    write(soctl, "x.dtsx", "false", "");

    let deployed = soctl.json(&["execute", "--package", "x.dtsx", "--folder", "F"]);
    assert_eq!(deployed[0]["folder"], "F", "{deployed:#}");
    let deployed = soctl.json(&["execute", "--package", "x.dtsx", "--project", "P"]);
    assert_eq!(deployed[0]["status"], "succeeded", "{deployed:#}");
    soctl.run(&["execute", "--package", "x.dtsx"]).fails(
        6,
        &[
            "SO8004",
            "the file `x.dtsx`",
            "F/P/x.dtsx",
            "`--package ./x.dtsx`",
            "`--package x.dtsx --folder F --project P`",
        ],
    );
    for path in ["./x.dtsx", file.to_str().unwrap()] {
        let ran = soctl.run(&["execute", "--package", path, "--output", "json"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert_eq!(ran.json()[0]["folder"], "adhoc", "{}", ran.stdout);
    }
    soctl
        .run(&["execute", "--package", "./x.dtsx", "--folder", "F"])
        .fails(6, &["`./x.dtsx` is a path", "--folder", "`x.dtsx`"]);
    assert_eq!(
        soctl
            .json(&["executions", "list"])
            .as_array()
            .unwrap()
            .len(),
        4,
        "what was refused started nothing"
    );
}

#[test]
fn a_file_may_be_run_by_its_name_again_and_again() {
    let site = one_worker();
    write(&site.soctl, "x.dtsx", "true", "");
    for _ in 0..2 {
        let report = site.soctl.json(&["execute", "--package", "x.dtsx"]);
        assert_eq!(report[0]["status"], "succeeded", "{report:#}");
    }
}

#[test]
fn a_path_without_a_file_is_no_package_of_the_catalog() {
    let site = one_worker();
    site.soctl
        .run(&["execute", "--package", "/nosuch.dtsx"])
        .fails(4, &["no such file `/nosuch.dtsx`"]);
    site.soctl
        .run(&["execute", "--package", "nosuch.dtsx"])
        .fails(4, &["no package `nosuch.dtsx` in the catalog"]);
    site.soctl
        .run(&["execute", "--package", "./nosuch.ispac"])
        .fails(6, &["not that of a .dtsx file", "soctl deploy"]);
}

/// The id of the execution of a package, from what a waiting command said.
#[track_caller]
fn id_of(package: &str, ran: &Ran) -> String {
    let line = ran.stderr.lines().find_map(|line| {
        let (id, rest) = line.strip_prefix("execution ")?.split_once(' ')?;
        rest.starts_with(&format!("({package})")).then_some(id)
    });
    line.unwrap_or_else(|| panic!("{package} in {}", ran.stderr))
        .to_owned()
}

#[test]
fn ctrl_c_says_what_goes_on_and_how_to_watch_and_stop_it() {
    let site = one_worker();
    let soctl = &site.soctl;
    write(soctl, "a.dtsx", "sleep", "600");
    write(soctl, "b.dtsx", "sleep", "600");
    let command = soctl.command(&["execute", "--package", "a.dtsx"]);
    let ran = interrupted_after(command, &["(a.dtsx): running"]);
    let first = id_of("a.dtsx", &ran);
    ran.fails(
        130,
        &[
            &format!("execution {first} goes on"),
            &format!("`soctl executions watch {first}`"),
            &format!("`soctl executions stop {first}`"),
        ],
    );
    let shown = soctl.json(&["executions", "show", &first]);
    assert_eq!(shown["status"], "running", "{shown:#}");

    let command = soctl.command(&["execute", "--package", "a.dtsx", "--package", "b.dtsx"]);
    let ran = interrupted_after(command, &["(a.dtsx): ", "(b.dtsx): "]);
    let (second, third) = (id_of("a.dtsx", &ran), id_of("b.dtsx", &ran));
    ran.fails(
        130,
        &[
            &format!("executions {second}, {third} go on"),
            &format!("`soctl executions watch {second} {third}`"),
            &format!("`soctl executions stop {second}`"),
            &format!("`soctl executions stop {third}`"),
        ],
    );
    for id in [&second, &third] {
        soctl.run(&["executions", "stop", id, "--wait"]).success();
    }
    // One of the two has ended already: only the other goes on.
    let watch = soctl.command(&["executions", "watch", &third, &first]);
    let ran = interrupted_after(watch, &["canceled", "(a.dtsx): running"]);
    let goes_on = format!("execution {first} goes on");
    let ran = ran.fails(
        130,
        &[&goes_on, &format!("`soctl executions stop {first}`")],
    );
    assert_eq!(ran.stdout, "");
    soctl
        .run(&["executions", "stop", &first, "--wait"])
        .success();
}

#[test]
fn runtime_lineage_logs_the_column_map_and_leaves_the_rest_out() {
    let site = one_worker();
    let soctl = &site.soctl;
    let file = |name: &'static str, file: &str| FlatFile {
        name,
        path: soctl.home().join(file).display().to_string(),
        code_page: 65001,
        columns: vec![("id", "i4", 0)],
    };
    std::fs::write(soctl.home().join("in.csv"), "id\r\n1\r\n").unwrap();
    let text = package::copy("copy", &file("In", "in.csv"), &file("Out", "out.csv"));
    std::fs::write(soctl.home().join("copy.dtsx"), text).unwrap();
    let logged = |level: &str| {
        let ran = soctl.json(&["execute", "-p", "copy.dtsx", "--logging-level", level]);
        let id = ran[0]["execution_id"].to_string();
        let messages = soctl.json(&["executions", "messages", &id]);
        let all = messages.as_array().unwrap().iter();
        let pair = |message: &serde_json::Value| {
            let text = |name: &str| message[name].as_str().unwrap().to_owned();
            (text("event_name"), text("message"))
        };
        all.map(pair).collect::<Vec<_>>()
    };
    let lineage = logged("runtime-lineage");
    let map = lineage.iter().find(|(event, _)| event == "DiagnosticEx");
    let map = &map.unwrap_or_else(|| panic!("{lineage:#?}")).1;
    for column in [
        r#"DTS:ID="1" DTS:IdentificationString="Read.Outputs[Flat File Source Output].Columns[id]""#,
        r#"DTS:IdentificationString="Write.Inputs[Flat File Destination Input].Columns[id]" DTS:LineageID="1""#,
    ] {
        assert!(map.contains(column), "{column} in {map}");
    }
    let has =
        |logged: &[(String, String)], name: &str| logged.iter().any(|(event, _)| event == name);
    assert!(!has(&lineage, "OnPreExecute"), "{lineage:#?}");
    let basic = logged("basic");
    assert!(has(&basic, "OnPreExecute") && !has(&basic, "DiagnosticEx"));
    let verbose = logged("verbose");
    assert!(has(&verbose, "OnPreExecute") && has(&verbose, "DiagnosticEx"));
}
