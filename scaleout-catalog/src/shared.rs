//! What all clones of an open catalog share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use scaleout_core::certificates::Thumbprint;
use scaleout_core::model::Clock;
use tokio::sync::Semaphore;

use crate::error::CatalogError;
use crate::passwords::Failures;
use crate::secrets::Keeper;
use crate::store::audit::{self, AuditEntry};
use crate::store::certificates::Standing;
use crate::store::company::Company;
use crate::store::tokens::Bearer;
use crate::store::writer::Bells;
use crate::store::{Store, StoreError};
use crate::together::Together;

/// What all clones of an open catalog share.
#[derive(Debug)]
pub struct Shared {
    /// The database.
    pub store: Store,
    /// The secrets' key.
    pub keeper: Arc<Keeper>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What moves after commits.
    pub bells: Bells,
    /// Wrong passwords.
    pub failures: Mutex<Failures>,
    /// Places for passwords that are being hashed.
    pub hashing: Semaphore,
    /// Whose tokens requests bring, by the hash.
    pub bearers: Together<String, Option<Bearer>>,
    /// How the catalog stands to certificates that requests bring.
    pub standings: Together<Thumbprint, Standing>,
}

impl Shared {
    /// Writes down what was done or refused.
    pub async fn write_audit(&self, entry: AuditEntry) -> Result<(), CatalogError> {
        self.store
            .write_in(Company::Beside, move |session| {
                Box::pin(async move { Ok(audit::insert(session, &entry).await?) })
            })
            .await
    }

    /// Wrong passwords.
    pub fn failures(&self) -> MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on a password on a thread that may block, as few at once as memory and cores allow.
    pub async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, CatalogError> + Send + 'static,
    ) -> Result<T, CatalogError> {
        let place = self.hashing.acquire().await;
        let done = apart(work).await;
        drop(place);
        done
    }
}

/// Does work that takes its time, such as reading a project, on a thread that may.
pub async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CatalogError> + Send + 'static,
) -> Result<T, CatalogError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only when the program ends.
            Err(_) => Err(StoreError::Closed.into()),
        },
    }
}
