//! Values that are bytes, and bytes that are values.

use std::sync::Arc;

use super::code_page::CodePage;
use super::error::ConvertError;
use super::number::integer;
use super::value::Converted;
use crate::value::{DataType, Value};

/// Bytes of an integer, lowest first, as many as its type has.
pub(super) fn from_integer(value: i128, from: DataType, length: u32) -> Converted {
    let bytes = value.to_le_bytes();
    fit(&bytes[..width(from).unwrap_or(8)], length)
}

fn width(data_type: DataType) -> Option<usize> {
    match data_type {
        DataType::I4 | DataType::Ui4 | DataType::R4 => Some(4),
        DataType::I8 | DataType::Ui8 => Some(8),
        _ => None,
    }
}

/// Bytes, cut to the length of the type; 0 means any length.
pub(super) fn fit(bytes: &[u8], length: u32) -> Converted {
    let limit = usize::try_from(length).unwrap_or(usize::MAX);
    let truncated = length > 0 && bytes.len() > limit;
    let kept = if truncated { &bytes[..limit] } else { bytes };
    Converted {
        value: Value::Bytes(Arc::from(kept)),
        truncated,
    }
}

/// Bytes as another type.
pub(super) fn from_bytes(
    bytes: &[u8],
    from: DataType,
    to: DataType,
) -> Result<Converted, ConvertError> {
    let invalid = ConvertError::Invalid { from, to };
    let value = match to {
        DataType::Bytes { length } => return Ok(fit(bytes, length)),
        DataType::Image => return Ok(fit(bytes, 0)),
        DataType::Guid => Value::Guid(swap_guid(bytes.try_into().map_err(|_| invalid)?)),
        DataType::Text { code_page } => {
            let decoded = CodePage::from_number(code_page)?.decode(bytes);
            return text(&decoded.text, decoded.malformed);
        }
        DataType::Ntext => {
            let decoded = CodePage::from_number(1200)?.decode(bytes);
            return text(&decoded.text, decoded.malformed);
        }
        DataType::R4 => Value::R4(f32::from_le_bytes(bytes.try_into().map_err(|_| invalid)?)),
        _ => {
            let width = width(to).ok_or_else(|| invalid.clone())?;
            if bytes.len() != width {
                return Err(invalid);
            }
            let mut wide = [0; 16];
            wide[..width].copy_from_slice(bytes);
            let unsigned = i128::from_le_bytes(wide);
            let signed = matches!(to, DataType::I4 | DataType::I8);
            let shift = 128 - 8 * width;
            let value = if signed {
                (unsigned << shift) >> shift
            } else {
                unsigned
            };
            integer(value, to).ok_or(invalid)?
        }
    };
    Ok(Converted::whole(value))
}

fn text(text: &str, malformed: bool) -> Result<Converted, ConvertError> {
    Ok(Converted {
        value: Value::Str(Arc::from(text)),
        truncated: malformed,
    })
}

/// Text as bytes: hexadecimal digits for `DT_BYTES`, the characters themselves for an image.
pub(super) fn from_text(
    text: &str,
    from: DataType,
    to: DataType,
) -> Result<Converted, ConvertError> {
    if let DataType::Bytes { length } = to {
        let bytes = parse_hex(text).ok_or(ConvertError::Invalid { from, to })?;
        return Ok(fit(&bytes, length));
    }
    let code_page = match from {
        DataType::Str { code_page, .. } | DataType::Text { code_page } => code_page,
        _ => 1200,
    };
    let encoded = CodePage::from_number(code_page)?.encode(text);
    Ok(Converted {
        value: Value::Bytes(Arc::from(&*encoded.bytes)),
        truncated: encoded.unmappable,
    })
}

/// A GUID as bytes in memory: the first three parts lowest byte first.
pub(super) fn from_guid(guid: [u8; 16], length: u32) -> Converted {
    fit(&swap_guid(guid), length)
}

fn swap_guid(mut guid: [u8; 16]) -> [u8; 16] {
    guid[..4].reverse();
    guid[4..6].reverse();
    guid[6..8].reverse();
    guid
}

/// Hexadecimal digits, with or without `0x`.
fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim();
    let digits = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"))
        .unwrap_or(digits);
    if !digits.len().is_multiple_of(2) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok())
        .collect()
}
