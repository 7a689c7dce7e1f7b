//! A master and workers that `init` has set up, each a process that runs from its folder alone.

use std::path::PathBuf;

use serde_json::Value;

use super::patience::tries;
use super::service::Service;
use super::{Ran, Soctl};

/// A master in the folder `m` and workers in folders of their names, in the home of a `soctl`.
#[derive(Debug)]
pub struct Hosts {
    // Before `soctl`: the processes end before their folder goes.
    /// The master, unless it was stopped.
    pub master: Option<Service>,
    /// The workers, by the names of their folders.
    pub workers: Vec<(String, Service)>,
    /// Runs commands.
    pub soctl: Soctl,
    /// Port of the master.
    pub port: String,
}

/// A port that was free a moment ago.
pub fn free_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}

impl Hosts {
    /// Sets a master up and starts it, with Scale Out enabled.
    pub fn start() -> Self {
        let hosts = Self::start_with(&[]);
        hosts.run(&["scaleout", "enable"]).success();
        hosts
    }

    /// Sets a master up with more options and starts it; Scale Out is not enabled.
    pub fn start_with(options: &[&str]) -> Self {
        let (soctl, port) = (Soctl::new(), free_port());
        let machine = nix::unistd::gethostname().unwrap().into_string().unwrap();
        let mut init = vec![
            "master",
            "init",
            "--yes",
            "--data",
            "m",
            "--name",
            "localhost",
            "--name",
            &machine,
            "--port",
            &port,
        ];
        init.extend(options);
        soctl.run(&init).success();
        let master = Service::start(&soctl, &["master", "run", "--data", "m"]);
        Self {
            master: Some(master),
            workers: Vec::new(),
            soctl,
            port,
        }
    }

    /// Sets a worker up that knows the master, and is not known to it.
    pub fn init_worker(&self, name: &str) {
        self.init_worker_with(name, &[]);
    }

    /// The same with more options.
    pub fn init_worker_with(&self, name: &str, options: &[&str]) {
        let endpoint = format!("https://localhost:{}", self.port);
        let mut init = vec![
            "worker",
            "init",
            "--yes",
            "--data",
            name,
            "--name",
            name,
            "--master-endpoint",
            &endpoint,
            "--master-cert",
            "m/SSISScaleOutMaster.cer",
        ];
        init.extend(options);
        self.soctl.run(&init).success();
        self.set(name, "AgentHeartbeatInterval", "00:00:01");
    }

    /// Sets a key of a worker's settings.
    pub fn set(&self, name: &str, key: &str, value: &str) {
        let set = ["worker", "settings", "set", key, value, "--data", name];
        self.soctl.run(&set).success();
    }

    /// Lets the master trust a worker's certificate by its folder `Root`.
    pub fn trust(&self, name: &str) {
        let file = format!("{name}/SSISScaleOutWorker.cer");
        let install = ["cert", "install", &file, "--store", "Root", "--data", "m"];
        self.soctl.run(&install).success();
    }

    /// Starts a worker that was set up.
    pub fn run_worker(&mut self, name: &str) {
        let worker = Service::start(&self.soctl, &["workers", "run", "--data", name]);
        self.workers.push((name.to_owned(), worker));
    }

    /// Ends a worker; gives what it has said.
    pub fn stop_worker(&mut self, name: &str) -> String {
        let at = self.workers.iter().position(|(known, _)| known == name);
        let (_, worker) = self.workers.remove(at.unwrap());
        worker.end()
    }

    /// Sets a worker up, trusts it, starts it, and enables it.
    pub fn add_worker(&mut self, name: &str) {
        self.init_worker(name);
        self.let_in(name);
    }

    /// Trusts a worker that was set up, starts it, and enables it.
    pub fn let_in(&mut self, name: &str) {
        self.trust(name);
        self.run_worker(name);
        self.until("workers list", |listed| {
            let mut all = listed.as_array().unwrap().iter();
            all.any(|worker| worker["display_name"] == name)
        });
        self.run(&["workers", "enable", name]).success();
    }

    /// A command against the master, not yet started.
    pub fn command(&self, arguments: &[&str]) -> std::process::Command {
        self.as_admin(self.soctl.command(arguments))
    }

    /// A command that will reach the master as its administrator.
    pub fn as_admin(&self, mut command: std::process::Command) -> std::process::Command {
        let file = self.path("admin-context");
        let (thumbprint, token) = match std::fs::read_to_string(&file) {
            Ok(text) => {
                let (thumbprint, token) = text.split_once(' ').unwrap();
                (thumbprint.to_owned(), token.to_owned())
            }
            Err(_) => {
                let token = std::fs::read_to_string(self.path("m/admin.token")).unwrap();
                let shown = self
                    .soctl
                    .json(&["cert", "show", "m/SSISScaleOutMaster.cer"]);
                let thumbprint = shown["thumbprint_sha256"].as_str().unwrap().to_owned();
                let text = format!("{thumbprint} {}", token.trim());
                std::fs::write(&file, &text).unwrap();
                (thumbprint, token.trim().to_owned())
            }
        };
        command
            .env("SOCTL_MASTER", format!("https://localhost:{}", self.port))
            .env("SOCTL_THUMBPRINT", thumbprint)
            .env("SOCTL_TOKEN", token);
        command
    }

    /// Runs a command against the master.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// The same, with its result as JSON.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.extend(["--output", "json"]);
        self.run(&all).success().json()
    }

    /// Asks until the answer is as wanted. Each try is a whole run of `soctl`.
    #[track_caller]
    pub fn until(&self, line: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let words: Vec<&str> = line.split(' ').collect();
        let mut last = Value::Null;
        for () in tries() {
            last = self.json(&words);
            if wanted(&last) {
                return last;
            }
        }
        panic!("`soctl {line}` never was as wanted; the last: {last:#}");
    }

    /// A path in the home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.soctl.home().join(name)
    }
}
