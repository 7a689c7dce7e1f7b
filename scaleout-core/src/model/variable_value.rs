//! Parameter values: is this value of that type, and what is its one spelling.

use serde_json::Value;

use crate::package::VariableType;

/// The value is not of the type. It is not repeated: it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value is not of type `{}`", type_name(*.expected))]
pub struct NotOfType {
    /// The type.
    pub expected: VariableType,
}

impl NotOfType {
    /// How a value of the type is written, with an example.
    #[must_use]
    pub fn form(self) -> &'static str {
        match self.expected {
            VariableType::Boolean => "`True` or `False`",
            VariableType::SByte => "a whole number from -128 to 127",
            VariableType::Byte => "a whole number from 0 to 255",
            VariableType::Int16 => "a whole number from -32768 to 32767",
            VariableType::UInt16 => "a whole number from 0 to 65535",
            VariableType::Int32 => "a whole number from -2147483648 to 2147483647",
            VariableType::UInt32 => "a whole number from 0 to 4294967295",
            VariableType::Int64 => "a whole number of at most 8 bytes, such as `-9000000000`",
            VariableType::UInt64 => {
                "a whole number from 0 on of at most 8 bytes, such as `9000000000`"
            }
            VariableType::Single | VariableType::Double => "a number such as `12.5` or `1.5e3`",
            VariableType::Decimal | VariableType::Currency => {
                "a number such as `1234.56`, with a point and without separators of thousands"
            }
            VariableType::DateTime => "a date such as `2026-01-31` or `2026-01-31 08:00:00`",
            VariableType::String => "a text (in JSON within quotation marks)",
            VariableType::Empty | VariableType::Object => {
                "nothing: a parameter of this type takes no value from outside"
            }
        }
    }
}

/// The name that `data_type` columns show.
#[must_use]
pub fn type_name(data_type: VariableType) -> &'static str {
    match data_type {
        VariableType::Empty => "DBNull",
        VariableType::Boolean => "Boolean",
        VariableType::SByte => "SByte",
        VariableType::Byte => "Byte",
        VariableType::Int16 => "Int16",
        VariableType::UInt16 => "UInt16",
        VariableType::Int32 => "Int32",
        VariableType::UInt32 => "UInt32",
        VariableType::Int64 => "Int64",
        VariableType::UInt64 => "UInt64",
        VariableType::Single => "Single",
        VariableType::Double => "Double",
        VariableType::Decimal => "Decimal",
        VariableType::Currency => "Currency",
        VariableType::DateTime => "DateTime",
        VariableType::String => "String",
        VariableType::Object => "Object",
    }
}

const TYPES: [VariableType; 17] = [
    VariableType::Empty,
    VariableType::Boolean,
    VariableType::SByte,
    VariableType::Byte,
    VariableType::Int16,
    VariableType::UInt16,
    VariableType::Int32,
    VariableType::UInt32,
    VariableType::Int64,
    VariableType::UInt64,
    VariableType::Single,
    VariableType::Double,
    VariableType::Decimal,
    VariableType::Currency,
    VariableType::DateTime,
    VariableType::String,
    VariableType::Object,
];

/// The type of that name.
#[must_use]
pub fn type_from_name(name: &str) -> Option<VariableType> {
    TYPES
        .into_iter()
        .find(|known| type_name(*known).eq_ignore_ascii_case(name))
}

/// The one spelling of a value in a type. Text converts to every type; a number or truth value
/// that a caller sent as such must go to a type of its kind.
///
/// # Errors
/// [`NotOfType`]: the type has no such value.
pub fn canonical_text(data_type: VariableType, value: &Value) -> Result<String, NotOfType> {
    let converted = match (data_type, value) {
        (VariableType::Boolean, Value::Bool(bit)) => Some(boolean(*bit)),
        (VariableType::Boolean, Value::Number(number)) => match number.as_i64() {
            Some(0) => Some(boolean(false)),
            Some(1 | -1) => Some(boolean(true)),
            _ => None,
        },
        (VariableType::String, Value::String(text)) => Some(text.clone()),
        (VariableType::String | VariableType::DateTime, Value::Number(_)) => None,
        (_, Value::Number(number)) => from_text(data_type, &number.to_string()),
        (_, Value::String(text)) => from_text(data_type, text.trim()),
        _ => None,
    };
    converted.ok_or(NotOfType {
        expected: data_type,
    })
}

/// A canonical text as the JSON value that `sql_variant` columns show.
#[must_use]
pub fn to_json(data_type: VariableType, text: &str) -> Value {
    let number = match data_type {
        VariableType::Boolean => {
            let truth = text.eq_ignore_ascii_case("true") || matches!(text, "-1" | "1");
            return Value::Bool(truth);
        }
        VariableType::SByte
        | VariableType::Byte
        | VariableType::Int16
        | VariableType::UInt16
        | VariableType::Int32
        | VariableType::UInt32
        | VariableType::Int64 => text.parse::<i64>().ok().map(Value::from),
        VariableType::UInt64 => text.parse::<u64>().ok().map(Value::from),
        VariableType::Single | VariableType::Double => text.parse::<f64>().ok().map(Value::from),
        _ => None,
    };
    number.unwrap_or_else(|| Value::String(text.to_owned()))
}

fn boolean(bit: bool) -> String {
    if bit { "True".into() } else { "False".into() }
}

fn from_text(data_type: VariableType, text: &str) -> Option<String> {
    match data_type {
        VariableType::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "-1" => Some(boolean(true)),
            "false" | "0" => Some(boolean(false)),
            _ => None,
        },
        VariableType::SByte => text.parse::<i8>().ok().map(|n| n.to_string()),
        VariableType::Byte => text.parse::<u8>().ok().map(|n| n.to_string()),
        VariableType::Int16 => text.parse::<i16>().ok().map(|n| n.to_string()),
        VariableType::UInt16 => text.parse::<u16>().ok().map(|n| n.to_string()),
        VariableType::Int32 => text.parse::<i32>().ok().map(|n| n.to_string()),
        VariableType::UInt32 => text.parse::<u32>().ok().map(|n| n.to_string()),
        VariableType::Int64 => text.parse::<i64>().ok().map(|n| n.to_string()),
        VariableType::UInt64 => text.parse::<u64>().ok().map(|n| n.to_string()),
        VariableType::Single | VariableType::Double => {
            let number = text.parse::<f64>().ok()?;
            number.is_finite().then(|| text.to_owned())
        }
        VariableType::Decimal | VariableType::Currency => is_decimal(text).then(|| text.to_owned()),
        VariableType::DateTime => is_date_time(text).then(|| text.to_owned()),
        VariableType::String => Some(text.to_owned()),
        VariableType::Empty | VariableType::Object => None,
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    !whole.is_empty() && whole.len() <= 29 && all_digits(whole) && all_digits(fraction)
}

/// ISO dates and times, and those that packages write: `1/31/2026 9:05:00 PM`.
fn is_date_time(text: &str) -> bool {
    if text.parse::<jiff::civil::DateTime>().is_ok() || text.parse::<jiff::Timestamp>().is_ok() {
        return true;
    }
    ["%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S"]
        .iter()
        .any(|format| jiff::civil::DateTime::strptime(format, text).is_ok())
        || jiff::civil::Date::strptime("%m/%d/%Y", text).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_type_has_a_name_of_its_own() {
        for known in TYPES {
            assert_eq!(type_from_name(type_name(known)), Some(known));
        }
    }

    #[test]
    fn text_converts_to_every_kind_of_value() {
        for (data_type, text, expected) in [
            (VariableType::Boolean, "true", "True"),
            (VariableType::Boolean, "-1", "True"),
            (VariableType::Boolean, "0", "False"),
            (VariableType::Int32, " 42 ", "42"),
            (VariableType::Double, "1.5e3", "1.5e3"),
            (VariableType::Decimal, "-12.50", "-12.50"),
            (VariableType::DateTime, "2026-01-31", "2026-01-31"),
            (
                VariableType::DateTime,
                "1/31/2026 9:05:00 PM",
                "1/31/2026 9:05:00 PM",
            ),
            (VariableType::String, " kept ", " kept "),
        ] {
            assert_eq!(
                canonical_text(data_type, &json!(text)).as_deref(),
                Ok(expected)
            );
        }
    }

    #[test]
    fn numbers_and_truth_values_stay_with_their_kind() {
        assert_eq!(
            canonical_text(VariableType::Int16, &json!(7)).as_deref(),
            Ok("7")
        );
        assert_eq!(
            canonical_text(VariableType::Boolean, &json!(true)).as_deref(),
            Ok("True")
        );
        assert!(canonical_text(VariableType::String, &json!(7)).is_err());
        assert!(canonical_text(VariableType::DateTime, &json!(7)).is_err());
        assert!(canonical_text(VariableType::Int32, &json!(true)).is_err());
        assert!(canonical_text(VariableType::String, &Value::Null).is_err());
    }

    #[test]
    fn what_does_not_fit_is_refused_without_being_repeated() {
        for (data_type, text) in [
            (VariableType::Byte, "256"),
            (VariableType::Int32, "4.5"),
            (VariableType::UInt64, "-1"),
            (VariableType::Double, "NaN"),
            (VariableType::Decimal, "1,5"),
            (VariableType::DateTime, "31.1.2026"),
            (VariableType::Object, "hunter2"),
        ] {
            let error = canonical_text(data_type, &json!(text)).unwrap_err();
            assert!(!error.to_string().contains(text));
        }
    }

    #[test]
    fn shown_values_have_their_json_kind() {
        assert_eq!(to_json(VariableType::Int32, "5"), json!(5));
        assert_eq!(to_json(VariableType::Boolean, "True"), json!(true));
        assert_eq!(to_json(VariableType::String, "5"), json!("5"));
        assert_eq!(
            to_json(VariableType::UInt64, "18446744073709551615"),
            json!(u64::MAX)
        );
    }

    /// The examples that refusals show must be accepted themselves.
    #[test]
    fn the_examples_of_each_form_are_values_of_the_type() {
        for expected in TYPES {
            let form = NotOfType { expected }.form();
            for example in form.split('`').skip(1).step_by(2) {
                assert!(
                    canonical_text(expected, &json!(example)).is_ok(),
                    "{}: {example}",
                    type_name(expected)
                );
            }
        }
    }
}
