//! Typed values from what packages and the runtime write.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use scaleout_core::package::{Literal, VariableType};

use crate::convert;
use crate::value::{DataType, TypedValue, Value};

/// US English: what packages and catalogs write values in.
const INVARIANT_LOCALE: u32 = 1033;

/// A text.
#[must_use]
pub fn text(text: &str) -> TypedValue {
    TypedValue {
        data_type: DataType::Wstr { length: 0 },
        value: Value::Str(Arc::from(text)),
    }
}

/// A 32-bit integer.
#[must_use]
pub fn integer(value: i32) -> TypedValue {
    TypedValue {
        data_type: DataType::I4,
        value: Value::I4(value),
    }
}

/// A 64-bit integer.
#[must_use]
pub fn long(value: i64) -> TypedValue {
    TypedValue {
        data_type: DataType::I8,
        value: Value::I8(value),
    }
}

/// A Boolean.
#[must_use]
pub fn boolean(value: bool) -> TypedValue {
    TypedValue {
        data_type: DataType::Bool,
        value: Value::Bool(value),
    }
}

/// A moment as packages see it: local time.
#[must_use]
pub fn moment(at: Timestamp) -> TypedValue {
    let offset = TimeZone::system().to_offset(at);
    let local = at.as_nanosecond() + i128::from(offset.seconds()) * 1_000_000_000;
    // Timestamps of jiff end with the year 9999, which ticks of 100 ns hold.
    let ticks = i64::try_from(local.div_euclid(100)).unwrap_or(0);
    TypedValue {
        data_type: DataType::Date,
        value: Value::Timestamp(ticks),
    }
}

/// A literal of a package.
///
/// # Errors
/// Why the text is no value of the type.
pub fn literal(literal: &Literal) -> Result<TypedValue, String> {
    convert::from_literal(literal).map_err(|error| error.to_string())
}

/// The text of a parameter value.
///
/// # Errors
/// Why the text is no value of the type.
pub fn parameter(data_type: VariableType, text: &str) -> Result<TypedValue, String> {
    convert::from_parameter_text(data_type, text).map_err(|error| error.to_string())
}

/// The empty value of a type: what a variable without a value holds.
#[must_use]
pub fn empty(data_type: VariableType) -> TypedValue {
    let text = match data_type {
        VariableType::String | VariableType::Object | VariableType::Empty => "",
        VariableType::DateTime => "12/30/1899 12:00:00 AM",
        _ => "0",
    };
    let nothing = Literal {
        data_type,
        text: text.to_owned(),
    };
    literal(&nothing).unwrap_or(TypedValue {
        data_type: type_of(data_type),
        value: Value::Null,
    })
}

/// The type that a variable has in expressions.
#[must_use]
pub fn type_of(data_type: VariableType) -> DataType {
    convert::variable_data_type(data_type)
}

/// The empty value of the type that a value has.
#[must_use]
pub fn empty_like(value: &TypedValue) -> TypedValue {
    let zero = match value.data_type {
        DataType::Wstr { .. } | DataType::Str { .. } | DataType::Ntext | DataType::Text { .. } => {
            ""
        }
        DataType::Date => return empty(VariableType::DateTime),
        _ => "0",
    };
    convert(text(zero), value.data_type).unwrap_or_else(|_| value.clone())
}

/// The value in another type.
///
/// # Errors
/// Why it does not convert.
pub fn convert(value: TypedValue, to: DataType) -> Result<TypedValue, String> {
    // A decimal keeps its digits: the type of a variable does not say how many.
    let to = match (value.data_type, to) {
        (
            DataType::Decimal { scale } | DataType::Numeric { scale, .. },
            DataType::Decimal { .. },
        ) => DataType::Decimal { scale },
        _ => to,
    };
    let converted = convert::convert(&value.value, value.data_type, to, INVARIANT_LOCALE);
    let converted = converted.map_err(|error| error.to_string())?;
    Ok(TypedValue {
        data_type: to,
        value: converted.value,
    })
}

/// The text of a value; `None` for a null or an object.
#[must_use]
pub fn shown(value: &TypedValue) -> Option<String> {
    let text = convert::to_text(&value.value, value.data_type, INVARIANT_LOCALE);
    text.map(std::borrow::Cow::into_owned)
}
