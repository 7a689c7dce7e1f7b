//! Rows that are found by a key: the reference of a Lookup, and what a Cache connection manager
//! holds.
//!
//! As long as the memory budget has room they are in memory with an index. Beyond it they go to
//! one temporary file in the order of their keys, of which only the first key of each block is in
//! memory. Of rows with the same key the first that came is the one that is found.

mod builder;
mod held;
mod on_disk;

use std::sync::{Mutex, PoisonError};

use arrow::array::{ArrayRef, BooleanArray};

pub use builder::{KeyedRowsBuilder, KeyedRowsSettings};

use self::held::HeldRows;
use self::on_disk::RowsOnDisk;
use super::component::ComponentError;
use super::row_keys::Keys;
use super::schema::Schema;

/// All rows, ready to be searched.
pub struct KeyedRows {
    schema: Schema,
    count: u64,
    has_duplicates: bool,
    store: Store,
}

enum Store {
    Memory(HeldRows),
    // One file with one position in it: searches take turns.
    Disk(Mutex<RowsOnDisk>),
}

/// What a search for many keys has found.
pub struct Found {
    /// For each key, whether there is a row.
    pub matched: BooleanArray,
    /// The columns of the rows found, with NULL where there is none.
    pub columns: Vec<ArrayRef>,
}

impl KeyedRows {
    /// What the rows are.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Rows that were added, those included that cannot be found.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether a key came more than once.
    #[must_use]
    pub fn has_duplicates(&self) -> bool {
        self.has_duplicates
    }

    /// Whether the rows are in a temporary file.
    #[must_use]
    pub fn is_on_disk(&self) -> bool {
        matches!(self.store, Store::Disk(_))
    }

    /// For each key its row. A key of which `possible` says no has none. Only the columns at the
    /// positions `wanted` are given, in that order.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub fn find(
        &self,
        keys: &Keys,
        possible: &[bool],
        wanted: &[usize],
    ) -> Result<Found, ComponentError> {
        match &self.store {
            Store::Memory(rows) => rows.find(keys, possible, wanted),
            Store::Disk(rows) => {
                // A search that broke down leaves nothing half done: it only reads.
                let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
                rows.find(keys, possible, wanted)
            }
        }
    }

    /// Hands out all rows that can be found, in any order.
    ///
    /// # Errors
    /// The temporary file cannot be read, or whoever takes the rows fails.
    pub fn each_batch(
        &self,
        mut take: impl FnMut(&arrow::record_batch::RecordBatch) -> Result<(), ComponentError>,
    ) -> Result<(), ComponentError> {
        match &self.store {
            Store::Memory(rows) => rows.batches().iter().try_for_each(&mut take),
            Store::Disk(rows) => {
                let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
                rows.each_batch(&mut take)
            }
        }
    }
}

#[cfg(test)]
mod tests;
