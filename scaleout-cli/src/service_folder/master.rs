//! The folder of a master.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use scaleout_agent::CatalogLocation;
use scaleout_agent::master::{ConnectionLimits, MasterOptions, PreviousIdentity, RunningMaster};
use scaleout_core::certificates::{Certificate, PrivateKey, TrustStore};
use scaleout_core::client::Identity;
use scaleout_core::model::Clock;
use scaleout_core::settings::MasterSettings;

use super::files::{host_name, private_folder, settings_text};
use super::grace::GraceFile;
use super::identity::shown_by;
use super::lock::FolderLock;
use super::settings_file::ServiceKind;
use super::store::{CertificateStore, StoreName};
use crate::error::{CliError, file_error};

/// `MasterSettings.config`, `SSISScaleOutMaster.cer` and `.key`, `Root/` with the certificates of
/// trusted workers, `catalog.db` or the key of a catalog elsewhere, `admin.token`.
#[derive(Debug)]
pub struct MasterFolder {
    /// The folder.
    pub path: PathBuf,
    /// Its settings.
    pub settings: MasterSettings,
    /// The master's certificate.
    pub certificate: Certificate,
    /// Its key.
    pub key: PrivateKey,
    /// Earlier certificates that are still good.
    pub previous: Vec<PreviousIdentity>,
    /// Workers that are let in.
    pub trust: TrustStore,
    _lock: FolderLock,
}

/// Who can reach a master.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Programs on this machine.
    ThisMachine,
    /// Other machines too.
    Network,
}

impl Reach {
    fn address(self) -> Ipv4Addr {
        match self {
            Self::ThisMachine => Ipv4Addr::LOCALHOST,
            Self::Network => Ipv4Addr::UNSPECIFIED,
        }
    }
}

impl MasterFolder {
    /// Opens the folder, and holds it as long as the value lives; makes what is missing.
    ///
    /// # Errors
    /// Another service runs in it, a file cannot be read or written, or its content makes no sense.
    pub fn open(path: &Path, now: Timestamp) -> Result<Self, CliError> {
        private_folder(path)?;
        let lock = FolderLock::take(path)?;
        private_folder(&path.join("Root"))?;
        let file = path.join("MasterSettings.config");
        let text = settings_text(&file, || MasterSettings::default().to_text())?;
        let settings = MasterSettings::parse(&file.display().to_string(), &text)?;
        let Certificates {
            identity,
            previous,
            trust,
        } = Certificates::read(path, &settings, now)?;
        Ok(Self {
            path: path.to_owned(),
            settings,
            certificate: identity.certificate,
            key: identity.key,
            previous,
            trust,
            _lock: lock,
        })
    }

    /// Reads settings and certificates again and gives them to a master that runs.
    ///
    /// # Errors
    /// Something is wrong with them; the master goes on with what it had.
    pub fn reload(&mut self, master: &RunningMaster, now: Timestamp) -> Result<(), CliError> {
        let file = self.path.join("MasterSettings.config");
        let text = std::fs::read_to_string(&file).map_err(file_error("read", &file))?;
        let settings = MasterSettings::parse(&file.display().to_string(), &text)?;
        let found = Certificates::read(&self.path, &settings, now)?;
        let waiting = restart_keys(&self.settings, &settings);
        if !waiting.is_empty() {
            let keys = waiting.join(", ");
            tracing::warn!("changed settings that take effect at the next start: {keys}");
        }
        master.reload(
            settings.clone(),
            &found.identity,
            &found.previous,
            found.trust.clone(),
        )?;
        self.settings = settings;
        self.certificate = found.identity.certificate;
        self.key = found.identity.key;
        self.previous = found.previous;
        self.trust = found.trust;
        Ok(())
    }

    /// Lets a worker in: its certificate goes into `Root/`.
    ///
    /// # Errors
    /// The file cannot be written, or the certificate is too weak.
    pub fn trust_worker(&mut self, certificate: &Certificate) -> Result<(), CliError> {
        let file = self
            .path
            .join("Root")
            .join(format!("{}.cer", certificate.thumbprint().as_str()));
        if !file.exists() {
            super::files::write_new(&file, 0o644, certificate.to_pem().as_bytes())?;
        }
        self.trust.add(certificate.clone())?;
        Ok(())
    }

    /// Gives the folder of another master what all masters of a catalog share: its key, and the
    /// certificate by which workers know them.
    ///
    /// # Errors
    /// A file cannot be read or written, or the folder has one already.
    pub fn share_with(&self, other: &Path) -> Result<(), CliError> {
        private_folder(other)?;
        let name = ServiceKind::Master.certificate_name();
        for (file, mode) in [
            (super::catalog::KEY_FILE.to_owned(), 0o600),
            (format!("{name}.key"), 0o600),
            (format!("{name}.cer"), 0o644),
        ] {
            let from = self.path.join(&file);
            let bytes = std::fs::read(&from).map_err(file_error("read", &from))?;
            super::files::write_new(&other.join(&file), mode, &bytes)?;
        }
        Ok(())
    }

    /// The catalog's database file.
    #[must_use]
    pub fn catalog_file(&self) -> PathBuf {
        self.path.join(super::catalog::CATALOG_FILE)
    }

    /// The administrator's token, once the master has started for the first time.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn admin_token(&self) -> Result<String, CliError> {
        let file = self.path.join("admin.token");
        let text = std::fs::read_to_string(&file).map_err(file_error("read", &file))?;
        Ok(text.trim().to_owned())
    }
}

impl MasterFolder {
    /// Everything the master service needs. `port` goes before `PortNumber`, `catalog` before
    /// `SqlServerName`.
    ///
    /// # Errors
    /// The location of the catalog makes no sense, or contains a password.
    pub fn options(
        &self,
        reach: Reach,
        port: Option<u16>,
        catalog: Option<&str>,
        clock: Arc<dyn Clock>,
    ) -> Result<MasterOptions, CliError> {
        let port = port.unwrap_or(self.settings.port_number);
        Ok(MasterOptions {
            settings: self.settings.clone(),
            listen: SocketAddr::from((reach.address(), port)),
            catalog: self.catalog_location(catalog)?,
            data_dir: self.path.clone(),
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            previous: self.previous.clone(),
            trust: self.trust.clone(),
            advertised: None,
            limits: ConnectionLimits::default(),
            log: crate::service_log::place(),
            clock,
        })
    }

    fn catalog_location(&self, given: Option<&str>) -> Result<CatalogLocation, CliError> {
        match given.unwrap_or(&self.settings.sql_server_name) {
            "" => Ok(CatalogLocation::Sqlite(self.catalog_file())),
            location => Ok(location.parse()?),
        }
    }
}

/// The certificates of a master's folder.
struct Certificates {
    identity: Identity,
    previous: Vec<PreviousIdentity>,
    trust: TrustStore,
}

impl Certificates {
    fn read(path: &Path, settings: &MasterSettings, now: Timestamp) -> Result<Self, CliError> {
        let store = CertificateStore::of(path, StoreName::My);
        let thumbprint = &settings.ssl_cert_thumbprint;
        let names = usual_names();
        Ok(Self {
            identity: shown_by(path, ServiceKind::Master, &store, thumbprint, &names, now)?,
            previous: GraceFile::read(path)?.identities(&store, now)?,
            trust: CertificateStore::of(path, StoreName::Root).to_trust()?,
        })
    }
}

/// The names of a certificate that nobody has chosen names for.
fn usual_names() -> [String; 4] {
    [
        host_name(),
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
    ]
}

/// The changed keys that count at a start only.
fn restart_keys(before: &MasterSettings, now: &MasterSettings) -> Vec<&'static str> {
    let pairs = [
        ("PortNumber", before.port_number == now.port_number),
        (
            "SqlServerName",
            before.sql_server_name == now.sql_server_name,
        ),
        (
            "SqlConnectionTimeoutInSecs",
            before.sql_connection_timeout_in_secs == now.sql_connection_timeout_in_secs,
        ),
    ];
    let changed = pairs.into_iter().filter(|(_, is_same)| !is_same);
    changed.map(|(key, _)| key).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_second_start_changes_nothing_and_keys_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        let first = MasterFolder::open(folder.path(), now).unwrap();
        let certificate = first.certificate.clone();
        drop(first);
        let second = MasterFolder::open(folder.path(), now).unwrap();
        assert_eq!(certificate, second.certificate);
        let mode = folder
            .path()
            .join("SSISScaleOutMaster.key")
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn the_catalog_is_where_the_option_or_else_the_setting_says() {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        let mut master = MasterFolder::open(folder.path(), now).unwrap();
        let location = |master: &MasterFolder, given| {
            let found = master.catalog_location(given);
            found.map(|location| location.to_string())
        };
        let own = format!("sqlite:{}", folder.path().join("catalog.db").display());
        assert_eq!(location(&master, None).unwrap(), own);
        master.settings.sql_server_name = "postgres://me@host/db".to_owned();
        assert_eq!(location(&master, None).unwrap(), "postgres://me@host/db");
        assert_eq!(location(&master, Some("sqlite:x")).unwrap(), "sqlite:x");
        let refused = location(&master, Some("postgres://me:secret@host/db")).unwrap_err();
        assert_eq!(refused.body.code, "SO7061");
    }

    #[test]
    fn a_trusted_worker_is_still_trusted_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        let mut master = MasterFolder::open(folder.path(), now).unwrap();
        let worker = super::super::WorkerFolder::open(&folder.path().join("w"), "w", now).unwrap();
        master.trust_worker(&worker.certificate).unwrap();
        drop(master);
        let again = MasterFolder::open(folder.path(), now).unwrap();
        assert!(again.trust.check(&worker.certificate, now).is_ok());
    }
}
