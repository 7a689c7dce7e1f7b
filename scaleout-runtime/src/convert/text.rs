//! Text forms of values, as casts make them.

use std::borrow::Cow;
use std::fmt::Write;

use super::calendar::{civil_from_days, split_ticks};
use super::code_page::CodePage;
use super::decimal::plain;
use super::error::ConvertError;
use super::locale::{DateOrder, locale};
use super::number::scale_of;
use crate::value::{DataType, TICKS_PER_DAY, TICKS_PER_SECOND, Value};

/// Significant digits of a double in text.
const DOUBLE_DIGITS: usize = 15;
/// Significant digits of a single in text.
const SINGLE_DIGITS: usize = 7;

/// Is it one of the character types?
pub(crate) fn is_text(data_type: DataType) -> bool {
    matches!(
        data_type,
        DataType::Str { .. } | DataType::Wstr { .. } | DataType::Text { .. } | DataType::Ntext
    )
}

/// The text of a value; `None` for a null or an object.
///
/// `DT_NUMERIC` has no zero before its point (`.50`), and `DT_DBTIMESTAMP` has nine digits of
/// a second or none: that is what the original writes.
#[must_use]
pub fn to_text(value: &Value, data_type: DataType, locale_id: u32) -> Option<Cow<'_, str>> {
    let text = match value {
        Value::Null | Value::Object(_) => return None,
        Value::Str(text) => return Some(Cow::Borrowed(text)),
        Value::Bool(value) => return Some(Cow::Borrowed(if *value { "True" } else { "False" })),
        Value::I1(value) => value.to_string(),
        Value::I2(value) => value.to_string(),
        Value::I4(value) => value.to_string(),
        Value::I8(value) => value.to_string(),
        Value::Ui1(value) => value.to_string(),
        Value::Ui2(value) => value.to_string(),
        Value::Ui4(value) => value.to_string(),
        Value::Ui8(value) => value.to_string(),
        Value::R4(value) => localized(general(f64::from(*value), SINGLE_DIGITS), locale_id),
        Value::R8(value) => localized(general(*value, DOUBLE_DIGITS), locale_id),
        Value::Cy(value) => localized(currency(*value), locale_id),
        Value::Decimal(value) => localized(decimal(*value, data_type), locale_id),
        Value::Bytes(bytes) => hex(bytes),
        Value::Guid(guid) => guid_text(guid),
        Value::DbDate(days) => date_text(*days),
        Value::Time(ticks) => time_text(*ticks, data_type),
        Value::Timestamp(ticks) => timestamp_text(*ticks, data_type, locale_id),
        Value::TimestampOffset { utc, offset } => offset_text(*utc, *offset, data_type),
    };
    Some(Cow::Owned(text))
}

/// The text as a value of a character type: cut at the first NUL and to the length, with `?`
/// for characters that the code page does not have. Says whether it lost anything but a NUL.
///
/// # Errors
/// [`ConvertError::CodePage`]
pub fn fit_text(text: &str, to: DataType) -> Result<(Cow<'_, str>, bool), ConvertError> {
    let text = match (to, memchr::memchr(0, text.as_bytes())) {
        (DataType::Str { .. } | DataType::Wstr { .. }, Some(end)) => &text[..end],
        _ => text,
    };
    match to {
        DataType::Str { length, code_page } => fit_bytes(text, length, code_page),
        DataType::Text { code_page } => fit_bytes(text, 0, code_page),
        DataType::Wstr { length } if length > 0 => {
            let kept = utf16_prefix(text, usize::try_from(length).unwrap_or(usize::MAX));
            Ok((Cow::Borrowed(kept), kept.len() < text.len()))
        }
        _ => Ok((Cow::Borrowed(text), false)),
    }
}

/// The longest start of the text that has at most `units` UTF-16 units.
pub(crate) fn utf16_prefix(text: &str, units: usize) -> &str {
    if text.len() <= units {
        return text;
    }
    let mut left = units;
    for (at, character) in text.char_indices() {
        match left.checked_sub(character.len_utf16()) {
            Some(rest) => left = rest,
            None => return &text[..at],
        }
    }
    text
}

fn fit_bytes(
    text: &str,
    length: u32,
    code_page: u32,
) -> Result<(Cow<'_, str>, bool), ConvertError> {
    let page = CodePage::from_number(code_page)?;
    let limit = match usize::try_from(length) {
        Ok(0) | Err(_) => usize::MAX,
        Ok(limit) => limit,
    };
    if page.is_ascii_compatible() && text.is_ascii() {
        let kept = &text[..text.len().min(limit)];
        return Ok((Cow::Borrowed(kept), kept.len() < text.len()));
    }
    let encoded = page.encode(text);
    if !encoded.unmappable && encoded.bytes.len() <= limit {
        return Ok((Cow::Borrowed(text), false));
    }
    let mut kept = String::new();
    let mut used = 0;
    let mut buffer = [0; 4];
    for character in text.chars() {
        let one = page.encode(character.encode_utf8(&mut buffer));
        used += one.bytes.len();
        if used > limit {
            break;
        }
        kept.push(if one.unmappable { '?' } else { character });
    }
    Ok((Cow::Owned(kept), true))
}

/// Up to that many significant digits, an exponent where the number is very large or small.
fn general(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN".to_owned()
        } else if value > 0.0 {
            "Infinity".to_owned()
        } else {
            "-Infinity".to_owned()
        };
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{value:.precision$e}", precision = digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let limit = i32::try_from(digits).unwrap_or(15);
    if (-5..limit).contains(&exponent) {
        let decimals = usize::try_from(limit - 1 - exponent).unwrap_or(0);
        return trimmed(format!("{value:.decimals$}"));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    let mantissa = trimmed(mantissa.to_owned());
    format!("{mantissa}E{sign}{:02}", exponent.unsigned_abs())
}

/// Without zeros at the end of the fraction, and without a point that has nothing after it.
pub(crate) fn trimmed(text: String) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn currency(value: i64) -> String {
    trimmed(plain(i128::from(value), 4))
}

fn decimal(value: i128, data_type: DataType) -> String {
    let text = plain(value, scale_of(data_type));
    match data_type {
        DataType::Numeric { scale, .. } if scale > 0 => {
            let (sign, digits) = match text.strip_prefix('-') {
                Some(digits) => ("-", digits),
                None => ("", text.as_str()),
            };
            format!("{sign}{}", digits.strip_prefix('0').unwrap_or(digits))
        }
        _ => text,
    }
}

/// With the decimal sign of the locale.
pub(crate) fn localized(text: String, locale_id: u32) -> String {
    match locale(locale_id).decimal {
        '.' => text,
        sign => text.replace('.', sign.encode_utf8(&mut [0; 4])),
    }
}

/// The bytes in upper-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02X}");
    }
    text
}

fn guid_text(guid: &[u8; 16]) -> String {
    let digits = hex(guid);
    format!(
        "{{{}-{}-{}-{}-{}}}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    )
}

fn date_text(days: i32) -> String {
    let (year, month, day) = civil_from_days(days);
    format!("{year:04}-{month:02}-{day:02}")
}

fn clock_text(ticks: i64) -> String {
    let seconds = ticks / TICKS_PER_SECOND;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{hour:02}:{minute:02}:{second:02}")
}

/// `.fff` with that many digits; nothing for none.
fn fraction_text(ticks: i64, digits: u8) -> String {
    if digits == 0 {
        return String::new();
    }
    let all = format!("{:07}", ticks.rem_euclid(TICKS_PER_SECOND));
    format!(".{}", &all[..usize::from(digits.min(7))])
}

fn time_text(ticks: i64, data_type: DataType) -> String {
    let digits = match data_type {
        DataType::DbTime2 { scale } => scale,
        _ => 0,
    };
    clock_text(ticks) + &fraction_text(ticks, digits)
}

fn timestamp_text(ticks: i64, data_type: DataType, locale_id: u32) -> String {
    let (days, time) = split_ticks(ticks);
    match data_type {
        DataType::Date => locale_text(days, time, locale_id),
        DataType::DbTimestamp2 { scale } => iso(days, time) + &fraction_text(time, scale),
        DataType::FileTime => {
            let milliseconds = time / (TICKS_PER_SECOND / 1000) % 1000;
            format!("{}:{milliseconds:03}", iso(days, time))
        }
        _ => match time % TICKS_PER_SECOND {
            0 => iso(days, time),
            fraction => format!("{}.{fraction:07}00", iso(days, time)),
        },
    }
}

fn iso(days: i32, time: i64) -> String {
    format!("{} {}", date_text(days), clock_text(time))
}

fn offset_text(utc: i64, offset: i16, data_type: DataType) -> String {
    let local = utc.saturating_add(i64::from(offset) * TICKS_PER_DAY / 1440);
    let (days, time) = split_ticks(local);
    let digits = match data_type {
        DataType::DbTimestampOffset { scale } => scale,
        _ => 7,
    };
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.unsigned_abs();
    format!(
        "{}{} {sign}{:02}:{:02}",
        iso(days, time),
        fraction_text(time, digits),
        minutes / 60,
        minutes % 60
    )
}

/// The short date and, unless it is midnight, the time, as the locale writes them.
fn locale_text(days: i32, time: i64, locale_id: u32) -> String {
    let conventions = locale(locale_id);
    let (year, month, day) = civil_from_days(days);
    let two = |part: u32| {
        if conventions.padded {
            format!("{part:02}")
        } else {
            part.to_string()
        }
    };
    let year = format!("{year:04}");
    let parts = match conventions.order {
        DateOrder::MonthDayYear => [two(month), two(day), year],
        DateOrder::DayMonthYear => [two(day), two(month), year],
        DateOrder::YearMonthDay => [year, two(month), two(day)],
    };
    let date = parts.join(conventions.separator.encode_utf8(&mut [0; 4]));
    // A locale without AM and PM shows the time even at midnight: seen in files of the original.
    match (conventions.half_days, time) {
        (true, 0) => date,
        (true, _) => {
            let hour = time / (3600 * TICKS_PER_SECOND);
            let half = if hour < 12 { "AM" } else { "PM" };
            let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
            format!("{date} {hour}{} {half}", &clock_text(time)[2..])
        }
        (false, _) => format!("{date} {}", clock_text(time)),
    }
}
