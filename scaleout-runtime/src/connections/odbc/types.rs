//! Types of ODBC as types of the data flow.

use std::num::NonZeroUsize;

use odbc_api::DataType as Odbc;

use crate::value::DataType;

/// The longest text that is no long text.
const LONGEST_TEXT: usize = 4000;
/// The same of bytes.
const LONGEST_BYTES: usize = 8000;

/// The type of a column; what is not known is text, as drivers give everything as text.
pub(super) fn data_type(found: Odbc, is_unsigned: bool) -> DataType {
    match found {
        Odbc::Char { length }
        | Odbc::WChar { length }
        | Odbc::Varchar { length }
        | Odbc::WVarchar { length } => text(length),
        Odbc::Numeric { precision, scale } | Odbc::Decimal { precision, scale } => {
            numeric(precision, scale)
        }
        Odbc::TinyInt if is_unsigned => DataType::Ui1,
        Odbc::TinyInt | Odbc::SmallInt => DataType::I2,
        Odbc::Integer => DataType::I4,
        Odbc::BigInt => DataType::I8,
        Odbc::Real => DataType::R4,
        Odbc::Float { .. } | Odbc::Double => DataType::R8,
        Odbc::Bit => DataType::Bool,
        Odbc::Date => DataType::DbDate,
        Odbc::Time { precision } => DataType::DbTime2 {
            scale: fraction(precision),
        },
        Odbc::Timestamp { precision } => DataType::DbTimestamp2 {
            scale: fraction(precision),
        },
        Odbc::Binary { length } | Odbc::Varbinary { length } => bytes(length),
        Odbc::LongVarbinary { .. } => DataType::Image,
        _ => DataType::Ntext,
    }
}

fn text(length: Option<NonZeroUsize>) -> DataType {
    let length = length.map_or(0, NonZeroUsize::get);
    match u32::try_from(length) {
        Ok(found) if 0 < length && length <= LONGEST_TEXT => DataType::Wstr { length: found },
        _ => DataType::Ntext,
    }
}

fn bytes(length: Option<NonZeroUsize>) -> DataType {
    let length = length.map_or(0, NonZeroUsize::get);
    match u32::try_from(length) {
        Ok(found) if 0 < length && length <= LONGEST_BYTES => DataType::Bytes { length: found },
        _ => DataType::Image,
    }
}

fn numeric(precision: usize, scale: i16) -> DataType {
    let scale = u8::try_from(scale).unwrap_or(0);
    match u8::try_from(precision) {
        Ok(precision @ 1..=38) if scale <= precision => DataType::Numeric { precision, scale },
        _ => DataType::Numeric {
            precision: 38,
            scale: 10,
        },
    }
}

fn fraction(digits: i16) -> u8 {
    u8::try_from(digits.clamp(0, 7)).unwrap_or(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_without_bounds_are_long_or_wide() {
        let length = NonZeroUsize::new(12);
        let known = |odbc| data_type(odbc, false);
        assert_eq!(
            known(Odbc::Varchar { length }),
            DataType::Wstr { length: 12 }
        );
        assert_eq!(known(Odbc::WVarchar { length: None }), DataType::Ntext);
        assert_eq!(known(Odbc::Varbinary { length: None }), DataType::Image);
        assert_eq!(data_type(Odbc::TinyInt, true), DataType::Ui1);
        let wide = DataType::Numeric {
            precision: 38,
            scale: 10,
        };
        assert_eq!(
            known(Odbc::Numeric {
                precision: 131_089,
                scale: 0
            }),
            wide
        );
        let nine = DataType::Numeric {
            precision: 9,
            scale: 2,
        };
        assert_eq!(
            known(Odbc::Decimal {
                precision: 9,
                scale: 2
            }),
            nine
        );
        assert_eq!(
            known(Odbc::Timestamp { precision: 9 }),
            DataType::DbTimestamp2 { scale: 7 }
        );
        assert_eq!(known(Odbc::Unknown), DataType::Ntext);
    }
}
