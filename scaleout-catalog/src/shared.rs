//! What all clones of an open catalog share.

use std::sync::Arc;

use scaleout_core::model::Clock;

use crate::secrets::Keeper;
use crate::store::Store;
use crate::store::writer::Bells;

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
