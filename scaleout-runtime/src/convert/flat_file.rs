//! Text forms that the original writes to flat files.

use std::borrow::Cow;

use super::text::{localized, to_text};
use crate::value::{DataType, Value};

/// The text of a value in a flat file; empty for a null.
///
/// The same forms as casts, but floats are as short as they can be without losing a bit.
#[must_use]
pub fn flat_file_text(value: &Value, data_type: DataType, locale_id: u32) -> Cow<'_, str> {
    match value {
        Value::R4(value) => Cow::Owned(localized(value.to_string(), locale_id)),
        Value::R8(value) => Cow::Owned(localized(value.to_string(), locale_id)),
        _ => to_text(value, data_type, locale_id).unwrap_or(Cow::Borrowed("")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: Value, data_type: DataType) -> String {
        flat_file_text(&value, data_type, 1033).into_owned()
    }

    #[test]
    fn forms_seen_in_files_of_the_original() {
        let numeric = |scale| DataType::Numeric {
            precision: 18,
            scale,
        };
        assert_eq!(text(Value::Bool(true), DataType::Bool), "True");
        assert_eq!(text(Value::Decimal(350), numeric(2)), "3.50");
        assert_eq!(text(Value::Decimal(0), numeric(4)), ".0000");
        assert_eq!(text(Value::Cy(123_456_789), DataType::Cy), "12345.6789");
        assert_eq!(text(Value::Cy(0), DataType::Cy), "0");
        assert_eq!(text(Value::R8(0.0125), DataType::R8), "0.0125");
        assert_eq!(
            text(Value::R8(0.1 + 0.2), DataType::R8),
            "0.30000000000000004"
        );
        assert_eq!(text(Value::Null, DataType::R8), "");
        let moment = 981_173_106 * 10_000_000;
        assert_eq!(
            text(Value::Timestamp(moment), DataType::DbTimestamp),
            "2001-02-03 04:05:06"
        );
        assert_eq!(
            text(Value::Timestamp(moment + 7_890_000), DataType::DbTimestamp),
            "2001-02-03 04:05:06.789000000"
        );
        assert_eq!(
            flat_file_text(&Value::Timestamp(moment), DataType::Date, 16393),
            "03-02-2001 04:05:06"
        );
        let guid = [
            1, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 1, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD,
            0xEF,
        ];
        assert_eq!(
            text(Value::Guid(guid), DataType::Guid),
            "{01234567-89AB-CDEF-0123-456789ABCDEF}"
        );
        let bytes = Value::Bytes([0xAB, 0].as_slice().into());
        assert_eq!(text(bytes, DataType::Bytes { length: 2 }), "AB00");
    }
}
