//! Decimals with digits in an `i128`: text, scale, number of digits.

/// Digits of a number, without the sign; 0 has one.
#[must_use]
pub fn digits(unscaled: i128) -> u32 {
    unscaled.unsigned_abs().checked_ilog10().unwrap_or(0) + 1
}

/// `-12.50`
#[must_use]
pub fn decimal_text(unscaled: i128, scale: u8) -> String {
    let sign = if unscaled < 0 { "-" } else { "" };
    let scale = usize::from(scale);
    let all = format!("{:0width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = all.split_at(all.len() - scale);
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

/// Reads `12`, `-12.50`, `.5`, `1.25e3`; digits and scale. At most 38 digits.
#[must_use]
pub fn parse_decimal(text: &str) -> Option<(i128, u8)> {
    let text = text.trim();
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, plain) = match mantissa.as_bytes().first()? {
        b'-' => (true, &mantissa[1..]),
        b'+' => (false, &mantissa[1..]),
        _ => (false, mantissa),
    };
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut unscaled: i128 = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        if !byte.is_ascii_digit() {
            return None;
        }
        let digit = i128::from(byte - b'0');
        unscaled = unscaled.checked_mul(10)?.checked_add(digit)?;
    }
    let mut scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    while scale < 0 {
        unscaled = unscaled.checked_mul(10)?;
        scale += 1;
    }
    let unscaled = if negative { -unscaled } else { unscaled };
    let scale = u8::try_from(scale).ok()?;
    (digits(unscaled) <= 38).then_some((unscaled, scale))
}

/// The number with another scale, rounded half away from zero; `None` when it does not fit.
#[must_use]
pub fn rescale(unscaled: i128, from: u8, to: u8) -> Option<i128> {
    if from <= to {
        let factor = 10_i128.checked_pow(u32::from(to - from))?;
        return unscaled.checked_mul(factor);
    }
    let Some(divisor) = 10_i128.checked_pow(u32::from(from - to)) else {
        return Some(0);
    };
    let (quotient, rest) = (unscaled / divisor, unscaled % divisor);
    let half_or_more = divisor - rest.abs() <= rest.abs();
    Some(quotient + i128::from(half_or_more) * unscaled.signum())
}

/// The same number without zeros at its end.
#[must_use]
pub fn trim_zeros(mut unscaled: i128, mut scale: u8) -> (i128, u8) {
    while 0 < scale && unscaled % 10 == 0 {
        unscaled /= 10;
        scale -= 1;
    }
    (unscaled, scale)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_texts() {
        for (unscaled, scale, text) in [
            (1250, 2, "12.50"),
            (-5, 2, "-0.05"),
            (0, 0, "0"),
            (7, 0, "7"),
        ] {
            assert_eq!(decimal_text(unscaled, scale), text);
            assert_eq!(parse_decimal(text), Some((unscaled, scale)));
        }
        assert_eq!(parse_decimal("1.25e3"), Some((1250, 0)));
        assert_eq!(parse_decimal("1e-2"), Some((1, 2)));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", ".", "-", "1,5", "1e", "1e99", "abc", "1.2.3"] {
            assert_eq!(parse_decimal(text), None, "{text}");
        }
    }

    #[test]
    fn half_is_rounded_away_from_zero() {
        assert_eq!(rescale(125, 2, 1), Some(13));
        assert_eq!(rescale(-125, 2, 1), Some(-13));
        assert_eq!(rescale(124, 2, 1), Some(12));
        assert_eq!(rescale(5, 0, 2), Some(500));
        assert_eq!(rescale(i128::MAX, 0, 1), None);
    }

    proptest! {
        #[test]
        fn a_decimal_survives_its_text(unscaled in any::<i64>(), scale in 0_u8..=38) {
            let unscaled = i128::from(unscaled);
            prop_assert_eq!(parse_decimal(&decimal_text(unscaled, scale)), Some((unscaled, scale)));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = parse_decimal(&text);
        }
    }
}
