//! Values of a statement on their way to a driver.

use odbc_api::parameter::{InputParameter, VarBinaryBox, VarWCharBox, WithDataType};
use odbc_api::{Bit, DataType as Odbc, IntoParameter, Nullable};

use crate::connections::ConnectionError;
use crate::connections::cell::{Cell, cell_text};
use crate::connections::parameter::cell_of_parameter;
use crate::value::TypedValue;

/// Parameters that a driver takes.
pub(super) type Bound = Vec<Box<dyn InputParameter>>;

/// Binds all values of a statement.
pub(super) fn bind(sql: &str, values: &[TypedValue]) -> Result<Bound, ConnectionError> {
    let values = values.iter().enumerate();
    let bound = values.map(|(at, value)| {
        let cell = cell_of_parameter(sql, at, value)?;
        Ok(parameter(&cell))
    });
    bound.collect()
}

fn parameter(cell: &Cell<'_>) -> Box<dyn InputParameter> {
    match cell {
        Cell::Bool(value) => Box::new(Bit::from_bool(*value)),
        Cell::Int(value) => Box::new(value.into_parameter()),
        Cell::Real(value) => Box::new(f64::from(*value).into_parameter()),
        Cell::Float(value) => Box::new(value.into_parameter()),
        Cell::Bytes(value) => Box::new(VarBinaryBox::from_vec(value.to_vec())),
        Cell::Null => Box::new(Nullable::<i32>::null()),
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
