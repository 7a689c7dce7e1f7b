//! Arithmetic on unscaled decimal digits.

use std::cmp::Ordering;

/// Largest power of ten that the digits of a `DT_NUMERIC` can need.
const MAX_POWER: u8 = 38;

/// The powers of ten that a double holds exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Ten to that power; beyond 38 the largest one.
#[must_use]
pub const fn pow10(power: u8) -> i128 {
    let mut result = 1_i128;
    let mut step = 0;
    while step < power && step < MAX_POWER {
        result *= 10;
        step += 1;
    }
    result
}

/// The digits at another scale, surplus digits dropped; `None` when they do not fit in 128 bits.
#[must_use]
pub fn rescale(unscaled: i128, from: u8, to: u8) -> Option<i128> {
    match from.cmp(&to) {
        Ordering::Equal => Some(unscaled),
        Ordering::Less => unscaled.checked_mul(checked_pow10(to - from)?),
        Ordering::Greater => Some(unscaled / checked_pow10(from - to).unwrap_or(i128::MAX)),
    }
}

/// Compares two decimals of any scale.
#[must_use]
pub fn compare_decimals(left: i128, left_scale: u8, right: i128, right_scale: u8) -> Ordering {
    let scale = left_scale.max(right_scale);
    match (
        rescale(left, left_scale, scale),
        rescale(right, right_scale, scale),
    ) {
        (Some(left), Some(right)) => left.cmp(&right),
        // Only the one with the smaller scale can fail to grow, and then it is the larger in size.
        (None, _) => left.cmp(&0),
        (_, None) => 0.cmp(&right),
    }
}

/// Does the number have at most that many digits?
pub(crate) fn fits(unscaled: i128, precision: u8) -> bool {
    precision > MAX_POWER || unscaled.unsigned_abs() < pow10(precision).unsigned_abs()
}

/// The nearest double.
pub(crate) fn to_f64(unscaled: i128, scale: u8) -> f64 {
    const EXACT: u64 = 1 << 53;
    if let (Ok(small), Some(power)) = (
        i64::try_from(unscaled),
        EXACT_POWERS.get(usize::from(scale)),
    ) && small.unsigned_abs() <= EXACT
    {
        // Both operands are exact, so one division rounds once.
        return small as f64 / power;
    }
    format!("{unscaled}e-{scale}").parse().unwrap_or(f64::NAN)
}

/// The digits nearest to a double at that scale, halves away from zero; `None` when out of range.
pub(crate) fn from_f64(value: f64, scale: u8) -> Option<i128> {
    if !value.is_finite() {
        return None;
    }
    // The shortest decimal form is what a person means by the double: 2.675 is not 2.67499….
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let negative = digits.starts_with('-');
    let digits = digits.trim_start_matches('-');
    let fraction = digits.split_once('.').map_or(0, |(_, after)| after.len());
    let unscaled: i128 = digits.replace('.', "").parse().ok()?;
    let shift = exponent - i32::try_from(fraction).ok()? + i32::from(scale);
    let result = if shift >= 0 {
        match u8::try_from(shift).ok().and_then(checked_pow10) {
            Some(factor) => unscaled.checked_mul(factor)?,
            None if unscaled == 0 => 0,
            None => return None,
        }
    } else {
        match u8::try_from(-shift).ok().and_then(checked_pow10) {
            Some(factor) => round_div(unscaled, factor),
            None => 0,
        }
    };
    Some(if negative { -result } else { result })
}

/// Division that rounds halves away from zero. The divisor is positive.
pub(crate) fn round_div(value: i128, divisor: i128) -> i128 {
    let quotient = value / divisor;
    let rest = (value % divisor).unsigned_abs();
    if rest >= divisor.unsigned_abs().div_ceil(2) && rest != 0 {
        quotient + value.signum()
    } else {
        quotient
    }
}

/// The number with its point, always with a digit before it: `-0.50`.
pub(crate) fn plain(unscaled: i128, scale: u8) -> String {
    let digits = unscaled.unsigned_abs().to_string();
    let sign = if unscaled < 0 { "-" } else { "" };
    let scale = usize::from(scale);
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

pub(crate) fn checked_pow10(power: u8) -> Option<i128> {
    (power <= MAX_POWER).then(|| pow10(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rescaling_up_multiplies_and_down_drops() {
        assert_eq!(rescale(125, 2, 4), Some(12_500));
        assert_eq!(rescale(-1299, 2, 0), Some(-12));
        assert_eq!(rescale(i128::MAX, 0, 1), None);
    }

    #[test]
    fn decimals_of_any_scale_compare() {
        assert_eq!(compare_decimals(5, 0, 500, 2), Ordering::Equal);
        assert_eq!(compare_decimals(i128::MAX, 0, 1, 38), Ordering::Greater);
        assert_eq!(compare_decimals(1, 38, -i128::MAX, 0), Ordering::Greater);
        assert_eq!(compare_decimals(499, 2, 5, 0), Ordering::Less);
    }

    #[test]
    fn doubles_round_to_the_scale() {
        assert_eq!(from_f64(2.675, 2), Some(268));
        assert_eq!(from_f64(-0.5, 0), Some(-1));
        assert_eq!(from_f64(0.1 + 0.2, 4), Some(3000));
        assert_eq!(from_f64(1e40, 0), None);
        assert_eq!(from_f64(1e-300, 10), Some(0));
        assert_eq!(from_f64(0.0, 38), Some(0));
        assert_eq!(from_f64(f64::NAN, 0), None);
    }

    #[test]
    fn digits_become_doubles() {
        assert_eq!(to_f64(1999, 2), 19.99);
        assert_eq!(to_f64(pow10(38) - 1, 0), 1e38);
    }

    #[test]
    fn plain_digits_have_a_digit_before_the_point() {
        assert_eq!(plain(-50, 2), "-0.50");
        assert_eq!(plain(12_345, 4), "1.2345");
        assert_eq!(plain(0, 0), "0");
    }
}
