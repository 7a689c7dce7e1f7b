//! Values on the command line and in JSON: `DT_I4:5` in, `5` out.
//!
//! JSON forms: integers and floats are numbers, Booleans are true and false, decimals are text
//! with their exact scale, everything else is its text; a null is null.

use scaleout_runtime::convert::{self, ConvertError};
use scaleout_runtime::value::{DataType, TypedValue, Value};
use serde_json::json;

/// A name with its type and value.
#[derive(Clone, Debug)]
pub struct Given {
    /// Name as given.
    pub name: String,
    /// Type and value.
    pub value: TypedValue,
}

/// Reads `NAME=TYPE:VALUE`; without a colon behind the type the value is null.
///
/// # Errors
/// What is wrong with the text.
pub fn given(text: &str, locale_id: u32) -> Result<Given, String> {
    let form = "expected NAME=TYPE:VALUE, such as User::N=DT_I4:5";
    let (name, rest) = text.split_once('=').ok_or(form)?;
    if name.is_empty() {
        return Err(form.to_owned());
    }
    let (word, value) = match rest.split_once(':') {
        Some((word, value)) => (word, Some(value)),
        None => (rest, None),
    };
    let data_type =
        data_type(word, value).ok_or_else(|| format!("`{word}` is not a data type; {form}"))?;
    let value = match value {
        Some(text) => parsed(text, data_type, locale_id).map_err(|error| error.to_string())?,
        None => Value::Null,
    };
    Ok(Given {
        name: name.to_owned(),
        value: TypedValue { data_type, value },
    })
}

fn parsed(text: &str, data_type: DataType, locale_id: u32) -> Result<Value, ConvertError> {
    convert::parse_text(text, data_type, locale_id).map(|converted| converted.value)
}

/// The type that a word names; lengths and scales follow from the value.
fn data_type(word: &str, value: Option<&str>) -> Option<DataType> {
    let word = word.to_ascii_uppercase();
    let text = value.unwrap_or_default();
    let units = u32::try_from(text.encode_utf16().count())
        .unwrap_or(u32::MAX)
        .max(1);
    let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX).max(1);
    let scale = fraction_digits(text);
    Some(match word.as_str() {
        "DT_DECIMAL" => DataType::Decimal {
            scale: scale.min(28),
        },
        "DT_NUMERIC" => DataType::Numeric {
            precision: digits(text),
            scale: scale.min(38),
        },
        "DT_STR" => DataType::Str {
            length: bytes,
            code_page: 1252,
        },
        "DT_WSTR" => DataType::Wstr { length: units },
        "DT_TEXT" => DataType::Text { code_page: 1252 },
        "DT_BYTES" => DataType::Bytes { length: bytes },
        "DT_DBTIME2" => DataType::DbTime2 {
            scale: scale.min(7),
        },
        "DT_DBTIMESTAMP2" => DataType::DbTimestamp2 {
            scale: scale.min(7),
        },
        "DT_DBTIMESTAMPOFFSET" => DataType::DbTimestampOffset {
            scale: scale.min(7),
        },
        _ => return DataType::from_plain_name(&word),
    })
}

/// Digits right after the point.
fn fraction_digits(text: &str) -> u8 {
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    u8::try_from(digits).unwrap_or(u8::MAX)
}

/// All digits, 1 to 38.
fn digits(text: &str) -> u8 {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    u8::try_from(digits).unwrap_or(u8::MAX).clamp(1, 38)
}

/// A value as JSON.
#[must_use]
pub fn to_json(value: &Value, data_type: DataType, locale_id: u32) -> serde_json::Value {
    match value {
        Value::Null | Value::Object(_) => serde_json::Value::Null,
        Value::Bool(value) => json!(value),
        Value::I1(value) => json!(value),
        Value::I2(value) => json!(value),
        Value::I4(value) => json!(value),
        Value::I8(value) => json!(value),
        Value::Ui1(value) => json!(value),
        Value::Ui2(value) => json!(value),
        Value::Ui4(value) => json!(value),
        Value::Ui8(value) => json!(value),
        // Through its own shortest text: as a double, 0.13 of a single has sixteen digits.
        Value::R4(value) => value
            .to_string()
            .parse::<f64>()
            .map_or(serde_json::Value::Null, |value| json!(value)),
        Value::R8(value) => json!(value),
        Value::Cy(value) => json!(decimal_text(i128::from(*value), 4)),
        Value::Decimal(value) => json!(decimal_text(*value, scale_of(data_type))),
        other => json!(convert::to_text(other, exact(data_type), locale_id).unwrap_or_default()),
    }
}

/// A timestamp prints its three digits always, as its own type would only when it needs them.
fn exact(data_type: DataType) -> DataType {
    match data_type {
        DataType::DbTimestamp | DataType::Date => DataType::DbTimestamp2 { scale: 3 },
        other => other,
    }
}

fn scale_of(data_type: DataType) -> u8 {
    match data_type {
        DataType::Decimal { scale } | DataType::Numeric { scale, .. } => scale,
        _ => 0,
    }
}

fn decimal_text(unscaled: i128, scale: u8) -> String {
    let sign = if unscaled < 0 { "-" } else { "" };
    let width = usize::from(scale) + 1;
    let digits = format!("{:0width$}", unscaled.unsigned_abs());
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_scale_and_their_zero() {
        assert_eq!(decimal_text(-5, 2), "-0.05");
        assert_eq!(decimal_text(1809, 2), "18.09");
        assert_eq!(decimal_text(500, 0), "500");
    }

    #[test]
    fn an_absent_value_is_null_and_an_empty_one_is_not() {
        assert!(matches!(
            given("C=DT_I4", 1033).unwrap().value.value,
            Value::Null
        ));
        assert!(
            matches!(given("C=DT_WSTR:", 1033).unwrap().value.value, Value::Str(text) if text.is_empty())
        );
        assert!(given("C=DT_NONE:1", 1033).unwrap_err().contains("DT_NONE"));
        assert!(given("C", 1033).is_err());
    }
}
