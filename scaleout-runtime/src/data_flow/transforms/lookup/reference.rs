//! The reference query of a full cache: all its rows, found by their join columns.

use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;

use super::matches::Matches;
use super::settings::Settings;
use crate::connections::{Connection, ConnectionError};
use crate::data_flow::codes;
use crate::data_flow::columns::batch;
use crate::data_flow::component::ComponentError;
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::keyed_rows::{KeyedRows, KeyedRowsBuilder, KeyedRowsSettings};
use crate::data_flow::row_keys::{KeyColumn, KeyEncoder, Purpose};
use crate::data_flow::schema::{Column, Schema};
use crate::data_flow::transforms::convert_column::{Circumstances, convert_column};

/// Rows that are asked for at a time.
const BATCH_ROWS: usize = 10_000;

/// The reference of a Lookup.
pub struct Reference {
    /// Makes keys of batches of join columns alone.
    encoder: KeyEncoder,
    joins: Schema,
    /// The copied columns of each row.
    pub rows: KeyedRows,
}

impl Reference {
    /// Runs the reference query and keeps its rows.
    ///
    /// # Errors
    /// The query fails or lacks a column, or its rows fit neither into memory nor on the disk.
    pub fn load(
        settings: &Settings,
        sql: &str,
        storage: &dyn Fn(Schema) -> KeyedRowsSettings,
        connection: &mut dyn Connection,
    ) -> Result<Self, ComponentError> {
        let mut reader = connection
            .query(sql, &[], BATCH_ROWS)
            .map_err(query_failed)?;
        let schema = reader.schema().clone();
        let place = |name: &String| position(&schema, name);
        let joined = settings.joins.iter().map(|join| place(&join.reference));
        let joined: Vec<usize> = joined.collect::<Result<_, _>>()?;
        let copied = settings.copies.iter().map(|copy| place(&copy.reference));
        let copied: Vec<usize> = copied.collect::<Result<_, _>>()?;
        let payload = Schema::new(copied.iter().map(|at| schema.columns[*at].clone()));
        let storage = storage(payload.clone());
        let cancel = storage.cancel.clone();
        let mut builder = KeyedRowsBuilder::new(storage);
        let keys = Keys::new(settings)?;
        while let Some(rows) = reader.next_batch().map_err(query_failed)? {
            cancel.check()?;
            let (own, possible) = keys.of_reference(settings, &schema, &joined, &rows)?;
            let arrays = copied.iter().map(|at| rows.column(*at).clone());
            let kept = batch(payload.to_arrow(), arrays.collect(), rows.num_rows());
            builder.push(own, kept.map_err(arrow_failure)?, &possible)?;
        }
        Ok(Self {
            encoder: keys.encoder,
            joins: keys.joins,
            rows: builder.finish()?,
        })
    }

    /// Looks for the rows of a batch.
    ///
    /// # Errors
    /// The batch has columns of other types than it was built for, or the disk fails.
    pub fn find(&self, settings: &Settings, rows: &RecordBatch) -> Result<Matches, ComponentError> {
        let arrays = settings.joins.iter();
        let arrays = arrays.map(|join| rows.column(join.position).clone());
        let asked = batch(self.joins.to_arrow(), arrays.collect(), rows.num_rows());
        let keys = self.encoder.keys(&asked.map_err(arrow_failure)?)?;
        let wanted: Vec<usize> = (0..settings.copies.len()).collect();
        let found = self.rows.find(&keys, &vec![true; keys.len()], &wanted)?;
        let types = self.rows.schema().columns.iter();
        let columns = found.columns.into_iter().zip(types);
        let columns: Vec<_> = columns
            .map(|(array, column)| (array, column.data_type))
            .collect();
        Matches::converted(
            found.matched,
            &columns,
            &settings.copies,
            settings.locale_id,
        )
    }
}

/// Makes the keys of reference rows as the rows of the input have them.
struct Keys {
    joins: Schema,
    encoder: KeyEncoder,
}

impl Keys {
    fn new(settings: &Settings) -> Result<Self, ComponentError> {
        let joins = Schema::new(settings.joins.iter().map(|join| Column {
            lineage_id: String::new(),
            name: join.reference.clone(),
            data_type: join.data_type,
        }));
        let columns = joins.columns.iter().enumerate();
        let columns = columns.map(|(at, column)| KeyColumn::exact(at, column.data_type));
        Ok(Self {
            encoder: KeyEncoder::new(columns.collect(), Purpose::Equality)?,
            joins,
        })
    }

    /// Where a value does not go into the type of the input, no row can have the key.
    fn of_reference(
        &self,
        settings: &Settings,
        schema: &Schema,
        positions: &[usize],
        rows: &RecordBatch,
    ) -> Result<(crate::data_flow::row_keys::Keys, Vec<bool>), ComponentError> {
        let at = Circumstances {
            locale_id: settings.locale_id,
            today: 0,
        };
        let mut possible = vec![true; rows.num_rows()];
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for (join, position) in settings.joins.iter().zip(positions) {
            let from = schema.columns[*position].data_type;
            let converted = convert_column(rows.column(*position), from, join.data_type, at)?;
            let failed = converted.errors.iter().map(|(row, _)| *row);
            failed
                .chain(converted.truncations.iter().copied())
                .for_each(|row| possible[row] = false);
            arrays.push(converted.array);
        }
        let joined = batch(self.joins.to_arrow(), arrays, rows.num_rows());
        let keys = self.encoder.keys(&joined.map_err(arrow_failure)?)?;
        Ok((keys, possible))
    }
}

/// Position of a column of the reference, by its name or else in any case.
pub fn position(schema: &Schema, name: &str) -> Result<usize, ComponentError> {
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

/// The reference query cannot be run.
pub fn query_failed(error: ConnectionError) -> ComponentError {
    match error {
        ConnectionError::Canceled(canceled) => ComponentError::Canceled(canceled),
        other => {
            let text = format!("the reference query failed: {}", other.explained());
            ComponentError::failed(codes::OLEDB_ERROR, text)
        }
    }
}
