//! Setting up a master and a worker: `init`, and running from what it has written.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::hosts::free_port;
use crate::support::patience::tries;
use crate::support::service::Service;
use crate::support::{Ran, Soctl};

/// All files below a folder with what they hold.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.display().to_string(), std::fs::read(&path).unwrap());
        }
    }
    found
}

fn states(json: &Value) -> Vec<String> {
    let steps = json["steps"].as_array().unwrap();
    let state = |step: &Value| step["state"].as_str().unwrap().to_owned();
    steps.iter().map(state).collect()
}

const MASTER: [&str; 8] = [
    "master",
    "init",
    "--yes",
    "--data",
    "m",
    "--name",
    "localhost",
    "--port",
];

/// Runs a command against the master in the folder `m`.
pub fn at_master(soctl: &Soctl, port: &str, arguments: &[&str]) -> Ran {
    let token = std::fs::read_to_string(soctl.home().join("m/admin.token")).unwrap();
    let shown = soctl.json(&["cert", "show", "m/SSISScaleOutMaster.cer"]);
    let mut command = soctl.command(arguments);
    command
        .env("SOCTL_MASTER", format!("https://localhost:{port}"))
        .env(
            "SOCTL_THUMBPRINT",
            shown["thumbprint_sha256"].as_str().unwrap(),
        )
        .env("SOCTL_TOKEN", token.trim());
    Ran::from(command.output().unwrap())
}

#[test]
fn a_master_and_a_worker_that_were_set_up_run_a_package() {
    let (soctl, port) = (Soctl::new(), free_port());
    let mut master = MASTER.to_vec();
    master.push(&port);
    let made = soctl.json(&master);
    assert_eq!(made["endpoint"], format!("https://localhost:{port}"));
    let endpoint = made["endpoint"].as_str().unwrap();
    let worker = [
        "worker",
        "init",
        "--yes",
        "--data",
        "w",
        "--name",
        "computerA",
        "--description",
        "the one by the window",
        "--master-endpoint",
        endpoint,
        "--master-cert",
        "m/SSISScaleOutMaster.cer",
    ];
    soctl.run(&worker).success();
    let install = [
        "cert",
        "install",
        "w/SSISScaleOutWorker.cer",
        "--store",
        "Root",
        "--data",
        "m",
    ];
    soctl.run(&install).success();
    for key in ["m/My", "w/My"] {
        let all = files(&soctl.home().join(key));
        let keys: Vec<&String> = all.keys().filter(|file| file.ends_with(".key")).collect();
        assert_eq!(keys.len(), 1, "{keys:?}");
        let mode = std::fs::metadata(keys[0]).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let _master = Service::start(&soctl, &["master", "run", "--data", "m"]);
    let _worker = Service::start(&soctl, &["workers", "run", "--data", "w"]);
    at_master(&soctl, &port, &["scaleout", "enable"]).success();
    let mut listed = Value::Null;
    for () in tries() {
        let list = ["workers", "list", "--output", "json"];
        listed = at_master(&soctl, &port, &list).success().json();
        if listed[0]["display_name"] == "computerA" {
            break;
        }
    }
    assert_eq!(listed[0]["description"], "the one by the window");
    at_master(&soctl, &port, &["workers", "enable", "computerA"]).success();
    let package = crate::support::package::process("hello", "true", "");
    std::fs::write(soctl.home().join("hello.dtsx"), package).unwrap();
    at_master(&soctl, &port, &["execute", "--package", "./hello.dtsx"]).success();
}

#[test]
fn a_plan_changes_nothing_and_neither_does_a_second_set_up() {
    let (soctl, port) = (Soctl::new(), free_port());
    let mut master = MASTER.to_vec();
    master.push(&port);
    let mut plan = master.clone();
    plan.push("--dry-run");
    let planned = soctl.json(&plan);
    assert!(
        states(&planned).iter().all(|state| state == "to_do"),
        "{planned}"
    );
    assert!(!soctl.home().join("m").exists());
    soctl.run(&master).success();
    let first = files(&soctl.home().join("m"));
    let again = soctl.json(&master);
    assert_eq!(again["changed"], false);
    assert!(
        states(&again).iter().all(|state| state == "already"),
        "{again}"
    );
    assert_eq!(files(&soctl.home().join("m")), first);
    // Other names need another certificate, and it is said how to get it.
    let other = [
        "master",
        "init",
        "--yes",
        "--data",
        "m",
        "--name",
        "etl.example",
    ];
    soctl
        .run(&other)
        .fails(6, &["etl.example", "soctl cert rotate master"]);
    assert_eq!(files(&soctl.home().join("m")), first);
}

#[test]
fn the_parameters_of_the_original_mean_the_same() {
    let (soctl, port) = (Soctl::new(), free_port());
    let made = soctl.json(&[
        "master",
        "init",
        "--yes",
        "--data",
        "m",
        "--ISMASTERSVCPORT",
        &port,
        "--ISMasterSVCSSLCertCN",
        "CN=m.example;CN=10.0.0.5",
        "--ISMASTERSVCPASSWORD",
        "x",
    ]);
    assert_eq!(made["names"], serde_json::json!(["m.example", "10.0.0.5"]));
    assert_eq!(made["endpoint"], format!("https://m.example:{port}"));
    let thumbprint = made["thumbprint"].as_str().unwrap();
    let same = [
        "master",
        "init",
        "--yes",
        "--data",
        "m",
        "--ISMASTERSVCTHUMBPRINT",
        thumbprint,
    ];
    assert_eq!(soctl.json(&same)["changed"], false);
    soctl
        .run(&[
            "worker",
            "init",
            "--yes",
            "--data",
            "w",
            "--ISWORKERSVCMASTER",
            "https://m.example:8391",
            "--ISWORKERSVCCERT",
            "m/SSISScaleOutMaster.cer",
        ])
        .success();
    let get = |key: &str| soctl.json(&["worker", "settings", "get", key, "--data", "w"]);
    assert_eq!(get("MasterEndpoint")["value"], "https://m.example:8391");
    assert_eq!(get("MasterHttpsCertThumbprint")["value"], thumbprint);
}

#[test]
fn an_existing_certificate_is_taken_instead_of_a_new_one() {
    let soctl = Soctl::new();
    let create = [
        "cert",
        "create",
        "--name",
        "etl.example",
        "--out",
        "own.cer",
    ];
    soctl.run(&create).success();
    let init = [
        "master",
        "init",
        "--yes",
        "--data",
        "m",
        "--certificate",
        "own.cer",
        "--key",
        "own.key",
    ];
    let made = soctl.json(&init);
    assert_eq!(made["names"], serde_json::json!(["etl.example"]));
    assert_eq!(soctl.json(&init)["changed"], false);
    soctl
        .run(&["cert", "create", "--name", "x", "--out", "other.cer"])
        .success();
    let mixed = [
        "master",
        "init",
        "--yes",
        "--data",
        "n",
        "--certificate",
        "own.cer",
        "--key",
        "other.key",
    ];
    soctl.run(&mixed).fails(6, &["cannot be used"]);
}

#[test]
fn on_a_terminal_it_asks_for_what_is_not_given_and_shows_the_plan() {
    let soctl = Soctl::new();
    let ran = soctl.run_on_terminal(
        &["worker", "init", "--data", "w"],
        &[
            ("Address of the master", "https://m.example:8400\r"),
            ("File with the master's certificate", "\r"),
            ("Description", "in the cellar\r"),
            ("as a service", "n"),
            ("Go on?", "y"),
        ],
    );
    ran.success();
    let get = |key: &str| soctl.json(&["worker", "settings", "get", key, "--data", "w"]);
    assert_eq!(get("MasterEndpoint")["value"], "https://m.example:8400");
    assert_eq!(get("Description")["value"], "in the cellar");
    // No is an answer too.
    let soctl = Soctl::new();
    let ran = soctl.run_on_terminal(
        &[
            "worker",
            "init",
            "--data",
            "w",
            "--master-endpoint",
            "https://m:1",
            "--description",
            "",
        ],
        &[
            ("File with the master's certificate", "\r"),
            ("as a service", "n"),
            ("Go on?", "n"),
        ],
    );
    assert_eq!(ran.code, 130, "{}", ran.stderr);
    assert!(!soctl.home().join("w").exists());
}

#[test]
fn a_service_gets_a_unit_that_systemd_understands() {
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: only root can give files to the account of a service");
        return;
    }
    let soctl = Soctl::new();
    std::fs::create_dir(soctl.home().join("units")).unwrap();
    for (kind, folder) in [("master", "m"), ("worker", "w")] {
        let init = [
            kind,
            "init",
            "--yes",
            "--data",
            folder,
            "--service",
            "--account",
            "daemon",
            "--startup-type",
            "manual",
            "--unit-folder",
            "units",
        ];
        let made = soctl.json(&init);
        assert!(states(&made).contains(&"done".to_owned()), "{made}");
        let unit = soctl.home().join(format!("units/scaleout-{kind}.service"));
        let text = std::fs::read_to_string(&unit).unwrap();
        for line in ["User=daemon", "NoNewPrivileges=yes", "Restart=on-failure"] {
            assert!(text.contains(line), "{text}");
        }
        let settings = std::fs::metadata(soctl.home().join(folder)).unwrap();
        let daemon = nix::unistd::User::from_name("daemon").unwrap().unwrap();
        let owner = std::os::unix::fs::MetadataExt::uid(&settings);
        assert_eq!(owner, daemon.uid.as_raw());
        match Command::new("systemd-analyze")
            .arg("verify")
            .arg(&unit)
            .output()
        {
            Ok(said) => assert!(
                said.status.success() && said.stderr.is_empty(),
                "{}",
                String::from_utf8_lossy(&said.stderr)
            ),
            Err(_) => println!("skipped in part: no systemd-analyze to verify the unit"),
        }
    }
    let windows = [
        "worker",
        "init",
        "--dry-run",
        "--data",
        "x",
        "--service",
        "--ISWORKERSVCACCOUNT",
        "NT Service\\SSISScaleOutWorker140",
    ];
    soctl
        .run(&windows)
        .fails(6, &["SSISScaleOutWorker140", "not an account"]);
}

/// In a network of its own, so that no rule of this machine is touched.
#[test]
fn a_port_is_opened_in_nftables_once() {
    let soctl = Soctl::new();
    let script = r#"
        set -e
        nft add table inet filter
        nft 'add chain inet filter input { type filter hook input priority 0; policy drop; }'
        "$1" master init --yes --data m --port 8400 --open-firewall=nftables --output json >first.json
        "$1" master init --yes --data m --port 8400 --open-firewall=nftables --output json >second.json
        nft list chain inet filter input
    "#;
    let mut command = soctl.command_of("unshare", &["--net", "sh", "-c", script, "sh"]);
    command.arg(env!("CARGO_BIN_EXE_soctl"));
    let has = |program: &str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    };
    if !nix::unistd::geteuid().is_root() || !has("nft") || !has("unshare") {
        println!("skipped: nftables in a network of its own needs root, unshare and nft");
        return;
    }
    let ran = Ran::from(command.output().unwrap()).success();
    let rules = ran.stdout.matches("tcp dport 8400 accept").count();
    assert_eq!(rules, 1, "{}", ran.stdout);
    let second = std::fs::read(soctl.home().join("second.json")).unwrap();
    let second: Value = serde_json::from_slice(&second).unwrap();
    assert_eq!(second["changed"], false, "{second}");
}

/// The other two firewalls, by programs that only write down what they are told.
#[test]
fn ufw_and_firewalld_are_told_in_their_own_words() {
    for (firewall, program, expected) in [
        ("ufw", "ufw", "allow 8400/tcp"),
        (
            "firewalld",
            "firewall-cmd",
            "--permanent --add-port=8400/tcp",
        ),
    ] {
        let soctl = Soctl::new();
        let tools = soctl.home().join("tools");
        std::fs::create_dir(&tools).unwrap();
        let file = tools.join(program);
        std::fs::write(&file, "#!/bin/sh\necho \"$@\" >>told\n").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        let option = format!("--open-firewall={firewall}");
        let init = [
            "master", "init", "--yes", "--data", "m", "--port", "8400", &option,
        ];
        let mut command = soctl.command(&init);
        command.env("PATH", &tools);
        Ran::from(command.output().unwrap()).success();
        let told = std::fs::read_to_string(soctl.home().join("told")).unwrap();
        assert!(told.lines().any(|line| line == expected), "{told}");
    }
}

#[test]
fn a_name_that_no_certificate_can_have_stops_the_plan_and_leaves_nothing_behind() {
    let soctl = Soctl::new();
    let init = ["master", "init", "--yes", "--data", "m", "--name", "a b"];
    soctl.run(&init).fails(6, &["SO1004", "`a b`"]);
    assert!(!soctl.home().join("m").exists());
}
