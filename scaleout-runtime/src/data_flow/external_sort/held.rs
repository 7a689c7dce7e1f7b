//! Rows in memory, and their order.

use arrow::array::Array;
use arrow::compute::interleave;
use arrow::record_batch::RecordBatch;

use crate::data_flow::columns;
use crate::data_flow::component::ComponentError;
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::row_keys::Keys;
use crate::data_flow::schema::Schema;

/// Batches with their keys, as they arrived.
#[derive(Default)]
pub struct Held {
    batches: Vec<(Keys, RecordBatch)>,
}

/// One row: where it is, and how its key begins, which decides most comparisons.
#[derive(Clone, Copy)]
pub struct Entry {
    beginning: u64,
    batch: u32,
    row: u32,
}

impl Held {
    /// Keeps one more batch.
    pub fn push(&mut self, mut keys: Keys, batch: RecordBatch) {
        keys.shrink();
        self.batches.push((keys, batch));
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.batches = Vec::new();
    }

    /// Bytes that a batch takes here until its rows are sent.
    pub fn size_of(keys: &Keys, batch: &RecordBatch) -> u64 {
        // Sorting takes half as much once more.
        let entries = keys.len() * size_of::<Entry>() * 3 / 2;
        keys.size() + (batch.get_array_memory_size() + entries) as u64
    }

    /// The rows in the order of their keys; rows with the same key as they arrived, or only
    /// the first of them.
    pub fn sorted(&self, distinct: bool) -> Vec<Entry> {
        let count = self.batches.iter().map(|(keys, _)| keys.len()).sum();
        let mut entries = Vec::with_capacity(count);
        for (batch, (keys, _)) in self.batches.iter().enumerate() {
            entries.extend((0..keys.len()).map(|row| Entry {
                beginning: beginning(keys.get(row)),
                batch: u32::try_from(batch).expect("fewer batches than rows of a table"),
                row: u32::try_from(row).expect("a batch has at most 2^31 rows"),
            }));
        }
        entries.sort_by(|left, right| {
            let beginnings = left.beginning.cmp(&right.beginning);
            beginnings.then_with(|| self.key(*left).cmp(self.key(*right)))
        });
        if distinct {
            entries.dedup_by(|next, kept| self.key(*next) == self.key(*kept));
        }
        entries
    }

    /// The key of a row.
    pub fn key(&self, entry: Entry) -> &[u8] {
        self.batches[entry.batch as usize].0.get(entry.row as usize)
    }

    /// A batch of the rows, in their order.
    ///
    /// # Errors
    /// The batches have another schema.
    pub fn batch(&self, entries: &[Entry], schema: &Schema) -> Result<RecordBatch, ComponentError> {
        let rows: Vec<(usize, usize)> = entries
            .iter()
            .map(|entry| (entry.batch as usize, entry.row as usize))
            .collect();
        let arrays = (0..schema.columns.len()).map(|column| {
            let parts = self.batches.iter();
            let parts: Vec<&dyn Array> = parts
                .map(|(_, batch)| batch.column(column).as_ref())
                .collect();
            interleave(&parts, &rows).map_err(arrow_failure)
        });
        let arrays = arrays.collect::<Result<_, _>>()?;
        columns::batch(schema.to_arrow(), arrays, rows.len()).map_err(arrow_failure)
    }
}

/// The first eight bytes, filled up with zeros: in the order of the keys where it decides.
fn beginning(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = key.len().min(8);
    bytes[..length].copy_from_slice(&key[..length]);
    u64::from_be_bytes(bytes)
}
