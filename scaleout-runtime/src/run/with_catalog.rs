//! Connections as a task sees them: those that name the catalog lead to whoever reaches it.

use std::sync::{Arc, Mutex};

use scaleout_core::package::ConnectionManager;
use scaleout_core::protocol::executor::RuntimeSettings;

use crate::cancel::CancelToken;
use crate::connections::catalog::CatalogConnection;
use crate::connections::target::{Target, target};
use crate::connections::{Connection, ConnectionError};
use crate::data_flow::cache::CacheSlot;
use crate::job_caller::JobCaller;
use crate::services::{ConnectionLease, Connections};

/// Connection managers, for the task at a place.
pub(super) struct WithCatalog {
    /// All others. A catalog takes no part in their transactions.
    pub inner: Arc<dyn Connections>,
    /// Who reaches the catalog.
    pub jobs: Arc<dyn JobCaller>,
    /// Path of the task with iterations.
    pub path: String,
    /// Settings of the worker.
    pub settings: Arc<RuntimeSettings>,
    /// Ends the waiting.
    pub cancel: CancelToken,
}

impl WithCatalog {
    /// A connection to the catalog, if the reference names it. What is wrong with the reference is
    /// said by whoever opens it.
    fn catalog(&self, reference: &str) -> Option<ConnectionLease> {
        let manager = self.inner.resolve(reference).ok()?;
        if target(&manager, &self.settings).ok()? != Target::Catalog {
            return None;
        }
        let (jobs, cancel) = (Arc::clone(&self.jobs), self.cancel.clone());
        let connection = CatalogConnection::new(&manager.name, &self.path, jobs, cancel);
        let connection: Box<dyn Connection> = Box::new(connection);
        Some(Arc::new(Mutex::new(connection)))
    }
}

impl Connections for WithCatalog {
    fn resolve(&self, reference: &str) -> Result<Arc<ConnectionManager>, ConnectionError> {
        self.inner.resolve(reference)
    }

    fn open(&self, reference: &str) -> Result<ConnectionLease, ConnectionError> {
        match self.catalog(reference) {
            Some(lease) => Ok(lease),
            None => self.inner.open(reference),
        }
    }

    fn cache(&self, reference: &str) -> Result<Arc<CacheSlot>, ConnectionError> {
        self.inner.cache(reference)
    }

    fn open_to_read(&self, reference: &str) -> Result<ConnectionLease, ConnectionError> {
        match self.catalog(reference) {
            Some(lease) => Ok(lease),
            None => self.inner.open_to_read(reference),
        }
    }
}
