//! From `DT_*` columns to Arrow: types, batches, and how wide a row is.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema as ArrowSchema, SchemaRef};
use arrow::error::ArrowError;
use scaleout_core::package::pipeline::OutputColumn;

use super::schema::{Column, Schema};
pub use crate::convert::arrow_type;
use crate::value::DataType;

impl Schema {
    /// A schema of these columns.
    #[must_use]
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self {
            columns: columns.into_iter().collect(),
        }
    }

    /// The columns that an output declares.
    #[must_use]
    pub fn of_output_columns(columns: &[OutputColumn]) -> Self {
        Self::new(columns.iter().map(column_of))
    }

    /// This schema with the columns that a synchronous output adds behind it.
    #[must_use]
    pub fn extended_by(&self, columns: &[OutputColumn]) -> Self {
        let own = self.columns.iter().cloned();
        Self::new(own.chain(columns.iter().map(column_of)))
    }

    /// The Arrow form. All columns are nullable, and names may repeat: positions count.
    #[must_use]
    pub fn to_arrow(&self) -> SchemaRef {
        let columns = self.columns.iter();
        let fields: Vec<Field> = columns
            .map(|column| Field::new(&column.name, arrow_type(column.data_type), true))
            .collect();
        Arc::new(ArrowSchema::new(fields))
    }

    /// Bytes that one row is expected to take.
    #[must_use]
    pub fn row_width(&self) -> u64 {
        let columns = self.columns.iter();
        columns.map(|column| width(column.data_type)).sum()
    }
}

/// The buffer column of an output column.
#[must_use]
pub fn column_of(column: &OutputColumn) -> Column {
    Column {
        lineage_id: column.lineage_id.clone(),
        name: column.name.clone(),
        data_type: column.data_type,
    }
}

/// A batch of `rows` rows; right also for a schema without columns.
///
/// # Errors
/// The arrays do not have the types or the length that schema and `rows` say.
pub fn batch(
    schema: SchemaRef,
    arrays: Vec<ArrayRef>,
    rows: usize,
) -> Result<RecordBatch, ArrowError> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(schema, arrays, &options)
}

/// Bytes that one value is expected to take. Text of unknown length counts as 64.
#[must_use]
pub fn width(data_type: DataType) -> u64 {
    let known = |length: u32| if length == 0 { 64 } else { u64::from(length) };
    match data_type {
        DataType::Bool | DataType::I1 | DataType::Ui1 => 1,
        DataType::I2 | DataType::Ui2 => 2,
        DataType::I4 | DataType::Ui4 | DataType::R4 | DataType::DbDate => 4,
        DataType::I8
        | DataType::Ui8
        | DataType::R8
        | DataType::Date
        | DataType::DbTime
        | DataType::DbTime2 { .. }
        | DataType::DbTimestamp
        | DataType::DbTimestamp2 { .. }
        | DataType::FileTime => 8,
        DataType::Cy
        | DataType::Decimal { .. }
        | DataType::Numeric { .. }
        | DataType::Guid
        | DataType::DbTimestampOffset { .. } => 16,
        DataType::Str { length, .. } | DataType::Bytes { length } => known(length),
        DataType::Wstr { length } => 2 * known(length),
        // What a large value takes is unknown until it is there; the original reserves a handle.
        DataType::Text { .. } | DataType::Ntext | DataType::Image => 256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_as_wide_as_its_columns() {
        let column = |data_type| Column {
            lineage_id: String::new(),
            name: "c".to_owned(),
            data_type,
        };
        let schema = Schema::new([
            column(DataType::I4),
            column(DataType::Wstr { length: 10 }),
            column(DataType::Str {
                length: 0,
                code_page: 1252,
            }),
        ]);
        assert_eq!(schema.row_width(), 4 + 20 + 64);
    }

    #[test]
    fn a_batch_without_columns_keeps_its_row_count() {
        let empty = Schema::default();
        let batch = batch(empty.to_arrow(), Vec::new(), 3).unwrap();
        assert_eq!(batch.num_rows(), 3);
    }
}
