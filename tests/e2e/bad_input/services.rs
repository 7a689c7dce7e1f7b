//! Workers and masters that are not there, not allowed, or not in time.

use std::net::TcpListener;

use crate::support::Site;
use crate::support::package;
use crate::support::service::{Pair, Service, write_worker_certificate};

/// A package that succeeds at once, in the home of the site's `soctl`.
fn quick_package(site: &Site) -> String {
    let file = site.soctl.home().join("quick.dtsx");
    std::fs::write(&file, package::process("quick", "true", "")).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_worker_id_that_is_unknown_creates_no_execution() {
    let site = Site::start();
    let file = quick_package(&site);
    let unknown = "00000000-0000-4000-8000-00000000dead";
    site.soctl
        .run(&["execute", "--package", &file, "--worker", unknown])
        .fails(4, &[unknown, "soctl workers list"]);
    assert_eq!(
        site.soctl
            .json(&["executions", "list"])
            .as_array()
            .unwrap()
            .len(),
        0
    );
    site.soctl
        .run(&["workers", "enable", unknown])
        .fails(4, &[unknown]);
}

#[test]
fn a_disabled_worker_gets_nothing_until_it_is_enabled() {
    let site = Site::start_with(&["--workers", "1"]);
    let soctl = &site.soctl;
    let file = quick_package(&site);
    let id = soctl.json(&["workers", "list"])[0]["worker_agent_id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        soctl.json(&["workers", "disable", &id])[0]["enabled"],
        false
    );
    let started = soctl
        .run(&[
            "execute",
            "--package",
            &file,
            "--worker",
            &id,
            "--detach",
            "--output",
            "json",
        ])
        .success();
    assert!(started.stderr.contains("disabled"), "{}", started.stderr);
    let execution = started.json()[0]["execution_id"].to_string();
    assert_eq!(
        soctl.json(&["executions", "show", &execution])["status"],
        "pending"
    );
    soctl.run(&["workers", "enable", &id]).success();
    assert_eq!(
        soctl.json(&["executions", "watch", &execution])[0]["status"],
        "succeeded"
    );
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let soctl = crate::support::Soctl::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let data = soctl.home().join("data");
    let ran = soctl.run(&["up", "--port", &port, "--data", data.to_str().unwrap()]);
    ran.fails(6, &[&port, "in use", "--port"]);
}

#[test]
fn without_a_master_the_error_says_how_to_get_one() {
    let soctl = crate::support::Soctl::new();
    soctl
        .run(&["folders", "list"])
        .fails(7, &["SO8006", "soctl up"]);
}

#[test]
fn a_stranger_with_a_wrong_token_or_certificate_is_refused() {
    let site = Site::start();
    let contexts = std::fs::read_to_string(site.soctl.home().join("config/contexts.json")).unwrap();
    let contexts: serde_json::Value = serde_json::from_str(&contexts).unwrap();
    let local = &contexts["contexts"]["local"];
    let (master, thumbprint) = (
        local["master"].as_str().unwrap(),
        local["thumbprint"].as_str().unwrap(),
    );
    let with = |token: &str, thumbprint: &str| {
        let mut command = site.soctl.command(&["folders", "list", "--master", master]);
        command
            .env("SOCTL_CONFIG", "/nonexistent")
            .env("SOCTL_TOKEN", token)
            .env("SOCTL_THUMBPRINT", thumbprint);
        crate::support::Ran::from(command.output().unwrap())
    };
    with("not-a-token", thumbprint).fails(6, &["token"]);
    with("not-a-token", &"00".repeat(32)).fails(7, &["thumbprint"]);
}

#[test]
fn a_master_that_goes_away_in_the_middle_loses_nothing() {
    let mut pair = Pair::start();
    let go = pair.soctl.home().join("go");
    let script = format!(
        "-c &quot;while [ ! -e {} ]; do sleep 0.05; done&quot;",
        go.display()
    );
    let file = pair.soctl.home().join("waits.dtsx");
    std::fs::write(&file, package::process("waits", "sh", &script)).unwrap();
    let started = pair
        .run(&[
            "execute",
            "--package",
            file.to_str().unwrap(),
            "--detach",
            "--output",
            "json",
        ])
        .success();
    let id = started.json()[0]["execution_id"].to_string();
    pair.wait_for_status(&id, "running");

    pair.master.take().unwrap().kill();
    let endpoint = pair.endpoint.clone();
    pair.run(&["executions", "show", &id])
        .fails(7, &[endpoint.as_str(), "cannot be reached"]);
    // The package ends while there is no master to tell.
    std::fs::write(&go, "").unwrap();
    pair.restart_master();

    let report = pair
        .run(&["executions", "watch", &id, "--output", "json"])
        .success()
        .json();
    assert_eq!(report[0]["status"], "succeeded", "{report:#}");
    assert_eq!(
        report[0]["executed_count"], 1,
        "it was not run again: {report:#}"
    );
    let messages = pair
        .run(&["executions", "messages", &id, "--output", "json"])
        .success()
        .json();
    let of_task = |name: &str| {
        let all = messages.as_array().unwrap().iter();
        all.filter(|message| {
            message["event_name"] == name && message["package_path"] == r"\Package\Run"
        })
        .count()
    };
    assert_eq!(
        (of_task("OnPreExecute"), of_task("OnPostExecute")),
        (1, 1),
        "{messages:#}"
    );
}

#[test]
fn a_worker_with_an_expired_certificate_is_told_so() {
    let pair = Pair::start();
    let folder = pair.soctl.home().join("late");
    write_worker_certificate(&folder, "2020-01-01T00:00:00Z".parse().unwrap(), 30);
    let master_cert = pair.soctl.home().join("m/SSISScaleOutMaster.cer");
    let ran = pair.soctl.run(&[
        "worker",
        "run",
        "--data",
        folder.to_str().unwrap(),
        "--master-endpoint",
        &pair.endpoint,
        "--master-cert",
        master_cert.to_str().unwrap(),
    ]);
    ran.fails(6, &["expired", "2020-01-31"]);
    let listed = pair
        .run(&["workers", "list", "--output", "json"])
        .success()
        .json();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed:#}");
}

#[test]
fn a_worker_whose_certificate_the_master_does_not_know_says_why_it_waits() {
    let pair = Pair::start();
    let folder = pair.soctl.home().join("stranger");
    let master_cert = pair.soctl.home().join("m/SSISScaleOutMaster.cer");
    let arguments = [
        "workers",
        "run",
        "--data",
        folder.to_str().unwrap(),
        "--master-endpoint",
        &pair.endpoint,
        "--master-cert",
        master_cert.to_str().unwrap(),
    ];
    let line = Service::says(
        &pair.soctl,
        &arguments,
        "failed to register with the master",
    );
    assert!(line.contains("certificate"), "{line}");
}

#[test]
fn a_site_on_one_machine_listens_to_that_machine_alone() {
    let site = Site::start();
    let contexts = std::fs::read_to_string(site.soctl.home().join("config/contexts.json")).unwrap();
    let contexts: serde_json::Value = serde_json::from_str(&contexts).unwrap();
    let master = contexts["contexts"]["local"]["master"].as_str().unwrap();
    let port: u16 = master.rsplit_once(':').unwrap().1.parse().unwrap();
    // `/proc/net/tcp`: address and port in hexadecimal, 0A for a socket that listens.
    let sockets = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let end = format!(":{port:04X}");
    let listening: Vec<&str> = sockets
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace().skip(1);
            let (local, state) = (words.next()?, words.nth(1)?);
            (local.ends_with(&end) && state == "0A").then_some(local)
        })
        .collect();
    assert_eq!(listening, [format!("0100007F{end}")]);
}
