//! The forms of numbers and dates that need no locale, read straight from bytes.
//!
//! Everything here may answer `None` for a text that is a value all the same: the caller then
//! asks [`crate::convert`].

use crate::convert::days_from_civil;
use crate::value::{TICKS_PER_DAY, TICKS_PER_SECOND, Value};

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
    let point = memchr::memchr(b'.', text);
    let (whole, fraction) = match point {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[][..]),
    };
    let missing = usize::from(scale).checked_sub(fraction.len())?;
    if 18 < whole.len() + usize::from(scale) || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let negative = whole.starts_with(b"-");
    let mut value = integer(whole)?;
    for byte in fraction {
        let digit = i64::from(byte - b'0');
        value = value * 10 + if negative { -digit } else { digit };
    }
    (0..missing).try_fold(value, |value, _| value.checked_mul(10))
}

/// Only what cannot be a word such as `inf`.
pub(super) fn float(text: &[u8]) -> Option<f64> {
    let plain = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    if !text.iter().all(plain) {
        return None;
    }
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

/// `yyyy-mm-dd[ hh:mm:ss[.f]]` with at most `decimals` digits of a second.
pub(super) fn iso_moment(text: &[u8], decimals: usize) -> Option<Value> {
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
    Some(Value::Timestamp(i64::from(days) * TICKS_PER_DAY + ticks))
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
