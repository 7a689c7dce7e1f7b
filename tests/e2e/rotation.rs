//! Certificates are replaced while packages run, and nobody visits a worker.

use crate::support::hosts::Hosts;
use crate::support::package;

/// Starts a package that runs until `release` makes a file; gives its execution.
fn start_long(hosts: &Hosts, name: &str) -> String {
    let go = hosts.path(&format!("{name}.go"));
    let file = format!("{name}.dtsx");
    std::fs::write(hosts.path(&file), package::waiting(name, &go)).unwrap();
    let started = hosts.json(&["execute", "--package", &format!("./{file}"), "--detach"]);
    let id = started[0]["execution_id"].to_string();
    hosts.until(&format!("executions show {id}"), |shown| {
        shown["status"] == "running"
    });
    id
}

fn release(hosts: &Hosts, name: &str, execution_id: &str) {
    std::fs::write(hosts.path(&format!("{name}.go")), "").unwrap();
    let shown = hosts.until(&format!("executions show {execution_id}"), |shown| {
        shown["status"] != "running"
    });
    assert_eq!(shown["status"], "succeeded", "{shown:#}");
    assert_eq!(shown["executed_count"], 1, "{shown:#}");
}

fn expected_by(hosts: &Hosts, worker: &str) -> String {
    let get = [
        "worker",
        "settings",
        "get",
        "MasterHttpsCertThumbprint",
        "--data",
        worker,
    ];
    hosts.soctl.json(&get)["value"].as_str().unwrap().to_owned()
}

fn rotate(hosts: &Hosts) -> String {
    let rotated = hosts
        .soctl
        .json(&["cert", "rotate", "master", "--data", "m"]);
    rotated["thumbprint"].as_str().unwrap().to_owned()
}

#[test]
fn the_masters_certificate_is_replaced_and_no_worker_is_visited() {
    let mut hosts = Hosts::start();
    hosts.add_worker("w1");
    hosts.add_worker("w2");
    hosts.stop_worker("w2");
    let long = start_long(&hosts, "long");

    let planned = ["cert", "rotate", "master", "--data", "m", "--dry-run"];
    assert_eq!(hosts.soctl.json(&planned)["dry_run"], true);
    let first = rotate(&hosts);
    // The worker that runs learns of it and expects it from now on, also after its next start.
    hosts.until("workers list", |_| expected_by(&hosts, "w1") == first);
    // Who knows only the old certificate, as this very command does, is still let in.
    hosts.run(&["folders", "list"]).success();
    release(&hosts, "long", &long);

    // The one that was away knows two certificates less, comes back, and learns of the last.
    let second = rotate(&hosts);
    hosts.run_worker("w2");
    hosts.until("workers list", |_| expected_by(&hosts, "w2") == second);
    hosts.until("workers list", |_| expected_by(&hosts, "w1") == second);

    // Both still run packages, also after a restart of the master.
    drop(hosts.master.take());
    let arguments = ["master", "run", "--data", "m"];
    hosts.master = Some(crate::support::service::Service::start(
        &hosts.soctl,
        &arguments,
    ));
    let long = start_long(&hosts, "again");
    release(&hosts, "again", &long);
}

#[test]
fn after_the_grace_period_the_old_certificate_is_gone() {
    let mut hosts = Hosts::start();
    hosts.add_worker("w1");
    hosts.stop_worker("w1");
    let new = rotate(&hosts);
    let file = hosts.path("m/My/previous.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut previous: serde_json::Value = serde_json::from_str(&text).unwrap();
    previous[0]["until"] = "2020-01-01T00:00:00Z".into();
    std::fs::write(&file, previous.to_string()).unwrap();
    drop(hosts.master.take());
    let arguments = ["master", "run", "--data", "m"];
    hosts.master = Some(crate::support::service::Service::start(
        &hosts.soctl,
        &arguments,
    ));
    // The worker says which certificate it saw and which it expects.
    let words = format!("has thumbprint {new}");
    let run = ["workers", "run", "--data", "w1"];
    let said = crate::support::service::Service::says(&hosts.soctl, &run, &words);
    assert!(said.contains("is expected"), "{said}");
    hosts.run(&["folders", "list"]).fails(7, &["SO1009"]);
}
