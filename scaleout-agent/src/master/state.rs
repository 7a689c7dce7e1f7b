//! What all requests of one master share.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use scaleout_catalog::Catalog;
use scaleout_core::certificates::{Certificate, CertificateError, TrustStore};
use scaleout_core::model::Clock;
use scaleout_core::settings::MasterSettings;
use tokio::sync::watch;
use tokio::time::sleep;

use super::dispatch::Dispatch;
use super::identities::Identities;
use super::logs::LogQuestions;
use super::metrics::Metrics;
use super::options::MasterOptions;
use super::throttle::Throttle;
use crate::log_files::LogPlace;

/// Shared by all requests; clones are cheap.
#[derive(Clone, Debug)]
pub(super) struct Shared(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    catalog: Catalog,
    clock: Arc<dyn Clock>,
    trust: RwLock<TrustStore>,
    throttle: Mutex<Throttle>,
    metrics: Metrics,
    logs: LogQuestions,
    log: Option<LogPlace>,
    identities: Arc<Identities>,
    settings: watch::Sender<Arc<MasterSettings>>,
    dispatch: Dispatch,
    activity: watch::Sender<u64>,
    leases: watch::Sender<u64>,
    closing: watch::Sender<bool>,
}

impl Shared {
    pub fn new(
        options: &MasterOptions,
        catalog: Catalog,
        identities: Arc<Identities>,
        dispatch: Dispatch,
        closing: watch::Sender<bool>,
    ) -> Self {
        Self(Arc::new(Inner {
            catalog,
            clock: Arc::clone(&options.clock),
            trust: RwLock::new(options.trust.clone()),
            throttle: Mutex::new(Throttle::default()),
            metrics: Metrics::default(),
            logs: LogQuestions::default(),
            log: options.log.clone(),
            identities,
            settings: watch::Sender::new(Arc::new(options.settings.clone())),
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

    /// Logs of workers that people wait for.
    pub fn logs(&self) -> &LogQuestions {
        &self.0.logs
    }

    /// Where the service log is.
    pub fn log(&self) -> Option<&LogPlace> {
        self.0.log.as_ref()
    }

    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Holds the answer to wrong credentials from this address back, as long as its last ones say.
    pub async fn hold_back(&self, address: IpAddr) {
        let delay = {
            let throttle = self.0.throttle.lock();
            let mut throttle = throttle.unwrap_or_else(PoisonError::into_inner);
            throttle.failed(address, self.now())
        };
        self.metrics().refused(delay);
        if delay != Duration::ZERO {
            sleep(delay).await;
        }
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
