//! Values of a statement on their way to a driver.

use odbc_api::parameter::{InputParameter, VarBinaryBox, VarWCharBox, WithDataType};
use odbc_api::{Bit, DataType as Odbc, IntoParameter};

use crate::connections::ConnectionError;
use crate::connections::cell::{Cell, cell_text};
use crate::connections::parameter::cell_of_parameter;
use crate::value::{DataType, TypedValue};

/// Parameters that a driver takes.
pub(super) type Bound = Vec<Box<dyn InputParameter>>;

/// Binds all values of a statement.
pub(super) fn bind(sql: &str, values: &[TypedValue]) -> Result<Bound, ConnectionError> {
    let values = values.iter().enumerate();
    let bound = values.map(|(at, value)| {
        let cell = cell_of_parameter(sql, at, value)?;
        Ok(parameter(&cell, value.data_type))
    });
    bound.collect()
}

fn parameter(cell: &Cell<'_>, data_type: DataType) -> Box<dyn InputParameter> {
    match cell {
        Cell::Bool(value) => Box::new(Bit::from_bool(*value)),
        Cell::Int(value) => Box::new(value.into_parameter()),
        Cell::Real(value) => Box::new(f64::from(*value).into_parameter()),
        Cell::Float(value) => Box::new(value.into_parameter()),
        Cell::Bytes(value) => Box::new(VarBinaryBox::from_vec(value.to_vec())),
        Cell::Null => Box::new(WithDataType::new(VarWCharBox::null(), of_null(data_type))),
        other => {
            let text = cell_text(other).unwrap_or_default();
            let value = VarWCharBox::from_str_slice(&text);
            match declared(other) {
                Some(data_type) => Box::new(WithDataType::new(value, data_type)),
                None => Box::new(value),
            }
        }
    }
}

/// What a NULL is of: databases that are strict about types take none of another one.
fn of_null(data_type: DataType) -> Odbc {
    match data_type {
        DataType::Bool => Odbc::Bit,
        DataType::I1 | DataType::I2 | DataType::Ui1 => Odbc::SmallInt,
        DataType::I4 | DataType::Ui2 => Odbc::Integer,
        DataType::I8 | DataType::Ui4 => Odbc::BigInt,
        DataType::R4 => Odbc::Real,
        DataType::R8 => Odbc::Double,
        DataType::Cy | DataType::Ui8 | DataType::Decimal { .. } | DataType::Numeric { .. } => {
            Odbc::Numeric {
                precision: 38,
                scale: 0,
            }
        }
        DataType::DbDate => Odbc::Date,
        DataType::DbTime | DataType::DbTime2 { .. } => Odbc::Time { precision: 7 },
        DataType::Date | DataType::DbTimestamp | DataType::DbTimestamp2 { .. } => {
            Odbc::Timestamp { precision: 7 }
        }
        DataType::Bytes { .. } | DataType::Image => Odbc::LongVarbinary { length: None },
        _ => Odbc::WVarchar { length: None },
    }
}

/// What a text stands for, where it is no text.
fn declared(cell: &Cell<'_>) -> Option<Odbc> {
    Some(match cell {
        Cell::Uint(_) => Odbc::Numeric {
            precision: 20,
            scale: 0,
        },
        Cell::Decimal { scale, .. } => Odbc::Numeric {
            precision: 38,
            scale: i16::from(*scale),
        },
        Cell::Date(_) => Odbc::Date,
        Cell::Time(_) => Odbc::Time { precision: 7 },
        Cell::Timestamp(_) => Odbc::Timestamp { precision: 7 },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn values_are_bound_as_what_they_are_also_nulls() {
        let of = |data_type, value| {
            let values = [TypedValue { data_type, value }];
            bind("?", &values).unwrap()[0].data_type()
        };
        let wide = DataType::Wstr { length: 9 };
        assert_eq!(of(DataType::I4, Value::Null), Odbc::Integer);
        assert_eq!(of(wide, Value::Null), Odbc::WVarchar { length: None });
        assert_eq!(of(DataType::DbDate, Value::Null), Odbc::Date);
        assert_eq!(of(DataType::I4, Value::I4(1)), Odbc::BigInt);
        assert_eq!(of(DataType::R8, Value::R8(0.5)), Odbc::Double);
        assert_eq!(of(DataType::Bool, Value::Bool(true)), Odbc::Bit);
        assert!(matches!(
            of(wide, Value::Str("x".into())),
            Odbc::WVarchar { .. }
        ));
    }
}
