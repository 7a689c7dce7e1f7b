//! `docs/walkthrough.md`, step by step, on three hosts that are network namespaces.

use scaleout_core::certificates::{CertificateRequest, create_self_signed};
use serde_json::Value;

use crate::support::network::Network;
use crate::support::package;
use crate::support::patience::tries;
use crate::support::service::Service;
use crate::support::{Ran, Soctl};

/// The master's administrator, on the master's host.
struct Admin<'a> {
    hosts: &'a Network,
    soctl: &'a Soctl,
    thumbprint: String,
    token: String,
}

impl Admin<'_> {
    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.hosts.on(self.soctl, "m", arguments);
        command
            .env("SOCTL_MASTER", "https://10.77.0.1:8391")
            .env("SOCTL_THUMBPRINT", &self.thumbprint)
            .env("SOCTL_TOKEN", &self.token);
        Ran::from(command.output().unwrap())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.extend(["--output", "json"]);
        self.run(&all).success().json()
    }

    fn until_online(&self, name: &str) {
        for () in tries() {
            let listed = self.json(&["workers", "list"]);
            let mut all = listed.as_array().unwrap().iter();
            if all.any(|worker| worker["display_name"] == name && worker["online"] == true) {
                return;
            }
        }
        panic!("{name} never came online");
    }
}

fn first_worker(admin: &Admin<'_>) -> Service {
    let (hosts, soctl) = (admin.hosts, admin.soctl);
    // 3. The first worker, with a token.
    let create = [
        "workers",
        "token",
        "create",
        "--auto-approve",
        "10.77.0.0/24",
        "--enable",
    ];
    let invited = admin.json(&create);
    let join = [
        "worker",
        "join",
        "--master",
        "https://10.77.0.1:8391",
        "--data",
        "w1",
        "--name",
        "w1",
    ];
    let mut join = hosts.on(soctl, "w1", &join);
    join.env("SOCTL_JOIN_TOKEN", invited["token"].as_str().unwrap());
    Ran::from(join.output().unwrap()).success();
    let worker = Service::of(hosts.on(soctl, "w1", &["workers", "run", "--data", "w1"]));
    admin.until_online("w1");
    worker
}

fn second_worker(admin: &Admin<'_>) -> Service {
    let (hosts, soctl) = (admin.hosts, admin.soctl);
    // 4. The second one, by its certificate.
    let init = [
        "worker",
        "init",
        "--yes",
        "--data",
        "w2",
        "--name",
        "w2",
        "--master-endpoint",
        "https://10.77.0.1:8391",
        "--master-cert",
        "m/SSISScaleOutMaster.cer",
    ];
    hosts.run(soctl, "w2", &init).success();
    admin
        .run(&[
            "workers",
            "add",
            "w2",
            "--cert",
            "w2/SSISScaleOutWorker.cer",
        ])
        .success();
    let worker = Service::of(hosts.on(soctl, "w2", &["workers", "run", "--data", "w2"]));
    admin.until_online("w2");
    admin.run(&["workers", "enable", "w2"]).success();
    worker
}

/// What the doctor says of a check on a host that is not as it should be.
fn failure(hosts: &Network, soctl: &Soctl, host: &str, name: &str) -> String {
    let examined = ["doctor", "--data", host, "--output", "json"];
    let found = hosts.run(soctl, host, &examined).json();
    let mut checks = found["checks"].as_array().unwrap().iter();
    let check = checks.find(|check| check["name"] == name);
    let check = check.unwrap_or_else(|| panic!("no `{name}` in {found:#}"));
    assert_eq!(check["state"], "failed", "{found:#}");
    format!("{} / {}", check["found"], check["cure"])
}

fn swapped_and_expired(admin: &Admin<'_>, second: Service) -> Service {
    let (hosts, soctl) = (admin.hosts, admin.soctl);
    drop(second);
    let get = [
        "worker",
        "settings",
        "get",
        "WorkerHttpsCertThumbprint",
        "--data",
        "w2",
    ];
    let own = soctl.json(&get)["value"].as_str().unwrap().to_owned();
    let show = |thumbprint: &str| {
        let set = [
            "worker",
            "settings",
            "set",
            "WorkerHttpsCertThumbprint",
            thumbprint,
            "--data",
            "w2",
        ];
        hosts.run(soctl, "w2", &set).success();
    };
    let now = jiff::Timestamp::now();
    let day = jiff::SignedDuration::from_hours(24);
    for (name, begin) in [("swapped", now - day), ("expired", now - day * 40)] {
        let request = CertificateRequest {
            names: vec![name.to_owned()],
            not_before: begin,
            valid_days: 30,
        };
        let issued = create_self_signed(&request).unwrap();
        let file = |ending: &str| soctl.home().join(format!("{name}.{ending}"));
        std::fs::write(file("cer"), issued.certificate.to_pem()).unwrap();
        std::fs::write(file("key"), issued.key.to_pem()).unwrap();
        let (certificate, key) = (format!("{name}.cer"), format!("{name}.key"));
        let install = [
            "cert",
            "install",
            &certificate,
            "--key",
            &key,
            "--data",
            "w2",
        ];
        hosts.run(soctl, "w2", &install).success();
        let thumbprint = issued.certificate.thumbprint().to_string();
        show(&thumbprint);
        let run = ["workers", "run", "--data", "w2"];
        if name == "swapped" {
            let said = failure(hosts, soctl, "w2", "let in");
            assert!(
                said.contains(&thumbprint) && said.contains("soctl workers add"),
                "{said}"
            );
        } else {
            let said = failure(hosts, soctl, "w2", "certificate");
            assert!(said.contains("expired"), "{said}");
            hosts
                .run(soctl, "w2", &run)
                .fails(6, &["SO1006", "expired on"]);
        }
    }
    show(&own);
    let again = Service::of(hosts.on(soctl, "w2", &["workers", "run", "--data", "w2"]));
    admin.until_online("w2");
    again
}

#[test]
fn a_master_and_two_workers_on_hosts_of_their_own() {
    let Some(hosts) = Network::new_or_skip('w') else {
        return;
    };
    let soctl = Soctl::new();
    // 1. Install the master.
    let init = [
        "master",
        "init",
        "--yes",
        "--data",
        "m",
        "--name",
        "10.77.0.1",
    ];
    hosts.run(&soctl, "m", &init).success();
    let _master = Service::of(hosts.on(&soctl, "m", &["master", "run", "--data", "m"]));
    let shown = soctl.json(&["cert", "show", "m/SSISScaleOutMaster.cer"]);
    let token = std::fs::read_to_string(soctl.home().join("m/admin.token")).unwrap();
    let admin = Admin {
        hosts: &hosts,
        soctl: &soctl,
        thumbprint: shown["thumbprint_sha256"].as_str().unwrap().to_owned(),
        token: token.trim().to_owned(),
    };
    // 2. Enable Scale Out.
    admin.run(&["scaleout", "enable"]).success();
    let first = first_worker(&admin);
    let second = second_worker(&admin);
    // 5. Run a package.
    let text = package::process("hello", "true", "");
    std::fs::write(soctl.home().join("hello.dtsx"), text).unwrap();
    admin
        .run(&["execute", "--package", "./hello.dtsx"])
        .success();
    // A worker that shows another certificate, or one that has expired, is found by the doctor; with
    // its own again it works.
    let _second = swapped_and_expired(&admin, second);
    // 6. Replace the master's certificate; 7. revoke the one of a worker.
    hosts
        .run(&soctl, "m", &["cert", "rotate", "master", "--data", "m"])
        .success();
    let listed = admin.json(&["workers", "show", "w1"]);
    let thumbprint = listed["certificate_thumbprint"].as_str().unwrap();
    admin
        .run(&["cert", "revoke", thumbprint, "--yes"])
        .success();
    drop(first);
    let examined = ["doctor", "--data", "w1", "--output", "json"];
    let found = hosts.run(&soctl, "w1", &examined).json();
    let mut checks = found["checks"].as_array().unwrap().iter();
    let let_in = checks.find(|check| check["name"] == "let in").unwrap();
    assert!(
        let_in["found"].as_str().unwrap().contains("revoked"),
        "{found:#}"
    );
    admin
        .run(&["execute", "--package", "./hello.dtsx"])
        .success();
}
