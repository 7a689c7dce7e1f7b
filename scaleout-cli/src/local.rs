//! A master and its workers in this process: what `soctl up` and `soctl demo` start.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use scaleout_agent::CommitCounts;
use scaleout_agent::master::{Master, RunningMaster};
use scaleout_agent::worker::{RunningWorker, Worker};
use scaleout_core::client::{Client, ClientOptions, MasterTrust, Secret};
use scaleout_core::model::SystemClock;
use scaleout_core::registry::{Arguments, ViewQuery};
use uuid::Uuid;

use crate::context::Context;
use crate::error::{CliError, CommandError};
use crate::output::Talk;
use crate::service_folder::{MasterFolder, Reach, WorkerFolder};

/// What to start.
#[derive(Debug)]
pub struct LocalOptions {
    /// Folder with one folder per service.
    pub data: PathBuf,
    /// Port of the master; `PortNumber` of its settings if absent.
    pub port: Option<u16>,
    /// Where the catalog is; as in the settings of the master if absent.
    pub catalog: Option<String>,
    /// How many masters: more than one need a catalog on PostgreSQL.
    pub masters: u32,
    /// How many workers.
    pub workers: u32,
    /// `MaxTaskCount` of each, all of them used however busy the machine is; what its settings say
    /// if absent.
    pub slots: Option<u32>,
}

/// One of the workers.
#[derive(Debug)]
pub struct LocalWorker {
    /// `AgentId`
    pub id: Uuid,
    /// `DisplayName`
    pub name: String,
    running: RunningWorker,
    // Held as long as the worker runs.
    _folder: WorkerFolder,
}

/// A running site.
#[derive(Debug)]
pub struct LocalSite {
    /// The workers, enabled.
    pub workers: Vec<LocalWorker>,
    /// A client with the administrator's token.
    pub client: Client,
    /// How others reach the master.
    pub context: Context,
    /// The same client at each of the masters, the first one included.
    pub clients: Vec<Client>,
    master: RunningMaster,
    folder: MasterFolder,
    others: Vec<OtherMaster>,
}

/// A master beside the first one.
#[derive(Debug)]
struct OtherMaster {
    running: RunningMaster,
    // Held as long as the master runs.
    _folder: MasterFolder,
}

impl LocalSite {
    /// Starts master and workers, enables Scale Out and the workers, and says so.
    ///
    /// # Errors
    /// A service cannot start; what was started before is stopped.
    pub async fn start(options: LocalOptions, talk: &Talk) -> Result<Self, CliError> {
        let on_server = options.catalog.as_deref();
        if 1 < options.masters && !on_server.is_some_and(|at| at.starts_with("postgres")) {
            return Err(CommandError::Argument {
                message: "a catalog on SQLite has one master".to_owned(),
                hint: "name a catalog on PostgreSQL with `--catalog`".to_owned(),
            }
            .into());
        }
        let now = Timestamp::now();
        let mut folder = MasterFolder::open(&options.data.join("master"), now)?;
        let mut workers = Vec::new();
        for number in 1..=options.workers {
            let name = format!("worker{number}");
            let mut worker = WorkerFolder::open(&options.data.join(&name), &name, now)?;
            if let Some(slots) = options.slots {
                worker.settings.max_task_count = slots;
                worker.settings.task_request_max_cpu = 100.0;
            }
            folder.trust_worker(&worker.certificate)?;
            workers.push(worker);
        }
        let master = Master::start(folder.options(
            Reach::ThisMachine,
            options.port,
            options.catalog.as_deref(),
            Arc::new(SystemClock),
        )?)
        .await?;
        let endpoint = format!("https://localhost:{}", master.address().port());
        talk.say(&format!(
            "master at {endpoint}, certificate {}",
            folder.certificate.thumbprint().as_str()
        ));
        let context = Context {
            master: endpoint.clone(),
            thumbprint: folder.certificate.thumbprint_sha256().as_str().to_owned(),
            token: folder.admin_token()?,
            login: Some("admin".to_owned()),
            expires: None,
        };
        let client = Client::new(ClientOptions {
            master: endpoint.clone(),
            trust: MasterTrust::Certificate(Box::new(folder.certificate.clone())),
            token: Some(Secret::new(context.token.clone())),
        })?;
        let mut site = Self {
            workers: Vec::new(),
            clients: vec![client.clone()],
            client,
            context,
            master,
            folder,
            others: Vec::new(),
        };
        match site.start_rest(&options, workers, talk).await {
            Ok(()) => Ok(site),
            Err(error) => {
                site.shutdown().await;
                Err(error)
            }
        }
    }

    /// What comes after the first master.
    async fn start_rest(
        &mut self,
        options: &LocalOptions,
        workers: Vec<WorkerFolder>,
        talk: &Talk,
    ) -> Result<(), CliError> {
        let mut endpoints = vec![self.context.master.clone()];
        for number in 2..=options.masters {
            let endpoint = self.start_other(options, number, &workers).await?;
            talk.say(&format!("another master at {endpoint}"));
            endpoints.push(endpoint);
        }
        self.start_workers(workers, &endpoints, talk).await
    }

    /// Starts another master on the same catalog, with the same certificate and key of the catalog.
    async fn start_other(
        &mut self,
        options: &LocalOptions,
        number: u32,
        workers: &[WorkerFolder],
    ) -> Result<String, CliError> {
        let now = Timestamp::now();
        let path = options.data.join(format!("master{number}"));
        self.folder.share_with(&path)?;
        let mut folder = MasterFolder::open(&path, now)?;
        for worker in workers {
            folder.trust_worker(&worker.certificate)?;
        }
        let catalog = options.catalog.as_deref();
        let clock = Arc::new(SystemClock);
        let running =
            Master::start(folder.options(Reach::ThisMachine, Some(0), catalog, clock)?).await?;
        let endpoint = format!("https://localhost:{}", running.address().port());
        self.others.push(OtherMaster {
            running,
            _folder: folder,
        });
        self.clients.push(Client::new(ClientOptions {
            master: endpoint.clone(),
            trust: MasterTrust::Certificate(Box::new(self.folder.certificate.clone())),
            token: Some(Secret::new(self.context.token.clone())),
        })?);
        Ok(endpoint)
    }

    /// Each worker begins with another one of the masters.
    async fn start_workers(
        &mut self,
        folders: Vec<WorkerFolder>,
        endpoints: &[String],
        talk: &Talk,
    ) -> Result<(), CliError> {
        self.client
            .call("enable_scaleout", Arguments::new())
            .await?;
        for (number, folder) in folders.into_iter().enumerate() {
            let (id, name) = (folder.agent_id()?, folder.settings.display_name.clone());
            let mut known = endpoints.to_vec();
            known.rotate_left(number % endpoints.len());
            let running = Worker::start(folder.options(
                &known.join(";"),
                &MasterTrust::Certificate(Box::new(self.folder.certificate.clone())),
                executor_command()?,
            ))
            .await?;
            self.workers.push(LocalWorker {
                id,
                name,
                running,
                _folder: folder,
            });
        }
        for worker in &self.workers {
            self.wait_for_registration(worker.id).await?;
            let id = worker.id.to_string();
            self.client
                .call(
                    "enable_worker_agent",
                    [("WorkerAgentId".to_owned(), id.into())].into(),
                )
                .await?;
            talk.say(&format!(
                "{} ({}) has registered; enabled it, since a new worker starts disabled",
                worker.name, worker.id
            ));
        }
        Ok(())
    }

    async fn wait_for_registration(&self, worker: Uuid) -> Result<(), CliError> {
        let query = ViewQuery {
            equals: vec![("WorkerAgentId".to_owned(), worker.to_string())],
            ..ViewQuery::default()
        };
        for _ in 0..REGISTRATION_TRIES {
            let found = self
                .client
                .view_waiting("worker_agents", &query, REGISTRATION_WAIT)
                .await?;
            if !found.rows.is_empty() {
                return Ok(());
            }
        }
        Err(CommandError::Argument {
            message: format!("worker {worker} did not register"),
            hint: "run it again with `-v`: the service log says why".to_owned(),
        }
        .into())
    }

    /// Commits of the catalog, and the changes that were in them.
    #[must_use]
    pub fn commit_counts(&self) -> CommitCounts {
        let mut counts = self.master.commit_counts();
        for other in &self.others {
            let more = other.running.commit_counts();
            counts.commits += more.commits;
            counts.changes += more.changes;
        }
        counts
    }

    /// Stops the workers, then the masters.
    pub async fn shutdown(self) {
        // All at once: none is to be offered what another one hands back.
        let mut stopping = tokio::task::JoinSet::new();
        for worker in self.workers {
            stopping.spawn(async move {
                let LocalWorker {
                    running, _folder, ..
                } = worker;
                running.shutdown().await;
            });
        }
        while stopping.join_next().await.is_some() {}
        for other in self.others {
            other.running.shutdown().await;
        }
        self.master.shutdown().await;
    }
}

const REGISTRATION_TRIES: u32 = 60;
const REGISTRATION_WAIT: Duration = Duration::from_secs(1);

/// How a worker starts an executor: this very program.
///
/// # Errors
/// The program cannot tell where it is.
pub fn executor_command() -> Result<Vec<OsString>, CliError> {
    let program = std::env::current_exe().map_err(|source| CommandError::Service {
        what: "finding the program itself",
        source: Box::new(source),
    })?;
    Ok(vec![program.into_os_string(), "executor".into()])
}
