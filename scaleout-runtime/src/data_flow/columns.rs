//! From `DT_*` columns to Arrow: types, batches, and how wide a row is.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType as ArrowType, Field, Schema as ArrowSchema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use scaleout_core::package::pipeline::OutputColumn;

use super::schema::{Column, Schema};
use crate::value::DataType;

/// How a column of that type is held (the table in [`crate::value`]).
#[must_use]
pub fn arrow_type(data_type: DataType) -> ArrowType {
    match data_type {
        DataType::Bool => ArrowType::Boolean,
        DataType::I1 => ArrowType::Int8,
        DataType::I2 => ArrowType::Int16,
        DataType::I4 => ArrowType::Int32,
        DataType::I8
        | DataType::Date
        | DataType::DbTimestamp
        | DataType::DbTimestamp2 { .. }
        | DataType::FileTime => ArrowType::Int64,
        DataType::Ui1 => ArrowType::UInt8,
        DataType::Ui2 => ArrowType::UInt16,
        DataType::Ui4 => ArrowType::UInt32,
        DataType::Ui8 => ArrowType::UInt64,
        DataType::R4 => ArrowType::Float32,
        DataType::R8 => ArrowType::Float64,
        DataType::Cy => ArrowType::Decimal128(19, 4),
        DataType::Decimal { scale } => decimal(29, scale),
        DataType::Numeric { precision, scale } => decimal(precision, scale),
        DataType::Str { .. } | DataType::Wstr { .. } | DataType::Text { .. } | DataType::Ntext => {
            ArrowType::Utf8
        }
        DataType::Bytes { .. } | DataType::Image => ArrowType::Binary,
        DataType::Guid => ArrowType::FixedSizeBinary(16),
        DataType::DbDate => ArrowType::Date32,
        DataType::DbTime | DataType::DbTime2 { .. } => ArrowType::Time64(TimeUnit::Nanosecond),
        DataType::DbTimestampOffset { .. } => ArrowType::Decimal128(38, 0),
    }
}

/// Files may write facets that no decimal has; Arrow refuses those, so they are brought in range.
fn decimal(precision: u8, scale: u8) -> ArrowType {
    let precision = precision.clamp(1, 38);
    let scale = i8::try_from(scale.min(precision)).unwrap_or(38);
    ArrowType::Decimal128(precision, scale)
}

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
    fn facets_out_of_range_still_give_a_decimal_that_arrow_accepts() {
        let odd = DataType::Numeric {
            precision: 0,
            scale: 99,
        };
        assert_eq!(arrow_type(odd), ArrowType::Decimal128(1, 1));
    }

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
