//! Number literals.

use super::mistake::Mistake;
use super::token::{Token, is_name_part};
use crate::value::{DataType, Value};

/// Most digits of a `DT_NUMERIC` literal.
const MAX_PRECISION: usize = 38;

/// Reads the number at the start of a text, with its suffix.
pub(super) fn read(rest: &str) -> Result<(Token, usize), Mistake> {
    let length = extent(rest);
    let text = &rest[..length];
    let (value, data_type) = literal(text)?;
    Ok((Token::Literal(value, data_type), length))
}

/// Everything that hangs together: digits, a point, an exponent with its sign, letters.
fn extent(rest: &str) -> usize {
    let hexadecimal = rest.starts_with("0x") || rest.starts_with("0X");
    let mut seen_point = false;
    let mut previous = ' ';
    for (at, character) in rest.char_indices() {
        let exponent_sign =
            matches!(character, '+' | '-') && matches!(previous, 'e' | 'E') && !hexadecimal;
        let point = character == '.' && !seen_point && !hexadecimal;
        if !(is_name_part(character) || exponent_sign || point) {
            return at;
        }
        seen_point |= point;
        previous = character;
    }
    rest.len()
}

fn literal(text: &str) -> Result<(Value, DataType), Mistake> {
    let wrong = || Mistake::Number(text.to_owned());
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return hexadecimal(text, digits);
    }
    let is_float = text.contains('.') || text.contains(['e', 'E']);
    let number = text.trim_end_matches(['f', 'F', 'l', 'L', 'u', 'U']);
    let suffix = text[number.len()..].to_ascii_lowercase();
    if !is_float {
        return integer(text, number, 10, &suffix);
    }
    if !is_plain_number(number) {
        return Err(wrong());
    }
    match suffix.as_str() {
        "f" => {
            let value: f32 = number.parse().map_err(|_| wrong())?;
            finite(text, value.is_finite(), DataType::R4)?;
            Ok((Value::R4(value), DataType::R4))
        }
        "l" => {
            let value: f64 = number.parse().map_err(|_| wrong())?;
            finite(text, value.is_finite(), DataType::R8)?;
            Ok((Value::R8(value), DataType::R8))
        }
        "" if !number.contains(['e', 'E']) => numeric(text, number),
        _ => Err(wrong()),
    }
}

/// Digits with at most one point and a complete exponent.
fn is_plain_number(number: &str) -> bool {
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (number, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_is_good = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !unsigned.is_empty() && digits(unsigned)
    });
    exponent_is_good && digits(&mantissa.replacen('.', "", 1)) && mantissa != "."
}

fn finite(text: &str, is_finite: bool, data_type: DataType) -> Result<(), Mistake> {
    if is_finite {
        return Ok(());
    }
    Err(Mistake::LiteralOverflow {
        text: text.to_owned(),
        data_type,
    })
}

fn integer(
    text: &str,
    digits: &str,
    radix: u32,
    suffix: &str,
) -> Result<(Value, DataType), Mistake> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err(Mistake::Number(text.to_owned()));
    }
    let data_type = match suffix {
        "" => DataType::I4,
        "u" => DataType::Ui4,
        "l" => DataType::I8,
        "ul" | "lu" => DataType::Ui8,
        _ => return Err(Mistake::Number(text.to_owned())),
    };
    let value = u64::from_str_radix(digits, radix).ok();
    let value = value.and_then(|value| match data_type {
        DataType::I4 => i32::try_from(value).ok().map(Value::I4),
        DataType::Ui4 => u32::try_from(value).ok().map(Value::Ui4),
        DataType::I8 => i64::try_from(value).ok().map(Value::I8),
        _ => Some(Value::Ui8(value)),
    });
    let overflow = Mistake::LiteralOverflow {
        text: text.to_owned(),
        data_type,
    };
    value.map(|value| (value, data_type)).ok_or(overflow)
}

/// The type without a suffix is not documented: signed where the value fits, else unsigned.
fn hexadecimal(text: &str, digits: &str) -> Result<(Value, DataType), Mistake> {
    let number = digits.trim_end_matches(['u', 'U', 'l', 'L']);
    let suffix = digits[number.len()..].to_ascii_lowercase();
    match integer(text, number, 16, &suffix) {
        Err(Mistake::LiteralOverflow { .. }) if suffix.is_empty() => integer(text, number, 16, "u"),
        other => other,
    }
}

fn numeric(text: &str, number: &str) -> Result<(Value, DataType), Mistake> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = whole.trim_start_matches('0');
    let precision = (whole.len() + fraction.len()).max(1);
    let digits = format!("0{whole}{fraction}").parse::<i128>();
    let (Ok(value), true) = (digits, precision <= MAX_PRECISION) else {
        let data_type = DataType::Numeric {
            precision: 38,
            scale: 0,
        };
        return Err(Mistake::LiteralOverflow {
            text: text.to_owned(),
            data_type,
        });
    };
    let small = |count: usize| u8::try_from(count).unwrap_or(38);
    let data_type = DataType::Numeric {
        precision: small(precision),
        scale: small(fraction.len()),
    };
    Ok((Value::Decimal(value), data_type))
}
