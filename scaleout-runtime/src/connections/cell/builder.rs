//! Cells into Arrow columns: the conversions that a database provider does.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder,
    FixedSizeBinaryBuilder, Float32Builder, Float64Builder, Int8Builder, Int16Builder,
    Int32Builder, Int64Builder, StringBuilder, Time64NanosecondBuilder, UInt8Builder,
    UInt16Builder, UInt32Builder, UInt64Builder,
};

use super::{
    Cell, cell_text, digits, parse_date, parse_decimal, parse_offset, parse_time, parse_timestamp,
    rescale,
};
use crate::data_flow::columns::arrow_type;
use crate::value::{DataType, TICKS_PER_DAY};

/// Why a cell does not fit a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CellProblem {
    /// Another kind of value.
    #[error("the value cannot be converted to the column's type")]
    Mismatch,
    /// Too large or too small.
    #[error("the value is out of the range of the column's type")]
    Overflow,
    /// Text or bytes longer than the column.
    #[error("the value is longer than the column")]
    Truncation,
}

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

/// How long text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    None,
    /// UTF-16 units.
    Units(usize),
    /// Characters of a one-byte code page.
    Characters(usize),
    /// Bytes of UTF-8.
    Utf8(usize),
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

fn limit(data_type: DataType) -> Limit {
    let known = |length: u32, limit: fn(usize) -> Limit| match usize::try_from(length) {
        Ok(0) | Err(_) => Limit::None,
        Ok(length) => limit(length),
    };
    match data_type {
        DataType::Wstr { length } => known(length, Limit::Units),
        DataType::Str {
            length,
            code_page: 65001,
        } => known(length, Limit::Utf8),
        DataType::Str { length, .. } => known(length, Limit::Characters),
        _ => Limit::None,
    }
}

impl Limit {
    fn check(self, text: &str) -> Result<&str, CellProblem> {
        let fits = match self {
            Self::None => true,
            // Bytes bound units and characters from above, so most text is not counted.
            Self::Units(length) => text.len() <= length || text.encode_utf16().count() <= length,
            Self::Characters(length) => text.len() <= length || text.chars().count() <= length,
            Self::Utf8(length) => text.len() <= length,
        };
        if fits {
            Ok(text)
        } else {
            Err(CellProblem::Truncation)
        }
    }
}

impl Limit {
    /// The longest start of the text that fits.
    fn cut(self, text: &str) -> &str {
        let mut used = 0;
        let end = text.char_indices().find(|(at, character)| {
            let (length, most) = match self {
                Self::None => return false,
                Self::Units(most) => (character.len_utf16(), most),
                Self::Characters(most) => (1, most),
                Self::Utf8(most) => (at + character.len_utf8() - used, most),
            };
            used += length;
            most < used
        });
        end.map_or(text, |(at, _)| &text[..at])
    }
}

fn boolean(cell: Cell<'_>) -> Result<bool, CellProblem> {
    Ok(match cell {
        Cell::Bool(value) => value,
        Cell::Str(text) if text.eq_ignore_ascii_case("true") => true,
        Cell::Str(text) if text.eq_ignore_ascii_case("false") => false,
        Cell::Real(value) => value != 0.0,
        Cell::Float(value) => value != 0.0,
        Cell::Decimal { unscaled, .. } => unscaled != 0,
        other => integer::<i64>(other)? != 0,
    })
}

fn integer<T: TryFrom<i128>>(cell: Cell<'_>) -> Result<T, CellProblem> {
    let value = match cell {
        Cell::Bool(value) => i128::from(value),
        Cell::Int(value) => i128::from(value),
        Cell::Uint(value) => i128::from(value),
        Cell::Real(value) => whole(f64::from(value))?,
        Cell::Float(value) => whole(value)?,
        Cell::Decimal { unscaled, scale } => truncated(unscaled, scale),
        Cell::Str(text) => {
            let (unscaled, scale) = parse_decimal(text).ok_or(CellProblem::Mismatch)?;
            if scale != 0 {
                return Err(CellProblem::Mismatch);
            }
            unscaled
        }
        _ => return Err(CellProblem::Mismatch),
    };
    T::try_from(value).map_err(|_| CellProblem::Overflow)
}

fn truncated(unscaled: i128, scale: u8) -> i128 {
    10_i128
        .checked_pow(u32::from(scale))
        .map_or(0, |divisor| unscaled / divisor)
}

/// As OLE DB does, the fraction is dropped.
fn whole(value: f64) -> Result<i128, CellProblem> {
    if value.is_finite() && value.abs() < 1e19 {
        #[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
        Ok(value.trunc() as i128)
    } else {
        Err(CellProblem::Overflow)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the nearest single is meant"
)]
fn single(cell: Cell<'_>) -> Result<f32, CellProblem> {
    if let Cell::Real(value) = cell {
        return Ok(value);
    }
    let value = float(cell)?;
    let single = value as f32;
    if value.is_finite() && single.is_infinite() {
        return Err(CellProblem::Overflow);
    }
    Ok(single)
}

#[expect(clippy::cast_precision_loss, reason = "the nearest double is meant")]
fn float(cell: Cell<'_>) -> Result<f64, CellProblem> {
    Ok(match cell {
        Cell::Bool(value) => f64::from(u8::from(value)),
        Cell::Int(value) => value as f64,
        Cell::Uint(value) => value as f64,
        // The shortest text of the single is what people saw: 0.1 stays 0.1.
        Cell::Real(value) => value.to_string().parse().unwrap_or(f64::from(value)),
        Cell::Float(value) => value,
        Cell::Decimal { .. } => {
            let text = cell_text(&cell).unwrap_or_default();
            text.parse().map_err(|_| CellProblem::Mismatch)?
        }
        Cell::Str(text) => text.trim().parse().map_err(|_| CellProblem::Mismatch)?,
        _ => return Err(CellProblem::Mismatch),
    })
}

fn decimal(cell: Cell<'_>, precision: u8, scale: u8) -> Result<i128, CellProblem> {
    let (unscaled, from) = match cell {
        Cell::Bool(value) => (i128::from(value), 0),
        Cell::Int(value) => (i128::from(value), 0),
        Cell::Uint(value) => (i128::from(value), 0),
        Cell::Decimal { unscaled, scale } => (unscaled, scale),
        Cell::Real(value) => parse_decimal(&value.to_string()).ok_or(CellProblem::Overflow)?,
        Cell::Float(value) => float_digits(value).ok_or(CellProblem::Overflow)?,
        Cell::Str(text) => parse_decimal(text).ok_or(CellProblem::Mismatch)?,
        _ => return Err(CellProblem::Mismatch),
    };
    let value = rescale(unscaled, from, scale).ok_or(CellProblem::Overflow)?;
    if value != 0 && u32::from(precision.clamp(1, 38)) < digits(value) {
        return Err(CellProblem::Overflow);
    }
    Ok(value)
}

/// The shortest decimal that reads back as the same double.
fn float_digits(value: f64) -> Option<(i128, u8)> {
    parse_decimal(&format!("{value:e}")).or_else(|| {
        // Too many digits after the point for 128 bits: what is below 1e-38 does not count.
        (value.abs() < 1e-20).then_some((0, 0))
    })
}

fn bytes(cell: Cell<'_>, length: usize) -> Result<&[u8], CellProblem> {
    let bytes = match cell {
        Cell::Bytes(bytes) => bytes,
        Cell::Str(text) => text.as_bytes(),
        _ => return Err(CellProblem::Mismatch),
    };
    if bytes.len() <= length {
        Ok(bytes)
    } else {
        Err(CellProblem::Truncation)
    }
}

fn guid(cell: Cell<'_>) -> Result<[u8; 16], CellProblem> {
    match cell {
        Cell::Guid(bytes) => Ok(bytes),
        Cell::Bytes(bytes) => bytes.try_into().map_err(|_| CellProblem::Mismatch),
        Cell::Str(text) => uuid::Uuid::parse_str(text.trim())
            .map(uuid::Uuid::into_bytes)
            .map_err(|_| CellProblem::Mismatch),
        _ => Err(CellProblem::Mismatch),
    }
}

fn date(cell: Cell<'_>) -> Result<i32, CellProblem> {
    match cell {
        Cell::Date(days) => Ok(days),
        other => i32::try_from(timestamp(other)?.div_euclid(TICKS_PER_DAY))
            .map_err(|_| CellProblem::Overflow),
    }
}

fn time(cell: Cell<'_>) -> Result<i64, CellProblem> {
    match cell {
        Cell::Time(ticks) => Ok(ticks),
        Cell::Str(text) => parse_time(text)
            .or_else(|| parse_timestamp(text).map(|ticks| ticks.rem_euclid(TICKS_PER_DAY)))
            .ok_or(CellProblem::Mismatch),
        other => Ok(timestamp(other)?.rem_euclid(TICKS_PER_DAY)),
    }
}

fn timestamp(cell: Cell<'_>) -> Result<i64, CellProblem> {
    match cell {
        Cell::Timestamp(ticks) => Ok(ticks),
        Cell::Date(days) => Ok(i64::from(days) * TICKS_PER_DAY),
        Cell::Offset { utc, minutes } => {
            Ok(utc.saturating_add(i64::from(minutes) * (TICKS_PER_DAY / 1440)))
        }
        Cell::Str(text) => parse_timestamp(text)
            .or_else(|| parse_date(text).map(|days| i64::from(days) * TICKS_PER_DAY))
            .ok_or(CellProblem::Mismatch),
        _ => Err(CellProblem::Mismatch),
    }
}

fn offset(cell: Cell<'_>) -> Result<i128, CellProblem> {
    let (utc, minutes) = match cell {
        Cell::Offset { utc, minutes } => (utc, minutes),
        Cell::Str(text) => parse_offset(text).ok_or(CellProblem::Mismatch)?,
        other => (timestamp(other)?, 0),
    };
    Ok(i128::from(utc) * 4096 + i128::from(minutes) + 2048)
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
    fn text_is_cut_between_characters() {
        for (limit, cut) in [
            (Limit::None, "aä𝄞b"),
            (Limit::Units(3), "aä"),
            (Limit::Units(4), "aä𝄞"),
            (Limit::Characters(3), "aä𝄞"),
            (Limit::Utf8(2), "a"),
            (Limit::Utf8(3), "aä"),
        ] {
            assert_eq!(limit.cut("aä𝄞b"), cut, "{limit:?}");
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
