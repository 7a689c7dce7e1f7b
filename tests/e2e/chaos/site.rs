//! Masters and workers as processes, and what is done to them.

use std::path::PathBuf;
use std::process::Command;

use jiff::Timestamp;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::blows::{Blow, Chance};
use crate::support::network::Network;
use crate::support::patience::tries;
use crate::support::postgres::PostgresCluster;
use crate::support::service::{Service, share, write_worker_certificate};
use crate::support::small_disk::SmallDisk;
use crate::support::{Ran, Soctl};

const WORKERS: usize = 2;
const SLOTS: u32 = 4;
/// Where the master is among hosts.
const ON_BRIDGE: &str = "10.77.0.1";
/// Its port there, where nobody else is.
const PORT: &str = "8391";

/// The file whose number holds packages that find it there, for as long as it stays the same.
const HOLD: &str = "hold";

/// The processes, in the home of a `soctl`.
pub struct Site {
    pub(super) masters: Vec<Option<Service>>,
    pub(super) workers: Vec<Option<Service>>,
    /// What was stopped and is to go on.
    stopped: Vec<Pid>,
    /// How often packages were held.
    holds: u32,
    pub endpoints: Vec<String>,
    pub thumbprint: String,
    outside: Option<Outside>,
    pub(super) soctl: Soctl,
    cluster: Option<PostgresCluster>,
}

/// What lies between and below the processes, where they have hosts of their own.
struct Outside {
    // Before the disks: workers are gone by then.
    network: Network,
    disks: Vec<SmallDisk>,
}

impl Site {
    /// One master on a SQLite file.
    pub fn on_a_file() -> Self {
        Self::start(None, 1, None)
    }

    /// One master on a SQLite file and workers on hosts of their own, with spools on small disks; or a
    /// word why not. The calling thread is on the master's host from then on.
    pub fn on_hosts_or_skip() -> Option<Self> {
        let network = Network::new_or_skip('c')?;
        network.enter();
        Some(Self::start(None, 1, Some(network)))
    }

    /// Two masters on one PostgreSQL, or a word why there is none.
    pub fn on_a_server_or_skip() -> Option<Self> {
        Some(Self::start(
            Some(PostgresCluster::start_or_skip()?),
            2,
            None,
        ))
    }

    fn start(cluster: Option<PostgresCluster>, masters: usize, network: Option<Network>) -> Self {
        let soctl = Soctl::new();
        let mut disks = Vec::new();
        for number in 0..WORKERS {
            let folder = soctl.home().join(worker_folder(number));
            write_worker_certificate(&folder, Timestamp::now(), 30);
            // A lost worker is missed soon.
            let mut settings = serde_json::json!({
                "AgentId": format!("6f1b7d3e-0000-4000-8000-00000000000{number}"),
                "DisplayName": worker_folder(number), "MaxTaskCount": SLOTS,
                "LeaseInternval": "00:00:06", "TaskHeartbeatInterval": "00:00:01",
            });
            if network.is_some() {
                let disk = soctl.home().join(format!("d{number}"));
                std::fs::create_dir(&disk).unwrap();
                // Who may make namespaces may mount.
                let disk = SmallDisk::mount_or_skip(&disk, "1m").unwrap();
                settings["ExecutionLogCacheFolder"] = disk.path().display().to_string().into();
                settings["LeaseInternval"] = "00:00:03".into();
                disks.push(disk);
            }
            std::fs::write(folder.join("WorkerSettings.config"), settings.to_string()).unwrap();
        }
        write_package(&soctl);
        let mut site = Self {
            masters: Vec::new(),
            workers: Vec::new(),
            stopped: Vec::new(),
            holds: 0,
            endpoints: Vec::new(),
            thumbprint: String::new(),
            outside: network.map(|network| Outside { network, disks }),
            soctl,
            cluster,
        };
        if site.outside.is_some() {
            let data = site.folder("m0").display().to_string();
            let init = [
                "master", "init", "--yes", "--data", &data, "--name", ON_BRIDGE,
            ];
            site.soctl.run(&init).success();
        }
        for number in 0..masters {
            if 0 < number {
                share(&site.folder("m0"), &site.folder(&master_folder(number)));
            }
            let port = site.outside.as_ref().map_or("0", |_| PORT);
            let master = site.start_master(number, port);
            let endpoint = match &site.outside {
                None => master.said_after("master at"),
                Some(_) => format!("https://{ON_BRIDGE}:{PORT}"),
            };
            site.endpoints.push(endpoint);
            site.thumbprint = master.said_after("SHA-256");
            site.masters.push(Some(master));
        }
        for number in 0..WORKERS {
            let worker = site.start_worker(number);
            site.workers.push(Some(worker));
        }
        site.run(&["scaleout", "enable"]).success();
        site.enable_workers();
        let file = site.folder("note.dtsx").display().to_string();
        let deploy = ["deploy", &file, "--folder", "Chaos"];
        site.run(&deploy).success();
        site
    }

    /// A path in the home.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.soctl.home().join(name)
    }

    /// What the packages have noted: the id of their execution, once for each run.
    pub fn notes(&self) -> String {
        std::fs::read_to_string(self.folder("notes")).unwrap_or_default()
    }

    /// Packages that begin from now on do not end before they are released; those that were held
    /// before end.
    pub(super) fn hold(&mut self) {
        self.holds += 1;
        // Never half written: a shell that reads nothing would hold nothing.
        let new = self.folder("hold.new");
        std::fs::write(&new, self.holds.to_string()).unwrap();
        std::fs::rename(new, self.folder(HOLD)).unwrap();
    }

    /// What is held ends.
    pub(super) fn release(&self) {
        // Nothing may be held.
        let _none = std::fs::remove_file(self.folder(HOLD));
    }

    pub fn token(&self) -> String {
        let token = std::fs::read_to_string(self.folder("m0/admin.token")).unwrap();
        token.trim().to_owned()
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.soctl.command(arguments);
        command
            .env("SOCTL_MASTER", &self.endpoints[0])
            .env("SOCTL_THUMBPRINT", &self.thumbprint)
            .env("SOCTL_TOKEN", self.token());
        Ran::from(command.output().unwrap())
    }

    fn enable_workers(&self) {
        for () in tries() {
            let listed = self.run(&["workers", "list", "--output", "json"]);
            let listed = listed.success().json();
            let listed = listed.as_array().unwrap();
            if listed.len() == WORKERS {
                for worker in listed {
                    let id = worker["worker_agent_id"].as_str().unwrap();
                    self.run(&["workers", "enable", id]).success();
                }
                return;
            }
        }
        panic!("not all workers have registered");
    }

    fn start_master(&self, number: usize, port: &str) -> Service {
        Service::of(self.master_command(number, port))
    }

    /// The command of a master, not yet started.
    pub(super) fn master_command(&self, number: usize, port: &str) -> Command {
        let data = self.folder(&master_folder(number)).display().to_string();
        let mut arguments = vec!["master", "run", "--data", &data, "--port", port];
        let certificates: Vec<String> = (0..WORKERS)
            .map(|worker| format!("{}/SSISScaleOutWorker.cer", worker_folder(worker)))
            .map(|file| self.folder(&file).display().to_string())
            .collect();
        for certificate in &certificates {
            arguments.extend(["--worker-cert", certificate]);
        }
        let catalog = self.cluster.as_ref().map(|server| server.url("postgres"));
        if let Some(catalog) = &catalog {
            arguments.extend(["--catalog", catalog]);
        }
        self.soctl.command(&arguments)
    }

    fn start_worker(&self, number: usize) -> Service {
        Service::of(self.worker_command(number))
    }

    /// The command of a worker, not yet started.
    pub(super) fn worker_command(&self, number: usize) -> Command {
        let data = self.folder(&worker_folder(number)).display().to_string();
        let certificate = self.folder("m0/SSISScaleOutMaster.cer");
        let certificate = certificate.display().to_string();
        let mut arguments = vec!["workers", "run", "--data", &data];
        arguments.extend(["--master-cert", &certificate, "--drain-deadline", "0"]);
        for endpoint in &self.endpoints {
            arguments.extend(["--master-endpoint", endpoint]);
        }
        match &self.outside {
            None => self.soctl.command(&arguments),
            Some(outside) => {
                let host = format!("w{}", number + 1);
                outside.network.on(&self.soctl, &host, &arguments)
            }
        }
    }

    /// One blow of those that this site can take.
    pub fn strike(&mut self, chance: &mut Chance) {
        let blow = match &self.outside {
            None => Blow::choose(chance),
            Some(_) => Blow::choose_outside(chance),
        };
        println!("{blow:?}");
        match blow {
            Blow::KillWorker(number) => {
                if let Some(worker) = self.workers[number % WORKERS].take() {
                    worker.kill();
                }
            }
            Blow::EndWorker(number) => drop(self.workers[number % WORKERS].take()),
            Blow::StopWorker(number) => {
                let id = self.workers[number % WORKERS].as_ref().map(Service::id);
                self.stop(id);
            }
            Blow::KillExecutor(number) => {
                if let Some(executor) = self.executor(number) {
                    // It may have ended by itself.
                    let _gone = kill(executor, Signal::SIGKILL);
                }
            }
            Blow::StopExecutor(number) => {
                let id = self.executor(number).map(Pid::as_raw);
                self.stop(id.and_then(|id| u32::try_from(id).ok()));
            }
            Blow::KillMaster(number) => {
                let number = number % self.masters.len();
                if let Some(master) = self.masters[number].take() {
                    master.kill();
                }
            }
            Blow::StopMaster(number) => {
                let number = number % self.masters.len();
                let id = self.masters[number].as_ref().map(Service::id);
                self.stop(id);
            }
            Blow::CutNetwork(number) => {
                if let Some(outside) = &self.outside {
                    outside.network.cut(number % WORKERS + 1);
                }
            }
            Blow::FillDisk(number) => {
                if let Some(outside) = &self.outside {
                    outside.disks[number % WORKERS].fill();
                }
            }
            Blow::CrashDatabase => {
                if let Some(cluster) = &self.cluster {
                    cluster.stop();
                    cluster.start();
                }
            }
        }
    }

    /// Stops a process until everything is healed.
    pub(super) fn stop(&mut self, id: Option<u32>) {
        let Some(id) = id else { return };
        let pid = Pid::from_raw(i32::try_from(id).unwrap());
        if kill(pid, Signal::SIGSTOP).is_ok() {
            self.stopped.push(pid);
        }
    }

    /// Everything that was broken is whole again.
    pub fn heal(&mut self) {
        for pid in self.stopped.drain(..) {
            // It may have been killed meanwhile.
            let _gone = kill(pid, Signal::SIGCONT);
        }
        if let Some(Outside { network, disks }) = &self.outside {
            for (number, disk) in disks.iter().enumerate() {
                network.mend(number + 1);
                disk.free();
            }
        }
        for number in 0..self.masters.len() {
            if self.masters[number].is_none() {
                let port = self.port(number);
                self.masters[number] = Some(self.start_master(number, &port));
            }
        }
        for number in 0..WORKERS {
            if self.workers[number].is_none() {
                self.workers[number] = Some(self.start_worker(number));
            }
        }
    }

    /// The port of a master.
    pub(super) fn port(&self, number: usize) -> String {
        let (_, port) = self.endpoints[number].rsplit_once(':').unwrap();
        port.to_owned()
    }

    /// One of the processes that run packages.
    fn executor(&self, number: usize) -> Option<Pid> {
        let workers: Vec<u32> = self.workers.iter().flatten().map(Service::id).collect();
        let mut executors: Vec<i32> = std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter(|id| parent(*id).is_some_and(|parent| workers.contains(&parent)))
            .collect();
        executors.sort_unstable();
        let chosen = number.checked_rem(executors.len())?;
        Some(Pid::from_raw(executors[chosen]))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // What is stopped would not hear that it is to end.
        for pid in self.stopped.drain(..) {
            let _gone = kill(pid, Signal::SIGCONT);
        }
    }
}

fn parent(id: i32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // `pid (name) state parent …`; a name may hold blanks and brackets.
    let (_, behind) = stat.rsplit_once(')')?;
    behind.split_whitespace().nth(1)?.parse().ok()
}

fn master_folder(number: usize) -> String {
    format!("m{number}")
}

fn worker_folder(number: usize) -> String {
    format!("w{number}")
}

/// A package that notes the id of its execution in a file: one line for each time it runs.
fn write_package(soctl: &Soctl) {
    use std::os::unix::fs::PermissionsExt as _;
    let home = soctl.home();
    let script = home.join("note.sh");
    let notes = home.join("notes");
    // It takes a moment, so that a blow finds packages running, and does not end while it is held.
    let text = format!(
        "#!/bin/sh\nholds() {{ cat '{hold}' 2>/dev/null; }}\nheld=$(holds)\n\
         echo \"$1\" >> '{notes}'\nsleep 0.05\n\
         while [ -n \"$held\" ] && [ \"$(holds)\" = \"$held\" ]; do sleep 0.05; done\n",
        notes = notes.display(),
        hold = home.join(HOLD).display(),
    );
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    let package = format!(
        r#"<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package" DTS:CreationName="Microsoft.Package" DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="note" DTS:DTSID="{{00000000-0000-4000-8000-00000000c4a0}}"><DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property><DTS:Executables><DTS:Executable DTS:refId="Package\Note" DTS:CreationName="Microsoft.ExecuteProcess" DTS:ExecutableType="Microsoft.ExecuteProcess" DTS:ObjectName="Note" DTS:DTSID="{{00000000-0000-4000-8000-00000000c4a1}}"><DTS:PropertyExpression DTS:Name="Arguments">(DT_WSTR,20)@[System::ServerExecutionID]</DTS:PropertyExpression><DTS:ObjectData><ExecuteProcessData Executable="{}" RequireFullFileName="True"/></DTS:ObjectData></DTS:Executable></DTS:Executables></DTS:Executable>"#,
        script.display()
    );
    std::fs::write(home.join("note.dtsx"), package).unwrap();
}
