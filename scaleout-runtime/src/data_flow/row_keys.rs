//! Keys of rows as bytes: what is equal, and what comes first.
//!
//! Sort, Merge, Merge Join and Aggregate compare rows here and nowhere else. NULL is smaller
//! than every value; −0.0 is 0.0; instants with offsets are compared as instants; text is
//! compared by [`append_sort_key`].

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, Decimal128Array, Float32Array, Float64Array,
    StringArray,
};
use arrow::compute::SortOptions;
use arrow::datatypes::{DataType as ArrowType, Decimal128Type, Float32Type, Float64Type};
use arrow::record_batch::RecordBatch;
use arrow::row::{RowConverter, SortField};

use super::columns::arrow_type;
use super::component::ComponentError;
use super::error_rows::arrow_failure;
use crate::convert::{ComparisonFlags, append_sort_key, fold_text};
use crate::value::DataType;

/// One column of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyColumn {
    /// Position in the batch.
    pub position: usize,
    /// Type of the column.
    pub data_type: DataType,
    /// Largest first, NULL last.
    pub descending: bool,
    /// What a comparison of text ignores; without meaning for other types.
    pub flags: ComparisonFlags,
}

impl KeyColumn {
    /// An ascending column that is compared exactly.
    #[must_use]
    pub fn exact(position: usize, data_type: DataType) -> Self {
        Self {
            position,
            data_type,
            descending: false,
            flags: ComparisonFlags::default(),
        }
    }
}

/// What the bytes of a key are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Their order is the order of the rows.
    Order,
    /// Only whether they are the same counts; shorter and faster.
    Equality,
}

/// Makes the keys of batches.
pub struct KeyEncoder {
    columns: Vec<KeyColumn>,
    purpose: Purpose,
    converter: RowConverter,
}

impl KeyEncoder {
    /// For keys of these columns.
    ///
    /// # Errors
    /// A type that Arrow cannot compare: none of those that columns have.
    pub fn new(columns: Vec<KeyColumn>, purpose: Purpose) -> Result<Self, ComponentError> {
        let fields = columns.iter().map(|column| {
            let options = SortOptions {
                descending: column.descending,
                nulls_first: !column.descending,
            };
            SortField::new_with_options(compared_type(column.data_type), options)
        });
        let converter = RowConverter::new(fields.collect()).map_err(arrow_failure)?;
        Ok(Self {
            columns,
            purpose,
            converter,
        })
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[KeyColumn] {
        &self.columns
    }

    /// The keys of all rows of a batch.
    ///
    /// # Errors
    /// The batch has columns of other types.
    pub fn keys(&self, batch: &RecordBatch) -> Result<Keys, ComponentError> {
        let mut keys = Keys::default();
        if self.columns.is_empty() {
            (0..batch.num_rows()).for_each(|_| keys.push(&[]));
            return Ok(keys);
        }
        let columns = self.columns.iter();
        let arrays: Vec<ArrayRef> = columns
            .map(|column| self.comparable(batch.column(column.position), *column))
            .collect();
        let rows = self
            .converter
            .convert_columns(&arrays)
            .map_err(arrow_failure)?;
        for row in &rows {
            keys.push(row.as_ref());
        }
        Ok(keys)
    }

    fn comparable(&self, array: &ArrayRef, column: KeyColumn) -> ArrayRef {
        match array.data_type() {
            ArrowType::Utf8 => self.comparable_text(array.as_string(), column.flags),
            ArrowType::Float32 => {
                let floats: Float32Array = array
                    .as_primitive::<Float32Type>()
                    .unary(|it| if it.is_nan() { f32::NAN } else { it + 0.0 });
                Arc::new(floats)
            }
            ArrowType::Float64 => {
                let floats: Float64Array = array
                    .as_primitive::<Float64Type>()
                    .unary(|it| if it.is_nan() { f64::NAN } else { it + 0.0 });
                Arc::new(floats)
            }
            ArrowType::Decimal128(_, _) => {
                let decimals = array.as_primitive::<Decimal128Type>();
                let is_instant = matches!(column.data_type, DataType::DbTimestampOffset { .. });
                // The low digits of an instant are its offset.
                let factor = if is_instant { 4096 } else { 1 };
                let digits: Decimal128Array = decimals.unary(|it| it.div_euclid(factor));
                Arc::new(digits.with_data_type(compared_type(column.data_type)))
            }
            _ => Arc::clone(array),
        }
    }

    fn comparable_text(&self, texts: &StringArray, flags: ComparisonFlags) -> ArrayRef {
        let mut builder = BinaryBuilder::with_capacity(texts.len(), texts.value_data().len());
        let mut key = Vec::new();
        for text in texts {
            match (text, self.purpose) {
                (None, _) => builder.append_null(),
                (Some(text), Purpose::Equality) => {
                    builder.append_value(fold_text(text, flags).as_bytes());
                }
                (Some(text), Purpose::Order) => {
                    key.clear();
                    append_sort_key(text, flags, &mut key);
                    builder.append_value(&key);
                }
            }
        }
        Arc::new(builder.finish())
    }
}

/// The type in which columns of a type are compared: one for all lengths and precisions.
fn compared_type(data_type: DataType) -> ArrowType {
    match arrow_type(data_type) {
        ArrowType::Utf8 => ArrowType::Binary,
        ArrowType::Decimal128(_, scale) => ArrowType::Decimal128(38, scale),
        other => other,
    }
}

/// Whether keys of two columns may be compared with each other: the same type, whatever the
/// length and precision.
#[must_use]
pub fn are_comparable(left: DataType, right: DataType) -> bool {
    let same_scale = compared_type(left) == compared_type(right);
    same_scale && std::mem::discriminant(&left) == std::mem::discriminant(&right)
}

/// Whether a column of the type may be a key of an order: large objects may not.
#[must_use]
pub fn is_sortable(data_type: DataType) -> bool {
    !matches!(
        data_type,
        DataType::Text { .. } | DataType::Ntext | DataType::Image
    )
}

/// The keys of some rows, or other bytes of each of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    bytes: Vec<u8>,
    ends: Ends,
}

/// Where the keys end: those of numbers and dates all have the same length.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ends {
    Even { width: usize, rows: usize },
    Uneven(Vec<usize>),
}

impl Default for Ends {
    fn default() -> Self {
        Self::Even { width: 0, rows: 0 }
    }
}

impl Keys {
    /// Takes no more memory than it needs: what is kept for long is counted by [`Keys::size`].
    pub fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        if let Ends::Uneven(ends) = &mut self.ends {
            ends.shrink_to_fit();
        }
    }

    /// Adds the key of one more row.
    pub fn push(&mut self, key: &[u8]) {
        self.bytes.extend_from_slice(key);
        match &mut self.ends {
            Ends::Even { width, rows } if *rows == 0 || *width == key.len() => {
                *width = key.len();
                *rows += 1;
            }
            Ends::Even { width, rows } => {
                let before = (1..=*rows).map(|row| row * *width);
                let ends = before.chain([self.bytes.len()]).collect();
                self.ends = Ends::Uneven(ends);
            }
            Ends::Uneven(ends) => ends.push(self.bytes.len()),
        }
    }

    /// The key of a row.
    #[must_use]
    pub fn get(&self, row: usize) -> &[u8] {
        match &self.ends {
            Ends::Even { width, .. } => &self.bytes[row * width..(row + 1) * width],
            Ends::Uneven(ends) => {
                let start = row.checked_sub(1).map_or(0, |before| ends[before]);
                &self.bytes[start..ends[row]]
            }
        }
    }

    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.ends {
            Ends::Even { rows, .. } => *rows,
            Ends::Uneven(ends) => ends.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that they take.
    #[must_use]
    pub fn size(&self) -> u64 {
        let ends = match &self.ends {
            Ends::Even { .. } => 0,
            Ends::Uneven(ends) => ends.len() * size_of::<usize>(),
        };
        (self.bytes.len() + ends) as u64
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;
    use crate::convert::array_of;
    use crate::data_flow::columns;
    use crate::data_flow::schema::{Column, Schema};
    use crate::value::Value;

    fn keys(values: &[Value], data_type: DataType, descending: bool) -> Keys {
        let column = Column {
            lineage_id: String::new(),
            name: "c".to_owned(),
            data_type,
        };
        let array = array_of(values, data_type).unwrap();
        let batch =
            columns::batch(Schema::new([column]).to_arrow(), vec![array], values.len()).unwrap();
        let column = KeyColumn {
            descending,
            ..KeyColumn::exact(0, data_type)
        };
        let encoder = KeyEncoder::new(vec![column], Purpose::Order).unwrap();
        encoder.keys(&batch).unwrap()
    }

    fn compared(left: Value, right: Value, data_type: DataType) -> Ordering {
        let keys = keys(&[left, right], data_type, false);
        keys.get(0).cmp(keys.get(1))
    }

    #[test]
    fn zero_has_no_sign_and_an_instant_no_place() {
        let (zero, minus) = (Value::R8(0.0), Value::R8(-0.0));
        assert_eq!(compared(zero, minus, DataType::R8), Ordering::Equal);
        let (nan, other) = (Value::R4(f32::NAN), Value::R4(-f32::NAN));
        assert_eq!(compared(nan, other, DataType::R4), Ordering::Equal);
        let offset = DataType::DbTimestampOffset { scale: 7 };
        let instant = |utc, offset| Value::TimestampOffset { utc, offset };
        assert_eq!(
            compared(instant(-5, 60), instant(-5, -60), offset),
            Ordering::Equal
        );
        assert_eq!(
            compared(instant(-1, 60), instant(0, -60), offset),
            Ordering::Less
        );
    }

    #[test]
    fn keys_come_back_as_they_went_whatever_their_lengths() {
        for lengths in [&[][..], &[0, 0], &[3, 3, 3], &[2, 2, 0, 5], &[0, 4]] {
            let mut keys = Keys::default();
            let wanted: Vec<Vec<u8>> = lengths
                .iter()
                .enumerate()
                .map(|(row, length)| vec![u8::try_from(row).unwrap(); *length])
                .collect();
            wanted.iter().for_each(|key| keys.push(key));
            let found: Vec<&[u8]> = (0..keys.len()).map(|row| keys.get(row)).collect();
            assert_eq!(found, wanted);
            assert_eq!(keys.is_empty(), lengths.is_empty());
        }
    }

    #[test]
    fn null_is_smallest_in_both_directions() {
        let values = [Value::Null, Value::I4(i32::MIN)];
        let ascending = keys(&values, DataType::I4, false);
        assert!(ascending.get(0) < ascending.get(1));
        let descending = keys(&values, DataType::I4, true);
        assert!(descending.get(1) < descending.get(0));
    }

    #[test]
    fn lengths_and_precisions_compare_and_scales_do_not() {
        let numeric = |precision, scale| DataType::Numeric { precision, scale };
        assert!(are_comparable(numeric(9, 2), numeric(18, 2)));
        assert!(!are_comparable(numeric(9, 2), numeric(9, 3)));
        assert!(are_comparable(
            DataType::Wstr { length: 3 },
            DataType::Wstr { length: 9 }
        ));
        assert!(!are_comparable(DataType::I4, DataType::Ui4));
        assert!(!are_comparable(DataType::Date, DataType::DbTimestamp));
    }
}
