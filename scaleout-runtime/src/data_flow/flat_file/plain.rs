//! The forms of numbers and dates that need no locale, read straight from bytes.
//!
//! Everything here may answer `None` for a text that is a value all the same: the caller then
//! asks [`crate::convert`].

use crate::convert::days_from_civil;
use crate::value::{TICKS_PER_DAY, TICKS_PER_SECOND};

/// A sign and up to 18 digits.
pub(super) fn integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || 18 < digits.len() {
        return None;
    }
    let mut value: i64 = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if 9 < digit {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(if negative { -value } else { value })
}

/// `True` or `False`.
pub(super) fn word(text: &[u8]) -> Option<bool> {
    if text.eq_ignore_ascii_case(b"true") {
        Some(true)
    } else if text.eq_ignore_ascii_case(b"false") {
        Some(false)
    } else {
        None
    }
}

/// A sign, digits and at most `scale` decimals, up to 18 digits in all: the unscaled digits.
pub(super) fn decimal(text: &[u8], scale: u8) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if 19 < digits.len() {
        return None;
    }
    let mut value: i64 = 0;
    let mut point = None;
    for (at, byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            // The last of 19 would be too many, and is refused below.
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
        } else if *byte == b'.' && point.is_none() {
            point = Some(at);
        } else {
            return None;
        }
    }
    let whole = point.unwrap_or(digits.len());
    let fraction = point.map_or(0, |point| digits.len() - point - 1);
    let missing = usize::from(scale).checked_sub(fraction)?;
    if whole == 0 || 18 < whole + usize::from(scale) {
        return None;
    }
    let value = value * 10_i64.pow(u32::try_from(missing).ok()?);
    Some(if negative { -value } else { value })
}

/// Only what cannot be a word such as `inf`.
pub(super) fn float(text: &[u8]) -> Option<f64> {
    let ([b'0'..=b'9' | b'.', ..] | [b'+' | b'-', b'0'..=b'9' | b'.', ..]) = text else {
        return None;
    };
    let value: f64 = fast_float2::parse(text).ok()?;
    value.is_finite().then_some(value)
}

/// `yyyy-mm-dd`
pub(super) fn iso_date(text: &[u8]) -> Option<i32> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return None;
    };
    let year = two(*y1, *y2)? * 100 + two(*y3, *y4)?;
    // Types differ in what they make of the first century.
    if year < 100 {
        return None;
    }
    days_from_civil(i32::try_from(year).ok()?, two(*m1, *m2)?, two(*d1, *d2)?)
}

/// `yyyy-mm-dd[ hh:mm:ss[.f]]` with at most `decimals` digits of a second, in ticks.
pub(super) fn iso_moment(text: &[u8], decimals: usize) -> Option<i64> {
    let days = iso_date(text.get(..10)?)?;
    let ticks = match &text[10..] {
        [] => 0,
        [
            b' ' | b'T',
            h1,
            h2,
            b':',
            m1,
            m2,
            b':',
            s1,
            s2,
            fraction @ ..,
        ] => {
            let (hours, minutes) = (two(*h1, *h2)?, two(*m1, *m2)?);
            let seconds = two(*s1, *s2)?;
            if 23 < hours || 59 < minutes || 59 < seconds {
                return None;
            }
            let whole = i64::from((hours * 60 + minutes) * 60 + seconds) * TICKS_PER_SECOND;
            whole + fraction_ticks(fraction, decimals)?
        }
        _ => return None,
    };
    Some(i64::from(days) * TICKS_PER_DAY + ticks)
}

fn fraction_ticks(fraction: &[u8], decimals: usize) -> Option<i64> {
    let digits = match fraction {
        [] => return Some(0),
        [b'.', digits @ ..] if digits.len() <= decimals.min(7) => digits,
        _ => return None,
    };
    let missing = u32::try_from(7 - digits.len()).ok()?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(integer(digits)? * 10_i64.pow(missing))
}

fn two(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| u32::from(tens) * 10 + u32::from(ones))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::convert::parse_text;
    use crate::value::{DataType, Value};

    proptest! {
        #[test]
        fn what_is_read_here_is_what_is_read_with_a_locale(
            text in "[+-]?[0-9]{0,20}(\\.[0-9]{0,8})?(e[+-]?[0-9]{1,3}|\\.)?",
            scale in 0u8..8,
        ) {
            let read = |data_type| {
                let read = parse_text(&text, data_type, 1033).map(|read| read.value);
                format!("{:?}", read.unwrap())
            };
            if let Some(digits) = decimal(text.as_bytes(), scale) {
                let wanted = Value::Decimal(digits.into());
                let numeric = DataType::Numeric { precision: 38, scale };
                prop_assert_eq!(read(numeric), format!("{wanted:?}"));
            }
            if let Some(double) = float(text.as_bytes()) {
                prop_assert_eq!(read(DataType::R8), format!("{:?}", Value::R8(double)));
            }
            if let Some(whole) = integer(text.as_bytes()) {
                prop_assert_eq!(read(DataType::I8), format!("{:?}", Value::I8(whole)));
            }
        }
    }

    #[test]
    fn plain_numbers_are_read_and_others_left() {
        for (text, wanted) in [
            ("12.5", Some(1250)),
            ("-0.01", Some(-1)),
            ("+7", Some(700)),
            ("7.", Some(700)),
            ("9999999999999999.99", Some(999_999_999_999_999_999)),
            ("99999999999999999.99", None),
            (".5", None),
            ("1.234", None),
            ("1,5", None),
            ("1.2.3", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(decimal(text.as_bytes(), 2), wanted, "{text}");
        }
        for word in ["inf", "-inf", "nan", "+", "", "1e999"] {
            assert_eq!(float(word.as_bytes()), None, "{word}");
        }
        assert_eq!(float(b"-1.5e3"), Some(-1500.0));
    }
}
