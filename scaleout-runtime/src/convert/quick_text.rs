//! The commonest text forms, written where they belong digit by digit: a file has one for each of its
//! fields, and a string of its own for each is what takes the time.

use std::fmt::Write as _;

use super::calendar::{civil_from_days, split_ticks};
use super::flat_file::flat_file_text;
use super::locale::locale;
use crate::value::{DataType, TICKS_PER_SECOND, Value};

/// Appends what [`flat_file_text`] says of a value.
pub fn push_flat_file_text(text: &mut String, value: &Value, data_type: DataType, locale_id: u32) {
    if push_quick(text, value, data_type, locale_id).is_none() {
        text.push_str(&flat_file_text(value, data_type, locale_id));
    }
}

/// Appends an integer.
pub fn push_integer(text: &mut String, number: impl itoa::Integer) {
    text.push_str(itoa::Buffer::new().format(number));
}

/// `None` when nothing was appended: the value has another form.
fn push_quick(text: &mut String, value: &Value, data_type: DataType, locale_id: u32) -> Option<()> {
    match (value, data_type) {
        (Value::Null, _) => {}
        (Value::Bool(value), _) => text.push_str(if *value { "True" } else { "False" }),
        (Value::I1(value), _) => push_integer(text, *value),
        (Value::I2(value), _) => push_integer(text, *value),
        (Value::I4(value), _) => push_integer(text, *value),
        (Value::I8(value), _) => push_integer(text, *value),
        (Value::Ui1(value), _) => push_integer(text, *value),
        (Value::Ui2(value), _) => push_integer(text, *value),
        (Value::Ui4(value), _) => push_integer(text, *value),
        (Value::Ui8(value), _) => push_integer(text, *value),
        (Value::R8(value), _) if has_point(locale_id) => {
            push_double(text, *value);
        }
        // `DT_NUMERIC` has no zero before its point.
        (Value::Decimal(value), DataType::Numeric { scale, .. }) if has_point(locale_id) => {
            push_decimal(text, *value, scale, "");
        }
        (Value::Decimal(value), DataType::Decimal { scale }) if has_point(locale_id) => {
            push_decimal(text, *value, scale, "0");
        }
        (Value::DbDate(days), _) => push_date(text, *days)?,
        (Value::Timestamp(ticks), DataType::DbTimestamp) if ticks % TICKS_PER_SECOND == 0 => {
            let (days, time) = split_ticks(*ticks);
            push_date(text, days)?;
            text.push(' ');
            let seconds = u32::try_from(time / TICKS_PER_SECOND).unwrap_or(0);
            push_two(text, seconds / 3600);
            text.push(':');
            push_two(text, seconds / 60 % 60);
            text.push(':');
            push_two(text, seconds % 60);
        }
        _ => return None,
    }
    Some(())
}

fn has_point(locale_id: u32) -> bool {
    locale(locale_id).decimal == '.'
}

/// The shortest digits that mean the number, never with an exponent.
fn push_double(text: &mut String, value: f64) {
    let mut buffer = zmij::Buffer::new();
    let digits = buffer.format(value);
    if value.is_finite() && !digits.contains('e') {
        text.push_str(digits.strip_suffix(".0").unwrap_or(digits));
    } else {
        // Writing to a string cannot fail.
        let _ = write!(text, "{value}");
    }
}

/// `zero` stands before a point that has no digit before it.
fn push_decimal(text: &mut String, unscaled: i128, scale: u8, zero: &str) {
    let mut buffer = itoa::Buffer::new();
    let size = unscaled.unsigned_abs();
    let digits = match u64::try_from(size) {
        Ok(size) => buffer.format(size),
        Err(_) => buffer.format(size),
    };
    if unscaled < 0 {
        text.push('-');
    }
    let scale = usize::from(scale);
    if scale == 0 {
        text.push_str(digits);
        return;
    }
    match digits.len().checked_sub(scale) {
        None | Some(0) => {
            text.push_str(zero);
            text.push('.');
            text.extend(std::iter::repeat_n('0', scale - digits.len()));
            text.push_str(digits);
        }
        Some(whole) => {
            let (whole, fraction) = digits.split_at(whole);
            text.push_str(whole);
            text.push('.');
            text.push_str(fraction);
        }
    }
}

fn push_date(text: &mut String, days: i32) -> Option<()> {
    let (year, month, day) = civil_from_days(days);
    let year = u32::try_from(year).ok().filter(|year| *year <= 9999)?;
    push_two(text, year / 100);
    push_two(text, year % 100);
    text.push('-');
    push_two(text, month);
    text.push('-');
    push_two(text, day);
    Some(())
}

/// Two digits of a number below 100.
fn push_two(text: &mut String, number: u32) {
    const PAIRS: &str = "0001020304050607080910111213141516171819\
        2021222324252627282930313233343536373839\
        4041424344454647484950515253545556575859\
        6061626364656667686970717273747576777879\
        8081828384858687888990919293949596979899";
    let at = (number % 100) as usize * 2;
    text.push_str(&PAIRS[at..at + 2]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A value with a type that it may have.
    fn typed() -> impl Strategy<Value = (Value, DataType)> {
        let scale = 0_u8..19;
        prop_oneof![
            any::<i8>().prop_map(|value| (Value::I1(value), DataType::I1)),
            any::<i64>().prop_map(|value| (Value::I8(value), DataType::I8)),
            any::<u64>().prop_map(|value| (Value::Ui8(value), DataType::Ui8)),
            any::<bool>().prop_map(|value| (Value::Bool(value), DataType::Bool)),
            any::<f64>().prop_map(|value| (Value::R8(value), DataType::R8)),
            (any::<i32>(), -8_i32..24).prop_map(|(digits, power)| {
                let value = f64::from(digits) * 10_f64.powi(power) / 1e4;
                (Value::R8(value), DataType::R8)
            }),
            any::<f32>().prop_map(|value| (Value::R4(value), DataType::R4)),
            any::<i64>().prop_map(|value| (Value::Cy(value), DataType::Cy)),
            (any::<i64>(), 0_u32..19, scale.clone()).prop_map(|(value, shorter, scale)| {
                let value = i128::from(value / 10_i64.pow(shorter));
                let data_type = DataType::Numeric {
                    precision: 19,
                    scale,
                };
                (Value::Decimal(value), data_type)
            }),
            (any::<i64>(), 0_u32..19, scale).prop_map(|(value, shorter, scale)| {
                let value = i128::from(value / 10_i64.pow(shorter));
                (Value::Decimal(value), DataType::Decimal { scale })
            }),
            (-800_000_i32..3_000_000).prop_map(|days| (Value::DbDate(days), DataType::DbDate)),
            (-62_135_596_800_i64..253_402_300_799, 0_i64..3).prop_map(|(seconds, part)| {
                let ticks = seconds * TICKS_PER_SECOND + part * 1_000;
                (Value::Timestamp(ticks), DataType::DbTimestamp)
            }),
            Just((Value::Null, DataType::I4)),
        ]
    }

    proptest! {
        #[test]
        fn forms_are_those_that_a_value_has_by_itself(
            (value, data_type) in typed(),
            locale_id in prop_oneof![Just(1033_u32), Just(1031)],
        ) {
            let mut text = "before ".to_owned();
            push_flat_file_text(&mut text, &value, data_type, locale_id);
            let wanted = flat_file_text(&value, data_type, locale_id);
            prop_assert_eq!(text.strip_prefix("before "), Some(&*wanted));
        }
    }
}
