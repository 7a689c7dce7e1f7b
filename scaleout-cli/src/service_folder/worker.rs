//! The folder of a worker.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use scaleout_agent::worker::{Keeper, RunningWorker, WorkerOptions};
use scaleout_core::certificates::{Certificate, PrivateKey, TrustStore};
use scaleout_core::client::{Identity, MasterTrust};
use scaleout_core::model::SystemClock;
use scaleout_core::settings::WorkerSettings;
use uuid::Uuid;

use super::files::{host_name, private_folder, settings_text};
use super::identity::{adopt, shown_by, store_of_worker};
use super::lock::FolderLock;
use super::settings_file::{ServiceKind, SettingsFile};
use super::store::{CertificateStore, StoreName};
use crate::error::{CliError, CommandError, file_error};

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
    /// Who may read its metrics: whoever has a certificate of its store `Root`.
    pub monitors: TrustStore,
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
        let identity = identity(path, &settings, display_name, now)?;
        Ok(Self {
            path: path.to_owned(),
            settings,
            certificate: identity.certificate,
            key: identity.key,
            monitors: monitors(path)?,
            _lock: lock,
        })
    }

    /// Whom settings and the store `Root` of a folder take for the master.
    ///
    /// # Errors
    /// They name nobody, or a certificate that is not there.
    pub fn trust_of(path: &Path, settings: &WorkerSettings) -> Result<MasterTrust, CliError> {
        master_trust(path, settings)
    }

    /// Whom its settings and its store `Root` take for the master.
    ///
    /// # Errors
    /// They name nobody, or a certificate that is not there.
    pub fn master_of_settings(&self) -> Result<MasterTrust, CliError> {
        master_trust(&self.path, &self.settings)
    }

    /// Reads settings and certificates again and gives them to a worker that runs.
    ///
    /// # Errors
    /// Something is wrong with them; the worker goes on with what it had.
    pub fn reload(
        &mut self,
        worker: &RunningWorker,
        master: Option<&MasterTrust>,
        now: Timestamp,
    ) -> Result<(), CliError> {
        let file = self.path.join("WorkerSettings.config");
        let text = std::fs::read_to_string(&file).map_err(file_error("read", &file))?;
        let settings = WorkerSettings::parse(&file.display().to_string(), &text)?;
        let identity = identity(&self.path, &settings, "", now)?;
        let trust = match master {
            Some(given) => given.clone(),
            None => master_trust(&self.path, &settings)?,
        };
        let monitors = monitors(&self.path)?;
        worker.reload(settings.clone(), &identity, &trust, monitors.clone())?;
        self.monitors = monitors;
        self.settings = settings;
        self.certificate = identity.certificate;
        self.key = identity.key;
        Ok(())
    }
}

/// Keeps in a worker's folder what it learns while it runs.
#[derive(Debug)]
struct FolderKeeper(PathBuf);

impl Keeper for FolderKeeper {
    fn keep_master(&self, certificates: &[Certificate]) -> Result<(), String> {
        let words = |error: CliError| error.body.message;
        let root = CertificateStore::of(&self.0, StoreName::Root);
        for certificate in certificates {
            root.install(certificate, None).map_err(words)?;
        }
        let Some(first) = certificates.first() else {
            return Ok(());
        };
        let mut file = SettingsFile::read(&self.0, ServiceKind::Worker).map_err(words)?;
        let thumbprint = first.thumbprint();
        file.set("MasterHttpsCertThumbprint", thumbprint.as_str().into())
            .map_err(words)?;
        file.write().map_err(words)
    }

    fn keep_identity(&self, identity: &Identity) -> Result<(), String> {
        let words = |error: CliError| error.body.message;
        let mut file = SettingsFile::read(&self.0, ServiceKind::Worker).map_err(words)?;
        let text = file.to_text();
        let settings = WorkerSettings::parse("WorkerSettings.config", &text)
            .map_err(|error| error.to_string())?;
        let store = store_of_worker(&self.0, &settings);
        adopt(&self.0, ServiceKind::Worker, &store, identity).map_err(words)?;
        let thumbprint = identity.certificate.thumbprint();
        file.set("WorkerHttpsCertThumbprint", thumbprint.as_str().into())
            .map_err(words)?;
        file.write().map_err(words)
    }
}

/// The certificate and key that a worker's folder names.
///
/// # Errors
/// They are not there, or do not belong together.
pub fn worker_identity(
    path: &Path,
    settings: &WorkerSettings,
    now: Timestamp,
) -> Result<Identity, CliError> {
    identity(path, settings, "", now)
}

fn identity(
    path: &Path,
    settings: &WorkerSettings,
    display_name: &str,
    now: Timestamp,
) -> Result<Identity, CliError> {
    let names = [host_name(), display_name.to_owned()]
        .into_iter()
        .filter(|name| !name.is_empty());
    let names: Vec<String> = names.collect();
    let store = store_of_worker(path, settings);
    let thumbprint = &settings.worker_https_cert_thumbprint;
    shown_by(path, ServiceKind::Worker, &store, thumbprint, &names, now)
}

/// Who may read the metrics of a worker.
fn monitors(path: &Path) -> Result<TrustStore, CliError> {
    let mut trust = TrustStore::new();
    for stored in CertificateStore::of(path, StoreName::Root).list()? {
        // One that is too weak lets nobody read.
        let _ = trust.add(stored.certificate);
    }
    Ok(trust)
}

/// The certificate in `Root` that `MasterHttpsCertThumbprint` names; without it the only one there.
fn master_trust(path: &Path, settings: &WorkerSettings) -> Result<MasterTrust, CliError> {
    let root = CertificateStore::of(path, StoreName::Root);
    let thumbprint = &settings.master_https_cert_thumbprint;
    if !thumbprint.is_empty() {
        let found = root.get(&thumbprint.parse()?)?;
        return Ok(MasterTrust::Certificates(vec![found.certificate]));
    }
    let mut all = root.list()?;
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Ok(MasterTrust::Certificates(vec![only.certificate])),
        (found, _) => Err(CommandError::Argument {
            message: format!(
                "it is not known which certificate is the master's: `MasterHttpsCertThumbprint` is \
                 empty, and the store `{}` holds {}",
                root.folder().display(),
                if found.is_some() { "several" } else { "none" }
            ),
            hint: "give it with `--master-cert FILE`, or for good with \
                   `soctl worker init --master-cert FILE`"
                .to_owned(),
        }
        .into()),
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

    /// Where the master is: as given, or else as the settings say.
    ///
    /// # Errors
    /// Neither says.
    pub fn endpoint(&self, given: Option<&str>) -> Result<String, CliError> {
        let known = given.unwrap_or(&self.settings.master_endpoint);
        if !known.is_empty() {
            return Ok(known.to_owned());
        }
        Err(CommandError::Argument {
            message: format!(
                "`{}` has no MasterEndpoint",
                self.path.join("WorkerSettings.config").display()
            ),
            hint:
                "set it with `soctl worker settings set MasterEndpoint https://HOST:PORT`, or give \
                   `--master-endpoint`"
                    .to_owned(),
        }
        .into())
    }

    /// Everything the worker service needs.
    #[must_use]
    pub fn options(
        &self,
        endpoint: &str,
        master: &MasterTrust,
        executor: Vec<OsString>,
    ) -> WorkerOptions {
        let mut settings = self.settings.clone();
        settings.master_endpoint = endpoint.to_owned();
        WorkerOptions {
            settings,
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            master: master.clone(),
            monitors: self.monitors.clone(),
            executor_command: executor,
            data_dir: self.path.clone(),
            keeper: Some(Arc::new(FolderKeeper(self.path.clone()))),
            log: crate::service_log::place(),
            clock: Arc::new(SystemClock),
        }
    }
}
