//! Starting and stopping a worker.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use scaleout_core::certificates::TrustStore;
use scaleout_core::client::{Identity, MasterTrust};
use scaleout_core::settings::WorkerSettings;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::timeout;
use uuid::Uuid;

use super::attempts::Order;
use super::credentials::Credentials;
use super::error::WorkerError;
use super::fence::keep_to_leases;
use super::hand_back::hold_nothing_more;
use super::heartbeats::{measure_load, report_tasks, say_alive};
use super::link::Link;
use super::metrics::Metrics;
use super::monitoring::{Monitoring, findings};
use super::options::WorkerOptions;
use super::pool::Pool;
use super::project_cache::ProjectCache;
use super::recovery::take_up;
use super::registration::stay_registered;
use super::spool_folder::{SpoolFolder, spool_path};
use super::state::{Parts, Shared};
use super::task_log;
use super::work::{ask_for_work, listen_for_stops};
use crate::files::private_folder;
use crate::master::Identities;
use crate::processes::{WorkerProcess, end_remains};

/// How long running packages may take to be gone when the worker stops.
const CLOSING_LIMIT: Duration = Duration::from_secs(5);
/// How long handing back may take when the worker stops: ending packages, shipping, telling.
const HAND_BACK_LIMIT: Duration = Duration::from_secs(5);
/// How long the last word to the master may take.
const GOODBYE_LIMIT: Duration = Duration::from_secs(2);

/// The worker service.
#[derive(Debug)]
pub struct Worker;

/// A worker that runs. Dropped without [`RunningWorker::shutdown`], it stops at once and kills
/// its executors.
#[derive(Debug)]
pub struct RunningWorker {
    shared: Arc<Shared>,
    loops: JoinSet<()>,
}

impl Worker {
    /// Starts a worker. A master that is away is no error: the worker goes on calling it.
    ///
    /// # Errors
    /// Settings, certificate or folders cannot be used.
    pub async fn start(options: WorkerOptions) -> Result<RunningWorker, WorkerError> {
        options.certificate.check_strength()?;
        options.certificate.check_validity(options.clock.now())?;
        let port = options.settings.monitoring_port;
        let parts = parts(options)?;
        let monitoring = Monitoring::bind(port, Arc::clone(&parts.identities)).await?;
        let shared = Shared::new(parts);
        let of_before = Arc::clone(&shared);
        // What it does not end now, no later start would leave alone: an abort changes nothing.
        let _ = spawn_blocking(move || end_remains(of_before.pool.worker())).await;
        let remains = take_up(&shared)?;
        let mut loops = JoinSet::new();
        loops.spawn(stay_registered(Arc::clone(&shared), remains));
        loops.spawn(measure_load(Arc::clone(&shared)));
        loops.spawn(say_alive(Arc::clone(&shared)));
        loops.spawn(report_tasks(Arc::clone(&shared)));
        loops.spawn(listen_for_stops(Arc::clone(&shared)));
        loops.spawn(ask_for_work(Arc::clone(&shared)));
        loops.spawn(keep_to_leases(Arc::clone(&shared)));
        loops.spawn(task_log::sweep(Arc::clone(&shared)));
        if let Some(monitoring) = monitoring {
            loops.spawn(monitoring.serve(Arc::clone(&shared)));
        }
        Ok(RunningWorker { shared, loops })
    }
}

fn parts(options: WorkerOptions) -> Result<Parts, WorkerError> {
    let settings = options.settings;
    let id = settings.agent_id.ok_or(WorkerError::NoAgentId)?;
    if options.executor_command.is_empty() {
        return Err(WorkerError::NoExecutor);
    }
    let identity = Identity {
        certificate: options.certificate,
        key: options.key,
    };
    let credentials = Credentials {
        identity,
        master: options.master,
        keeper: options.keeper,
    };
    let masters = credentials.transports(&settings)?;
    let shown = Identities::new(&credentials.identity, &[], Arc::clone(&options.clock));
    let identities = Arc::new(shown.map_err(|error| WorkerError::Key(Box::new(error)))?);
    // Workers spread over the masters by themselves.
    let first = usize::try_from(id.as_u128() % masters.len().max(1) as u128).unwrap_or(0);
    let projects = make_folder(options.data_dir.join("projects"))?;
    let spools = spool_path(&options.data_dir, &settings);
    let spools =
        SpoolFolder::open(make_folder(spools.clone())?).map_err(|source| WorkerError::Data {
            path: spools,
            source,
        })?;
    let folder = std::path::absolute(&options.data_dir).map_err(|source| WorkerError::Data {
        path: options.data_dir.clone(),
        source,
    })?;
    let metrics = Arc::new(Metrics::default());
    Ok(Parts {
        id,
        folder,
        link: Link::new(masters, first, Arc::clone(&metrics)),
        metrics,
        cache: ProjectCache::new(projects),
        pool: Pool::new(options.executor_command, WorkerProcess::here(id)),
        spools,
        clock: options.clock,
        log: options.log,
        credentials,
        identities,
        monitors: options.monitors,
        settings,
    })
}

fn make_folder(path: PathBuf) -> Result<PathBuf, WorkerError> {
    match private_folder(&path) {
        Ok(()) => Ok(path),
        Err(source) => Err(WorkerError::Data { path, source }),
    }
}

impl Drop for RunningWorker {
    fn drop(&mut self) {
        self.shared.attempts.order_all(&Order::Leave);
    }
}

impl RunningWorker {
    /// `AgentId`.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.shared.id
    }

    /// Takes what can change without a restart: settings other than those that count at a start,
    /// the certificate shown to the master, and the master's own. What runs goes on.
    ///
    /// # Errors
    /// Certificate and key cannot be used; then nothing has changed.
    pub fn reload(
        &self,
        settings: WorkerSettings,
        identity: &Identity,
        master: &MasterTrust,
        monitors: TrustStore,
    ) -> Result<(), WorkerError> {
        identity.certificate.check_strength()?;
        identity
            .certificate
            .check_validity(self.shared.clock.now())?;
        let kept = self.shared.settings();
        let settings = WorkerSettings {
            agent_id: kept.agent_id,
            master_endpoint: kept.master_endpoint.clone(),
            execution_log_cache_folder: kept.execution_log_cache_folder.clone(),
            ..settings
        };
        self.shared.use_credentials(&settings, |credentials| {
            credentials.identity = identity.clone();
            credentials.master = master.clone();
        })?;
        self.shared.set_monitors(monitors);
        self.shared.set_settings(settings);
        // What the master shows of this worker may have changed.
        self.shared.registered.send_replace(false);
        tracing::info!(worker = %self.shared.id, "settings and certificates were read again");
        Ok(())
    }

    /// Asks for nothing more and waits until what runs has ended, at most so long. Call
    /// [`RunningWorker::shutdown`] then, which hands back the rest.
    pub async fn drain(&self, limit: Duration) {
        self.shared.stopping.send_replace(true);
        if timeout(limit, self.until_idle()).await.is_err() {
            let left = self.shared.attempts.count();
            tracing::warn!(
                left,
                "the time to drain is over; what still runs is handed back"
            );
        }
    }

    /// Stops: asks for nothing more and hands back what runs, so that the master offers it again at
    /// once and counts no failure. With no master to hand it back to, the leases are left to end,
    /// and what was said so far stays on disk for the next start.
    pub async fn shutdown(mut self) {
        self.shared.stopping.send_replace(true);
        let why = "it stops".to_owned();
        self.shared.attempts.order_all(&Order::HandBack(why));
        if timeout(HAND_BACK_LIMIT, self.until_idle()).await.is_err() {
            tracing::warn!("not everything could be handed back in time");
        }
        self.loops.shutdown().await;
        let told = hold_nothing_more(&self.shared);
        if timeout(GOODBYE_LIMIT, told).await.is_err() {
            tracing::debug!("the master did not answer to the end");
        }
        self.shared.attempts.order_all(&Order::Leave);
        if timeout(CLOSING_LIMIT, self.until_idle()).await.is_err() {
            tracing::warn!("some packages did not end in time");
        }
        self.shared.pool.close().await;
        tracing::info!(worker = %self.shared.id, "the worker has stopped");
    }

    /// What it shows to Prometheus, also without a port for it.
    #[must_use]
    pub fn metrics(&self) -> String {
        self.shared.metrics.page(&findings(&self.shared))
    }

    /// How many packages run here, or have ended and are not yet reported.
    #[must_use]
    pub fn running(&self) -> usize {
        self.shared.attempts.count()
    }

    async fn until_idle(&self) {
        let mut changed = self.shared.attempts.changed();
        while 0 < self.shared.attempts.count() {
            if changed.changed().await.is_err() {
                break;
            }
        }
    }
}
