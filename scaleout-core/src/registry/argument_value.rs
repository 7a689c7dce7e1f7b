//! A value in a SQL type, from JSON or from text.

use base64::Engine as _;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::types::SqlType;

/// An argument in the type of its parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum ArgumentValue {
    /// `NULL`
    Null,
    /// `bigint`, `int`, `smallint`
    Integer(i64),
    /// `bit`
    Bit(bool),
    /// Any text type.
    Text(String),
    /// `varbinary`
    Bytes(Vec<u8>),
    /// `uniqueidentifier`
    Uuid(Uuid),
    /// `datetimeoffset`
    Time(Timestamp),
    /// `sql_variant`: a string, number or truth value.
    Variant(Value),
    /// `[catalog].[Package_Table_Type]`
    Packages(Vec<PackageRow>),
}

/// A row of `[catalog].[Package_Table_Type]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageRow {
    /// File name, such as `load.dtsx`.
    pub name: String,
    /// Content of the file.
    pub package_data: Vec<u8>,
}

/// A text, such as a filter on a view, in a SQL type; or what is wrong with it.
///
/// # Errors
/// What the type expects.
pub fn from_text(sql_type: SqlType, text: &str) -> Result<ArgumentValue, &'static str> {
    match sql_type {
        // A filter longer than the column simply matches nothing.
        SqlType::Nvarchar(_) | SqlType::NvarcharUnstated | SqlType::Sysname | SqlType::Char(_) => {
            Ok(ArgumentValue::Text(text.to_owned()))
        }
        other => typed(other, &Value::String(text.to_owned())),
    }
}

/// A JSON value in a SQL type, or what is wrong with it.
pub(super) fn typed(sql_type: SqlType, value: &Value) -> Result<ArgumentValue, &'static str> {
    if value.is_null() {
        return Ok(ArgumentValue::Null);
    }
    match sql_type {
        SqlType::Bigint => integer(value, i64::MIN, i64::MAX),
        SqlType::Int => integer(value, i32::MIN.into(), i32::MAX.into()),
        SqlType::Smallint => integer(value, i16::MIN.into(), i16::MAX.into()),
        SqlType::Tinyint => integer(value, 0, 255),
        SqlType::Bit => bit(value),
        SqlType::Datetime => day_or_time(value),
        SqlType::Nvarchar(length) => text(value, length),
        SqlType::NvarcharUnstated => text(value, None),
        SqlType::Sysname => text(value, Some(128)),
        SqlType::Char(length) => text(value, Some(length)),
        SqlType::Varbinary(_) => bytes(value),
        SqlType::UniqueIdentifier => uuid(value),
        SqlType::DatetimeOffset { .. } => time(value),
        SqlType::SqlVariant => match value {
            Value::Array(_) | Value::Object(_) => Err("it must be a single value"),
            scalar => Ok(ArgumentValue::Variant(scalar.clone())),
        },
        SqlType::PackageTable => package_table(value),
    }
}

fn integer(value: &Value, lowest: i64, highest: i64) -> Result<ArgumentValue, &'static str> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(digits) => digits.trim().parse().ok(),
        _ => None,
    };
    match number {
        Some(number) if (lowest..=highest).contains(&number) => Ok(ArgumentValue::Integer(number)),
        Some(_) => Err("the number is out of range"),
        None => Err("it must be a whole number"),
    }
}

fn bit(value: &Value) -> Result<ArgumentValue, &'static str> {
    let bit = match value {
        Value::Bool(bit) => Some(*bit),
        Value::Number(number) => match number.as_i64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(word) => match word.trim().to_ascii_lowercase().as_str() {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        },
        _ => None,
    };
    bit.map(ArgumentValue::Bit)
        .ok_or("it must be 0, 1, true or false")
}

fn text(value: &Value, longest: Option<u16>) -> Result<ArgumentValue, &'static str> {
    let Value::String(text) = value else {
        return Err("it must be text");
    };
    match longest {
        // The original counts UTF-16 code units.
        Some(longest) if text.encode_utf16().count() > usize::from(longest) => {
            Err("it is too long")
        }
        _ => Ok(ArgumentValue::Text(text.clone())),
    }
}

fn bytes(value: &Value) -> Result<ArgumentValue, &'static str> {
    let Value::String(text) = value else {
        return Err("it must be base64 text");
    };
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .map(ArgumentValue::Bytes)
        .map_err(|_| "it must be base64 text")
}

/// Rows as a JSON array, or as the text of one: what a command line can give.
fn package_table(value: &Value) -> Result<ArgumentValue, &'static str> {
    const SHAPE: &str = "it must be a JSON array of objects with `name` and `package_data`";
    let parsed: Value;
    let rows = match value {
        Value::String(text) => {
            parsed = serde_json::from_str(text).map_err(|_| SHAPE)?;
            &parsed
        }
        other => other,
    };
    let package = |row: &Value| {
        let name = match text(&row["name"], Some(260)) {
            Ok(ArgumentValue::Text(name)) => name,
            Ok(_) | Err(_) => return Err("a `name` must be text of at most 260 characters"),
        };
        match bytes(&row["package_data"]) {
            Ok(ArgumentValue::Bytes(package_data)) => Ok(PackageRow { name, package_data }),
            Ok(_) | Err(_) => Err("a `package_data` must be base64 text"),
        }
    };
    let rows = rows.as_array().ok_or(SHAPE)?;
    let packages = rows.iter().map(package).collect::<Result<_, _>>()?;
    Ok(ArgumentValue::Packages(packages))
}

fn uuid(value: &Value) -> Result<ArgumentValue, &'static str> {
    value
        .as_str()
        .and_then(|text| Uuid::parse_str(text.trim()).ok())
        .map(ArgumentValue::Uuid)
        .ok_or("it must be text such as `6583054a-e915-4c2c-80e4-c765e79ef61d`")
}

fn time(value: &Value) -> Result<ArgumentValue, &'static str> {
    value
        .as_str()
        .and_then(|text| text.trim().parse().ok())
        .map(ArgumentValue::Time)
        .ok_or("it must be text such as `2026-01-31T22:00:00Z`")
}

/// A time, or a day, which is its first moment in UTC.
fn day_or_time(value: &Value) -> Result<ArgumentValue, &'static str> {
    let day = value.as_str().and_then(|text| text.trim().parse().ok());
    let first_moment = day.and_then(|day: jiff::civil::Date| {
        let zoned = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(ArgumentValue::Time(zoned.timestamp()))
    });
    first_moment.map_or_else(|| time(value), Ok)
}
