//! What a worker is started with.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use scaleout_core::certificates::{Certificate, PrivateKey, TrustStore};
use scaleout_core::client::{Identity, MasterTrust};
use scaleout_core::model::Clock;
use scaleout_core::settings::WorkerSettings;

use crate::log_files::LogPlace;

/// Everything a worker needs; it reads no settings file itself.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// Settings; `AgentId` and `MasterEndpoint` must be set.
    pub settings: WorkerSettings,
    /// Certificate shown to the master.
    pub certificate: Certificate,
    /// Its key.
    pub key: PrivateKey,
    /// Which certificate the master must show.
    pub master: MasterTrust,
    /// Who may read the metrics, by certificate.
    pub monitors: TrustStore,
    /// Program and arguments of the executor process.
    pub executor_command: Vec<OsString>,
    /// Folder of project files and, unless `ExecutionLogCacheFolder` says otherwise, of messages
    /// on their way to the master.
    pub data_dir: PathBuf,
    /// Keeps what the worker learns for its next start; without one it is learnt anew.
    pub keeper: Option<Arc<dyn Keeper>>,
    /// Where its service log is, if it writes one.
    pub log: Option<LogPlace>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Keeps for the next start what a worker learns while it runs.
pub trait Keeper: std::fmt::Debug + Send + Sync {
    /// The master's certificates, the one to expect from now on first.
    ///
    /// # Errors
    /// What went wrong, in words.
    fn keep_master(&self, certificates: &[Certificate]) -> Result<(), String>;

    /// The certificate and key that the worker shows from now on.
    ///
    /// # Errors
    /// What went wrong, in words.
    fn keep_identity(&self, identity: &Identity) -> Result<(), String>;
}
