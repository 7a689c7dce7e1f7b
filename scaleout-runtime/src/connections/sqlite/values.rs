//! Cells as SQLite stores them, and back.

use std::borrow::Cow;

use rusqlite::types::{ToSql, ToSqlOutput, Value, ValueRef};

use crate::connections::cell::{Cell, cell_text, digits, trim_zeros};

/// A cell as a parameter of a statement.
///
/// Dates are ISO text, GUIDs upper-case text, bits 0 and 1. A decimal is an integer where it
/// has no fraction; otherwise it is text, which a numeric column turns into the nearest double.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound<'a>(pub(super) Cell<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Cell::Null => ToSqlOutput::Owned(Value::Null),
            Cell::Bool(value) => ToSqlOutput::Owned(Value::Integer(value.into())),
            Cell::Int(value) => ToSqlOutput::Owned(Value::Integer(value)),
            Cell::Uint(value) => match i64::try_from(value) {
                Ok(value) => ToSqlOutput::Owned(Value::Integer(value)),
                Err(_) => ToSqlOutput::Owned(Value::Text(value.to_string())),
            },
            Cell::Float(value) => ToSqlOutput::Owned(Value::Real(value)),
            // The shortest text of the single is what people saw: 0.1 stays 0.1.
            Cell::Real(value) => {
                let shown = value.to_string().parse().unwrap_or(f64::from(value));
                ToSqlOutput::Owned(Value::Real(shown))
            }
            Cell::Decimal { unscaled, scale } => decimal(unscaled, scale),
            Cell::Str(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Cell::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Cell::Guid(_)
            | Cell::Date(_)
            | Cell::Time(_)
            | Cell::Timestamp(_)
            | Cell::Offset { .. } => {
                let text = cell_text(&self.0).map(Cow::into_owned).unwrap_or_default();
                ToSqlOutput::Owned(Value::Text(text))
            }
        })
    }
}

fn decimal(unscaled: i128, scale: u8) -> ToSqlOutput<'static> {
    let (digits, places) = trim_zeros(unscaled, scale);
    match i64::try_from(digits) {
        Ok(whole) if places == 0 => ToSqlOutput::Owned(Value::Integer(whole)),
        _ => {
            let cell = Cell::Decimal { unscaled, scale };
            let text = cell_text(&cell).map(Cow::into_owned).unwrap_or_default();
            ToSqlOutput::Owned(Value::Text(text))
        }
    }
}

/// Whether a column that keeps numbers as doubles would change the value.
pub(super) fn loses_digits(cell: Cell<'_>) -> bool {
    let Cell::Decimal { unscaled, scale } = cell else {
        return false;
    };
    let (unscaled, scale) = trim_zeros(unscaled, scale);
    let is_integer = scale == 0 && i64::try_from(unscaled).is_ok();
    !is_integer && 15 < digits(unscaled)
}

/// What SQLite holds, as a cell. Text that is not UTF-8 comes as bytes.
pub(super) fn cell_of(value: ValueRef<'_>) -> Cell<'_> {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Int(value),
        ValueRef::Real(value) => Cell::Float(value),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_or(Cell::Bytes(bytes), Cell::Str),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(cell: Cell<'_>) -> Value {
        match Bound(cell).to_sql().unwrap() {
            ToSqlOutput::Owned(value) => value,
            ToSqlOutput::Borrowed(value) => value.try_into().unwrap(),
            _ => unreachable!("nothing else is made"),
        }
    }

    #[test]
    fn cells_are_stored_so_that_sqlite_can_compare_them() {
        let decimal = |unscaled, scale| Cell::Decimal { unscaled, scale };
        for (cell, value) in [
            (Cell::Bool(true), Value::Integer(1)),
            (Cell::Real(0.1), Value::Real(0.1)),
            (decimal(1200, 2), Value::Integer(12)),
            (decimal(1250, 2), Value::Text("12.50".to_owned())),
            (
                Cell::Timestamp(0),
                Value::Text("1970-01-01 00:00:00".to_owned()),
            ),
            (Cell::Uint(u64::MAX), Value::Text(u64::MAX.to_string())),
        ] {
            assert_eq!(stored(cell), value);
        }
    }

    #[test]
    fn digits_that_a_double_cannot_hold_are_noticed() {
        let decimal = |unscaled, scale| Cell::Decimal { unscaled, scale };
        assert!(!loses_digits(decimal(123_456_789_012_345, 2)));
        assert!(!loses_digits(decimal(i128::from(i64::MAX), 0)));
        assert!(loses_digits(decimal(1_234_567_890_123_456, 2)));
    }
}
