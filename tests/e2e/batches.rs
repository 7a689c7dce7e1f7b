//! Batches: `soctl execute --all`, `--after`, and plans in files that are checked, run and resumed.

use std::path::Path;
use std::process::Stdio;

use jiff::Timestamp;
use serde_json::Value;

use crate::support::package;
use crate::support::patience::tries;
use crate::support::project;
use crate::support::{Site, Soctl};

/// A package that runs a line of `sh`; no quotes in it.
fn shell(name: &str, line: &str) -> (String, String) {
    let arguments = format!("-c &quot;{line}&quot;");
    (
        format!("{name}.dtsx"),
        package::process(name, "sh", &arguments),
    )
}

/// Deploys project `Nightly` of these packages to the folder `Finance`.
fn deploy(soctl: &Soctl, packages: &[(String, String)]) {
    let packages: Vec<(&str, String)> = packages
        .iter()
        .map(|(file, text)| (file.as_str(), text.clone()))
        .collect();
    project::write(&soctl.home().join("nightly"), "Nightly", &packages);
    soctl.json(&["deploy", "nightly", "--folder", "Finance"]);
}

/// A line of `sh` that adds a word to the file `log`.
fn says(soctl: &Soctl, word: &str) -> String {
    format!(
        "echo {word} &gt;&gt; {}",
        soctl.home().join("log").display()
    )
}

fn log(soctl: &Soctl) -> Vec<String> {
    let text = std::fs::read_to_string(soctl.home().join("log")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

fn item<'v>(outcome: &'v Value, name: &str) -> &'v Value {
    let mut items = outcome["items"].as_array().unwrap().iter();
    items.find(|one| one["name"] == name).unwrap()
}

fn write_batch(soctl: &Soctl, text: &str) {
    std::fs::write(soctl.home().join("nightly.toml"), text).unwrap();
}

#[test]
fn all_packages_of_a_project_run_as_one() {
    let site = Site::start();
    let soctl = &site.soctl;
    let packages = ["a", "b", "c"].map(|name| shell(name, &says(soctl, name)));
    deploy(soctl, &packages);
    let ran = soctl.json(&["execute", "--all", "--project", "Nightly"]);
    let mut names: Vec<&str> = ran
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["package"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["a.dtsx", "b.dtsx", "c.dtsx"]);
    let mut said = log(soctl);
    said.sort_unstable();
    assert_eq!(said, ["a", "b", "c"]);
    let none = soctl.run(&["execute", "--all", "--project", "Daily"]);
    none.fails(4, &["SO8003", "Daily"]);
}

#[test]
fn a_package_starts_after_the_one_before_it_and_not_after_its_failure() {
    let site = Site::start();
    let soctl = &site.soctl;
    deploy(
        soctl,
        &[
            shell("a", "true"),
            shell("b", "true"),
            shell("bad", "false"),
        ],
    );
    let place = ["--folder", "Finance", "--project", "Nightly"];
    let mut arguments = vec![
        "execute",
        "-p",
        "b.dtsx",
        "-p",
        "a.dtsx",
        "--after",
        "b.dtsx:a.dtsx",
    ];
    arguments.extend(place);
    let ran = soctl.json(&arguments);
    let (first, second) = (
        &item(&ran, "a.dtsx")["execution"],
        &item(&ran, "b.dtsx")["execution"],
    );
    assert!(
        time(&first["end_time"]) <= time(&second["start_time"]),
        "{ran:#}"
    );

    let mut arguments = vec![
        "execute",
        "-p",
        "a.dtsx",
        "-p",
        "bad.dtsx",
        "--after",
        "a.dtsx:bad.dtsx",
    ];
    arguments.extend(place);
    arguments.extend(["--output", "json"]);
    let ran = soctl.run(&arguments);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(item(&ran.json(), "bad.dtsx")["state"], "failed");
    let skipped = item(&ran.json(), "a.dtsx").clone();
    assert_eq!(skipped["state"], "skipped", "{skipped:#}");
    assert!(skipped["why"].as_str().unwrap().contains("bad.dtsx"));

    let mut circle = vec!["execute", "-p", "a.dtsx", "--after", "a.dtsx:a.dtsx"];
    circle.extend(place);
    soctl
        .run(&circle)
        .fails(6, &["SO8005", "wait for each other"]);
}

#[test]
fn all_that_is_wrong_with_a_batch_is_said_before_anything_starts() {
    let site = Site::start();
    let soctl = &site.soctl;
    deploy(soctl, &[shell("a", &says(soctl, "a")), shell("b", "true")]);
    write_batch(
        soctl,
        r#"
        project = "Nightly"
        [[package]]
        name = "a.dtsx"
        after = ["b.dtsx"]
        [[package]]
        name = "b.dtsx"
        after = ["a.dtsx"]
        environment = "production"
        [[package]]
        name = "missing.dtsx"
        [[package]]
        name = "b.dtsx"
        id = "typo"
        workers = ["nobody"]
        logging_level = "loud"
        [package.parameters]
        Dya = "2026-01-31"
        "#,
    );
    for command in ["check", "run"] {
        let refused = soctl.run(&["batch", command, "nightly.toml"]);
        let expected = [
            "SO8033",
            "`a.dtsx` after `b.dtsx` after `a.dtsx`",
            "`b.dtsx`: ",
            "production",
            "`missing.dtsx`: ",
            "nobody",
            "loud",
            "`Dya`",
        ];
        refused.fails(6, &expected);
    }
    assert_eq!(log(soctl), [] as [&str; 0]);
    assert_eq!(soctl.json(&["executions", "list"]), serde_json::json!([]));
    write_batch(soctl, "folders = 5");
    soctl
        .run(&["batch", "run", "nightly.toml"])
        .fails(6, &["SO8033", "folders"]);
}

#[test]
fn a_failed_batch_is_resumed_from_what_is_left() {
    let site = Site::start();
    let soctl = &site.soctl;
    let bad = shell("b", "false");
    let packages = |b: (String, String)| {
        [
            shell("a", &says(soctl, "a")),
            b,
            shell("c", &says(soctl, "c")),
        ]
    };
    deploy(soctl, &packages(bad));
    write_batch(
        soctl,
        r#"
        folder = "Finance"
        project = "Nightly"
        [[package]]
        name = "a.dtsx"
        [[package]]
        name = "b.dtsx"
        after = ["a.dtsx"]
        [[package]]
        name = "c.dtsx"
        after = ["b.dtsx"]
        "#,
    );
    soctl
        .run(&["batch", "resume", "nightly.toml"])
        .fails(4, &["SO8003"]);
    let failed = soctl.run(&["batch", "run", "nightly.toml", "--output", "json"]);
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    let states = |outcome: &Value| {
        ["a.dtsx", "b.dtsx", "c.dtsx"].map(|name| item(outcome, name)["state"].clone())
    };
    assert_eq!(states(&failed.json()), ["succeeded", "failed", "skipped"]);
    // Mended and deployed again.
    deploy(soctl, &packages(shell("b", &says(soctl, "b"))));
    let resumed = soctl.json(&["batch", "resume", "nightly.toml"]);
    assert_eq!(states(&resumed), ["succeeded"; 3]);
    assert_eq!(log(soctl), ["a", "b", "c"]);
    assert!(!Path::new(&soctl.home().join("nightly.state.json")).exists());
}

#[test]
fn a_killed_soctl_goes_on_without_running_anything_twice() {
    let site = Site::start();
    let soctl = &site.soctl;
    let go = soctl.home().join("go");
    let waits = format!(
        "{}; until [ -e {} ]; do sleep 0.05; done",
        says(soctl, "a"),
        go.display()
    );
    deploy(soctl, &[shell("a", &waits), shell("b", &says(soctl, "b"))]);
    write_batch(
        soctl,
        "project = \"Nightly\"\n[[package]]\nname = \"a.dtsx\"\n[[package]]\nname = \"b.dtsx\"\nafter = [\"a.dtsx\"]\n",
    );
    let mut first = soctl
        .command(&["batch", "run", "nightly.toml"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut running = Value::Null;
    for () in tries() {
        running = soctl.json(&["executions", "list", "--status", "running"]);
        if running[0]["execution_id"].is_number() {
            break;
        }
    }
    let second = soctl.run(&["batch", "run", "nightly.toml"]);
    second.fails(6, &["SO8032"]);
    first.kill().unwrap();
    first.wait().unwrap();
    let id = running[0]["execution_id"].to_string();
    let again = soctl.run(&["batch", "run", "nightly.toml"]);
    again.fails(6, &["SO8031", &id, "soctl batch resume"]);
    std::fs::write(&go, "").unwrap();
    let resumed = soctl.json(&["batch", "resume", "nightly.toml"]);
    assert_eq!(resumed["status"], "succeeded", "{resumed:#}");
    assert_eq!(
        item(&resumed, "a.dtsx")["execution"]["execution_id"].to_string(),
        id
    );
    assert_eq!(log(soctl), ["a", "b"]);
}
