//! What all clones of an open catalog share.

use std::sync::Arc;

use scaleout_core::model::Clock;

use crate::error::CatalogError;
use crate::secrets::Keeper;
use crate::store::writer::Bells;
use crate::store::{Store, StoreError};

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
