//! Values out of text, by the standard parse: the locale decides signs and date order.

use super::decimal::{checked_pow10, fits};
use super::error::ConvertError;
use super::locale::{Locale, locale};
use super::number::{Number, from_number};
use super::parse_moment::parse_moment;
use super::temporal::{is_temporal, to_temporal};
use super::text::{fit_text, is_text};
use super::value::Converted;
use super::{binary, calendar};
use crate::value::{DataType, Value};

/// Reads a value of the type. Blanks around it do not matter, except in text itself.
///
/// # Errors
/// [`ConvertError`]: the text is not a value of the type, or the value does not fit.
pub fn parse_text(text: &str, to: DataType, locale_id: u32) -> Result<Converted, ConvertError> {
    let from = DataType::Wstr { length: 0 };
    if is_text(to) {
        let (kept, truncated) = fit_text(text, to)?;
        return Ok(Converted {
            value: Value::Str(kept.into()),
            truncated,
        });
    }
    match to {
        DataType::Bytes { .. } | DataType::Image => binary::from_text(text, from, to),
        _ => parse_as(text, from, to, locale_id),
    }
}

/// Reads a value that is neither text nor bytes; `from` is for the message.
pub(crate) fn parse_as(
    text: &str,
    from: DataType,
    to: DataType,
    locale_id: u32,
) -> Result<Converted, ConvertError> {
    let invalid = || ConvertError::Invalid { from, to };
    if is_temporal(to) {
        let moment = parse_moment(text, locale(locale_id).order).ok_or_else(invalid)?;
        let needs_date = !matches!(to, DataType::DbTime | DataType::DbTime2 { .. });
        if needs_date && moment.days.is_none() {
            return Err(invalid());
        }
        return to_temporal(moment, from, to, calendar::OLE_EPOCH_DAYS);
    }
    match to {
        DataType::Bool => parse_bool(text, locale_id)
            .map(|value| Converted::whole(Value::Bool(value)))
            .ok_or_else(invalid),
        DataType::Guid => parse_guid(text)
            .map(|value| Converted::whole(Value::Guid(value)))
            .ok_or_else(invalid),
        DataType::R4 => parse_float::<f32>(text, locale_id)
            .map(|value| Converted::whole(Value::R4(value)))
            .ok_or_else(invalid),
        DataType::R8 => parse_float::<f64>(text, locale_id)
            .map(|value| Converted::whole(Value::R8(value)))
            .ok_or_else(invalid),
        _ => {
            let number = parse_number(text, locale_id).ok_or_else(invalid)?;
            from_number(number, from, to, calendar::OLE_EPOCH_DAYS)
        }
    }
}

fn parse_bool(text: &str, locale_id: u32) -> Option<bool> {
    let word = text.trim();
    if word.eq_ignore_ascii_case("true") {
        Some(true)
    } else if word.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        parse_float::<f64>(word, locale_id).map(|number| number != 0.0)
    }
}

fn parse_guid(text: &str) -> Option<[u8; 16]> {
    let text = text.trim();
    let inner = match text.strip_prefix('{') {
        Some(inner) => inner.strip_suffix('}')?,
        None => text,
    };
    // The library also reads forms without hyphens and URNs; SSIS does not.
    if inner.len() != 36 {
        return None;
    }
    uuid::Uuid::try_parse(inner)
        .ok()
        .map(uuid::Uuid::into_bytes)
}

fn parse_float<T: fast_float2::FastFloat>(text: &str, locale_id: u32) -> Option<T> {
    let text = text.trim();
    let starts_like_a_number = text.starts_with(['+', '-', '.', ',']) || starts_with_digit(text);
    if !starts_like_a_number || text.ends_with(|last: char| last.is_ascii_alphabetic()) {
        // Otherwise the library would also read `inf` and `nan`.
        return None;
    }
    let conventions = locale(locale_id);
    if conventions.decimal == '.'
        && let Ok(value) = fast_float2::parse::<T, _>(text)
    {
        return is_plain(text).then_some(value);
    }
    let plain = plain_digits(text, conventions)?;
    fast_float2::parse::<T, _>(&plain).ok()
}

fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'))
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
}

/// An integer where the text is one, else a decimal, else (with an exponent) a double.
fn parse_number(text: &str, locale_id: u32) -> Option<Number> {
    let text = text.trim();
    if text.len() <= 18
        && let Ok(value) = text.parse::<i64>()
    {
        return Some(Number::Integer(value.into()));
    }
    let plain = plain_digits(text, locale(locale_id))?;
    if plain.contains(['e', 'E']) {
        return fast_float2::parse(&plain).ok().map(Number::Double);
    }
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    // More digits than any type has are read and dropped.
    let kept = &fraction[..fraction.len().min(38)];
    let mut digits: i128 = format!("{whole}{kept}").parse().ok()?;
    let mut scale = u8::try_from(kept.len()).ok()?;
    while scale > 0 && !fits(digits, 38) {
        digits /= 10;
        scale -= 1;
    }
    checked_pow10(scale)?;
    Some(Number::Decimal(digits, scale))
}

/// Digits, at most one point and an exponent: thousands signs removed, the decimal sign made a
/// point. `None` when there is anything else.
fn plain_digits(text: &str, conventions: Locale) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut seen_point = false;
    let mut seen_digit = false;
    let mut characters = text.chars().peekable();
    if let Some(sign) = characters.next_if(|first| matches!(first, '+' | '-'))
        && sign == '-'
    {
        plain.push('-');
    }
    while let Some(character) = characters.next() {
        match character {
            '0'..='9' => {
                plain.push(character);
                seen_digit = true;
            }
            _ if character == conventions.decimal && !seen_point => {
                plain.push('.');
                seen_point = true;
            }
            _ if is_group(character, conventions) && seen_digit && !seen_point => {}
            'e' | 'E' if seen_digit => {
                plain.push('e');
                if let Some(sign) = characters.next_if(|next| matches!(next, '+' | '-')) {
                    plain.push(sign);
                }
                let exponent: String = characters.by_ref().collect();
                let valid = !exponent.is_empty() && exponent.bytes().all(|c| c.is_ascii_digit());
                return valid.then(|| plain + &exponent);
            }
            _ => return None,
        }
    }
    seen_digit.then_some(plain)
}

fn is_group(character: char, conventions: Locale) -> bool {
    character == conventions.group
        || (conventions.group == '\u{A0}' && matches!(character, ' ' | '\u{202F}'))
}
