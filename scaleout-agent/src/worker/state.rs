//! What all loops of one worker share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use scaleout_core::certificates::{Certificate, CertificateError, TrustStore};
use scaleout_core::client::ClientError;
use scaleout_core::error::Explain as _;
use scaleout_core::model::Clock;
use scaleout_core::settings::WorkerSettings;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use uuid::Uuid;

use super::attempts::Attempts;
use super::buffers::Buffers;
use super::credentials::Credentials;
use super::link::Link;
use super::machine::Load;
use super::metrics::Metrics;
use super::pool::Pool;
use super::project_cache::ProjectCache;
use super::spool_folder::SpoolFolder;
use crate::log_files::LogPlace;
use crate::master::Identities;

/// The master's code for a certificate that no worker has registered with.
pub(super) const NOT_REGISTERED: &str = "SO1202";

/// Shared by all loops.
#[derive(Debug)]
pub(super) struct Shared {
    pub id: Uuid,
    settings: watch::Sender<Arc<WorkerSettings>>,
    pub link: Link,
    pub cache: ProjectCache,
    pub pool: Pool,
    pub attempts: Attempts,
    pub spools: Arc<SpoolFolder>,
    /// The data folder, for what packages write there.
    pub folder: PathBuf,
    pub clock: Arc<dyn Clock>,
    /// How busy the machine is; `None` until it was measured.
    pub load: watch::Sender<Option<Load>>,
    /// Whether the master knows this worker.
    pub registered: watch::Sender<bool>,
    /// Why no further task is asked for although there is a free slot. Moves when that begins or
    /// ends.
    pub gate: watch::Sender<Option<String>>,
    /// Whether nothing more is asked for: this worker is going to stop.
    pub stopping: watch::Sender<bool>,
    /// Number of the last registration.
    registration: AtomicU64,
    /// Whether the last task heartbeat was refused as by a machine on which no master runs.
    refused: AtomicBool,
    /// What time it was at the master at the last registration, no earlier than at this moment.
    master_clock: Mutex<Option<(Instant, Timestamp)>>,
    /// Wakes the task heartbeat: the master wants to say something.
    pub beat_now: Notify,
    /// The last task heartbeat that went well.
    last_contact: Mutex<Timestamp>,
    /// The certificates of both sides.
    pub credentials: Mutex<Credentials>,
    /// What the port of `MonitoringPort` shows.
    pub identities: Arc<Identities>,
    /// Who may read the metrics.
    monitors: RwLock<TrustStore>,
    pub metrics: Arc<Metrics>,
    /// Where the service log is.
    pub log: Option<LogPlace>,
    /// Batches of messages in memory.
    pub buffers: Buffers,
}

/// What a new worker is made of.
pub(super) struct Parts {
    pub id: Uuid,
    pub settings: WorkerSettings,
    pub link: Link,
    pub cache: ProjectCache,
    pub pool: Pool,
    pub spools: Arc<SpoolFolder>,
    pub folder: PathBuf,
    pub clock: Arc<dyn Clock>,
    pub credentials: Credentials,
    pub identities: Arc<Identities>,
    pub monitors: TrustStore,
    pub metrics: Arc<Metrics>,
    pub log: Option<LogPlace>,
}

impl Shared {
    pub fn new(parts: Parts) -> Arc<Self> {
        let now = parts.clock.now();
        Arc::new(Self {
            id: parts.id,
            settings: watch::Sender::new(Arc::new(parts.settings)),
            link: parts.link,
            cache: parts.cache,
            pool: parts.pool,
            attempts: Attempts::new(),
            spools: parts.spools,
            folder: parts.folder,
            clock: parts.clock,
            load: watch::Sender::new(None),
            registered: watch::Sender::new(false),
            gate: watch::Sender::new(None),
            stopping: watch::Sender::new(false),
            registration: AtomicU64::new(0),
            refused: AtomicBool::new(false),
            master_clock: Mutex::new(None),
            beat_now: Notify::new(),
            last_contact: Mutex::new(now),
            credentials: Mutex::new(parts.credentials),
            identities: parts.identities,
            monitors: RwLock::new(parts.monitors),
            metrics: parts.metrics,
            log: parts.log,
            buffers: Buffers::default(),
        })
    }

    /// The settings as they are now.
    pub fn settings(&self) -> Arc<WorkerSettings> {
        Arc::clone(&self.settings.borrow())
    }

    /// Moves when the settings change.
    pub fn settings_changed(&self) -> watch::Receiver<Arc<WorkerSettings>> {
        self.settings.subscribe()
    }

    /// Takes other settings from now on.
    pub fn set_settings(&self, settings: WorkerSettings) {
        self.settings.send_replace(Arc::new(settings));
    }

    /// Whether this certificate may read the metrics.
    pub fn check_monitor(&self, shown: &Certificate) -> Result<(), CertificateError> {
        let monitors = self.monitors.read();
        let monitors = monitors.unwrap_or_else(PoisonError::into_inner);
        monitors.check(shown, self.clock.now())
    }

    /// Lets these read the metrics from now on, and no others.
    pub fn set_monitors(&self, monitors: TrustStore) {
        let held = self.monitors.write();
        *held.unwrap_or_else(PoisonError::into_inner) = monitors;
    }

    /// Waits until the master knows this worker.
    pub async fn until_registered(&self) {
        // The sender is ours, so it cannot go away.
        let _ = self.registered.subscribe().wait_for(|known| *known).await;
    }

    /// Notices when the master has forgotten this worker, so that it registers again.
    pub fn notice(&self, error: &ClientError) {
        if error.code() == NOT_REGISTERED {
            self.registered.send_replace(false);
        }
    }

    /// The number of the next registration: the time, so that it rises over restarts too. Where the
    /// clock was set back, the master takes nothing back at once, and leases end by themselves.
    pub fn next_registration(&self) -> u64 {
        let now = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        let number = now.max(self.registration_number() + 1);
        self.registration.store(number, Ordering::Relaxed);
        number
    }

    /// The number of the last registration.
    pub fn registration_number(&self) -> u64 {
        self.registration.load(Ordering::Relaxed)
    }

    /// Registers anew, for what the master does then.
    pub fn register_again(&self) {
        self.registered.send_replace(false);
    }

    /// Notes why nothing is asked for; wakes nobody where only the words change.
    pub fn note_gate(&self, why: Option<String>) {
        self.gate.send_if_modified(|gate| {
            let flips = gate.is_some() != why.is_some();
            *gate = why;
            flips
        });
    }

    /// Notes the master's time, as of an answer to what was sent at `sent`.
    pub fn note_master_time(&self, sent: Instant, time: Timestamp) {
        let clock = self.master_clock.lock();
        *clock.unwrap_or_else(PoisonError::into_inner) = Some((sent, time));
    }

    /// What is known of the master's clock.
    pub fn master_clock(&self) -> Option<(Instant, Timestamp)> {
        *self
            .master_clock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how the last task heartbeat went.
    pub fn note_refusal(&self, is_refused: bool) {
        self.refused.store(is_refused, Ordering::Relaxed);
    }

    /// Whether the master is known not to run.
    pub fn master_refuses(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    pub fn note_contact(&self) {
        let now = self.clock.now();
        *self
            .last_contact
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = now;
    }

    pub fn last_contact(&self) -> Timestamp {
        *self
            .last_contact
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
