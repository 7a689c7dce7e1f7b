//! Workers that are added: by a token, by a certificate, by a thumbprint, over ssh; and that go again.

use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::hosts::{Hosts, free_port};
use crate::support::package;
use crate::support::patience::tries;
use crate::support::service::Service;
use crate::support::{Ran, Soctl};

fn token(hosts: &Hosts, options: &[&str]) -> String {
    let mut create = vec!["workers", "token", "create"];
    create.extend(options);
    hosts.json(&create)["token"].as_str().unwrap().to_owned()
}

/// The command that joins as `name`, not yet started.
fn join(hosts: &Hosts, name: &str, token: &str, options: &[&str]) -> Command {
    let endpoint = format!("https://localhost:{}", hosts.port);
    let mut arguments = vec![
        "worker", "join", "--master", &endpoint, "--data", name, "--name", name, "--output", "json",
    ];
    arguments.extend(options);
    let mut command = hosts.soctl.command(&arguments);
    command.env("SOCTL_JOIN_TOKEN", token);
    command
}

fn joined(hosts: &Hosts, name: &str, token: &str, options: &[&str]) -> Ran {
    Ran::from(join(hosts, name, token, options).output().unwrap())
}

fn runs_a_package(hosts: &Hosts) {
    let text = package::process("hello", "true", "");
    std::fs::write(hosts.path("hello.dtsx"), text).unwrap();
    hosts
        .run(&["execute", "--package", "./hello.dtsx"])
        .success();
}

fn online(hosts: &Hosts, name: &str) -> Value {
    let listed = hosts.until("workers list", |listed| {
        let mut all = listed.as_array().unwrap().iter();
        all.any(|worker| worker["display_name"] == name)
    });
    let mut all = listed.as_array().unwrap().iter();
    all.find(|worker| worker["display_name"] == name)
        .unwrap()
        .clone()
}

#[test]
fn a_worker_joins_with_a_token_from_an_approved_network_and_runs_a_package() {
    let mut hosts = Hosts::start();
    let token = token(
        &hosts,
        &["--auto-approve", "127.0.0.0/8,::1/128", "--enable"],
    );
    let made = joined(&hosts, "w1", &token, &[]).success().json();
    assert_eq!(made["state"], "approved");
    hosts.run_worker("w1");
    online(&hosts, "w1");
    runs_a_package(&hosts);
    // The token has done its work; the same worker may ask again, another may not.
    assert_eq!(
        joined(&hosts, "w1", &token, &[]).success().json()["state"],
        "approved"
    );
    joined(&hosts, "w2", &token, &[]).fails(6, &["SO7181", "used already"]);
}

#[test]
fn an_administrator_decides_about_a_worker_that_asks() {
    let mut hosts = Hosts::start();
    let first = token(&hosts, &["--auto-approve", "10.0.0.0/8"]);
    assert_eq!(
        joined(&hosts, "w1", &first, &["--no-wait"])
            .success()
            .json()["state"],
        "pending"
    );
    // Before that it is not let in, and is told so.
    let run = ["workers", "run", "--data", "w1"];
    Service::says(&hosts.soctl, &run, "SO1008");
    let listed = hosts.run(&["workers", "list"]).success();
    assert!(listed.stdout.contains("`w1` asks to join"), "{listed:?}");
    let waiting = hosts.json(&["workers", "requests"]);
    assert_eq!(waiting[0]["display_name"], "w1");
    hosts
        .run(&["workers", "approve", "w1", "--enable"])
        .success();
    hosts
        .run(&["workers", "approve", "w1"])
        .fails(4, &["asks to join"]);
    hosts.run_worker("w1");
    online(&hosts, "w1");
    runs_a_package(&hosts);
    let second = token(&hosts, &[]);
    joined(&hosts, "w2", &second, &["--no-wait"]).success();
    hosts.run(&["workers", "reject", "w2"]).success();
    joined(&hosts, "w2", &second, &[]).fails(6, &["SO7184"]);
}

#[test]
fn a_token_pins_the_master_and_guessing_is_refused() {
    let hosts = Hosts::start();
    let good = token(&hosts, &[]);
    let (_, thumbprint) = good.rsplit_once('.').unwrap();
    let guessed = format!("so1.{}.{thumbprint}", "0".repeat(64));
    joined(&hosts, "w1", &guessed, &[]).fails(6, &["SO7180"]);
    let elsewhere = good.replace(thumbprint, &"A".repeat(64));
    joined(&hosts, "w2", &elsewhere, &[]).fails(7, &["SO1009"]);
    assert!(
        !hosts.path("w2").exists(),
        "nothing was set up for a master that is another"
    );
    joined(&hosts, "w3", "nonsense", &[]).fails(6, &["no token"]);
}

#[test]
fn a_worker_is_added_by_its_certificate_or_thumbprint() {
    let mut hosts = Hosts::start();
    hosts.init_worker("w1");
    let add = [
        "workers",
        "add",
        "w1",
        "--cert",
        "w1/SSISScaleOutWorker.cer",
    ];
    let mut plan = add.to_vec();
    plan.push("--dry-run");
    assert_eq!(hosts.json(&plan)["dry_run"], true);
    let told = hosts.run(&add).success().stdout;
    assert!(
        told.contains("soctl worker init") && told.contains("soctl workers enable"),
        "{told}"
    );
    hosts.run_worker("w1");
    online(&hosts, "w1");
    hosts.init_worker("w2");
    let shown = hosts
        .soctl
        .json(&["cert", "show", "w2/SSISScaleOutWorker.cer"]);
    let thumbprint = shown["thumbprint"].as_str().unwrap();
    hosts
        .run(&["workers", "add", "w2", "--thumbprint", thumbprint])
        .success();
    hosts.run_worker("w2");
    let worker = online(&hosts, "w2");
    assert_eq!(worker["certificate_thumbprint"], thumbprint);
    hosts
        .run(&["workers", "describe", "w2", "in the cellar"])
        .success();
    let shown = hosts.json(&["workers", "show", "w2"]);
    assert_eq!(shown["description"], "in the cellar");
}

#[test]
fn a_revoked_certificate_is_refused_at_the_next_request() {
    let mut hosts = Hosts::start();
    hosts.add_worker("w1");
    let worker = online(&hosts, "w1");
    let thumbprint = worker["certificate_thumbprint"].as_str().unwrap();
    hosts
        .run(&["cert", "revoke", thumbprint])
        .fails(6, &["SO8020"]);
    hosts
        .run(&["cert", "revoke", thumbprint, "--yes"])
        .success();
    hosts.stop_worker("w1");
    let run = ["workers", "run", "--data", "w1"];
    let said = Service::says(&hosts.soctl, &run, "SO7185");
    assert!(said.contains("revoked"), "{said}");
    // Trusting it again takes another certificate.
    let add = [
        "workers",
        "add",
        "w1",
        "--cert",
        "w1/SSISScaleOutWorker.cer",
    ];
    hosts.run(&add).fails(6, &["SO7185"]);
}

#[test]
fn a_worker_makes_itself_a_new_certificate_when_told() {
    let mut hosts = Hosts::start();
    hosts.add_worker("w1");
    let before = online(&hosts, "w1")["certificate_thumbprint"].clone();
    hosts.run(&["cert", "rotate", "worker", "w1"]).success();
    hosts.until("workers list", |listed| {
        let now = &listed[0]["certificate_thumbprint"];
        now.is_string() && *now != before
    });
    runs_a_package(&hosts);
    // Its folder has it, so that the next start shows it too.
    hosts.stop_worker("w1");
    hosts.run_worker("w1");
    runs_a_package(&hosts);
}

#[test]
fn a_deleted_worker_is_gone_and_its_certificate_refused() {
    let mut hosts = Hosts::start();
    hosts.add_worker("w1");
    hosts.run(&["workers", "delete", "w1", "--yes"]).success();
    assert_eq!(
        hosts.json(&["workers", "list"]).as_array().unwrap().len(),
        0
    );
    hosts.stop_worker("w1");
    Service::says(&hosts.soctl, &["workers", "run", "--data", "w1"], "SO7185");
}

#[test]
fn a_worker_that_runs_something_is_deleted_by_force_alone_and_its_task_goes_to_another() {
    let mut hosts = Hosts::start();
    hosts.add_worker("w1");
    // Both attempts wait for the file.
    let go = hosts.path("go");
    std::fs::write(hosts.path("p.dtsx"), package::waiting("p", &go)).unwrap();
    let started = hosts.json(&["execute", "--package", "./p.dtsx", "--detach"]);
    let id = started[0]["execution_id"].to_string();
    let show = format!("executions show {id}");
    hosts.until(&show, |shown| shown["status"] == "running");
    let busy = hosts.run(&["workers", "delete", "w1", "--yes"]);
    busy.fails(6, &["SO7187", "1", "--force"]);
    let still = hosts.json(&["workers", "show", "w1"]);
    assert_eq!(still["enabled"], true, "{still:#}");

    hosts.add_worker("w2");
    hosts
        .run(&["workers", "delete", "w1", "--yes", "--force"])
        .success();
    let taken = hosts.until(&show, |shown| shown["worker_name"] == "w2");
    assert_eq!(taken["status"], "running", "{taken:#}");
    std::fs::write(go, "").unwrap();
    let ended = hosts.until(&show, |shown| shown["status"] != "running");
    assert_eq!(ended["status"], "succeeded", "{ended:#}");
    hosts.run(&["workers", "show", "w1"]).fails(4, &["w1"]);
    // It cannot report what it ran, and would wait for that to its deadline.
    let at = hosts.workers.iter().position(|(name, _)| name == "w1");
    hosts.workers.remove(at.unwrap()).1.kill();
}

/// A real `sshd` on loopback, for one test; ended with it.
struct Sshd {
    child: Child,
}

impl Sshd {
    /// Starts one in the home; gives nothing where there is none.
    fn start_or_skip(soctl: &Soctl, port: &str) -> Option<Self> {
        let program = "/usr/sbin/sshd";
        if !nix::unistd::geteuid().is_root() || !std::path::Path::new(program).is_file() {
            println!("skipped: an sshd on loopback needs root and {program}");
            return None;
        }
        let home = soctl.home().display().to_string();
        // Where sshd leaves its rights behind; distributions make it at boot.
        std::fs::create_dir_all("/run/sshd").unwrap();
        for key in ["host", "user"] {
            let make = ["-q", "-t", "ed25519", "-N", "", "-f", key];
            Ran::from(soctl.command_of("ssh-keygen", &make).output().unwrap()).success();
        }
        std::fs::copy(
            soctl.home().join("user.pub"),
            soctl.home().join("authorized"),
        )
        .unwrap();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {home}/host\nPidFile none\n\
             AuthorizedKeysFile {home}/authorized\nStrictModes no\nUsePAM no\n\
             PermitRootLogin prohibit-password\nPasswordAuthentication no\n"
        );
        std::fs::write(soctl.home().join("sshd_config"), config).unwrap();
        let client = format!(
            "Host worker\n HostName 127.0.0.1\n Port {port}\n User root\n IdentityFile {home}/user\n\
             StrictHostKeyChecking no\n UserKnownHostsFile {home}/known\n LogLevel ERROR\n"
        );
        std::fs::write(soctl.home().join("ssh_config"), client).unwrap();
        let child = Command::new(program)
            .args(["-D", "-e", "-f"])
            .arg(soctl.home().join("sshd_config"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let sshd = Self { child };
        for () in tries() {
            if std::net::TcpStream::connect(format!("127.0.0.1:{port}")).is_ok() {
                return Some(sshd);
            }
            std::thread::yield_now();
        }
        Some(sshd)
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        // It may be gone already.
        let _gone = self.child.kill();
        let _ended = self.child.wait();
    }
}

#[test]
fn a_worker_is_added_over_ssh_with_both_sides_done() {
    let hosts = Hosts::start();
    let port = free_port();
    let Some(_sshd) = Sshd::start_or_skip(&hosts.soctl, &port) else {
        return;
    };
    let home = hosts.soctl.home().display().to_string();
    let program = env!("CARGO_BIN_EXE_soctl");
    let data = format!("{home}/far");
    // What starts the service again is whatever the machine has; here a process that is left running.
    let restart = format!(
        "nohup {program} workers run --data {data} >{home}/far.log 2>&1 </dev/null & echo $! >{home}/far.pid"
    );
    let add = [
        "workers",
        "add",
        "far",
        "--ssh",
        "worker",
        "--ssh-config",
        "ssh_config",
        "--remote-data",
        &data,
        "--remote-soctl",
        program,
        "--restart-command",
        &restart,
        "--enable",
    ];
    let mut plan = add.to_vec();
    plan.push("--dry-run");
    assert_eq!(hosts.json(&plan)["dry_run"], true);
    assert!(!hosts.path("far").exists());
    let added = hosts.json(&add);
    assert_eq!(added["enabled"], true);
    runs_a_package(&hosts);
    let process = std::fs::read_to_string(hosts.path("far.pid")).unwrap();
    let process = nix::unistd::Pid::from_raw(process.trim().parse().unwrap());
    nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGTERM).unwrap();
    let nowhere = [
        "workers",
        "add",
        "x",
        "--ssh",
        "worker",
        "--ssh-config",
        "ssh_config",
        "--remote-soctl",
        "/nonexistent/soctl",
    ];
    hosts
        .run(&nowhere)
        .fails(1, &["SO8030", "/nonexistent/soctl"]);
}
