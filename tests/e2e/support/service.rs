//! A master or worker as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::JoinHandle;

use jiff::Timestamp;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use scaleout_core::certificates::{CertificateRequest, create_self_signed};

use super::patience::tries;
use super::{Ran, Soctl};

/// A running `soctl master run`, `soctl worker run` or `soctl up`.
#[derive(Debug)]
pub struct Service {
    child: Child,
    ended_by: Signal,
    /// Reads on, so that the service never waits for a reader; gives what it read.
    stderr: Option<JoinHandle<String>>,
    /// The line that was waited for; it starts with `ready: ` but for [`Service::says`].
    pub ready: String,
}

fn is_ready(line: &str) -> bool {
    line.starts_with("ready: ")
}

impl Service {
    /// Starts it and waits until it says that it is ready; dropping it sends SIGTERM.
    #[track_caller]
    pub fn start(soctl: &Soctl, arguments: &[&str]) -> Self {
        Self::start_ended_by(Signal::SIGTERM, soctl, arguments)
    }

    /// As [`Service::start`]; dropping it sends this signal.
    #[track_caller]
    pub fn start_ended_by(ended_by: Signal, soctl: &Soctl, arguments: &[&str]) -> Self {
        match Self::heard_or_ended(ended_by, soctl, arguments, is_ready) {
            Ok(service) => service,
            Err(ran) => panic!("it ended before it was ready:\n{}", ran.stderr),
        }
    }

    /// Starts a command that is a service, and waits until it says that it is ready.
    #[track_caller]
    pub fn of(command: std::process::Command) -> Self {
        match Self::heard_or_ended_of(Signal::SIGTERM, command, is_ready) {
            Ok(service) => service,
            Err(ran) => panic!("it ended before it was ready:\n{}", ran.stderr),
        }
    }

    /// Starts it where it must refuse to run, and waits for its end.
    #[track_caller]
    pub fn refused(soctl: &Soctl, arguments: &[&str]) -> Ran {
        match Self::heard_or_ended(Signal::SIGTERM, soctl, arguments, is_ready) {
            Ok(service) => panic!("it runs: {}", service.ready),
            Err(ran) => ran,
        }
    }

    /// Starts it and waits until a line on its stderr holds these words; gives the line.
    #[track_caller]
    pub fn says(soctl: &Soctl, arguments: &[&str], words: &str) -> String {
        let heard = |line: &str| line.contains(words);
        match Self::heard_or_ended(Signal::SIGTERM, soctl, arguments, heard) {
            Ok(service) => service.ready.clone(),
            Err(ran) => panic!("it ended before it said `{words}`:\n{}", ran.stderr),
        }
    }

    /// Starts a command that is a service, and waits until it says that it is ready or has ended.
    pub fn of_or_ended(command: std::process::Command) -> Result<Self, Ran> {
        Self::heard_or_ended_of(Signal::SIGTERM, command, is_ready)
    }

    /// How it has ended by itself, if it has.
    pub fn has_ended(&mut self) -> Option<std::process::ExitStatus> {
        self.child.try_wait().unwrap()
    }

    fn heard_or_ended(
        ended_by: Signal,
        soctl: &Soctl,
        arguments: &[&str],
        heard: impl Fn(&str) -> bool,
    ) -> Result<Self, Ran> {
        Self::heard_or_ended_of(ended_by, soctl.command(arguments), heard)
    }

    fn heard_or_ended_of(
        ended_by: Signal,
        mut command: std::process::Command,
        heard: impl Fn(&str) -> bool,
    ) -> Result<Self, Ran> {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        // From here on its drop waits for the process, whatever happens.
        let mut service = Self {
            child,
            ended_by,
            stderr: None,
            ready: String::new(),
        };
        let mut said = String::new();
        while !heard(&service.ready) {
            service.ready.clear();
            let read = stderr.read_line(&mut service.ready).unwrap();
            said.push_str(&service.ready);
            if read == 0 {
                return Err(Ran {
                    code: service.child.wait().unwrap().code().unwrap_or(-1),
                    stdout: String::new(),
                    stderr: said,
                });
            }
        }
        service.stderr = Some(std::thread::spawn(move || {
            stderr.read_to_string(&mut said).unwrap();
            said
        }));
        Ok(service)
    }

    /// Ends it, and gives all that it has said on stderr.
    pub fn end(mut self) -> String {
        let stderr = self.stderr.take().unwrap();
        drop(self);
        stderr.join().unwrap()
    }

    /// The word behind a word of the ready line.
    #[track_caller]
    pub fn said_after(&self, word: &str) -> String {
        let behind = self
            .ready
            .split_once(word)
            .unwrap_or_else(|| panic!("`{word}` in {}", self.ready))
            .1;
        behind
            .split([' ', ',', ')'])
            .find(|text| !text.is_empty())
            .unwrap()
            .trim()
            .to_owned()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it, as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let id = i32::try_from(self.child.id()).unwrap();
        // It may be gone already; waiting is all that is left then.
        let _gone = kill(Pid::from_raw(id), self.ended_by);
        let _status = self.child.wait();
    }
}

/// A master and one worker, each a process of its own, in the home of a `soctl`.
#[derive(Debug)]
pub struct Pair {
    /// Runs commands.
    pub soctl: Soctl,
    /// The master, unless it was killed.
    pub master: Option<Service>,
    /// Where the master is.
    pub endpoint: String,
    thumbprint: String,
    /// The worker, unless it was killed.
    pub worker: Option<Service>,
}

impl Pair {
    /// Starts both and enables the worker.
    pub fn start() -> Self {
        let soctl = Soctl::new();
        write_worker_certificate(&soctl.home().join("w"), Timestamp::now(), 30);
        let (master, worker_cert) = (path(&soctl, "m"), path(&soctl, "w/SSISScaleOutWorker.cer"));
        let master = Service::start(
            &soctl,
            &[
                "master",
                "run",
                "--data",
                &master,
                "--port",
                "0",
                "--worker-cert",
                &worker_cert,
            ],
        );
        let (endpoint, thumbprint) = (master.said_after("master at"), master.said_after("SHA-256"));
        let worker = start_worker(&soctl, &endpoint);
        let pair = Self {
            soctl,
            master: Some(master),
            endpoint,
            thumbprint,
            worker: Some(worker),
        };
        pair.run(&["scaleout", "enable"]).success();
        pair.enable_worker();
        pair
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

    /// Starts the master again on the port that it had.
    pub fn restart_master(&mut self) {
        let port = self.endpoint.rsplit_once(':').unwrap().1;
        let data = path(&self.soctl, "m");
        self.master = Some(Service::start(
            &self.soctl,
            &["master", "run", "--data", &data, "--port", port],
        ));
    }

    /// Starts the worker again in its folder.
    pub fn restart_worker(&mut self) {
        self.worker = Some(start_worker(&self.soctl, &self.endpoint));
    }

    /// Looks until an execution has this status. Each try is a whole run of `soctl`.
    #[track_caller]
    pub fn wait_for_status(&self, execution_id: &str, status: &str) {
        for () in tries() {
            if self
                .run(&["executions", "show", execution_id, "--output", "json"])
                .success()
                .json()["status"]
                == status
            {
                return;
            }
        }
        panic!("execution {execution_id} never was {status}");
    }

    fn enable_worker(&self) {
        for () in tries() {
            let listed = self
                .run(&["workers", "list", "--output", "json"])
                .success()
                .json();
            if let Some(id) = listed[0]["worker_agent_id"].as_str() {
                self.run(&["workers", "enable", id]).success();
                return;
            }
        }
        panic!("the worker never registered");
    }
}

fn path(soctl: &Soctl, name: &str) -> String {
    soctl.home().join(name).display().to_string()
}

fn start_worker(soctl: &Soctl, endpoint: &str) -> Service {
    let (data, master_cert) = (path(soctl, "w"), path(soctl, "m/SSISScaleOutMaster.cer"));
    Service::start(
        soctl,
        &[
            "worker",
            "run",
            "--data",
            &data,
            "--master-endpoint",
            endpoint,
            "--master-cert",
            &master_cert,
            // Its end waits for no package.
            "--drain-deadline",
            "0",
        ],
    )
}

/// Puts a certificate with its key into the folder of a worker before its first start.
pub fn write_worker_certificate(folder: &Path, not_before: Timestamp, valid_days: u32) {
    let request = CertificateRequest {
        names: vec!["w".to_owned()],
        not_before,
        valid_days,
    };
    let issued = create_self_signed(&request).unwrap();
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(
        folder.join("SSISScaleOutWorker.cer"),
        issued.certificate.to_pem(),
    )
    .unwrap();
    std::fs::write(folder.join("SSISScaleOutWorker.key"), issued.key.to_pem()).unwrap();
}

/// Gives the folder of a second master what it shares with the first, as the how-to says.
pub fn share(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in [
        "catalog.key",
        "SSISScaleOutMaster.cer",
        "SSISScaleOutMaster.key",
    ] {
        std::fs::copy(from.join(file), to.join(file)).unwrap();
    }
}
