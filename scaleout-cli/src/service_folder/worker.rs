//! The folder of a worker.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use scaleout_agent::worker::WorkerOptions;
use scaleout_core::certificates::{Certificate, PrivateKey};
use scaleout_core::client::MasterTrust;
use scaleout_core::model::SystemClock;
use scaleout_core::settings::WorkerSettings;
use uuid::Uuid;

use super::files::{certificate_with_key, host_name, private_folder, settings_text};
use super::lock::FolderLock;
use crate::error::{CliError, CommandError};

/// `WorkerSettings.config`, `SSISScaleOutWorker.cer` and `.key`, and the worker's data.
#[derive(Debug)]
pub struct WorkerFolder {
    /// The folder.
    pub path: PathBuf,
    /// Its settings, with an `AgentId`.
    pub settings: WorkerSettings,
    /// The worker's certificate.
    pub certificate: Certificate,
    /// Its key.
    pub key: PrivateKey,
    _lock: FolderLock,
}

impl WorkerFolder {
    /// Opens the folder, and holds it as long as the value lives; makes what is missing, with
    /// `display_name` for a new worker.
    ///
    /// # Errors
    /// Another service runs in it, a file cannot be read or written, or its content makes no sense.
    pub fn open(path: &Path, display_name: &str, now: Timestamp) -> Result<Self, CliError> {
        private_folder(path)?;
        let lock = FolderLock::take(path)?;
        let file = path.join("WorkerSettings.config");
        let fresh = || WorkerSettings {
            agent_id: Some(Uuid::new_v4()),
            display_name: display_name.to_owned(),
            ..WorkerSettings::default()
        };
        let text = settings_text(&file, || fresh().to_text())?;
        let settings = WorkerSettings::parse(&file.display().to_string(), &text)?;
        let names = [host_name(), display_name.to_owned()]
            .into_iter()
            .filter(|name| !name.is_empty());
        let names: Vec<String> = names.collect();
        let (certificate, key) = certificate_with_key(path, "SSISScaleOutWorker", &names, now)?;
        Ok(Self {
            path: path.to_owned(),
            settings,
            certificate,
            key,
            _lock: lock,
        })
    }
}

impl WorkerFolder {
    /// `AgentId` of the settings.
    ///
    /// # Errors
    /// Somebody took it out of the file.
    pub fn agent_id(&self) -> Result<Uuid, CliError> {
        let lacking = || CommandError::Argument {
            message: format!(
                "`{}` has no AgentId",
                self.path.join("WorkerSettings.config").display()
            ),
            hint: "put the AgentId back; the catalog knows the worker by it".to_owned(),
        };
        Ok(self.settings.agent_id.ok_or_else(lacking)?)
    }

    /// Everything the worker service needs.
    #[must_use]
    pub fn options(
        &self,
        endpoint: &str,
        master: &Certificate,
        executor: Vec<OsString>,
    ) -> WorkerOptions {
        let mut settings = self.settings.clone();
        settings.master_endpoint = endpoint.to_owned();
        WorkerOptions {
            settings,
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            master: MasterTrust::Certificate(Box::new(master.clone())),
            executor_command: executor,
            data_dir: self.path.clone(),
            clock: Arc::new(SystemClock),
        }
    }
}
