//! A master, its workers and a client, all on loopback, in a folder that goes away.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use scaleout_agent::master::{ConnectionLimits, Master, MasterError, MasterOptions, RunningMaster};
use scaleout_agent::worker::{RunningWorker, Worker, WorkerOptions};
use scaleout_catalog::CatalogLocation;
use scaleout_core::certificates::{
    CertificateRequest, IssuedCertificate, TrustStore, create_self_signed,
};
use scaleout_core::client::{
    Client, ClientError, ClientOptions, Execution, Identity, MasterTrust, NewExecution, Progress,
    Secret, Transport,
};
use scaleout_core::model::{Clock as _, OperationStatus, SystemClock};
use scaleout_core::package::bare;
use scaleout_core::protocol::PROTOCOL_VERSION;
use scaleout_core::protocol::worker::{LeaseRequest, Register};
use scaleout_core::registry::{Arguments, Rows, ViewQuery};
use scaleout_core::settings::{MasterSettings, TimeSpan, WorkerSettings};
use serde_json::json;
use tempfile::TempDir;
use tokio::time::{Instant, MissedTickBehavior, interval};
use uuid::Uuid;

/// How long anything in a test may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A master with everything around it.
pub struct Lab {
    pub folder: TempDir,
    pub master: Option<RunningMaster>,
    pub certificate: IssuedCertificate,
    trust: TrustStore,
    address: SocketAddr,
}

impl Lab {
    /// A running master on a free port.
    pub async fn new() -> Self {
        let mut lab = Self {
            folder: tempfile::tempdir().unwrap(),
            master: None,
            certificate: certificate(&["localhost", "127.0.0.1"]),
            trust: TrustStore::new(),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        lab.start_master().await.unwrap();
        let enabled = lab.client().call("enable_scaleout", Arguments::new()).await;
        enabled.unwrap();
        lab
    }

    /// Starts the master where it was before.
    pub async fn start_master(&mut self) -> Result<(), MasterError> {
        let master = Master::start(self.master_options()).await?;
        self.address = master.address();
        self.master = Some(master);
        Ok(())
    }

    pub fn master_options(&self) -> MasterOptions {
        MasterOptions {
            settings: MasterSettings::default(),
            listen: self.address,
            catalog: CatalogLocation::Sqlite(self.path("catalog.db")),
            data_dir: self.path("master"),
            certificate: self.certificate.certificate.clone(),
            key: self.certificate.key.clone(),
            previous: Vec::new(),
            trust: self.trust.clone(),
            advertised: None,
            limits: ConnectionLimits::default(),
            log: None,
            clock: Arc::new(SystemClock),
        }
    }

    pub async fn stop_master(&mut self) {
        self.master.take().unwrap().shutdown().await;
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn endpoint(&self) -> String {
        format!("https://127.0.0.1:{}", self.address.port())
    }

    pub fn master_trust(&self) -> MasterTrust {
        MasterTrust::Certificate(Box::new(self.certificate.certificate.clone()))
    }

    /// Trusts a certificate, now and after a restart.
    pub fn trust(&mut self, issued: &IssuedCertificate) {
        self.trust.add(issued.certificate.clone()).unwrap();
        let master = self.master.as_ref().unwrap();
        master.trust(issued.certificate.clone()).unwrap();
    }

    /// An administrator's client.
    pub fn client(&self) -> Client {
        let token = std::fs::read_to_string(self.path("master").join("admin.token")).unwrap();
        self.client_with(Some(Secret::new(token)))
    }

    pub fn client_with(&self, token: Option<Secret>) -> Client {
        Client::new(ClientOptions {
            master: self.endpoint(),
            trust: self.master_trust(),
            token,
        })
        .unwrap()
    }

    /// Calls as a worker does, or as one without a certificate.
    pub fn transport(&self, issued: Option<&IssuedCertificate>) -> Transport {
        let identity = issued.map(|issued| Identity {
            certificate: issued.certificate.clone(),
            key: issued.key.clone(),
        });
        let endpoint = self.endpoint().parse().unwrap();
        Transport::new(endpoint, &self.master_trust(), identity.as_ref(), None).unwrap()
    }

    pub fn worker_options(&self, number: u128, issued: &IssuedCertificate) -> WorkerOptions {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/services/executor.sh");
        let settings = WorkerSettings {
            agent_id: Some(Uuid::from_u128(number)),
            master_endpoint: self.endpoint(),
            max_task_count: 2,
            // So long that nothing in a test happens because of them: a stop must come through
            // by itself, and no lease may end.
            task_heartbeat_interval: TimeSpan::from_secs(600),
            lease_internval: TimeSpan::from_secs(3600),
            // Tests share their machine with compilers.
            task_request_max_cpu: 100.0,
            ..WorkerSettings::default()
        };
        WorkerOptions {
            settings,
            certificate: issued.certificate.clone(),
            key: issued.key.clone(),
            log: None,
            keeper: None,
            monitors: TrustStore::new(),
            master: self.master_trust(),
            executor_command: vec!["sh".into(), script.into(), self.folder.path().into()],
            data_dir: self.path(&format!("worker{number}")),
            clock: Arc::new(SystemClock),
        }
    }

    /// A worker that is trusted and enabled.
    pub async fn worker(&mut self, number: u128) -> (RunningWorker, WorkerOptions) {
        self.worker_with(number, |_| {}).await
    }

    /// The same with other settings.
    pub async fn worker_with(
        &mut self,
        number: u128,
        change: impl FnOnce(&mut WorkerSettings),
    ) -> (RunningWorker, WorkerOptions) {
        let issued = certificate(&["localhost", "127.0.0.1"]);
        self.trust(&issued);
        let mut options = self.worker_options(number, &issued);
        change(&mut options.settings);
        let worker = Worker::start(options.clone()).await.unwrap();
        self.enable(worker.id()).await;
        (worker, options)
    }

    /// Enables a worker as soon as it has registered.
    pub async fn enable(&self, worker: Uuid) {
        let client = self.client();
        until("the worker has registered", async || {
            let arguments = Arguments::from([("WorkerAgentId".to_owned(), json!(worker))]);
            client.call("enable_worker_agent", arguments).await.ok()
        })
        .await;
    }

    /// Deploys a package, named by what the stand-in executor does with it, and starts it.
    pub async fn start(&self, behaviour: &str, workers: &[Uuid], retries: u32) -> i64 {
        let client = self.client();
        client.ensure_folder("f").await.unwrap();
        let file = format!("{behaviour}.dtsx");
        let built = bare::build(dtsx(behaviour).as_bytes(), &file, behaviour).unwrap();
        client
            .deploy_project("f", behaviour, &built.ispac)
            .await
            .unwrap();
        let mut new = NewExecution::new("f", behaviour, &file);
        new.workers = workers.to_vec();
        let id = client.create_execution(&new).await.unwrap();
        client.start_execution(id, retries).await.unwrap();
        id
    }

    /// Waits for the end of an execution.
    pub async fn ended(&self, id: i64) -> Execution {
        let waited = tokio::time::timeout(PATIENCE, self.client().wait(id)).await;
        waited
            .unwrap_or_else(|_| panic!("execution {id} does not end"))
            .unwrap()
    }

    /// Waits until the master has a message of an execution.
    pub async fn until_message(&self, id: i64, text: &str) {
        until("the message has arrived", async || {
            let texts = self.messages("event_messages", id).await.ok()?;
            texts.iter().any(|one| one == text).then_some(())
        })
        .await;
    }

    /// The messages of an execution, in order.
    pub async fn messages(&self, view: &str, id: i64) -> Result<Vec<String>, ClientError> {
        let query = ViewQuery {
            equals: vec![("operation_id".to_owned(), id.to_string())],
            order_by: Some(view.trim_end_matches('s').to_owned() + "_id"),
            ..ViewQuery::default()
        };
        let rows: Rows = self.client().view(view, &query).await?;
        let text = |row: scaleout_core::client::Row<'_>| row.text("message").map(str::to_owned);
        Ok(rows.iter().filter_map(text).collect())
    }

    /// What the package itself has said, in order.
    pub async fn said(&self, id: i64) -> Result<Vec<String>, ClientError> {
        let mut texts = self.messages("event_messages", id).await?;
        texts.retain(|text| !text.contains("ttempt "));
        Ok(texts)
    }

    /// What following an execution tells, to its end.
    pub async fn followed(&self, id: i64) -> (Vec<String>, Vec<OperationStatus>) {
        let (mut messages, mut states) = (Vec::new(), Vec::new());
        let mut follow = self.client().follow(id, 0);
        while let Some(progress) = follow.next().await.unwrap() {
            match progress {
                Progress::Message(message) => messages.push(message.message),
                Progress::Status(execution) => states.push(execution.status),
            }
        }
        (messages, states)
    }
}

/// Gives a running worker other settings, as SIGHUP does.
pub fn reload(
    worker: &RunningWorker,
    options: &WorkerOptions,
    change: impl FnOnce(&mut WorkerSettings),
) {
    let mut settings = options.settings.clone();
    change(&mut settings);
    let identity = Identity {
        certificate: options.certificate.clone(),
        key: options.key.clone(),
    };
    let monitors = options.monitors.clone();
    let reloaded = worker.reload(settings, &identity, &options.master, monitors);
    reloaded.unwrap();
}

/// The value of a sample of a page for Prometheus, which is found by how its line begins.
pub fn sample(page: &str, start: &str) -> Option<f64> {
    let line = page.lines().find(|line| line.starts_with(start))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

/// The spool of the first attempt of an execution, once the end of its package is in it.
pub async fn spool_with_an_end(options: &WorkerOptions, id: i64) -> PathBuf {
    spool_with_an_end_in(&options.data_dir.join("spool"), id).await
}

/// The same in a folder for spools.
pub async fn spool_with_an_end_in(folder: &Path, id: i64) -> PathBuf {
    let spool = folder.join(format!("{id}-1.spool"));
    until("the end is on disk", async || {
        let text = std::fs::read_to_string(&spool).ok()?;
        text.contains("finished").then_some(())
    })
    .await;
    spool
}

/// Asks again and again until there is an answer; panics when there never is.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    let mut tick = interval(Duration::from_millis(20));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while Instant::now() < end {
        tick.tick().await;
        if let Some(answer) = ask().await {
            return answer;
        }
    }
    panic!("it never happens that {what}");
}

/// Where workers register.
pub const REGISTER: &str = "/ClusterManagement/v1/register";
/// Where they ask for work.
pub const LEASE: &str = "/ClusterManagement/v1/lease";

/// What a worker of that number says of itself that is driven by a test.
pub fn registration(number: u128) -> Register {
    Register {
        worker_agent_id: Uuid::from_u128(number),
        protocol_version: PROTOCOL_VERSION,
        program_version: "test".to_owned(),
        machine_name: "m".to_owned(),
        display_name: "d".to_owned(),
        description: String::new(),
        user_account: "u".to_owned(),
        max_task_count: 4,
        running: Vec::new(),
        number: 0,
    }
}

/// A request for work that waits so long.
pub fn lease(wait_ms: u64) -> LeaseRequest {
    LeaseRequest {
        slots: 4,
        child_slots: 0,
        wait_ms,
        lease_ms: 60_000,
    }
}

/// A certificate that is valid now.
pub fn certificate(names: &[&str]) -> IssuedCertificate {
    certificate_from(names, SignedDuration::from_hours(-24), 30)
}

/// A certificate whose validity starts at an offset from now.
pub fn certificate_from(names: &[&str], start: SignedDuration, days: u32) -> IssuedCertificate {
    create_self_signed(&CertificateRequest {
        names: names.iter().map(ToString::to_string).collect(),
        not_before: SystemClock.now() + start,
        valid_days: days,
    })
    .unwrap()
}

/// A named pipe at which the package `gate` waits.
pub fn gate(folder: &Path) -> PathBuf {
    let path = folder.join("gate");
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    path
}

/// Lets one package through the gate.
pub async fn open(gate: &Path) {
    let opened = tokio::time::timeout(PATIENCE, tokio::fs::write(gate, "go\n")).await;
    opened.expect("a package waits at the gate").unwrap();
}

fn dtsx(name: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>
         <DTS:Executable xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" DTS:refId=\"Package\"
           DTS:CreationName=\"Microsoft.Package\" DTS:ExecutableType=\"Microsoft.Package\"
           DTS:DTSID=\"{{6583054A-E915-4C2C-80E4-C765E79EF61D}}\" DTS:ObjectName=\"{name}\">
           <DTS:Property DTS:Name=\"PackageFormatVersion\">8</DTS:Property>
         </DTS:Executable>"
    )
}
