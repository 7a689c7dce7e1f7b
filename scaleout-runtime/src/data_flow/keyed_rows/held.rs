//! Rows in memory, found through a hash of their key.

use std::hash::BuildHasher;

use arrow::array::{Array, ArrayRef, new_null_array};
use arrow::compute::interleave;
use arrow::record_batch::RecordBatch;
use foldhash::quality::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::Found;
use crate::cancel::CancelToken;
use crate::data_flow::columns::arrow_type;
use crate::data_flow::component::ComponentError;
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::memory::Reservation;
use crate::data_flow::row_keys::Keys;
use crate::data_flow::schema::Schema;

/// The rows and their index.
pub struct HeldRows {
    schema: Schema,
    batches: Vec<RecordBatch>,
    /// For each row, its batch and its place there.
    places: Vec<(u32, u32)>,
    keys: Keys,
    hasher: RandomState,
    /// The first row with each key.
    first: HashTable<u32>,
    has_duplicates: bool,
    /// Given back with the rows.
    _memory: Reservation,
}

/// Bytes that the index takes for one row.
pub const INDEX_BYTES: u64 = 20;

impl HeldRows {
    /// An index of the rows of all batches.
    pub fn new(
        schema: Schema,
        parts: Vec<(Keys, RecordBatch)>,
        memory: Reservation,
        cancel: &CancelToken,
    ) -> Result<Self, ComponentError> {
        let count: usize = parts.iter().map(|(keys, _)| keys.len()).sum();
        let mut rows = Self {
            schema,
            batches: Vec::with_capacity(parts.len()),
            places: Vec::with_capacity(count),
            keys: Keys::default(),
            hasher: RandomState::default(),
            first: HashTable::with_capacity(count),
            has_duplicates: false,
            _memory: memory,
        };
        for (keys, batch) in parts {
            cancel.check()?;
            let number = position(rows.batches.len());
            for row in 0..keys.len() {
                rows.add(keys.get(row), (number, position(row)));
            }
            rows.batches.push(batch);
        }
        Ok(rows)
    }

    /// Whether a key came more than once.
    pub fn has_duplicates(&self) -> bool {
        self.has_duplicates
    }

    /// The rows.
    pub fn batches(&self) -> &[RecordBatch] {
        &self.batches
    }

    /// See [`super::KeyedRows::find`].
    pub fn find(
        &self,
        keys: &Keys,
        possible: &[bool],
        wanted: &[usize],
    ) -> Result<Found, ComponentError> {
        let rows: Vec<Option<u32>> = (0..keys.len())
            .map(|row| possible[row].then(|| self.row(keys.get(row))).flatten())
            .collect();
        // Behind all batches stands one with a single row of NULLs.
        let missing = (self.batches.len(), 0);
        let places: Vec<(usize, usize)> = rows
            .iter()
            .map(|row| {
                row.map_or(missing, |row| {
                    let (batch, row) = self.places[row as usize];
                    (batch as usize, row as usize)
                })
            })
            .collect();
        let columns = wanted.iter().map(|column| self.column(*column, &places));
        Ok(Found {
            columns: columns.collect::<Result<_, _>>()?,
            matched: rows.iter().map(|row| Some(row.is_some())).collect(),
        })
    }

    fn column(&self, column: usize, places: &[(usize, usize)]) -> Result<ArrayRef, ComponentError> {
        let batches = self.batches.iter();
        let mut parts: Vec<&dyn Array> =
            batches.map(|batch| batch.column(column).as_ref()).collect();
        let missing = new_null_array(&arrow_type(self.schema.columns[column].data_type), 1);
        parts.push(missing.as_ref());
        interleave(&parts, places).map_err(arrow_failure)
    }

    fn add(&mut self, key: &[u8], place: (u32, u32)) {
        let row = position(self.places.len());
        self.places.push(place);
        self.keys.push(key);
        let (keys, hasher) = (&self.keys, &self.hasher);
        let same = |other: &u32| keys.get(*other as usize) == key;
        let hash = |other: &u32| hasher.hash_one(keys.get(*other as usize));
        match self.first.entry(hasher.hash_one(key), same, hash) {
            Entry::Vacant(entry) => {
                entry.insert(row);
            }
            Entry::Occupied(_) => self.has_duplicates = true,
        }
    }

    fn row(&self, key: &[u8]) -> Option<u32> {
        let same = |row: &u32| self.keys.get(*row as usize) == key;
        self.first.find(self.hasher.hash_one(key), same).copied()
    }
}

fn position(number: usize) -> u32 {
    u32::try_from(number).expect("so many rows do not fit into the memory of the index")
}
