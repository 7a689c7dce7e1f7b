//! Where the rows of a Cache connection manager are while a package runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::data_flow::keyed_rows::KeyedRows;

/// The rows, once somebody has filled them in.
#[derive(Clone)]
pub struct CacheRows {
    /// Which Cache Transform: data flow and component. Empty for a file.
    pub filled_by: String,
    /// The rows.
    pub rows: Arc<KeyedRows>,
}

/// One Cache connection manager of a run.
#[derive(Default)]
pub struct CacheSlot(Mutex<Option<CacheRows>>);

impl CacheSlot {
    /// The rows.
    #[must_use]
    pub fn rows(&self) -> Option<CacheRows> {
        self.lock().clone()
    }

    /// Puts rows in the place of what was there.
    pub fn fill(&self, rows: CacheRows) {
        *self.lock() = Some(rows);
    }

    /// What is there, or what `load` gives; others that ask wait for it.
    ///
    /// # Errors
    /// Those of `load`; nothing is kept then.
    pub fn rows_or<E>(&self, load: impl FnOnce() -> Result<CacheRows, E>) -> Result<CacheRows, E> {
        let mut held = self.lock();
        if let Some(rows) = &*held {
            return Ok(rows.clone());
        }
        let rows = load()?;
        *held = Some(rows.clone());
        Ok(rows)
    }

    fn lock(&self) -> MutexGuard<'_, Option<CacheRows>> {
        // What is in it was put there whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
