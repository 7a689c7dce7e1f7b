//! Collects rows with their keys.

use std::sync::Mutex;

use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use arrow::record_batch::RecordBatch;

use super::held::{HeldRows, INDEX_BYTES};
use super::on_disk::RowsOnDisk;
use super::{KeyedRows, Store};
use crate::data_flow::component::ComponentError;
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::external_sort::{Sorter, SorterSettings};
use crate::data_flow::memory::Reservation;
use crate::data_flow::row_keys::Keys;

/// What is needed to collect rows; `distinct` has no meaning.
pub type KeyedRowsSettings = SorterSettings;

/// Rows on their way into [`KeyedRows`].
pub struct KeyedRowsBuilder {
    settings: KeyedRowsSettings,
    parts: Vec<(Keys, RecordBatch)>,
    memory: Reservation,
    /// Where rows go once they do not fit into memory.
    sorter: Option<Sorter>,
    count: u64,
}

impl KeyedRowsBuilder {
    /// Without rows.
    #[must_use]
    pub fn new(settings: KeyedRowsSettings) -> Self {
        Self {
            memory: settings.memory.reservation(),
            settings,
            parts: Vec::new(),
            sorter: None,
            count: 0,
        }
    }

    /// Rows so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Adds the rows of a batch. A row of which `possible` says no counts, but has no key and
    /// cannot be found.
    ///
    /// # Errors
    /// The rows do not fit into memory, and the disk does not take them.
    pub fn push(
        &mut self,
        keys: Keys,
        batch: RecordBatch,
        possible: &[bool],
    ) -> Result<(), ComponentError> {
        self.count += batch.num_rows() as u64;
        let (mut keys, batch) = only_possible(keys, batch, possible)?;
        if keys.is_empty() {
            return Ok(());
        }
        if let Some(sorter) = &mut self.sorter {
            return sorter.push(keys, batch);
        }
        let bytes =
            keys.size() + batch.get_array_memory_size() as u64 + keys.len() as u64 * INDEX_BYTES;
        keys.shrink();
        self.parts.push((keys, batch));
        if self.memory.try_grow(bytes) {
            return Ok(());
        }
        self.memory.free();
        let mut sorter = Sorter::new(SorterSettings {
            distinct: false,
            ..self.settings.clone()
        })?;
        for (keys, batch) in std::mem::take(&mut self.parts) {
            sorter.push(keys, batch)?;
        }
        self.sorter = Some(sorter);
        Ok(())
    }

    /// There are no more rows.
    ///
    /// # Errors
    /// The disk.
    pub fn finish(self) -> Result<KeyedRows, ComponentError> {
        let schema = self.settings.schema.clone();
        let (store, has_duplicates) = match self.sorter {
            None => {
                let cancel = &self.settings.cancel;
                let rows = HeldRows::new(schema.clone(), self.parts, self.memory, cancel)?;
                let has_duplicates = rows.has_duplicates();
                (Store::Memory(rows), has_duplicates)
            }
            Some(sorter) => {
                let rows = RowsOnDisk::new(&schema, &self.settings.folder, sorter)?;
                let has_duplicates = rows.has_duplicates();
                (Store::Disk(Mutex::new(rows)), has_duplicates)
            }
        };
        Ok(KeyedRows {
            schema,
            count: self.count,
            has_duplicates,
            store,
        })
    }
}

fn only_possible(
    keys: Keys,
    batch: RecordBatch,
    possible: &[bool],
) -> Result<(Keys, RecordBatch), ComponentError> {
    if possible.iter().all(|possible| *possible) {
        return Ok((keys, batch));
    }
    let mut kept = Keys::default();
    for row in (0..keys.len()).filter(|row| possible[*row]) {
        kept.push(keys.get(row));
    }
    let possible = BooleanArray::from(possible.to_vec());
    let batch = filter_record_batch(&batch, &possible).map_err(arrow_failure)?;
    Ok((kept, batch))
}
