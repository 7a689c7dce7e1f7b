//! A cell as text, for text columns and for messages.

use std::borrow::Cow;

use super::{Cell, date_text, decimal_text, offset_text, time_text, timestamp_text};
use crate::convert::hex;

/// The cell as text; `None` for no value. Text is borrowed, everything else is written out.
#[must_use]
pub fn cell_text<'a>(cell: &Cell<'a>) -> Option<Cow<'a, str>> {
    let owned = match *cell {
        Cell::Null => return None,
        Cell::Str(text) => return Some(Cow::Borrowed(text)),
        Cell::Bool(true) => "1".to_owned(),
        Cell::Bool(false) => "0".to_owned(),
        Cell::Int(value) => value.to_string(),
        Cell::Uint(value) => value.to_string(),
        Cell::Real(value) => value.to_string(),
        Cell::Float(value) => value.to_string(),
        Cell::Decimal { unscaled, scale } => decimal_text(unscaled, scale),
        Cell::Bytes(bytes) => format!("0x{}", hex(bytes)),
        Cell::Guid(bytes) => guid_text(bytes),
        Cell::Date(days) => date_text(days),
        Cell::Time(ticks) => time_text(ticks),
        Cell::Timestamp(ticks) => timestamp_text(ticks),
        Cell::Offset { utc, minutes } => offset_text(utc, minutes),
    };
    Some(Cow::Owned(owned))
}

/// As SQL Server prints a `uniqueidentifier`: upper case, no braces.
fn guid_text(bytes: [u8; 16]) -> String {
    uuid::Uuid::from_bytes(bytes)
        .hyphenated()
        .encode_upper(&mut uuid::Uuid::encode_buffer())
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_as_text() {
        for (cell, text) in [
            (Cell::Bool(true), "1"),
            (Cell::Real(0.1), "0.1"),
            (Cell::Bytes(&[1, 0xAB]), "0x01AB"),
            (
                Cell::Guid([0xAB; 16]),
                "ABABABAB-ABAB-ABAB-ABAB-ABABABABABAB",
            ),
            (Cell::Date(0), "1970-01-01"),
        ] {
            assert_eq!(cell_text(&cell).as_deref(), Some(text));
        }
        assert_eq!(cell_text(&Cell::Null), None);
    }
}
