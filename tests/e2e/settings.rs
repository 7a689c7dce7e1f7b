//! `soctl master settings` and `soctl worker settings`, and services that read their files again.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::Soctl;
use crate::support::service::{Pair, Service};

#[test]
fn keys_are_listed_read_set_and_checked() {
    let soctl = Soctl::new();
    for (kind, count) in [("master", 7), ("worker", 24)] {
        let listed = soctl.json(&[kind, "settings", "list", "--data", kind]);
        let listed = listed.as_array().unwrap();
        assert!(listed.len() >= count, "{kind}: {}", listed.len());
        assert!(listed.iter().all(|key| key["is_default"] == true));
    }
    soctl
        .run(&[
            "worker",
            "settings",
            "set",
            "maxtaskcount",
            "20",
            "--data",
            "worker",
        ])
        .fails(4, &["worker/WorkerSettings"]);
    std::fs::create_dir(soctl.home().join("worker")).unwrap();
    let set = |key: &str, value: &str| {
        soctl.run(&["worker", "settings", "set", key, value, "--data", "worker"])
    };
    set("maxtaskcount", "20").success();
    let get = [
        "worker",
        "settings",
        "get",
        "MaxTaskCount",
        "--data",
        "worker",
    ];
    assert_eq!(soctl.json(&get)["value"], 20);
    set("LeaseInterval", "00:02:00").fails(6, &["SO8502", "did you mean `LeaseInternval`?"]);
    set("MaxTaskCount", "0").fails(6, &["SO8504", "from 1 to 10000"]);
    set("LeaseInternval", "00:00:05").fails(6, &["SO8505", "TaskHeartbeatInterval"]);
    set("PathMappings", r#"{"C:\\data": "/srv"}"#).success();
    let validate = ["worker", "settings", "validate", "--data", "worker"];
    soctl.run(&validate).success();
    // What stands for connections may hold passwords, and is not shown.
    set(
        "ConnectionMap",
        r#"{"dwh": "Provider=SQLite;Data Source=/x;Password=geheim"}"#,
    )
    .success();
    let listed = soctl
        .run(&["worker", "settings", "list", "--data", "worker"])
        .success();
    assert!(!listed.stdout.contains("geheim"), "{}", listed.stdout);
}

#[test]
fn the_xml_form_is_read_and_becomes_json_when_a_key_is_set() {
    let soctl = Soctl::new();
    let file = soctl.home().join("m/MasterSettings.config");
    std::fs::create_dir(soctl.home().join("m")).unwrap();
    let text = "<MasterSettings><PortNumber>8400</PortNumber></MasterSettings>";
    std::fs::write(&file, text).unwrap();
    soctl
        .run(&["master", "settings", "validate", "--data", "m"])
        .success();
    let get = ["master", "settings", "get", "PortNumber", "--data", "m"];
    assert_eq!(soctl.json(&get)["value"], 8400);
    let set = [
        "master",
        "settings",
        "set",
        "SqlConnectionTimeoutInSecs",
        "30",
        "--data",
        "m",
    ];
    soctl.run(&set).success();
    let written: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(written["PortNumber"], 8400);
    let bad = "<MasterSettings><PortNumbr>1</PortNumbr></MasterSettings>";
    std::fs::write(&file, bad).unwrap();
    let validate = ["master", "settings", "validate", "--data", "m"];
    soctl
        .run(&validate)
        .fails(6, &["SO8502", "did you mean `PortNumber`?"]);
}

#[test]
fn a_master_that_runs_takes_on_what_it_safely_can() {
    let pair = Pair::start();
    let set = |key: &str, value: &str| {
        let set = ["master", "settings", "set", key, value, "--data", "m"];
        pair.soctl.run(&set).success().stdout
    };
    // The last sign of life moves every 30 s by default, and every 100 ms now.
    let told = set("MasterHeartbeatIntervalInMs", "100");
    assert!(told.contains("reads it again"), "{told}");
    let mut seen = BTreeSet::new();
    for _ in 0..200 {
        let status = pair
            .run(&["scaleout", "status", "--output", "json"])
            .success();
        let time = &status.json()["master_properties"]["LAST_ONLINE_TIME"];
        seen.insert(time.as_str().unwrap().to_owned());
        if 3 < seen.len() {
            break;
        }
    }
    assert!(3 < seen.len(), "{seen:?}");
    let told = set("PortNumber", "8400");
    assert!(told.contains("restart the master"), "{told}");
    pair.run(&["folders", "list"]).success();
}

#[test]
fn a_worker_that_runs_says_its_new_name_at_once() {
    let pair = Pair::start();
    let set = [
        "worker",
        "settings",
        "set",
        "DisplayName",
        "renamed",
        "--data",
        "w",
    ];
    pair.soctl.run(&set).success();
    for _ in 0..200 {
        let listed = pair.run(&["workers", "list", "--output", "json"]).success();
        if listed.json()[0]["display_name"] == "renamed" {
            return;
        }
    }
    panic!("the worker never said its new name");
}

#[test]
fn a_file_that_is_wrong_stops_a_start_and_changes_nothing_in_a_service_that_runs() {
    let mut pair = Pair::start();
    let file = pair.soctl.home().join("m/MasterSettings.config");
    std::fs::write(&file, r#"{"PortNumbr": 1}"#).unwrap();
    let master = i32::try_from(pair.master.as_ref().unwrap().id()).unwrap();
    let hangup = nix::sys::signal::Signal::SIGHUP;
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(master), hangup).unwrap();
    pair.run(&["folders", "list"]).success();
    drop(pair.master.take());
    let arguments = ["master", "run", "--data", "m", "--port", "0"];
    Service::refused(&pair.soctl, &arguments).fails(6, &["SO8502", "PortNumber"]);
}
