//! What all requests of one master share.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use scaleout_catalog::Catalog;
use scaleout_core::certificates::{Certificate, CertificateError, TrustStore};
use scaleout_core::model::Clock;
use scaleout_core::settings::MasterSettings;
use tokio::sync::watch;

use super::dispatch::Dispatch;
use super::identities::Identities;
use super::throttle::Throttle;

/// Shared by all requests; clones are cheap.
#[derive(Clone, Debug)]
pub(super) struct Shared(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    catalog: Catalog,
    clock: Arc<dyn Clock>,
    trust: RwLock<TrustStore>,
    throttle: Mutex<Throttle>,
    identities: Arc<Identities>,
    settings: watch::Sender<Arc<MasterSettings>>,
    dispatch: Dispatch,
    activity: watch::Sender<u64>,
    leases: watch::Sender<u64>,
    closing: watch::Sender<bool>,
}

impl Shared {
    pub fn new(
        catalog: Catalog,
        clock: Arc<dyn Clock>,
        trust: TrustStore,
        identities: Arc<Identities>,
        settings: MasterSettings,
        dispatch: Dispatch,
        closing: watch::Sender<bool>,
    ) -> Self {
        Self(Arc::new(Inner {
            catalog,
            clock,
            trust: RwLock::new(trust),
            throttle: Mutex::new(Throttle::default()),
            identities,
            settings: watch::Sender::new(Arc::new(settings)),
            dispatch,
            activity: watch::Sender::new(0),
            leases: watch::Sender::new(0),
            closing,
        }))
    }

    pub fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }

    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub fn dispatch(&self) -> &Dispatch {
        &self.0.dispatch
    }

    /// Judges a certificate by the trust store as it is now.
    pub fn check_trust(&self, shown: &Certificate) -> Result<(), CertificateError> {
        let now = self.now();
        let trust = self.0.trust.read();
        trust
            .unwrap_or_else(PoisonError::into_inner)
            .check(shown, now)
    }

    pub fn add_trust(&self, certificate: Certificate) -> Result<(), CertificateError> {
        let trust = self.0.trust.write();
        trust
            .unwrap_or_else(PoisonError::into_inner)
            .add(certificate)
    }

    /// Trusts these certificates of workers from now on, and no others.
    pub fn replace_trust(&self, trust: TrustStore) {
        *self.0.trust.write().unwrap_or_else(PoisonError::into_inner) = trust;
    }

    pub fn identities(&self) -> &Identities {
        &self.0.identities
    }

    /// The settings as they are now.
    pub fn settings(&self) -> Arc<MasterSettings> {
        Arc::clone(&self.0.settings.borrow())
    }

    /// Moves when the settings change.
    pub fn settings_changed(&self) -> watch::Receiver<Arc<MasterSettings>> {
        self.0.settings.subscribe()
    }

    pub fn set_settings(&self, settings: MasterSettings) {
        self.0.settings.send_replace(Arc::new(settings));
    }

    pub fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.0
            .throttle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that a view may show something new.
    pub fn note_activity(&self) {
        self.0.activity.send_modify(|count| *count += 1);
    }

    /// Moves when a view may show something new.
    pub fn activity(&self) -> watch::Receiver<u64> {
        self.0.activity.subscribe()
    }

    /// Says that a lease was granted, so that its end is looked out for.
    pub fn note_lease(&self) {
        self.0.leases.send_modify(|count| *count += 1);
    }

    /// Moves when a lease was granted.
    pub fn leases(&self) -> watch::Receiver<u64> {
        self.0.leases.subscribe()
    }

    /// Becomes true when the master stops.
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.0.closing.subscribe()
    }

    /// Waits until the master stops; at once if it does already.
    pub async fn closed(&self) {
        // The sender is ours, so it cannot go away.
        let _ = self.closing().wait_for(|closing| *closing).await;
    }

    /// Tells everything that waits that the master stops.
    pub fn close(&self) {
        self.0.closing.send_replace(true);
    }
}
