//! Connections as tasks inside a transaction see them.

use std::sync::Arc;

use scaleout_core::package::ConnectionManager;
use scaleout_core::protocol::executor::RuntimeSettings;

use super::transaction::Transaction;
use crate::cancel::CancelToken;
use crate::connections::ConnectionError;
use crate::data_flow::cache::CacheSlot;
use crate::run::ConnectionSet;
use crate::services::{ConnectionLease, Connections};

/// The connection managers of a package, opened inside a transaction.
pub struct Enlisted {
    /// Connection managers.
    pub set: Arc<ConnectionSet>,
    /// The transaction.
    pub transaction: Arc<Transaction>,
    /// Settings of the worker.
    pub settings: Arc<RuntimeSettings>,
    /// Stops statements.
    pub cancel: CancelToken,
}

impl Connections for Enlisted {
    fn resolve(&self, reference: &str) -> Result<Arc<ConnectionManager>, ConnectionError> {
        self.set.resolve(reference)
    }

    fn open(&self, reference: &str) -> Result<ConnectionLease, ConnectionError> {
        let manager = self.set.resolve(reference)?;
        self.transaction
            .join(&manager, &self.settings, &self.cancel)
    }

    fn cache(&self, reference: &str) -> Result<Arc<CacheSlot>, ConnectionError> {
        self.set.cache(reference)
    }

    /// What is only read needs no transaction, unless it is the database that is written in it.
    fn open_to_read(&self, reference: &str) -> Result<ConnectionLease, ConnectionError> {
        let manager = self.set.resolve(reference)?;
        match self.transaction.is_home(&manager, &self.settings) {
            true => self.open(reference),
            false => self.set.open(reference),
        }
    }
}
