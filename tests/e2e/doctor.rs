//! `soctl doctor`: each check is tested by breaking what it looks at.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::Ran;
use crate::support::hosts::Hosts;
use crate::support::postgres::PostgresCluster;

fn examined(hosts: &Hosts, arguments: &[&str]) -> Value {
    let mut all = vec!["doctor", "--output", "json"];
    all.extend(arguments);
    examined_of(hosts.soctl.command(&all))
}

/// The check of that name, if it has failed.
fn failure(found: &Value, name: &str) -> Option<(String, String)> {
    let mut checks = found["checks"].as_array().unwrap().iter();
    let check = checks.find(|check| check["name"] == name && check["state"] == "failed")?;
    let text = |key: &str| check[key].as_str().unwrap().to_owned();
    Some((text("found"), text("cure")))
}

#[track_caller]
fn names(found: &Value, check: &str, words: &[&str]) {
    let Some((cause, cure)) = failure(found, check) else {
        panic!("`{check}` did not fail: {found:#}");
    };
    for word in words {
        assert!(
            cause.contains(word) || cure.contains(word),
            "`{word}` in: {cause} / {cure}"
        );
    }
    assert!(!cure.is_empty());
}

fn names_of_files(hosts: &Hosts, folder: &str, ending: &str) -> std::path::PathBuf {
    let entries = std::fs::read_dir(hosts.path(folder)).unwrap();
    let mut files = entries.map(|entry| entry.unwrap().path());
    files
        .find(|file| file.extension().is_some_and(|found| found == ending))
        .unwrap()
}

#[test]
fn what_is_healthy_is_said_to_be() {
    let mut hosts = Hosts::start();
    hosts.add_worker("w1");
    for folder in ["m", "w1"] {
        let found = examined(&hosts, &["--data", folder]);
        assert_eq!(found["healthy"], true, "{found:#}");
    }
    hosts.run(&["doctor"]).success();
}

#[test]
fn faults_of_a_folder_are_named_with_their_cures() {
    let mut hosts = Hosts::start();
    hosts.add_worker("w1");
    hosts.stop_worker("w1");
    let worker = |hosts: &Hosts| examined(hosts, &["--data", "w1"]);
    names(
        &worker(&hosts),
        "service",
        &["no worker runs", "soctl workers run"],
    );

    let key = names_of_files(&hosts, "w1/My", "key");
    let mode = |mode: u32| {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(0o644);
    names(
        &worker(&hosts),
        "private key",
        &["read by others", "chmod 600"],
    );
    mode(0o600);

    let text = std::fs::read(&key).unwrap();
    let other = hosts.soctl.home().join("other.cer");
    let create = [
        "cert",
        "create",
        "--name",
        "x",
        "--out",
        other.to_str().unwrap(),
    ];
    hosts.soctl.run(&create).success();
    std::fs::copy(hosts.path("other.key"), &key).unwrap();
    names(&worker(&hosts), "private key", &["cannot be used"]);
    std::fs::write(&key, text).unwrap();

    let root = names_of_files(&hosts, "w1/Root", "cer");
    let kept = std::fs::read(&root).unwrap();
    std::fs::remove_file(&root).unwrap();
    names(
        &worker(&hosts),
        "master's certificate",
        &["Root", "soctl cert install"],
    );
    std::fs::write(&root, kept).unwrap();

    let spool = hosts.path("w1/spool");
    let old = std::fs::File::create(spool.join("7-1.spool")).unwrap();
    let hours_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(7200);
    old.set_modified(hours_ago).unwrap();
    names(&worker(&hosts), "logs that wait", &["1 files", "120 min"]);
    std::fs::remove_file(spool.join("7-1.spool")).unwrap();

    let settings = hosts.path("w1/WorkerSettings.config");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, text.replace("MaxTaskCount", "MaxTaskCuont")).unwrap();
    names(
        &worker(&hosts),
        "settings",
        &["MaxTaskCuont", "did you mean `MaxTaskCount`?"],
    );
    std::fs::write(&settings, text).unwrap();
}

#[test]
fn faults_between_worker_and_master_are_named_with_their_cures() {
    let mut hosts = Hosts::start();
    hosts.add_worker("w1");
    let worker = |hosts: &Hosts| examined(hosts, &["--data", "w1"]);
    // Nobody listens there.
    hosts.set("w1", "MasterEndpoint", "https://localhost:1");
    names(
        &worker(&hosts),
        "endpoint",
        &["cannot be reached", "--open-firewall"],
    );
    // A name that is not in the certificate.
    hosts.set(
        "w1",
        "MasterEndpoint",
        &format!("https://127.0.0.1:{}", hosts.port),
    );
    names(
        &worker(&hosts),
        "endpoint",
        &["not a name in the certificate", "localhost"],
    );
    hosts.set(
        "w1",
        "MasterEndpoint",
        &format!("https://localhost:{}", hosts.port),
    );
    // Another certificate than the worker expects.
    hosts
        .soctl
        .run(&["cert", "create", "--name", "localhost", "--out", "o.cer"])
        .success();
    let install = [
        "cert", "install", "o.cer", "--store", "Root", "--data", "w1",
    ];
    hosts.soctl.run(&install).success();
    let shown = hosts.soctl.json(&["cert", "show", "o.cer"]);
    let get = [
        "worker",
        "settings",
        "get",
        "MasterHttpsCertThumbprint",
        "--data",
        "w1",
    ];
    let right = hosts.soctl.json(&get)["value"].as_str().unwrap().to_owned();
    hosts.set(
        "w1",
        "MasterHttpsCertThumbprint",
        shown["thumbprint"].as_str().unwrap(),
    );
    names(
        &worker(&hosts),
        "endpoint",
        &["has thumbprint", &right, "is expected"],
    );
    hosts.set("w1", "MasterHttpsCertThumbprint", &right);
    // The master does not trust the worker.
    let listed = hosts
        .soctl
        .json(&["cert", "list", "--data", "m", "--store", "Root"]);
    let thumbprint = listed[0]["thumbprint"].as_str().unwrap();
    hosts
        .soctl
        .run(&["cert", "remove", thumbprint, "--data", "m", "--yes"])
        .success();
    hosts.until("workers list", |_| {
        failure(&worker(&hosts), "let in").is_some()
    });
    names(
        &worker(&hosts),
        "let in",
        &[thumbprint, "soctl workers add"],
    );
}

#[test]
fn faults_of_a_master_are_named_with_their_cures() {
    let mut hosts = Hosts::start();
    // No worker yet.
    let found = examined(&hosts, &["--data", "m"]);
    names(
        &found,
        "workers",
        &["no worker has registered", "soctl workers token create"],
    );
    hosts.add_worker("w1");
    hosts.run(&["workers", "disable", "w1"]).success();
    names(
        &examined(&hosts, &["--data", "m"]),
        "worker enabled",
        &["w1", "soctl workers enable"],
    );
    // A certificate that other machines can call by none of its names.
    let rotate = [
        "cert",
        "rotate",
        "master",
        "--data",
        "m",
        "--name",
        "localhost",
    ];
    hosts.soctl.run(&rotate).success();
    names(
        &examined(&hosts, &["--data", "m"]),
        "name in certificate",
        &["its names are localhost", "soctl cert rotate master"],
    );
    drop(hosts.master.take());
    let listener = std::net::TcpListener::bind(format!("127.0.0.1:{}", hosts.port)).unwrap();
    let found = examined(&hosts, &["--data", "m"]);
    names(
        &found,
        "port",
        &["is taken by", &std::process::id().to_string(), "PortNumber"],
    );
    names(&found, "service", &["no master runs"]);
    drop(listener);
}

/// What the doctor finds on a machine whose clock is ahead by this, such as `+10m`, or nothing where
/// clocks cannot be changed.
fn examined_later_or_skip(hosts: &Hosts, ahead: &str, arguments: &[&str]) -> Option<Value> {
    let program = env!("CARGO_BIN_EXE_soctl");
    let mut all = vec!["-f", ahead, program, "doctor", "--output", "json"];
    all.extend(arguments);
    let mut command = hosts.as_admin(hosts.soctl.command_of("faketime", &all));
    // Rests go by the clock of the machine.
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    match command.output() {
        Ok(output) => Some(Ran::from(output).json()),
        Err(_) => {
            println!("skipped: no faketime here");
            None
        }
    }
}

#[test]
fn clocks_that_differ_and_services_that_are_silent_are_named_with_their_cures() {
    let mut hosts = Hosts::start();
    hosts.add_worker("w1");
    let Some(found) = examined_later_or_skip(&hosts, "+10m", &["--data", "w1"]) else {
        return;
    };
    names(&found, "clock", &["s behind", "timedatectl set-ntp true"]);
    // By that clock neither has said anything for ten minutes.
    names(&found, "master online", &["sign of life", "clocks"]);
    names(&found, "worker online", &["w1", "offline", "soctl doctor"]);
    let found = examined_later_or_skip(&hosts, "-4m", &["--data", "w1"]).unwrap();
    names(&found, "clock", &["s ahead of"]);
    // Further back than new certificates begin, so that nobody gets as far as comparing clocks.
    let found = examined_later_or_skip(&hosts, "-10m", &["--data", "w1"]).unwrap();
    names(&found, "certificate", &["not valid before", "timedatectl"]);
    names(&found, "endpoint", &["not valid before", "timedatectl"]);
}

#[test]
fn certificates_that_end_are_named_with_their_cures_everywhere() {
    let mut hosts = Hosts::start();
    hosts.init_worker_with("w1", &["--valid-for", "20"]);
    hosts.let_in("w1");
    let found = examined(&hosts, &["--data", "w1"]);
    names(
        &found,
        "certificate",
        &["only", "days left", "renews it by itself"],
    );
    let remote = examined_by_a_third_machine(&hosts);
    names(
        &remote,
        "worker certificate",
        &["w1", "soctl cert rotate worker"],
    );
    let days = "19 days left";
    for command in ["workers list", "scaleout status", "workers show w1"] {
        let words: Vec<&str> = command.split(' ').collect();
        let shown = hosts.run(&words).success();
        let shown = shown.stdout + &shown.stderr;
        assert!(shown.contains(days), "`soctl {command}`: {shown}");
    }
    hosts.stop_worker("w1");
    let Some(found) = examined_later_or_skip(&hosts, "+25d", &["--data", "w1"]) else {
        return;
    };
    names(&found, "certificate", &["expired", "soctl worker init"]);
}

/// What the doctor finds on a machine without any service.
fn examined_by_a_third_machine(hosts: &Hosts) -> Value {
    examined_of(hosts.command(&["doctor", "--output", "json"]))
}

fn examined_of(mut command: std::process::Command) -> Value {
    Ran::from(command.output().unwrap()).json()
}

#[test]
fn a_master_without_scale_out_is_named_with_its_cure() {
    let hosts = Hosts::start_with(&[]);
    let found = examined_by_a_third_machine(&hosts);
    names(
        &found,
        "scale-out enabled",
        &["not enabled", "soctl scaleout enable"],
    );
}

#[test]
fn a_catalog_of_another_version_is_named_with_its_cure() {
    let hosts = Hosts::start();
    let catalog = rusqlite::Connection::open(hosts.path("m/catalog.db")).unwrap();
    let later = "INSERT INTO schema_migration VALUES (9999, '2026-01-01T00:00:00Z')";
    catalog.execute(later, []).unwrap();
    let found = examined_by_a_third_machine(&hosts);
    names(&found, "catalog", &["9999"]);
}

#[test]
fn a_catalog_that_is_away_is_named_with_its_cure() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    let location = cluster.url("postgres");
    let hosts = Hosts::start_with(&["--catalog", &location]);
    hosts.run(&["scaleout", "enable"]).success();
    cluster.stop();
    let found = examined_by_a_third_machine(&hosts);
    let (cause, cure) = failure(&found, "catalog").unwrap();
    assert!(!cause.is_empty() && !cure.is_empty(), "{cause} / {cure}");
    cluster.start();
    hosts.until("scaleout status", |status| status["workers"] == 0);
}

#[test]
fn a_master_that_cannot_be_reached_is_named_with_its_cure() {
    let mut hosts = Hosts::start();
    // The login is known from before.
    let _known = hosts.json(&["scaleout", "status"]);
    drop(hosts.master.take());
    let found = examined_by_a_third_machine(&hosts);
    names(&found, "catalog", &["cannot be reached"]);
}

#[test]
fn a_disk_that_is_full_is_named_with_its_cure() {
    let hosts = Hosts::start();
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: a small disk needs root");
        return;
    }
    let (small, program) = (hosts.path("small"), env!("CARGO_BIN_EXE_soctl"));
    std::fs::create_dir(&small).unwrap();
    // Seen by this one process only.
    let script = format!(
        "mount -t tmpfs -o size=64m none {0} && cp -a {1}/. {0}/ && exec {program} doctor --data {0} --output json",
        small.display(),
        hosts.path("m").display(),
    );
    let command = ["--mount", "sh", "-c", &script];
    let found = examined_of(hosts.soctl.command_of("unshare", &command));
    names(
        &found,
        "disk space",
        &["MB are free", "soctl catalog cleanup"],
    );
}

#[test]
fn a_certificate_that_is_too_weak_is_named_with_its_cure() {
    let hosts = Hosts::start();
    let weak = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../scaleout-core/src/certificates/fixtures/weak_sig.pem");
    std::fs::copy(weak, hosts.path("m/Root/weak.cer")).unwrap();
    let found = examined(&hosts, &["--data", "m"]);
    names(
        &found,
        "trusted certificates",
        &["SHA-1", "soctl cert remove"],
    );
}
