//! A Lookup in the rows of a Cache connection manager.

use arrow::array::ArrayRef;
use arrow::array::new_null_array;
use arrow::record_batch::RecordBatch;

use super::matches::Matches;
use super::reference::position;
use super::settings::Settings;
use crate::data_flow::cache::{CacheLayout, CacheRows};
use crate::data_flow::columns::{arrow_type, batch};
use crate::data_flow::component::ComponentError;
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::row_keys::KeyEncoder;
use crate::data_flow::transforms::convert_column::{Circumstances, convert_column};

/// The cache, and how the columns of the Lookup stand in it.
pub struct OverCache {
    held: CacheRows,
    layout: CacheLayout,
    encoder: KeyEncoder,
    /// For each join column, its position in the cache.
    joins: Vec<usize>,
    /// For each copied column, its position in the cache.
    copies: Vec<usize>,
}

impl OverCache {
    /// For the rows of a cache.
    ///
    /// # Errors
    /// The cache has no such column.
    pub fn new(
        settings: &Settings,
        layout: CacheLayout,
        held: CacheRows,
    ) -> Result<Self, ComponentError> {
        let place = |name: &String| position(&layout.schema, name);
        let joins = settings.joins.iter().map(|join| place(&join.reference));
        let copies = settings.copies.iter().map(|copy| place(&copy.reference));
        Ok(Self {
            joins: joins.collect::<Result<_, _>>()?,
            copies: copies.collect::<Result<_, _>>()?,
            encoder: layout.encoder()?,
            held,
            layout,
        })
    }

    /// Rows of the cache.
    pub fn count(&self) -> u64 {
        self.held.rows.count()
    }

    /// Looks for the rows of a batch. What does not go into the type of a column of the cache is
    /// in none of its rows.
    pub fn find(&self, settings: &Settings, rows: &RecordBatch) -> Result<Matches, ComponentError> {
        let at = Circumstances {
            locale_id: settings.locale_id,
            today: 0,
        };
        let count = rows.num_rows();
        let columns = self.layout.schema.columns.iter();
        let mut arrays: Vec<ArrayRef> = columns
            .map(|column| new_null_array(&arrow_type(column.data_type), count))
            .collect();
        let mut possible = vec![true; count];
        for (join, place) in settings.joins.iter().zip(&self.joins) {
            let to = self.layout.schema.columns[*place].data_type;
            let converted = convert_column(rows.column(join.position), join.data_type, to, at)?;
            let failed = converted.errors.iter().map(|(row, _)| *row);
            failed
                .chain(converted.truncations.iter().copied())
                .for_each(|row| possible[row] = false);
            arrays[*place] = converted.array;
        }
        let asked = batch(self.layout.schema.to_arrow(), arrays, count).map_err(arrow_failure)?;
        let keys = self.encoder.keys(&asked)?;
        let found = self.held.rows.find(&keys, &possible, &self.copies)?;
        let types = self.copies.iter();
        let types = types.map(|place| self.layout.schema.columns[*place].data_type);
        let columns: Vec<_> = found.columns.into_iter().zip(types).collect();
        Matches::converted(
            found.matched,
            &columns,
            &settings.copies,
            settings.locale_id,
        )
    }
}
