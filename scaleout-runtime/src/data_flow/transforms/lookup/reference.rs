//! The reference rows in memory, found by their join columns.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, UInt32Array};
use arrow::compute::concat;
use arrow::record_batch::RecordBatch;
use arrow::row::{RowConverter, SortField};

use super::settings::Settings;
use crate::connections::{BatchReader, Connection, ConnectionError};
use crate::data_flow::codes;
use crate::data_flow::columns::arrow_type;
use crate::data_flow::component::ComponentError;
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::memory::{MemoryPool, Reservation};
use crate::data_flow::schema::Schema;
use crate::data_flow::transforms::convert_column::{Circumstances, convert_column};
use crate::value::DataType;

/// Rows that are asked for at a time.
const BATCH_ROWS: usize = 10_000;

/// The reference of a Lookup.
pub struct Reference {
    converter: RowConverter,
    rows: HashMap<Box<[u8]>, u32>,
    /// For each copied column, its type in the reference and its values.
    pub columns: Vec<(DataType, ArrayRef)>,
    /// Rows in all.
    pub count: usize,
    /// Whether a key came twice; the first row wins.
    pub has_duplicates: bool,
    memory: Reservation,
}

/// How a reference is loaded.
pub struct Loading<'l> {
    /// What the Lookup is told.
    pub settings: &'l Settings,
    /// Where the memory for the reference comes from.
    pub memory: &'l Arc<MemoryPool>,
    /// Asked after each batch whether to go on.
    pub go_on: &'l dyn Fn() -> Result<(), ComponentError>,
}

impl Reference {
    /// Runs the reference query and keeps its rows.
    ///
    /// # Errors
    /// The query fails, lacks a column, or gives more than the budget holds.
    pub fn load(
        loading: &Loading<'_>,
        connection: &mut dyn Connection,
    ) -> Result<Self, ComponentError> {
        let settings = loading.settings;
        let mut reader = connection
            .query(&settings.sql, &[], BATCH_ROWS)
            .map_err(query_failed)?;
        let schema = reader.schema().clone();
        let joins = settings
            .joins
            .iter()
            .map(|join| position(&schema, &join.reference));
        let joins: Vec<usize> = joins.collect::<Result<_, _>>()?;
        let copies = settings
            .copies
            .iter()
            .map(|copy| position(&schema, &copy.reference));
        let copies: Vec<usize> = copies.collect::<Result<_, _>>()?;
        let fields = settings
            .joins
            .iter()
            .map(|join| SortField::new(arrow_type(join.data_type)));
        let mut reference = Self {
            converter: RowConverter::new(fields.collect()).map_err(arrow_failure)?,
            rows: HashMap::new(),
            columns: Vec::new(),
            count: 0,
            has_duplicates: false,
            memory: loading.memory.reservation(),
        };
        let mut parts: Vec<Vec<ArrayRef>> = vec![Vec::new(); copies.len()];
        while let Some(batch) = next(reader.as_mut())? {
            (loading.go_on)()?;
            let keys = reference.keys(settings, &schema, &joins, &batch)?;
            let mut bytes = reference.insert(keys);
            for (part, position) in parts.iter_mut().zip(&copies) {
                let column = batch.column(*position);
                bytes += column.get_array_memory_size() as u64;
                part.push(column.clone());
            }
            if !reference.memory.try_grow(bytes) {
                return Err(too_large(reference.count, loading.memory.limit()));
            }
        }
        for (part, position) in parts.into_iter().zip(copies) {
            let data_type = schema.columns[position].data_type;
            reference
                .columns
                .push((data_type, joined(&part, data_type)?));
        }
        Ok(reference)
    }

    /// For each row of a batch, the first reference row with the same key.
    ///
    /// # Errors
    /// The batch has columns of other types than it was built for.
    pub fn find(&self, keys: &[ArrayRef]) -> Result<UInt32Array, ComponentError> {
        let keys = self
            .converter
            .convert_columns(keys)
            .map_err(arrow_failure)?;
        let found = keys.iter().map(|key| self.rows.get(key.as_ref()).copied());
        Ok(found.collect())
    }

    /// The keys of reference rows as they are compared; `None` where a value does not go into
    /// the type of the input, so that no row can have it.
    fn keys(
        &self,
        settings: &Settings,
        schema: &Schema,
        positions: &[usize],
        batch: &RecordBatch,
    ) -> Result<Vec<Option<Box<[u8]>>>, ComponentError> {
        let at = Circumstances {
            locale_id: settings.locale_id,
            today: 0,
        };
        let mut unmatchable = vec![false; batch.num_rows()];
        let mut columns = Vec::new();
        for (join, position) in settings.joins.iter().zip(positions) {
            let from = schema.columns[*position].data_type;
            let converted = convert_column(batch.column(*position), from, join.data_type, at)?;
            let failed = converted.errors.iter().map(|(row, _)| *row);
            failed
                .chain(converted.truncations.iter().copied())
                .for_each(|row| unmatchable[row] = true);
            columns.push(converted.array);
        }
        let keys = self
            .converter
            .convert_columns(&columns)
            .map_err(arrow_failure)?;
        let keys = keys.iter().zip(unmatchable);
        Ok(keys
            .map(|(key, unmatchable)| (!unmatchable).then(|| Box::from(key.as_ref())))
            .collect())
    }

    /// Adds the next rows and gives the bytes that their keys take.
    fn insert(&mut self, keys: Vec<Option<Box<[u8]>>>) -> u64 {
        let mut bytes = 0;
        for key in keys {
            let row = u32::try_from(self.count).unwrap_or(u32::MAX);
            self.count += 1;
            let Some(key) = key else {
                continue;
            };
            bytes += key.len() as u64 + 32;
            match self.rows.entry(key) {
                std::collections::hash_map::Entry::Occupied(_) => self.has_duplicates = true,
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(row);
                }
            }
        }
        bytes
    }
}

fn joined(parts: &[ArrayRef], data_type: DataType) -> Result<ArrayRef, ComponentError> {
    if parts.is_empty() {
        return Ok(arrow::array::new_empty_array(&arrow_type(data_type)));
    }
    let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
    concat(&parts).map_err(arrow_failure)
}

fn next(reader: &mut dyn BatchReader) -> Result<Option<RecordBatch>, ComponentError> {
    reader.next_batch().map_err(query_failed)
}

fn position(schema: &Schema, name: &str) -> Result<usize, ComponentError> {
    let columns = schema.columns.iter();
    let found = columns.clone().position(|column| column.name == name);
    let found = found.or_else(|| {
        columns
            .clone()
            .position(|column| column.name.eq_ignore_ascii_case(name))
    });
    found.ok_or_else(|| {
        let text = format!("the reference query has no column `{name}`");
        ComponentError::failed(codes::COLUMN_NOT_FOUND, text)
    })
}

fn query_failed(error: ConnectionError) -> ComponentError {
    match error {
        ConnectionError::Canceled(canceled) => ComponentError::Canceled(canceled),
        other => {
            let text = format!("the reference query failed: {}", other.explained());
            ComponentError::failed(codes::OLEDB_ERROR, text)
        }
    }
}

fn too_large(rows: usize, budget: u64) -> ComponentError {
    let text = format!(
        "the reference query gave more than {rows} rows, which do not fit the {budget} bytes that a data flow may hold; select fewer columns or rows, or raise DataFlowMemoryBudget"
    );
    ComponentError::failed(codes::OUT_OF_MEMORY, text)
}
