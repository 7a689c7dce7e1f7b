//! `soctl master settings` and `soctl worker settings`, and services that read their files again.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::Soctl;
use crate::support::hosts::{Hosts, free_port};
use crate::support::patience::tries;
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
    for () in tries() {
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
    for () in tries() {
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

#[test]
fn a_master_has_the_port_and_the_catalog_that_its_settings_say() {
    let (soctl, port) = (Soctl::new(), free_port());
    std::fs::create_dir(soctl.home().join("m")).unwrap();
    let catalog = soctl.home().join("elsewhere.db");
    let location = format!("sqlite:{}", catalog.display());
    for (key, value) in [("PortNumber", port.as_str()), ("SqlServerName", &location)] {
        let set = ["master", "settings", "set", key, value, "--data", "m"];
        soctl.run(&set).success();
    }
    let master = Service::start(&soctl, &["master", "run", "--data", "m"]);
    assert!(
        master
            .said_after("master at")
            .ends_with(&format!(":{port}"))
    );
    assert!(catalog.is_file());
    assert!(!soctl.home().join("m/catalog.db").exists());
}

#[test]
fn a_worker_shows_the_certificate_of_the_store_that_its_settings_name() {
    let mut hosts = Hosts::start();
    hosts.init_worker("w1");
    hosts.trust("w1");
    let run = ["workers", "run", "--data", "w1"];
    let folder = |path: std::path::PathBuf| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    };
    // Each store is another folder; the certificate wanders from one to the next.
    let of_user = hosts.path(".local/share/scaleout/certificates/My");
    let places = [
        ("StoreName", "Root", hosts.path("w1/Root")),
        ("StoreName", "My", hosts.path("w1/My")),
        ("StoreLocation", "CurrentUser", folder(of_user)),
    ];
    let mut holds = hosts.path("w1/My");
    for (key, value, place) in places {
        hosts.set("w1", key, value);
        if place != holds {
            Service::refused(&hosts.soctl, &run).fails(4, &[place.to_str().unwrap()]);
        }
        std::fs::create_dir_all(&place).unwrap();
        let own = own_files(&hosts, &holds);
        for file in own {
            std::fs::rename(&file, place.join(file.file_name().unwrap())).unwrap();
        }
        holds = place;
        drop(Service::start(&hosts.soctl, &run));
    }
    // What it says of itself comes from its settings too.
    hosts.set("w1", "Description", "in the cellar");
    hosts.run_worker("w1");
    hosts.until("workers list", |all| {
        all[0]["description"] == "in the cellar"
    });
}

/// The files of the worker's own certificate in a store: the one with a key, and its key.
fn own_files(hosts: &Hosts, store: &std::path::Path) -> Vec<std::path::PathBuf> {
    let get = [
        "worker",
        "settings",
        "get",
        "WorkerHttpsCertThumbprint",
        "--data",
        "w1",
    ];
    let thumbprint = hosts.soctl.json(&get)["value"].as_str().unwrap().to_owned();
    let entries = std::fs::read_dir(store).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| {
        let name = file.file_name().unwrap().to_str().unwrap();
        name.to_uppercase().starts_with(&thumbprint)
    });
    assert_eq!(files.len(), 2, "{files:?}");
    files
}
