//! `soctl logs`: what services and tasks wrote down, through the master.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::hosts::Hosts;
use crate::support::{Ran, package};

fn messages(lines: &Value) -> Vec<String> {
    let lines = lines.as_array().unwrap().iter();
    let text = |line: &Value| line["message"].as_str().unwrap_or_default().to_owned();
    lines.map(text).collect()
}

#[test]
fn services_write_their_logs_down_and_the_master_gives_them_to_who_may_read_them() {
    let mut hosts = Hosts::start();
    hosts.add_worker("w1");
    let of_master = hosts.json(&["logs", "master"]);
    assert!(
        messages(&of_master)
            .iter()
            .any(|text| text == "the master listens"),
        "{of_master:#}"
    );
    for line in of_master.as_array().unwrap() {
        assert!(
            line["timestamp"].is_string() && line["level"].is_string(),
            "{line}"
        );
    }
    let last = hosts.json(&["logs", "master", "--tail", "1"]);
    assert_eq!(last.as_array().unwrap().len(), 1);
    let of_worker = hosts.until("logs worker w1", |lines| {
        messages(lines)
            .iter()
            .any(|text| text.starts_with("registered with the master"))
    });
    assert!(of_worker[0]["target"].as_str().unwrap().contains("worker"));
    let shown = hosts.run(&["logs", "worker", "w1"]).success();
    assert!(
        shown.stdout.contains("registered with the master"),
        "{}",
        shown.stdout
    );
    for file in [
        "m/ScaleOut/Master/master.log",
        "w1/ScaleOut/Agent/worker.log",
    ] {
        let mode = std::fs::metadata(hosts.path(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    hosts
        .run(&["logs", "worker", "nobody"])
        .fails(4, &["nobody"]);

    // The same way its settings come, without what may hold a password.
    hosts.set(
        "w1",
        "ConnectionMap",
        r#"{"dwh": "Provider=SQLite;Data Source=/x;Password=geheim"}"#,
    );
    hosts.set("w1", "MaxTaskCount", "7");
    let shown = hosts.until("workers show w1 --settings", |shown| {
        shown["settings"]["MaxTaskCount"] == 7
    });
    assert_eq!(
        shown["settings"]["ConnectionMap"]["dwh"], "***",
        "{shown:#}"
    );
    assert_eq!(
        shown["program_version"],
        env!("CARGO_PKG_VERSION"),
        "{shown:#}"
    );
    assert!(shown["free_memory_mb"].as_i64().unwrap() > 0, "{shown:#}");

    // A login without the role does not read what services do.
    std::fs::write(hosts.path("password"), "a long enough Passw0rd").unwrap();
    let create = ["logins", "create", "anna", "--password-file", "password"];
    hosts.run(&create).success();
    let login = ["login", "--login", "anna", "--password-file", "password"];
    let mut login = hosts.command(&login);
    login.env_remove("SOCTL_TOKEN");
    Ran::from(login.output().unwrap()).success();
    let mut refused = hosts.soctl.command(&["logs", "master"]);
    refused.env_remove("SOCTL_MASTER").env_remove("SOCTL_TOKEN");
    Ran::from(refused.output().unwrap()).fails(6, &["SO1208", "ssis_logreader"]);

    hosts.stop_worker("w1");
    let gone = hosts.run(&["logs", "worker", "w1"]);
    gone.fails(4, &["SO1215", "did not answer", "soctl workers list"]);
}

#[test]
fn the_task_logs_of_an_execution_are_followed_to_its_end() {
    let mut hosts = Hosts::start();
    hosts.add_worker("w1");
    let go = hosts.path("go");
    std::fs::write(hosts.path("long.dtsx"), package::waiting("long", &go)).unwrap();
    let started = hosts.json(&["execute", "--package", "./long.dtsx", "--detach"]);
    let id = started[0]["execution_id"].to_string();
    let begun = hosts.until(&format!("logs execution {id}"), |lines| {
        messages(lines)
            .iter()
            .any(|text| text.contains("has begun attempt 1"))
    });
    assert_eq!(begun[0]["level"], "AUDIT");
    let following = hosts.command(&["logs", "execution", &id, "--follow", "--output", "json"]);
    let follow = std::thread::spawn(move || {
        let mut following = following;
        Ran::from(following.output().unwrap())
    });
    std::fs::write(go, "").unwrap();
    let followed = follow.join().unwrap().success();
    let last = followed.stdout.lines().last().unwrap();
    let last: Value = serde_json::from_str(last).unwrap();
    assert_eq!(
        last["message"], "the task has ended: success",
        "{}",
        followed.stdout
    );
    let file = hosts.path(&format!("w1/ScaleOut/Tasks/{id}-1.log"));
    assert!(file.is_file());
    hosts
        .run(&["logs", "execution", "4711"])
        .fails(4, &["SO1108"]);
}
