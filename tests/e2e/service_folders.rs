//! A service and its folder: one at a time, and what the master says about itself.

use crate::support::service::{Pair, Service};
use crate::support::{Site, Soctl};

/// A second start in a folder is refused, and says where and who.
#[track_caller]
fn is_refused(soctl: &Soctl, arguments: &[&str], folder: &str, holder: u32) {
    let folder = soctl.home().join(folder).display().to_string();
    let process = format!("(process {holder})");
    Service::refused(soctl, arguments).fails(
        6,
        &["SO8010", &format!("`{folder}`"), &process, "--data", "kill"],
    );
}

fn path(soctl: &Soctl, name: &str) -> String {
    soctl.home().join(name).display().to_string()
}

#[test]
fn a_site_has_its_folder_for_itself_until_it_is_gone() {
    let soctl = Soctl::new();
    let data = path(&soctl, "data");
    let arguments = ["up", "--port", "0", "--workers", "1", "--data", &data];
    let first = Service::start(&soctl, &arguments);
    is_refused(&soctl, &arguments, "data/master", first.id());
    let master = ["master", "run", "--data", &path(&soctl, "data/master")];
    is_refused(&soctl, &master, "data/master", first.id());
    // The one that runs is none the worse for it.
    soctl.run(&["folders", "list"]).success();
    first.kill();
    assert!(soctl.home().join("data/master/lock").exists());
    let _again = Service::start(&soctl, &arguments);
    soctl.run(&["folders", "list"]).success();
}

#[test]
fn a_master_and_a_worker_have_their_folders_for_themselves_until_they_are_gone() {
    let mut pair = Pair::start();
    let (soctl, endpoint) = (&pair.soctl, pair.endpoint.clone());
    let (m, w) = (path(soctl, "m"), path(soctl, "w"));
    let master = ["master", "run", "--data", &m, "--port", "0"];
    let cert = path(soctl, "m/SSISScaleOutMaster.cer");
    let worker = [
        "workers",
        "run",
        "--data",
        &w,
        "--master-endpoint",
        &endpoint,
        "--master-cert",
        &cert,
    ];
    is_refused(soctl, &master, "m", pair.master.as_ref().unwrap().id());
    is_refused(soctl, &worker, "w", pair.worker.as_ref().unwrap().id());
    pair.master.take().unwrap().kill();
    pair.worker.take().unwrap().kill();
    assert!(pair.soctl.home().join("w/lock").exists());
    pair.restart_master();
    let _again = Service::start(&pair.soctl, &worker);
    pair.run(&["folders", "list"]).success();
}

/// The one value of a property of the master.
fn address_in(status: &serde_json::Value) -> String {
    let address = &status["master_properties"]["MASTER_ADDRESS"];
    address
        .as_str()
        .unwrap_or_else(|| panic!("{status:#}"))
        .to_owned()
}

#[test]
fn a_site_on_one_machine_says_the_address_that_it_listens_on() {
    let site = Site::start_with(&["--workers", "1"]);
    let contexts = std::fs::read_to_string(site.soctl.home().join("config/contexts.json")).unwrap();
    let contexts: serde_json::Value = serde_json::from_str(&contexts).unwrap();
    let status = site.soctl.json(&["scaleout", "status"]);
    assert_eq!(
        address_in(&status),
        contexts["contexts"]["local"]["master"].as_str().unwrap()
    );
}

#[test]
fn a_master_says_its_machine_until_an_address_is_chosen_for_good() {
    let mut pair = Pair::start();
    let status = |pair: &Pair| {
        pair.run(&["scaleout", "status", "--output", "json"])
            .success()
            .json()
    };
    let machine = nix::unistd::gethostname().unwrap().into_string().unwrap();
    let port = pair.endpoint.rsplit_once(':').unwrap().1.to_owned();
    assert_eq!(
        address_in(&status(&pair)),
        format!("https://{machine}:{port}")
    );
    let chosen = "https://scaleout.example:8391";
    pair.run(&[
        "proc",
        "update_master_address",
        "--param",
        &format!("MasterAddress={chosen}"),
    ])
    .success();
    assert_eq!(address_in(&status(&pair)), chosen);
    drop(pair.master.take());
    pair.restart_master();
    assert_eq!(address_in(&status(&pair)), chosen);
}
