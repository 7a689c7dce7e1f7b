//! Cells into Arrow columns: the conversions that a database provider does.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder,
    FixedSizeBinaryBuilder, Float32Builder, Float64Builder, Int8Builder, Int16Builder,
    Int32Builder, Int64Builder, StringBuilder, Time64NanosecondBuilder, UInt8Builder,
    UInt16Builder, UInt32Builder, UInt64Builder,
};

use super::convert::{
    boolean, bytes, date, decimal, float, guid, integer, offset, single, time, timestamp,
};
use super::limit::{Limit, limit};
use super::{Cell, CellProblem, cell_text};
use crate::data_flow::columns::arrow_type;
use crate::value::DataType;

/// Builds one column of a type.
#[derive(Debug)]
pub struct CellBuilder {
    data_type: DataType,
    array: Builder,
}

#[derive(Debug)]
enum Builder {
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
    Decimal {
        array: Decimal128Builder,
        precision: u8,
        scale: u8,
    },
    Text(StringBuilder, Limit),
    Bytes(BinaryBuilder, usize),
    Guid(FixedSizeBinaryBuilder),
    Date(Date32Builder),
    Time(Time64NanosecondBuilder),
    Timestamp(Int64Builder),
    Offset(Decimal128Builder),
}

macro_rules! each {
    ($builder:expr, $array:ident => $action:expr) => {
        match $builder {
            Builder::Bool($array) => $action,
            Builder::I1($array) => $action,
            Builder::I2($array) => $action,
            Builder::I4($array) => $action,
            Builder::I8($array) | Builder::Timestamp($array) => $action,
            Builder::Ui1($array) => $action,
            Builder::Ui2($array) => $action,
            Builder::Ui4($array) => $action,
            Builder::Ui8($array) => $action,
            Builder::R4($array) => $action,
            Builder::R8($array) => $action,
            Builder::Decimal { array: $array, .. } | Builder::Offset($array) => $action,
            Builder::Text($array, _) => $action,
            Builder::Bytes($array, _) => $action,
            Builder::Guid($array) => $action,
            Builder::Date($array) => $action,
            Builder::Time($array) => $action,
        }
    };
}

impl CellBuilder {
    /// An empty column of that type.
    #[must_use]
    pub fn new(data_type: DataType) -> Self {
        let array = builder(data_type);
        Self { data_type, array }
    }

    /// The type of the column.
    #[must_use]
    pub fn data_type(&self) -> DataType {
        self.data_type
    }

    /// Adds a row without a value.
    pub fn push_null(&mut self) {
        each!(&mut self.array, array => array.append_null());
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`CellProblem`]; no row was added then.
    pub fn push(&mut self, cell: Cell<'_>) -> Result<(), CellProblem> {
        if cell == Cell::Null {
            self.push_null();
            return Ok(());
        }
        match &mut self.array {
            Builder::Bool(array) => array.append_value(boolean(cell)?),
            Builder::I1(array) => array.append_value(integer(cell)?),
            Builder::I2(array) => array.append_value(integer(cell)?),
            Builder::I4(array) => array.append_value(integer(cell)?),
            Builder::I8(array) => array.append_value(integer(cell)?),
            Builder::Ui1(array) => array.append_value(integer(cell)?),
            Builder::Ui2(array) => array.append_value(integer(cell)?),
            Builder::Ui4(array) => array.append_value(integer(cell)?),
            Builder::Ui8(array) => array.append_value(integer(cell)?),
            Builder::R4(array) => array.append_value(single(cell)?),
            Builder::R8(array) => array.append_value(float(cell)?),
            Builder::Decimal {
                array,
                precision,
                scale,
            } => array.append_value(decimal(cell, *precision, *scale)?),
            Builder::Text(array, limit) => {
                let text = cell_text(&cell).ok_or(CellProblem::Mismatch)?;
                array.append_value(limit.check(&text)?);
            }
            Builder::Bytes(array, length) => array.append_value(bytes(cell, *length)?),
            Builder::Guid(array) => {
                // The array takes 16 bytes, which a GUID always has.
                array
                    .append_value(guid(cell)?)
                    .map_err(|_| CellProblem::Mismatch)?;
            }
            Builder::Date(array) => array.append_value(date(cell)?),
            Builder::Time(array) => array.append_value(time(cell)? * 100),
            Builder::Timestamp(array) => array.append_value(timestamp(cell)?),
            Builder::Offset(array) => array.append_value(offset(cell)?),
        }
        Ok(())
    }

    /// Adds a row whose text or bytes are cut to what the column holds.
    ///
    /// # Errors
    /// [`CellProblem`], but not [`CellProblem::Truncation`]; no row was added then.
    pub fn push_cut(&mut self, cell: Cell<'_>) -> Result<(), CellProblem> {
        match (&mut self.array, cell) {
            (Builder::Text(array, limit), cell) if cell != Cell::Null => {
                let text = cell_text(&cell).ok_or(CellProblem::Mismatch)?;
                array.append_value(limit.cut(&text));
                Ok(())
            }
            (Builder::Bytes(array, length), Cell::Bytes(bytes)) => {
                array.append_value(&bytes[..bytes.len().min(*length)]);
                Ok(())
            }
            _ => self.push(cell),
        }
    }

    /// The column; the builder is empty afterwards.
    pub fn finish(&mut self) -> ArrayRef {
        each!(&mut self.array, array => Arc::new(array.finish()))
    }
}

fn builder(data_type: DataType) -> Builder {
    let in_arrow = || Decimal128Builder::new().with_data_type(arrow_type(data_type));
    match data_type {
        DataType::Bool => Builder::Bool(BooleanBuilder::new()),
        DataType::I1 => Builder::I1(Int8Builder::new()),
        DataType::I2 => Builder::I2(Int16Builder::new()),
        DataType::I4 => Builder::I4(Int32Builder::new()),
        DataType::I8 => Builder::I8(Int64Builder::new()),
        DataType::Ui1 => Builder::Ui1(UInt8Builder::new()),
        DataType::Ui2 => Builder::Ui2(UInt16Builder::new()),
        DataType::Ui4 => Builder::Ui4(UInt32Builder::new()),
        DataType::Ui8 => Builder::Ui8(UInt64Builder::new()),
        DataType::R4 => Builder::R4(Float32Builder::new()),
        DataType::R8 => Builder::R8(Float64Builder::new()),
        DataType::Cy => decimal_builder(in_arrow(), 19, 4),
        DataType::Decimal { scale } => decimal_builder(in_arrow(), 29, scale),
        DataType::Numeric { precision, scale } => decimal_builder(in_arrow(), precision, scale),
        DataType::Str { .. } | DataType::Wstr { .. } | DataType::Text { .. } | DataType::Ntext => {
            Builder::Text(StringBuilder::new(), limit(data_type))
        }
        DataType::Bytes { length } => {
            let length = usize::try_from(length).unwrap_or(0);
            let length = if length == 0 { usize::MAX } else { length };
            Builder::Bytes(BinaryBuilder::new(), length)
        }
        DataType::Image => Builder::Bytes(BinaryBuilder::new(), usize::MAX),
        DataType::Guid => Builder::Guid(FixedSizeBinaryBuilder::new(16)),
        DataType::DbDate => Builder::Date(Date32Builder::new()),
        DataType::DbTime | DataType::DbTime2 { .. } => {
            Builder::Time(Time64NanosecondBuilder::new())
        }
        DataType::Date
        | DataType::DbTimestamp
        | DataType::DbTimestamp2 { .. }
        | DataType::FileTime => Builder::Timestamp(Int64Builder::new()),
        DataType::DbTimestampOffset { .. } => Builder::Offset(in_arrow()),
    }
}

fn decimal_builder(array: Decimal128Builder, precision: u8, scale: u8) -> Builder {
    Builder::Decimal {
        array,
        precision,
        scale,
    }
}

#[cfg(test)]
mod tests {
    use super::super::CellReader;
    use super::*;

    fn through(data_type: DataType, cell: Cell<'_>) -> Result<String, CellProblem> {
        let mut builder = CellBuilder::new(data_type);
        builder.push(cell)?;
        let array = builder.finish();
        assert_eq!(array.data_type(), &arrow_type(data_type));
        let reader = CellReader::new(&array, data_type).unwrap();
        Ok(format!("{:?}", reader.cell(0)))
    }

    #[test]
    fn cells_become_values_of_the_column() {
        let numeric = DataType::Numeric {
            precision: 10,
            scale: 2,
        };
        for (data_type, cell, seen) in [
            (DataType::I4, Cell::Str(" 42 "), "Int(42)"),
            (DataType::I4, Cell::Float(41.9), "Int(41)"),
            (DataType::Bool, Cell::Int(2), "Bool(true)"),
            (DataType::Bool, Cell::Str("False"), "Bool(false)"),
            (
                numeric,
                Cell::Float(0.125),
                "Decimal { unscaled: 13, scale: 2 }",
            ),
            (
                numeric,
                Cell::Str("-1.5"),
                "Decimal { unscaled: -150, scale: 2 }",
            ),
            (
                DataType::Cy,
                Cell::Int(3),
                "Decimal { unscaled: 30000, scale: 4 }",
            ),
            (DataType::Ntext, Cell::Int(7), "Str(\"7\")"),
            (
                DataType::DbDate,
                Cell::Str("1970-01-02T10:00:00"),
                "Date(1)",
            ),
            (
                DataType::DbTimestamp,
                Cell::Date(1),
                "Timestamp(864000000000)",
            ),
            (DataType::DbTime, Cell::Str("00:00:01"), "Time(10000000)"),
            (DataType::R8, Cell::Real(0.1), "Float(0.1)"),
            (
                DataType::DbTimestampOffset { scale: 7 },
                Cell::Offset {
                    utc: -1,
                    minutes: -60,
                },
                "Offset { utc: -1, minutes: -60 }",
            ),
        ] {
            assert_eq!(through(data_type, cell).as_deref(), Ok(seen));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let wstr = DataType::Wstr { length: 2 };
        let numeric = DataType::Numeric {
            precision: 3,
            scale: 2,
        };
        for (data_type, cell, problem) in [
            (DataType::Ui1, Cell::Int(256), CellProblem::Overflow),
            (DataType::Ui1, Cell::Int(-1), CellProblem::Overflow),
            (DataType::I4, Cell::Str("x"), CellProblem::Mismatch),
            (DataType::I4, Cell::Str("1.5"), CellProblem::Mismatch),
            (wstr, Cell::Str("abc"), CellProblem::Truncation),
            (wstr, Cell::Str("a𝄞"), CellProblem::Truncation),
            (numeric, Cell::Int(10), CellProblem::Overflow),
            (DataType::DbDate, Cell::Int(1), CellProblem::Mismatch),
            (DataType::R4, Cell::Float(1e300), CellProblem::Overflow),
        ] {
            assert_eq!(
                through(data_type, cell),
                Err(problem),
                "{data_type:?} {cell:?}"
            );
        }
    }

    #[test]
    fn text_that_fits_in_units_is_taken() {
        let wstr = DataType::Wstr { length: 2 };
        assert_eq!(through(wstr, Cell::Str("äö")).as_deref(), Ok("Str(\"äö\")"));
        let str = DataType::Str {
            length: 2,
            code_page: 1252,
        };
        assert_eq!(through(str, Cell::Str("äö")).as_deref(), Ok("Str(\"äö\")"));
    }
}
