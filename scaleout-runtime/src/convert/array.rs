//! Values out of Arrow arrays, per the table in [`crate::value`].

use std::sync::Arc;

use arrow::array::PrimitiveArray;
use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, FixedSizeBinaryArray,
    Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, StringArray,
    Time64NanosecondArray, UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow::datatypes::{ArrowPrimitiveType, DataType as ArrowType, TimeUnit};

use super::builder::{ColumnBuilder, ValueMismatch};
use crate::value::{DataType, Value};

/// Precision of `DT_DECIMAL` in an array.
const DECIMAL_PRECISION: u8 = 29;
/// `DT_DBTIMESTAMPOFFSET`: UTC ticks are multiplied by this to make room for the offset.
const OFFSET_FACTOR: i128 = 4096;
/// `DT_DBTIMESTAMPOFFSET`: added to the offset in minutes so that it is never negative.
const OFFSET_BIAS: i128 = 2048;

/// The Arrow type of a column of that type.
#[must_use]
pub fn arrow_type(data_type: DataType) -> ArrowType {
    match data_type {
        DataType::Bool => ArrowType::Boolean,
        DataType::I1 => ArrowType::Int8,
        DataType::I2 => ArrowType::Int16,
        DataType::I4 => ArrowType::Int32,
        DataType::I8 => ArrowType::Int64,
        DataType::Ui1 => ArrowType::UInt8,
        DataType::Ui2 => ArrowType::UInt16,
        DataType::Ui4 => ArrowType::UInt32,
        DataType::Ui8 => ArrowType::UInt64,
        DataType::R4 => ArrowType::Float32,
        DataType::R8 => ArrowType::Float64,
        DataType::Cy => ArrowType::Decimal128(19, 4),
        DataType::Decimal { scale } => ArrowType::Decimal128(DECIMAL_PRECISION, signed(scale)),
        DataType::Numeric { precision, scale } => {
            ArrowType::Decimal128(precision.clamp(1, 38), signed(scale))
        }
        DataType::Str { .. } | DataType::Wstr { .. } | DataType::Text { .. } | DataType::Ntext => {
            ArrowType::Utf8
        }
        DataType::Bytes { .. } | DataType::Image => ArrowType::Binary,
        DataType::Guid => ArrowType::FixedSizeBinary(16),
        DataType::DbDate => ArrowType::Date32,
        DataType::DbTime | DataType::DbTime2 { .. } => ArrowType::Time64(TimeUnit::Nanosecond),
        DataType::Date
        | DataType::DbTimestamp
        | DataType::DbTimestamp2 { .. }
        | DataType::FileTime => ArrowType::Int64,
        DataType::DbTimestampOffset { .. } => ArrowType::Decimal128(38, 0),
    }
}

/// All values that are not NULL, added up.
fn sum<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>) -> Option<i128>
where
    T::Native: Into<i128>,
{
    let add = |sum: i128, value: T::Native| sum.checked_add(value.into());
    if array.null_count() == 0 {
        array.values().iter().copied().try_fold(0, add)
    } else {
        array.iter().flatten().try_fold(0, add)
    }
}

/// The first row with the largest or smallest value.
fn extreme<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, largest: bool) -> Option<usize>
where
    T::Native: Ord,
{
    let mut best: Option<(usize, T::Native)> = None;
    for (row, value) in array.values().iter().copied().enumerate() {
        let is_better =
            best.is_none_or(|(_, best)| if largest { best < value } else { value < best });
        if is_better && array.is_valid(row) {
            best = Some((row, value));
        }
    }
    best.map(|(row, _)| row)
}

fn signed(scale: u8) -> i8 {
    i8::try_from(scale.min(38)).unwrap_or(38)
}

/// One value of an array.
///
/// # Panics
/// When the array is not of [`arrow_type`] of that type, or the row is beyond its end. For
/// many rows use [`ColumnReader`], which looks at the type once.
#[must_use]
pub fn value_at(array: &dyn Array, row: usize, data_type: DataType) -> Value {
    ColumnReader::new(array, data_type).value(row)
}

/// An array made of values.
///
/// # Errors
/// [`ValueMismatch`] when a value is not of the type.
pub fn array_of(values: &[Value], data_type: DataType) -> Result<ArrayRef, ValueMismatch> {
    let mut builder = ColumnBuilder::new(data_type, values.len());
    for value in values {
        builder.push(value)?;
    }
    Ok(builder.finish())
}

/// Reads values from one array.
pub struct ColumnReader<'a> {
    cells: Cells<'a>,
}

/// The array, with its type known.
enum Cells<'a> {
    Bool(&'a BooleanArray),
    I1(&'a Int8Array),
    I2(&'a Int16Array),
    I4(&'a Int32Array),
    I8(&'a Int64Array),
    Ui1(&'a UInt8Array),
    Ui2(&'a UInt16Array),
    Ui4(&'a UInt32Array),
    Ui8(&'a UInt64Array),
    R4(&'a Float32Array),
    R8(&'a Float64Array),
    Cy(&'a Decimal128Array),
    Decimal(&'a Decimal128Array),
    Text(&'a StringArray),
    Bytes(&'a BinaryArray),
    Guid(&'a FixedSizeBinaryArray),
    DbDate(&'a Date32Array),
    Time(&'a Time64NanosecondArray),
    Timestamp(&'a Int64Array),
    Offset(&'a Decimal128Array),
}

impl<'a> ColumnReader<'a> {
    /// Looks at the array's type once.
    ///
    /// # Panics
    /// When the array is not of [`arrow_type`] of that type.
    #[must_use]
    pub fn new(array: &'a dyn Array, data_type: DataType) -> Self {
        let cells = match data_type {
            DataType::Bool => Cells::Bool(cast(array)),
            DataType::I1 => Cells::I1(cast(array)),
            DataType::I2 => Cells::I2(cast(array)),
            DataType::I4 => Cells::I4(cast(array)),
            DataType::I8 => Cells::I8(cast(array)),
            DataType::Ui1 => Cells::Ui1(cast(array)),
            DataType::Ui2 => Cells::Ui2(cast(array)),
            DataType::Ui4 => Cells::Ui4(cast(array)),
            DataType::Ui8 => Cells::Ui8(cast(array)),
            DataType::R4 => Cells::R4(cast(array)),
            DataType::R8 => Cells::R8(cast(array)),
            DataType::Cy => Cells::Cy(cast(array)),
            DataType::Decimal { .. } | DataType::Numeric { .. } => Cells::Decimal(cast(array)),
            DataType::Str { .. }
            | DataType::Wstr { .. }
            | DataType::Text { .. }
            | DataType::Ntext => Cells::Text(cast(array)),
            DataType::Bytes { .. } | DataType::Image => Cells::Bytes(cast(array)),
            DataType::Guid => Cells::Guid(cast(array)),
            DataType::DbDate => Cells::DbDate(cast(array)),
            DataType::DbTime | DataType::DbTime2 { .. } => Cells::Time(cast(array)),
            DataType::Date
            | DataType::DbTimestamp
            | DataType::DbTimestamp2 { .. }
            | DataType::FileTime => Cells::Timestamp(cast(array)),
            DataType::DbTimestampOffset { .. } => Cells::Offset(cast(array)),
        };
        Self { cells }
    }

    /// The value of a row.
    ///
    /// # Panics
    /// When the row is beyond the end.
    #[must_use]
    pub fn value(&self, row: usize) -> Value {
        if self.array().is_null(row) {
            return Value::Null;
        }
        match &self.cells {
            Cells::Bool(array) => Value::Bool(array.value(row)),
            Cells::I1(array) => Value::I1(array.value(row)),
            Cells::I2(array) => Value::I2(array.value(row)),
            Cells::I4(array) => Value::I4(array.value(row)),
            Cells::I8(array) => Value::I8(array.value(row)),
            Cells::Ui1(array) => Value::Ui1(array.value(row)),
            Cells::Ui2(array) => Value::Ui2(array.value(row)),
            Cells::Ui4(array) => Value::Ui4(array.value(row)),
            Cells::Ui8(array) => Value::Ui8(array.value(row)),
            Cells::R4(array) => Value::R4(array.value(row)),
            Cells::R8(array) => Value::R8(array.value(row)),
            Cells::Cy(array) => i64::try_from(array.value(row)).map_or(Value::Null, Value::Cy),
            Cells::Decimal(array) => Value::Decimal(array.value(row)),
            Cells::Text(array) => Value::Str(Arc::from(array.value(row))),
            Cells::Bytes(array) => Value::Bytes(Arc::from(array.value(row))),
            Cells::Guid(array) => {
                <[u8; 16]>::try_from(array.value(row)).map_or(Value::Null, Value::Guid)
            }
            Cells::DbDate(array) => Value::DbDate(array.value(row)),
            Cells::Time(array) => Value::Time(array.value(row) / 100),
            Cells::Timestamp(array) => Value::Timestamp(array.value(row)),
            Cells::Offset(array) => unpack_offset(array.value(row)),
        }
    }

    /// The unscaled digits of an exact number that is not NULL, with the scale of its column; `None`
    /// for other types.
    #[must_use]
    pub fn digits(&self, row: usize) -> Option<i128> {
        Some(match &self.cells {
            Cells::I1(array) => array.value(row).into(),
            Cells::I2(array) => array.value(row).into(),
            Cells::I4(array) => array.value(row).into(),
            Cells::I8(array) => array.value(row).into(),
            Cells::Ui1(array) => array.value(row).into(),
            Cells::Ui2(array) => array.value(row).into(),
            Cells::Ui4(array) => array.value(row).into(),
            Cells::Ui8(array) => array.value(row).into(),
            Cells::Cy(array) | Cells::Decimal(array) => array.value(row),
            _ => return None,
        })
    }

    /// A single or double that is not NULL; `None` for other types.
    #[must_use]
    pub fn double(&self, row: usize) -> Option<f64> {
        match &self.cells {
            Cells::R4(array) => Some(array.value(row).into()),
            Cells::R8(array) => Some(array.value(row)),
            _ => None,
        }
    }

    /// A number by which values that are not NULL are ordered; `None` for types that have none.
    #[must_use]
    pub fn rank(&self, row: usize) -> Option<i128> {
        match &self.cells {
            Cells::DbDate(array) => Some(array.value(row).into()),
            Cells::Time(array) => Some(array.value(row).into()),
            Cells::Timestamp(array) => Some(array.value(row).into()),
            _ => self.digits(row),
        }
    }

    /// The digits of all values that are not NULL, added up; `None` for other types than
    /// [`digits`](Self::digits) knows, and for sums that do not fit.
    #[must_use]
    pub fn total(&self) -> Option<i128> {
        match &self.cells {
            Cells::I1(array) => sum(array),
            Cells::I2(array) => sum(array),
            Cells::I4(array) => sum(array),
            Cells::I8(array) => sum(array),
            Cells::Ui1(array) => sum(array),
            Cells::Ui2(array) => sum(array),
            Cells::Ui4(array) => sum(array),
            Cells::Ui8(array) => sum(array),
            Cells::Cy(array) | Cells::Decimal(array) => sum(array),
            _ => None,
        }
    }

    /// The first row with the largest or smallest [`rank`](Self::rank) of all; `None` where no value
    /// has one.
    #[must_use]
    pub fn first_extreme(&self, largest: bool) -> Option<usize> {
        match &self.cells {
            Cells::I1(array) => extreme(array, largest),
            Cells::I2(array) => extreme(array, largest),
            Cells::I4(array) => extreme(array, largest),
            Cells::DbDate(array) => extreme(array, largest),
            Cells::I8(array) | Cells::Timestamp(array) => extreme(array, largest),
            Cells::Ui1(array) => extreme(array, largest),
            Cells::Ui2(array) => extreme(array, largest),
            Cells::Ui4(array) => extreme(array, largest),
            Cells::Ui8(array) => extreme(array, largest),
            Cells::Cy(array) | Cells::Decimal(array) => extreme(array, largest),
            Cells::Time(array) => extreme(array, largest),
            _ => None,
        }
    }

    fn array(&self) -> &dyn Array {
        match &self.cells {
            Cells::Bool(array) => *array,
            Cells::I1(array) => *array,
            Cells::I2(array) => *array,
            Cells::I4(array) => *array,
            Cells::I8(array) | Cells::Timestamp(array) => *array,
            Cells::Ui1(array) => *array,
            Cells::Ui2(array) => *array,
            Cells::Ui4(array) => *array,
            Cells::Ui8(array) => *array,
            Cells::R4(array) => *array,
            Cells::R8(array) => *array,
            Cells::Cy(array) | Cells::Decimal(array) | Cells::Offset(array) => *array,
            Cells::Text(array) => *array,
            Cells::Bytes(array) => *array,
            Cells::Guid(array) => *array,
            Cells::DbDate(array) => *array,
            Cells::Time(array) => *array,
        }
    }
}

fn cast<T: 'static>(array: &dyn Array) -> &T {
    array
        .as_any()
        .downcast_ref::<T>()
        .expect("a column's array has the Arrow type of the column's data type")
}

/// How an array holds a `DT_DBTIMESTAMPOFFSET`.
pub(super) fn pack_offset(utc: i64, offset: i16) -> i128 {
    i128::from(utc) * OFFSET_FACTOR + i128::from(offset) + OFFSET_BIAS
}

fn unpack_offset(packed: i128) -> Value {
    let utc = i64::try_from(packed.div_euclid(OFFSET_FACTOR));
    let offset = i16::try_from(packed.rem_euclid(OFFSET_FACTOR) - OFFSET_BIAS);
    match (utc, offset) {
        (Ok(utc), Ok(offset)) => Value::TimestampOffset { utc, offset },
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<(DataType, Value)> {
        vec![
            (DataType::Bool, Value::Bool(true)),
            (DataType::I1, Value::I1(-1)),
            (DataType::I2, Value::I2(-2)),
            (DataType::I4, Value::I4(-4)),
            (DataType::I8, Value::I8(i64::MIN)),
            (DataType::Ui1, Value::Ui1(255)),
            (DataType::Ui2, Value::Ui2(2)),
            (DataType::Ui4, Value::Ui4(4)),
            (DataType::Ui8, Value::Ui8(u64::MAX)),
            (DataType::R4, Value::R4(1.5)),
            (DataType::R8, Value::R8(-2.5)),
            (DataType::Cy, Value::Cy(-12_345)),
            (DataType::Decimal { scale: 2 }, Value::Decimal(-5)),
            (
                DataType::Numeric {
                    precision: 38,
                    scale: 38,
                },
                Value::Decimal(7),
            ),
            (DataType::Ntext, Value::Str("é".into())),
            (
                DataType::Image,
                Value::Bytes(Arc::from([0, 255].as_slice())),
            ),
            (DataType::Guid, Value::Guid([9; 16])),
            (DataType::DbDate, Value::DbDate(-719_162)),
            (DataType::DbTime2 { scale: 7 }, Value::Time(1)),
            (DataType::FileTime, Value::Timestamp(-1)),
            (
                DataType::DbTimestampOffset { scale: 7 },
                Value::TimestampOffset {
                    utc: -621_355_968_000_000_000,
                    offset: -840,
                },
            ),
        ]
    }

    #[test]
    fn every_type_survives_the_way_into_an_array_and_back() {
        for (data_type, value) in samples() {
            let array = array_of(&[value.clone(), Value::Null], data_type).unwrap();
            assert_eq!(array.data_type(), &arrow_type(data_type));
            let back = value_at(&array, 0, data_type);
            assert_eq!(format!("{back:?}"), format!("{value:?}"));
            assert!(matches!(value_at(&array, 1, data_type), Value::Null));
        }
    }

    #[test]
    fn a_value_of_another_type_is_refused() {
        assert!(array_of(&[Value::I4(1)], DataType::I8).is_err());
        assert!(array_of(&[Value::Str("a".into())], DataType::Bool).is_err());
    }
}
