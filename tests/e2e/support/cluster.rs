//! A master and several workers with one slot each, every one a process of its own.

use jiff::Timestamp;

use super::patience::tries;
use super::service::{Service, write_worker_certificate};
use super::{Ran, Soctl};

/// The processes, in the home of a `soctl`.
#[derive(Debug)]
pub struct Cluster {
    // Before `soctl`: processes end before its folder goes.
    workers: Vec<Option<Service>>,
    master: Service,
    endpoint: String,
    thumbprint: String,
    /// Runs commands.
    pub soctl: Soctl,
}

impl Cluster {
    /// Starts a master and so many workers `w1`, `w2`, …, and enables them.
    pub fn start(count: usize) -> Self {
        let soctl = Soctl::new();
        let data = |name: &str| soctl.home().join(name).display().to_string();
        let mut arguments = vec!["master".to_owned(), "run".to_owned()];
        arguments.extend(["--data".to_owned(), data("m")]);
        arguments.extend(["--port".to_owned(), "0".to_owned()]);
        for number in 1..=count {
            let name = format!("w{number}");
            let folder = soctl.home().join(&name);
            write_worker_certificate(&folder, Timestamp::now(), 30);
            // A lost worker is missed soon.
            let settings = serde_json::json!({
                "AgentId": format!("6f1b7d3e-0000-4000-8000-0000000000{number:02}"),
                "DisplayName": name, "MaxTaskCount": 1,
                "LeaseInternval": "00:00:06", "TaskHeartbeatInterval": "00:00:01",
            });
            std::fs::write(folder.join("WorkerSettings.config"), settings.to_string()).unwrap();
            arguments.push("--worker-cert".to_owned());
            arguments.push(data(&format!("{name}/SSISScaleOutWorker.cer")));
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let master = Service::start(&soctl, &arguments);
        let (endpoint, thumbprint) = (master.said_after("master at"), master.said_after("SHA-256"));
        let master_cert = data("m/SSISScaleOutMaster.cer");
        let workers = (1..=count).map(|number| {
            let data = data(&format!("w{number}"));
            let arguments = [
                "worker",
                "run",
                "--data",
                &data,
                "--master-endpoint",
                &endpoint,
            ];
            let arguments = [&arguments[..], &["--master-cert", &master_cert]].concat();
            Some(Service::start(&soctl, &arguments))
        });
        let cluster = Self {
            workers: workers.collect(),
            master,
            endpoint,
            thumbprint,
            soctl,
        };
        cluster.run(&["scaleout", "enable"]).success();
        cluster.enable_all(count);
        cluster
    }

    /// Runs a command against the master.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let token = std::fs::read_to_string(self.soctl.home().join("m/admin.token")).unwrap();
        let mut command = self.soctl.command(arguments);
        command
            .env("SOCTL_MASTER", &self.endpoint)
            .env("SOCTL_THUMBPRINT", &self.thumbprint)
            .env("SOCTL_TOKEN", token.trim());
        Ran::from(command.output().unwrap())
    }

    /// What a command gives as JSON.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let mut all = arguments.to_vec();
        all.extend(["--output", "json"]);
        self.run(&all).success().json()
    }

    /// Kills the worker of that name, as a power cut would.
    pub fn kill(&mut self, name: &str) {
        let number: usize = name.trim_start_matches('w').parse().unwrap();
        self.workers[number - 1].take().unwrap().kill();
    }

    /// Process id of the master, to show that it is there.
    pub fn master_id(&self) -> u32 {
        self.master.id()
    }

    fn enable_all(&self, count: usize) {
        for () in tries() {
            let listed = self.json(&["workers", "list"]);
            let listed = listed.as_array().unwrap();
            if listed.len() == count {
                for worker in listed {
                    let id = worker["worker_agent_id"].as_str().unwrap();
                    self.run(&["workers", "enable", id]).success();
                }
                return;
            }
        }
        panic!("not all workers have registered");
    }
}
