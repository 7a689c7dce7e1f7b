//! One value from one type to another.

use std::sync::Arc;

use super::binary;
use super::calendar::OLE_EPOCH_DAYS;
use super::error::ConvertError;
use super::legal::is_legal;
use super::number::{from_number, number_of};
use super::parse::parse_as;
use super::temporal::{is_temporal, moment_of, to_temporal};
use super::text::{fit_text, is_text, to_text};
use crate::value::{DataType, Value};

/// A value in its new type.
#[derive(Clone, Debug)]
pub struct Converted {
    /// It.
    pub value: Value,
    /// Part of it was cut off: characters, bytes, digits of a second, or characters that the
    /// code page does not have.
    pub truncated: bool,
}

impl Converted {
    /// A value that lost nothing.
    #[must_use]
    pub fn whole(value: Value) -> Self {
        Self {
            value,
            truncated: false,
        }
    }
}

/// Converts a value. A time becomes a date and time on 1899-12-30; see [`convert_on`].
///
/// # Errors
/// [`ConvertError`]: the pair of types has no conversion, or the value does not fit.
pub fn convert(
    value: &Value,
    from: DataType,
    to: DataType,
    locale_id: u32,
) -> Result<Converted, ConvertError> {
    convert_on(value, from, to, locale_id, OLE_EPOCH_DAYS)
}

/// Converts a value; a time without a date happens `today` (days since 1970-01-01).
///
/// # Errors
/// [`ConvertError`]: the pair of types has no conversion, or the value does not fit.
pub fn convert_on(
    value: &Value,
    from: DataType,
    to: DataType,
    locale_id: u32,
    today: i32,
) -> Result<Converted, ConvertError> {
    if !is_legal(from, to) {
        return Err(ConvertError::NotSupported { from, to });
    }
    match value {
        Value::Null => return Ok(Converted::whole(Value::Null)),
        Value::Object(_) => return Err(ConvertError::NotSupported { from, to }),
        _ if from == to => return Ok(Converted::whole(value.clone())),
        _ => {}
    }
    if is_text(to) {
        return convert_to_text(value, from, to, locale_id);
    }
    match value {
        Value::Str(text) => match to {
            DataType::Bytes { .. } | DataType::Image => binary::from_text(text, from, to),
            _ => parse_as(text, from, to, locale_id),
        },
        Value::Bytes(bytes) => binary::from_bytes(bytes, from, to),
        Value::Guid(guid) => match to {
            DataType::Bytes { length } => Ok(binary::from_guid(*guid, length)),
            _ => Ok(Converted::whole(value.clone())),
        },
        _ => {
            if is_temporal(from)
                && is_temporal(to)
                && let Some(moment) = moment_of(value)
            {
                return to_temporal(moment, from, to, today);
            }
            let number = number_of(value, from).ok_or(ConvertError::Mislabeled(from))?;
            from_number(number, from, to, today)
        }
    }
}

fn convert_to_text(
    value: &Value,
    from: DataType,
    to: DataType,
    locale_id: u32,
) -> Result<Converted, ConvertError> {
    if let (Value::Bytes(bytes), DataType::Text { .. } | DataType::Ntext) = (value, to) {
        return binary::from_bytes(bytes, from, to);
    }
    if let Value::Str(whole) = value {
        let (kept, truncated) = fit_text(whole, to)?;
        let value = match kept.len() == whole.len() && !truncated {
            true => Value::Str(whole.clone()),
            false => Value::Str(Arc::from(&*kept)),
        };
        return Ok(Converted { value, truncated });
    }
    let (text, truncated) = text_form(value, from, to, locale_id)?;
    let value = Value::Str(Arc::from(text));
    Ok(Converted { value, truncated })
}

/// The text of a number, a date or the like as a value of a character type, and whether it lost
/// something.
///
/// # Errors
/// [`ConvertError`]: the value is not of its type, or has no text.
pub(crate) fn text_form(
    value: &Value,
    from: DataType,
    to: DataType,
    locale_id: u32,
) -> Result<(String, bool), ConvertError> {
    let text = to_text(value, from, locale_id).ok_or(ConvertError::Mislabeled(from))?;
    let (kept, truncated) = fit_text(&text, to)?;
    let text = match kept.len() == text.len() && !truncated {
        true => text.into_owned(),
        false => kept.into_owned(),
    };
    Ok((text, truncated))
}
