//! Values that packages, manifests and users write as text.

use scaleout_core::package::{Literal, VariableType};

use super::error::ConvertError;
use super::parse::parse_text;
use crate::value::{DataType, TypedValue, Value};

/// Packages and manifests write numbers and dates the US way, whatever the locale.
const INVARIANT_LOCALE: u32 = 1033;
/// Digits after the point of a Decimal variable whose value is not known yet.
const DECIMAL_SCALE: u8 = 10;

/// The type of a variable in expressions.
///
/// An Object has none: it is given as `DT_NTEXT`, which no expression accepts of a variable.
#[must_use]
pub fn variable_data_type(variable_type: VariableType) -> DataType {
    match variable_type {
        VariableType::Boolean => DataType::Bool,
        VariableType::SByte => DataType::I1,
        VariableType::Byte => DataType::Ui1,
        VariableType::Int16 => DataType::I2,
        VariableType::UInt16 => DataType::Ui2,
        VariableType::Int32 => DataType::I4,
        VariableType::UInt32 => DataType::Ui4,
        VariableType::Int64 => DataType::I8,
        VariableType::UInt64 => DataType::Ui8,
        VariableType::Single => DataType::R4,
        VariableType::Double => DataType::R8,
        VariableType::Decimal => DataType::Decimal {
            scale: DECIMAL_SCALE,
        },
        VariableType::Currency => DataType::Cy,
        VariableType::DateTime => DataType::Date,
        VariableType::String | VariableType::Empty => DataType::Wstr { length: 0 },
        VariableType::Object => DataType::Ntext,
    }
}

/// The value of a variable as a package file writes it: booleans are `-1` and `0` or words,
/// dates are US ones.
///
/// # Errors
/// [`ConvertError`]: the text is not a value of the type.
pub fn from_literal(literal: &Literal) -> Result<TypedValue, ConvertError> {
    from_parameter_text(literal.data_type, &literal.text)
}

/// The value of a parameter or variable from text that a person or a manifest gives.
///
/// # Errors
/// [`ConvertError`]: the text is not a value of the type.
pub fn from_parameter_text(
    variable_type: VariableType,
    text: &str,
) -> Result<TypedValue, ConvertError> {
    let data_type = match variable_type {
        VariableType::Decimal => DataType::Decimal {
            scale: decimals(text),
        },
        _ => variable_data_type(variable_type),
    };
    let value = match variable_type {
        VariableType::Empty | VariableType::Object => Value::Null,
        VariableType::String => Value::Str(text.into()),
        _ => parse_text(text, data_type, INVARIANT_LOCALE)?.value,
    };
    Ok(TypedValue { data_type, value })
}

fn decimals(text: &str) -> u8 {
    let after = text.trim().split_once('.').map_or("", |(_, after)| after);
    u8::try_from(after.len().min(28)).unwrap_or(28)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variable_type: VariableType, text: &str) -> String {
        let value = from_parameter_text(variable_type, text).map(|typed| typed.value);
        format!("{value:?}")
    }

    #[test]
    fn files_write_booleans_and_dates_in_their_own_way() {
        assert_eq!(read(VariableType::Boolean, "-1"), "Ok(Bool(true))");
        assert_eq!(read(VariableType::Boolean, "0"), "Ok(Bool(false))");
        assert_eq!(read(VariableType::Boolean, "False"), "Ok(Bool(false))");
        let midnight = "Ok(Timestamp(10601280000000000))";
        assert_eq!(read(VariableType::DateTime, "8/6/2003"), midnight);
        assert_eq!(
            read(VariableType::DateTime, "8/6/2003 12:00:00 AM"),
            midnight
        );
        assert_eq!(
            read(VariableType::DateTime, "2003-08-06T00:00:00"),
            midnight
        );
        assert_eq!(read(VariableType::Decimal, "1.50"), "Ok(Decimal(150))");
        assert_eq!(read(VariableType::String, " x "), "Ok(Str(\" x \"))");
        assert!(read(VariableType::Int32, "x").starts_with("Err"));
        assert!(read(VariableType::Byte, "256").starts_with("Err"));
    }
}
