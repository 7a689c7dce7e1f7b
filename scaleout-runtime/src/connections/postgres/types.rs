//! PostgreSQL types and their modifiers as types of the data flow.

use tokio_postgres::types::Type;

use crate::value::DataType;

/// Length word that precedes every modifier.
const HEADER: i32 = 4;

/// The type of a column; `None` for types that have no counterpart.
///
/// `modifier` is `atttypmod`: the declared length or precision, -1 when there is none.
pub(super) fn data_type(found: &Type, modifier: i32) -> Option<DataType> {
    let length = || u32::try_from(modifier - HEADER).unwrap_or(0);
    Some(match *found {
        Type::BOOL => DataType::Bool,
        Type::INT2 => DataType::I2,
        Type::INT4 => DataType::I4,
        Type::INT8 => DataType::I8,
        Type::OID => DataType::Ui4,
        Type::FLOAT4 => DataType::R4,
        Type::FLOAT8 => DataType::R8,
        Type::NUMERIC => numeric(modifier),
        Type::MONEY => DataType::Cy,
        Type::VARCHAR | Type::BPCHAR if HEADER < modifier => DataType::Wstr { length: length() },
        Type::NAME => DataType::Wstr { length: 63 },
        Type::CHAR => DataType::Wstr { length: 1 },
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::XML | Type::JSON | Type::UNKNOWN => {
            DataType::Ntext
        }
        Type::JSONB => DataType::Ntext,
        Type::BYTEA => DataType::Image,
        Type::UUID => DataType::Guid,
        Type::DATE => DataType::DbDate,
        Type::TIME => DataType::DbTime2 { scale: 6 },
        Type::TIMESTAMP => DataType::DbTimestamp2 { scale: 6 },
        Type::TIMESTAMPTZ => DataType::DbTimestampOffset { scale: 6 },
        _ => return None,
    })
}

fn numeric(modifier: i32) -> DataType {
    let plain = DataType::Numeric {
        precision: 38,
        scale: 10,
    };
    if modifier < HEADER {
        return plain;
    }
    let packed = modifier - HEADER;
    let precision = u8::try_from(packed >> 16).unwrap_or(38);
    match u8::try_from(packed & 0x7FF) {
        Ok(scale) if precision <= 38 && scale <= precision => {
            DataType::Numeric { precision, scale }
        }
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_facets_are_read() {
        for (found, modifier, expected) in [
            (Type::VARCHAR, 259, DataType::Wstr { length: 255 }),
            (Type::VARCHAR, -1, DataType::Ntext),
            (
                Type::NUMERIC,
                (18 << 16 | 2) + 4,
                DataType::Numeric {
                    precision: 18,
                    scale: 2,
                },
            ),
            (
                Type::NUMERIC,
                -1,
                DataType::Numeric {
                    precision: 38,
                    scale: 10,
                },
            ),
        ] {
            assert_eq!(data_type(&found, modifier), Some(expected));
        }
        assert_eq!(data_type(&Type::POINT, -1), None);
    }
}
