//! The certificates of both sides, and how they change while the worker runs.
//!
//! Calls under way go on over the connection that they have; the next ones use the new certificates.
//! No package notices.

use std::sync::{Arc, PoisonError};

use scaleout_core::certificates::Certificate;
use scaleout_core::client::{Endpoint, Identity, MasterTrust, Transport};
use scaleout_core::settings::WorkerSettings;

use super::error::WorkerError;
use super::options::Keeper;
use super::state::Shared;

/// The certificates of both sides.
#[derive(Clone, Debug)]
pub(super) struct Credentials {
    /// What this worker shows.
    pub identity: Identity,
    /// What the master must show.
    pub master: MasterTrust,
    /// Keeps both for the next start.
    pub keeper: Option<Arc<dyn Keeper>>,
}

impl Credentials {
    /// Calls to the master with these.
    pub fn transports(&self, settings: &WorkerSettings) -> Result<Vec<Transport>, WorkerError> {
        let identity = Some(&self.identity);
        let endpoints = settings.master_endpoints().into_iter();
        let masters = endpoints.map(|address| {
            let endpoint: Endpoint = address.parse()?;
            Ok(Transport::new(endpoint, &self.master, identity, None)?)
        });
        masters.collect()
    }
}

impl Shared {
    /// The certificates as they are now.
    pub fn credentials(&self) -> Credentials {
        self.credentials
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Changes the certificates for the calls to come; nothing changes if they cannot be used.
    pub fn use_credentials(
        &self,
        settings: &WorkerSettings,
        change: impl FnOnce(&mut Credentials),
    ) -> Result<(), WorkerError> {
        let mut held = self
            .credentials
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut changed = held.clone();
        change(&mut changed);
        self.link.replace(changed.transports(settings)?);
        let shown = self.identities.replace(&changed.identity, &[]);
        shown.map_err(|error| WorkerError::Key(Box::new(error)))?;
        *held = changed;
        Ok(())
    }

    /// Takes in which certificates the master says are good, over a connection that it has proved
    /// to be the master on.
    pub fn learn_master(&self, announced: &[String]) {
        let read: Result<Vec<Certificate>, _> = announced
            .iter()
            .map(|pem| Certificate::from_pem(pem))
            .collect();
        let all = match read {
            Ok(all) => all,
            Err(error) => {
                tracing::warn!("the master announces a certificate that cannot be read: {error}");
                return;
            }
        };
        let Some(first) = all.first() else {
            return;
        };
        let credentials = self.credentials();
        if is_first(&credentials.master, first) {
            return;
        }
        if let Err(error) = first.check_strength() {
            tracing::error!("the master announces a certificate that is not taken on: {error}");
            return;
        }
        let thumbprint = first.thumbprint();
        if let Some(keeper) = &credentials.keeper
            && let Err(error) = keeper.keep_master(&all)
        {
            tracing::error!("failed to keep the master's new certificate {thumbprint}: {error}");
        }
        let settings = self.settings();
        let taken = self.use_credentials(&settings, |credentials| {
            credentials.master = MasterTrust::Certificates(all);
        });
        match taken {
            Ok(()) => tracing::info!(
                "the master has a new certificate, {thumbprint}; it is expected from now on"
            ),
            Err(error) => tracing::error!(
                "failed to take on the master's new certificate {thumbprint}: {error}"
            ),
        }
    }
}

/// Whether this certificate is the one that is expected already.
fn is_first(trust: &MasterTrust, certificate: &Certificate) -> bool {
    match trust {
        MasterTrust::Thumbprint(thumbprint) => thumbprint.matches(certificate.der()),
        MasterTrust::Certificate(known) => known.der() == certificate.der(),
        MasterTrust::Certificates(known) => known
            .first()
            .is_some_and(|one| one.der() == certificate.der()),
    }
}
