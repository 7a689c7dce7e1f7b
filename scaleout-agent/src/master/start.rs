//! Starting and stopping a master.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use scaleout_catalog::{Catalog, CommitCounts};
use scaleout_core::certificates::{Certificate, CertificateError, TrustStore};
use scaleout_core::client::Identity;
use scaleout_core::settings::MasterSettings;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::chores::{expire_leases, keep_house, report_online, stop_overdue};
use super::dispatch::dispatch;
use super::error::MasterError;
use super::first_start::{admin_token_path, ensure_admin_password, ensure_admin_token};
use super::http::router;
use super::identities::{Identities, PreviousIdentity};
use super::jobs::{look_after_jobs, send_notifications};
use super::listen::{accept, bind};
use super::options::MasterOptions;
use super::properties::Properties;
use super::queue_chores::{end_drains, note_waiting};
use super::state::Shared;
use super::tls::server_config;

/// The master service.
#[derive(Debug)]
pub struct Master;

/// A master that runs; dropped without [`RunningMaster::shutdown`], it stops at once.
#[derive(Debug)]
pub struct RunningMaster {
    address: SocketAddr,
    admin_token: PathBuf,
    first_password: Option<PathBuf>,
    shared: Shared,
    own_address: String,
    tasks: JoinSet<()>,
}

impl Master {
    /// Starts a master: nothing is written before its certificate is good and its port is free.
    ///
    /// # Errors
    /// See [`MasterError`].
    pub async fn start(options: MasterOptions) -> Result<RunningMaster, MasterError> {
        options.certificate.check_strength()?;
        options.certificate.check_validity(options.clock.now())?;
        let current = Identity {
            certificate: options.certificate.clone(),
            key: options.key.clone(),
        };
        let clock = options.clock.clone();
        let identities = Arc::new(Identities::new(&current, &options.previous, clock)?);
        let tls = server_config(Arc::clone(&identities))?;
        let listener = bind(options.listen).await?;
        let address = listener
            .local_addr()
            .map_err(|source| MasterError::Listen {
                address: options.listen,
                source,
            })?;
        let catalog = open_catalog(&options).await?;
        let first_password = ensure_admin_password(&catalog, &options.data_dir).await?;
        ensure_admin_token(&catalog, &options.data_dir).await?;

        let (requests, scheduler) = dispatch();
        let (closing, _) = watch::channel(false);
        let shared = Shared::new(
            &options,
            catalog,
            Arc::clone(&identities),
            requests,
            closing,
        );
        let properties = Properties::of(&options, address);
        properties.write(&shared).await?;
        let own_address = properties.own_address().to_owned();

        let mut tasks = JoinSet::new();
        tasks.spawn(scheduler.run(shared.clone()));
        tasks.spawn(expire_leases(shared.clone()));
        tasks.spawn(stop_overdue(shared.clone()));
        tasks.spawn(end_drains(shared.clone()));
        tasks.spawn(note_waiting(shared.clone()));
        tasks.spawn(keep_house(shared.clone()));
        tasks.spawn(look_after_jobs(shared.clone(), options.data_dir.clone()));
        tasks.spawn(send_notifications(shared.clone()));
        tasks.spawn(report_online(shared.clone(), properties));
        tasks.spawn(accept(
            listener,
            tls,
            router(&shared),
            options.limits,
            shared.closing(),
        ));
        tracing::info!(%address, "the master listens");
        Ok(RunningMaster {
            address,
            admin_token: admin_token_path(&options.data_dir),
            first_password,
            shared,
            own_address,
            tasks,
        })
    }
}

async fn open_catalog(options: &MasterOptions) -> Result<Catalog, MasterError> {
    let seconds = options.settings.sql_connection_timeout_in_secs;
    let opening = Catalog::open(&options.catalog, &options.data_dir, options.clock.clone());
    match timeout(Duration::from_secs(seconds), opening).await {
        Ok(opened) => Ok(opened?),
        Err(_) => Err(MasterError::CatalogTimeout { seconds }),
    }
}

impl RunningMaster {
    /// Where it listens; with the port that was taken when 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the first administrator's token stands.
    #[must_use]
    pub fn admin_token_path(&self) -> &Path {
        &self.admin_token
    }

    /// Where the password of the login `admin` was written just now, if this start made it.
    #[must_use]
    pub fn first_password_path(&self) -> Option<&Path> {
        self.first_password.as_deref()
    }

    /// Commits of the catalog since the start, and the changes that were in them.
    #[must_use]
    pub fn commit_counts(&self) -> CommitCounts {
        self.shared.catalog().commit_counts()
    }

    /// Trusts one more worker certificate, from the next request on.
    ///
    /// # Errors
    /// The certificate is too weak to be trusted.
    pub fn trust(&self, certificate: Certificate) -> Result<(), CertificateError> {
        self.shared.add_trust(certificate)
    }

    /// Takes what can change without a restart: settings other than those that count at a start,
    /// the certificates that the master shows, and those that it trusts. What runs goes on.
    ///
    /// # Errors
    /// A certificate or key cannot be used; then nothing has changed.
    pub fn reload(
        &self,
        settings: MasterSettings,
        current: &Identity,
        previous: &[PreviousIdentity],
        trust: TrustStore,
    ) -> Result<(), MasterError> {
        current.certificate.check_strength()?;
        current.certificate.check_validity(self.shared.now())?;
        self.shared.identities().replace(current, previous)?;
        self.shared.replace_trust(trust);
        self.shared.set_settings(settings);
        tracing::info!(
            certificate = %current.certificate.thumbprint(),
            "settings and certificates were read again"
        );
        Ok(())
    }

    /// Stops: requests under way are answered, what waits is told to come back, and the catalog
    /// is closed.
    pub async fn shutdown(mut self) {
        self.shared.close();
        while self.tasks.join_next().await.is_some() {}
        let catalog = self.shared.catalog();
        if let Err(error) = catalog.forget_master(&self.own_address).await {
            tracing::warn!("failed to say that this master stops: {error}");
        }
        catalog.clone().close().await;
        tracing::info!(address = %self.address, "the master has stopped");
    }
}
