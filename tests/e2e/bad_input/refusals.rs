//! What the catalog and `soctl` refuse: each says what, why, and what to do next.

use crate::support::package;
use crate::support::{Ran, Site, Soctl};

fn procedure(site: &Site, name: &str, parameters: &[&str]) -> Ran {
    let mut arguments = vec!["proc", name];
    for parameter in parameters {
        arguments.extend(["--param", parameter]);
    }
    site.soctl.run(&arguments)
}

/// An execution of a package that was deployed and not started.
fn created(site: &Site) -> String {
    let file = site.soctl.home().join("quick.dtsx");
    std::fs::write(&file, package::process("quick", "true", "")).unwrap();
    site.soctl
        .run(&["deploy", file.to_str().unwrap(), "--folder", "F"])
        .success();
    let names = [
        "folder_name=F",
        "project_name=quick",
        "package_name=quick.dtsx",
    ];
    procedure(site, "create_execution", &names).success();
    let rows = site.soctl.json(&["executions", "list"]);
    rows[0]["execution_id"].to_string()
}

#[test]
fn names_are_refused_with_the_rule_and_shown_as_they_are() {
    let site = Site::start_with(&["--workers", "1"]);
    procedure(&site, "create_folder", &["folder_name=näme|\u{1b}x"]).fails(
        6,
        &[
            "SO7011",
            r"`näme|\u{1b}x`",
            "next: choose a name of 1 to 128",
        ],
    );
    procedure(&site, "create_folder", &["folder_name=Été"]).success();
    procedure(&site, "create_folder", &["folder_name=été"]).fails(
        6,
        &[
            "SO7012",
            "`été` exists already (SSISDB error 27190)",
            "next: use the folder",
        ],
    );
}

#[test]
fn a_refused_value_is_followed_by_the_names_or_the_form_that_would_be_right() {
    let site = Site::start_with(&["--workers", "1"]);
    let execution = format!("execution_id={}", created(&site));
    let set = |name: &str, value: &str| {
        let (name, value) = (
            format!("parameter_name={name}"),
            format!("parameter_value={value}"),
        );
        let parameters = [execution.as_str(), "object_type=50", &name, &value];
        procedure(&site, "set_execution_parameter_value", &parameters)
    };
    set("LOGING_LEVEL", "1").fails(4, &["SO7025", "next: it has CALLER_INFO", "LOGGING_LEVEL"]);
    set("DUMP_ON_ERROR", "maybe").fails(6, &["SO7026", "next: write `True` or `False`"]);
    set("LOGGING_LEVEL", "7").fails(6, &["SO7026", "next: write 0 (none), 1 (basic)"]);
}

#[test]
fn a_stop_of_what_never_ran_says_so() {
    let site = Site::start_with(&["--workers", "1"]);
    let id = created(&site);
    let stop = || site.soctl.run(&["executions", "stop", &id, "--yes"]);
    stop().success();
    stop().fails(
        6,
        &[
            "SO7022",
            "never ran",
            "next: create a new execution to run the package",
        ],
    );
    let execution = format!("execution_id={id}");
    procedure(&site, "start_execution", &[&execution])
        .fails(6, &["SO7021", "was stopped before it ran"]);
    procedure(&site, "stop_operation", &["operation_id=999"])
        .fails(4, &["SO7020", "next: `soctl executions list`"]);
}

#[test]
fn a_folder_with_two_projects_names_both_to_choose_from() {
    let soctl = Soctl::new();
    let folder = soctl.home().join("two");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("a.dtproj"), "").unwrap();
    std::fs::write(folder.join("b.dtproj"), "").unwrap();
    soctl.run(&["validate", folder.to_str().unwrap()]).fails(
        5,
        &[
            "SO8002",
            "next: name one of them: `",
            "a.dtproj`, `",
            "b.dtproj`",
        ],
    );
}

#[test]
fn what_has_no_engine_is_refused_with_what_can_be_done() {
    let soctl = Soctl::new();
    let mail = package::process("mail", "true", "")
        .replace("Microsoft.ExecuteProcess", "Microsoft.XMLTask");
    let file = soctl.home().join("mail.dtsx");
    std::fs::write(&file, mail).unwrap();
    let ran = soctl.run(&["validate", file.to_str().unwrap(), "--output", "csv"]);
    assert_eq!(ran.code, 1);
    for words in ["is an XML task", "has no engine for that; disable it"] {
        assert!(ran.stdout.contains(words), "{}", ran.stdout);
    }
}
