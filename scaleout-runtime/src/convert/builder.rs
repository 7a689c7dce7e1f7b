//! Arrow arrays out of values, per the table in [`crate::value`].

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder,
    FixedSizeBinaryBuilder, Float32Builder, Float64Builder, Int8Builder, Int16Builder,
    Int32Builder, Int64Builder, StringBuilder, Time64NanosecondBuilder, UInt8Builder,
    UInt16Builder, UInt32Builder, UInt64Builder,
};

use super::array::{arrow_type, pack_offset};
use crate::value::{DataType, Value};

/// A value was given to a column of another type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a value of another type cannot be written to a column of type `{}`", .0.name())]
pub struct ValueMismatch(pub DataType);

/// Collects the values of one column.
pub struct ColumnBuilder {
    data_type: DataType,
    cells: Cells,
}

enum Cells {
    Bool(BooleanBuilder),
    I1(Int8Builder),
    I2(Int16Builder),
    I4(Int32Builder),
    I8(Int64Builder),
    Ui1(UInt8Builder),
    Ui2(UInt16Builder),
    Ui4(UInt32Builder),
    Ui8(UInt64Builder),
    R4(Float32Builder),
    R8(Float64Builder),
    Decimal(Decimal128Builder),
    Text(StringBuilder),
    Bytes(BinaryBuilder),
    Guid(FixedSizeBinaryBuilder),
    DbDate(Date32Builder),
    Time(Time64NanosecondBuilder),
    Ticks(Int64Builder),
}

impl ColumnBuilder {
    /// An empty column of that type, with room for `rows`.
    #[must_use]
    pub fn new(data_type: DataType, rows: usize) -> Self {
        Self::with_room(data_type, rows, rows * 16)
    }

    /// `bytes` are those of texts and the like.
    fn with_room(data_type: DataType, rows: usize, bytes: usize) -> Self {
        let cells = match data_type {
            DataType::Bool => Cells::Bool(BooleanBuilder::with_capacity(rows)),
            DataType::I1 => Cells::I1(Int8Builder::with_capacity(rows)),
            DataType::I2 => Cells::I2(Int16Builder::with_capacity(rows)),
            DataType::I4 => Cells::I4(Int32Builder::with_capacity(rows)),
            DataType::I8 => Cells::I8(Int64Builder::with_capacity(rows)),
            DataType::Ui1 => Cells::Ui1(UInt8Builder::with_capacity(rows)),
            DataType::Ui2 => Cells::Ui2(UInt16Builder::with_capacity(rows)),
            DataType::Ui4 => Cells::Ui4(UInt32Builder::with_capacity(rows)),
            DataType::Ui8 => Cells::Ui8(UInt64Builder::with_capacity(rows)),
            DataType::R4 => Cells::R4(Float32Builder::with_capacity(rows)),
            DataType::R8 => Cells::R8(Float64Builder::with_capacity(rows)),
            DataType::Cy
            | DataType::Decimal { .. }
            | DataType::Numeric { .. }
            | DataType::DbTimestampOffset { .. } => Cells::Decimal(
                Decimal128Builder::with_capacity(rows).with_data_type(arrow_type(data_type)),
            ),
            DataType::Str { .. }
            | DataType::Wstr { .. }
            | DataType::Text { .. }
            | DataType::Ntext => Cells::Text(StringBuilder::with_capacity(rows, bytes)),
            DataType::Bytes { .. } | DataType::Image => {
                Cells::Bytes(BinaryBuilder::with_capacity(rows, bytes))
            }
            DataType::Guid => Cells::Guid(FixedSizeBinaryBuilder::with_capacity(rows, 16)),
            DataType::DbDate => Cells::DbDate(Date32Builder::with_capacity(rows)),
            DataType::DbTime | DataType::DbTime2 { .. } => {
                Cells::Time(Time64NanosecondBuilder::with_capacity(rows))
            }
            DataType::Date
            | DataType::DbTimestamp
            | DataType::DbTimestamp2 { .. }
            | DataType::FileTime => Cells::Ticks(Int64Builder::with_capacity(rows)),
        };
        Self { data_type, cells }
    }

    /// Adds a value.
    ///
    /// # Errors
    /// [`ValueMismatch`] when the value is neither null nor of the column's type; nothing is
    /// added then.
    pub fn push(&mut self, value: &Value) -> Result<(), ValueMismatch> {
        match (&mut self.cells, value) {
            (_, Value::Null) => self.push_null(),
            (Cells::Bool(cells), Value::Bool(value)) => cells.append_value(*value),
            (Cells::I1(cells), Value::I1(value)) => cells.append_value(*value),
            (Cells::I2(cells), Value::I2(value)) => cells.append_value(*value),
            (Cells::I4(cells), Value::I4(value)) => cells.append_value(*value),
            (Cells::I8(cells), Value::I8(value)) => cells.append_value(*value),
            (Cells::Ui1(cells), Value::Ui1(value)) => cells.append_value(*value),
            (Cells::Ui2(cells), Value::Ui2(value)) => cells.append_value(*value),
            (Cells::Ui4(cells), Value::Ui4(value)) => cells.append_value(*value),
            (Cells::Ui8(cells), Value::Ui8(value)) => cells.append_value(*value),
            (Cells::R4(cells), Value::R4(value)) => cells.append_value(*value),
            (Cells::R8(cells), Value::R8(value)) => cells.append_value(*value),
            (Cells::Decimal(cells), value) => {
                let Some(unscaled) = unscaled(value, self.data_type) else {
                    return Err(ValueMismatch(self.data_type));
                };
                cells.append_value(unscaled);
            }
            (Cells::Text(cells), Value::Str(value)) => cells.append_value(value),
            (Cells::Bytes(cells), Value::Bytes(value)) => cells.append_value(value),
            (Cells::Guid(cells), Value::Guid(value)) => cells
                .append_value(value)
                .map_err(|_| ValueMismatch(self.data_type))?,
            (Cells::DbDate(cells), Value::DbDate(value)) => cells.append_value(*value),
            (Cells::Time(cells), Value::Time(value)) => cells.append_value(value * 100),
            (Cells::Ticks(cells), Value::Timestamp(value)) => cells.append_value(*value),
            _ => return Err(ValueMismatch(self.data_type)),
        }
        Ok(())
    }

    /// Adds text without a [`Value`] around it; a column of another type takes a null.
    pub fn push_text(&mut self, text: &str) {
        match &mut self.cells {
            Cells::Text(cells) => cells.append_value(text),
            _ => self.push_null(),
        }
    }

    /// Adds a truth value; `None`, and nothing added, in a column of another type.
    pub fn push_bool(&mut self, value: bool) -> Option<()> {
        match &mut self.cells {
            Cells::Bool(cells) => cells.append_value(value),
            _ => return None,
        }
        Some(())
    }

    /// Adds an integer to a column of integers; `None`, and nothing added, where it does not fit.
    pub fn push_integer(&mut self, value: i64) -> Option<()> {
        match &mut self.cells {
            Cells::I1(cells) => cells.append_value(value.try_into().ok()?),
            Cells::I2(cells) => cells.append_value(value.try_into().ok()?),
            Cells::I4(cells) => cells.append_value(value.try_into().ok()?),
            Cells::I8(cells) => cells.append_value(value),
            Cells::Ui1(cells) => cells.append_value(value.try_into().ok()?),
            Cells::Ui2(cells) => cells.append_value(value.try_into().ok()?),
            Cells::Ui4(cells) => cells.append_value(value.try_into().ok()?),
            Cells::Ui8(cells) => cells.append_value(value.try_into().ok()?),
            _ => return None,
        }
        Some(())
    }

    /// Adds a double; `None`, and nothing added, in a column of another type.
    pub fn push_double(&mut self, value: f64) -> Option<()> {
        match &mut self.cells {
            Cells::R8(cells) => cells.append_value(value),
            _ => return None,
        }
        Some(())
    }

    /// Adds the unscaled digits of a decimal, which fit its precision; `None`, and nothing added, in
    /// a column of another type.
    pub fn push_digits(&mut self, digits: i64) -> Option<()> {
        match &mut self.cells {
            Cells::Decimal(cells) => cells.append_value(digits.into()),
            _ => return None,
        }
        Some(())
    }

    /// Adds days since 1970-01-01; `None`, and nothing added, in a column of another type.
    pub fn push_days(&mut self, days: i32) -> Option<()> {
        match &mut self.cells {
            Cells::DbDate(cells) => cells.append_value(days),
            _ => return None,
        }
        Some(())
    }

    /// Adds a moment in ticks; `None`, and nothing added, in a column of another type.
    pub fn push_ticks(&mut self, ticks: i64) -> Option<()> {
        match &mut self.cells {
            Cells::Ticks(cells) => cells.append_value(ticks),
            _ => return None,
        }
        Some(())
    }

    /// Adds a null.
    pub fn push_null(&mut self) {
        match &mut self.cells {
            Cells::Bool(cells) => cells.append_null(),
            Cells::I1(cells) => cells.append_null(),
            Cells::I2(cells) => cells.append_null(),
            Cells::I4(cells) => cells.append_null(),
            Cells::I8(cells) | Cells::Ticks(cells) => cells.append_null(),
            Cells::Ui1(cells) => cells.append_null(),
            Cells::Ui2(cells) => cells.append_null(),
            Cells::Ui4(cells) => cells.append_null(),
            Cells::Ui8(cells) => cells.append_null(),
            Cells::R4(cells) => cells.append_null(),
            Cells::R8(cells) => cells.append_null(),
            Cells::Decimal(cells) => cells.append_null(),
            Cells::Text(cells) => cells.append_null(),
            Cells::Bytes(cells) => cells.append_null(),
            Cells::Guid(cells) => cells.append_null(),
            Cells::DbDate(cells) => cells.append_null(),
            Cells::Time(cells) => cells.append_null(),
        }
    }

    /// As [`ColumnBuilder::finish`], with room for as much again: memory that grows step by step is
    /// asked for twice.
    #[must_use]
    pub fn finish_part(&mut self) -> ArrayRef {
        let bytes = match &self.cells {
            Cells::Text(cells) => cells.values_slice().len(),
            Cells::Bytes(cells) => cells.values_slice().len(),
            _ => 0,
        };
        let array = self.finish();
        *self = Self::with_room(self.data_type, array.len(), bytes + bytes / 8);
        array
    }

    /// The array; the builder is empty afterwards and can be used again.
    #[must_use]
    pub fn finish(&mut self) -> ArrayRef {
        match &mut self.cells {
            Cells::Bool(cells) => Arc::new(cells.finish()),
            Cells::I1(cells) => Arc::new(cells.finish()),
            Cells::I2(cells) => Arc::new(cells.finish()),
            Cells::I4(cells) => Arc::new(cells.finish()),
            Cells::I8(cells) | Cells::Ticks(cells) => Arc::new(cells.finish()),
            Cells::Ui1(cells) => Arc::new(cells.finish()),
            Cells::Ui2(cells) => Arc::new(cells.finish()),
            Cells::Ui4(cells) => Arc::new(cells.finish()),
            Cells::Ui8(cells) => Arc::new(cells.finish()),
            Cells::R4(cells) => Arc::new(cells.finish()),
            Cells::R8(cells) => Arc::new(cells.finish()),
            Cells::Decimal(cells) => Arc::new(cells.finish()),
            Cells::Text(cells) => Arc::new(cells.finish()),
            Cells::Bytes(cells) => Arc::new(cells.finish()),
            Cells::Guid(cells) => Arc::new(cells.finish()),
            Cells::DbDate(cells) => Arc::new(cells.finish()),
            Cells::Time(cells) => Arc::new(cells.finish()),
        }
    }
}

/// The digits that an array keeps for a currency, a decimal or an offset timestamp.
fn unscaled(value: &Value, data_type: DataType) -> Option<i128> {
    match (value, data_type) {
        (Value::Cy(value), DataType::Cy) => Some(i128::from(*value)),
        (Value::Decimal(value), DataType::Decimal { .. } | DataType::Numeric { .. }) => {
            Some(*value)
        }
        (Value::TimestampOffset { utc, offset }, DataType::DbTimestampOffset { .. }) => {
            Some(pack_offset(*utc, *offset))
        }
        _ => None,
    }
}
