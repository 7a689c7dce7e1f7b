//! What all loops of one worker share.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use scaleout_core::client::ClientError;
use scaleout_core::error::Explain as _;
use scaleout_core::model::Clock;
use scaleout_core::settings::WorkerSettings;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::attempts::Attempts;
use super::credentials::Credentials;
use super::link::Link;
use super::machine::Load;
use super::pool::Pool;
use super::project_cache::ProjectCache;

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
    pub spools: PathBuf,
    /// The data folder, for what packages write there.
    pub folder: PathBuf,
    pub clock: Arc<dyn Clock>,
    /// How busy the machine is; `None` until it was measured.
    pub load: watch::Sender<Option<Load>>,
    /// Whether the master knows this worker.
    pub registered: watch::Sender<bool>,
    /// Wakes the task heartbeat: the master wants to say something.
    pub beat_now: Notify,
    /// The last task heartbeat that went well.
    last_contact: Mutex<Timestamp>,
    /// The certificates of both sides.
    pub credentials: Mutex<Credentials>,
}

/// What a new worker is made of.
pub(super) struct Parts {
    pub id: Uuid,
    pub settings: WorkerSettings,
    pub link: Link,
    pub cache: ProjectCache,
    pub pool: Pool,
    pub spools: PathBuf,
    pub folder: PathBuf,
    pub clock: Arc<dyn Clock>,
    pub credentials: Credentials,
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
            beat_now: Notify::new(),
            last_contact: Mutex::new(now),
            credentials: Mutex::new(parts.credentials),
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
