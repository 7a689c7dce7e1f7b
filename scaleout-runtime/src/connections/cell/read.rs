//! Cells out of Arrow columns and out of single values.

use arrow::array::{
    Array, ArrowPrimitiveType, AsArray, BinaryArray, BooleanArray, FixedSizeBinaryArray,
    PrimitiveArray, StringArray,
};
use arrow::datatypes as types;

use super::Cell;
use crate::value::{DataType, TypedValue, Value};

/// Reads the rows of one column; the type is looked at once.
#[derive(Debug)]
pub struct CellReader<'a> {
    column: Column<'a>,
    array: &'a dyn Array,
}

#[derive(Debug)]
enum Column<'a> {
    Bool(&'a BooleanArray),
    I1(&'a PrimitiveArray<types::Int8Type>),
    I2(&'a PrimitiveArray<types::Int16Type>),
    I4(&'a PrimitiveArray<types::Int32Type>),
    I8(&'a PrimitiveArray<types::Int64Type>),
    Ui1(&'a PrimitiveArray<types::UInt8Type>),
    Ui2(&'a PrimitiveArray<types::UInt16Type>),
    Ui4(&'a PrimitiveArray<types::UInt32Type>),
    Ui8(&'a PrimitiveArray<types::UInt64Type>),
    R4(&'a PrimitiveArray<types::Float32Type>),
    R8(&'a PrimitiveArray<types::Float64Type>),
    Decimal(&'a PrimitiveArray<types::Decimal128Type>, u8),
    Text(&'a StringArray),
    Bytes(&'a BinaryArray),
    Guid(&'a FixedSizeBinaryArray),
    Date(&'a PrimitiveArray<types::Date32Type>),
    Time(&'a PrimitiveArray<types::Time64NanosecondType>),
    Timestamp(&'a PrimitiveArray<types::Int64Type>),
    Offset(&'a PrimitiveArray<types::Decimal128Type>),
}

impl<'a> CellReader<'a> {
    /// A reader of a column of that type; `None` when the array does not hold that type.
    #[must_use]
    pub fn new(array: &'a dyn Array, data_type: DataType) -> Option<Self> {
        let column = column(array, data_type)?;
        Some(Self { column, array })
    }

    /// The value of a row.
    #[must_use]
    pub fn cell(&self, row: usize) -> Cell<'a> {
        if self.array.is_null(row) {
            return Cell::Null;
        }
        match &self.column {
            Column::Bool(array) => Cell::Bool(array.value(row)),
            Column::I1(array) => Cell::Int(array.value(row).into()),
            Column::I2(array) => Cell::Int(array.value(row).into()),
            Column::I4(array) => Cell::Int(array.value(row).into()),
            Column::I8(array) => Cell::Int(array.value(row)),
            Column::Ui1(array) => Cell::Uint(array.value(row).into()),
            Column::Ui2(array) => Cell::Uint(array.value(row).into()),
            Column::Ui4(array) => Cell::Uint(array.value(row).into()),
            Column::Ui8(array) => Cell::Uint(array.value(row)),
            Column::R4(array) => Cell::Real(array.value(row)),
            Column::R8(array) => Cell::Float(array.value(row)),
            Column::Decimal(array, scale) => Cell::Decimal {
                unscaled: array.value(row),
                scale: *scale,
            },
            Column::Text(array) => Cell::Str(array.value(row)),
            Column::Bytes(array) => Cell::Bytes(array.value(row)),
            Column::Guid(array) => array.value(row).try_into().map_or(Cell::Null, Cell::Guid),
            Column::Date(array) => Cell::Date(array.value(row)),
            Column::Time(array) => Cell::Time(array.value(row) / 100),
            Column::Timestamp(array) => Cell::Timestamp(array.value(row)),
            Column::Offset(array) => offset_cell(array.value(row)),
        }
    }
}

fn offset_cell(packed: i128) -> Cell<'static> {
    let minutes = i16::try_from(packed.rem_euclid(4096) - 2048);
    let utc = i64::try_from(packed.div_euclid(4096));
    match (utc, minutes) {
        (Ok(utc), Ok(minutes)) => Cell::Offset { utc, minutes },
        _ => Cell::Null,
    }
}

fn column(array: &dyn Array, data_type: DataType) -> Option<Column<'_>> {
    fn primitive<T: ArrowPrimitiveType>(array: &dyn Array) -> Option<&PrimitiveArray<T>> {
        array.as_primitive_opt::<T>()
    }
    Some(match data_type {
        DataType::Bool => Column::Bool(array.as_boolean_opt()?),
        DataType::I1 => Column::I1(primitive(array)?),
        DataType::I2 => Column::I2(primitive(array)?),
        DataType::I4 => Column::I4(primitive(array)?),
        DataType::I8 => Column::I8(primitive(array)?),
        DataType::Ui1 => Column::Ui1(primitive(array)?),
        DataType::Ui2 => Column::Ui2(primitive(array)?),
        DataType::Ui4 => Column::Ui4(primitive(array)?),
        DataType::Ui8 => Column::Ui8(primitive(array)?),
        DataType::R4 => Column::R4(primitive(array)?),
        DataType::R8 => Column::R8(primitive(array)?),
        DataType::Cy => Column::Decimal(primitive(array)?, 4),
        DataType::Decimal { scale } | DataType::Numeric { scale, .. } => {
            Column::Decimal(primitive(array)?, scale)
        }
        DataType::Str { .. } | DataType::Wstr { .. } | DataType::Text { .. } | DataType::Ntext => {
            Column::Text(array.as_string_opt::<i32>()?)
        }
        DataType::Bytes { .. } | DataType::Image => Column::Bytes(array.as_binary_opt::<i32>()?),
        DataType::Guid => Column::Guid(array.as_fixed_size_binary_opt()?),
        DataType::DbDate => Column::Date(primitive(array)?),
        DataType::DbTime | DataType::DbTime2 { .. } => Column::Time(primitive(array)?),
        DataType::Date
        | DataType::DbTimestamp
        | DataType::DbTimestamp2 { .. }
        | DataType::FileTime => Column::Timestamp(primitive(array)?),
        DataType::DbTimestampOffset { .. } => Column::Offset(primitive(array)?),
    })
}

/// The cell of a single value, such as a parameter; `None` for an Object.
#[must_use]
pub fn cell_of_value(value: &TypedValue) -> Option<Cell<'_>> {
    let scale = match value.data_type {
        DataType::Decimal { scale } | DataType::Numeric { scale, .. } => scale,
        _ => 0,
    };
    Some(match &value.value {
        Value::Null => Cell::Null,
        Value::Bool(value) => Cell::Bool(*value),
        Value::I1(value) => Cell::Int((*value).into()),
        Value::I2(value) => Cell::Int((*value).into()),
        Value::I4(value) => Cell::Int((*value).into()),
        Value::I8(value) => Cell::Int(*value),
        Value::Ui1(value) => Cell::Uint((*value).into()),
        Value::Ui2(value) => Cell::Uint((*value).into()),
        Value::Ui4(value) => Cell::Uint((*value).into()),
        Value::Ui8(value) => Cell::Uint(*value),
        Value::R4(value) => Cell::Real(*value),
        Value::R8(value) => Cell::Float(*value),
        Value::Cy(value) => Cell::Decimal {
            unscaled: (*value).into(),
            scale: 4,
        },
        Value::Decimal(unscaled) => Cell::Decimal {
            unscaled: *unscaled,
            scale,
        },
        Value::Str(text) => Cell::Str(text),
        Value::Bytes(bytes) => Cell::Bytes(bytes),
        Value::Guid(bytes) => Cell::Guid(*bytes),
        Value::DbDate(days) => Cell::Date(*days),
        Value::Time(ticks) => Cell::Time(*ticks),
        Value::Timestamp(ticks) => Cell::Timestamp(*ticks),
        Value::TimestampOffset { utc, offset } => Cell::Offset {
            utc: *utc,
            minutes: *offset,
        },
        Value::Object(_) => return None,
    })
}
