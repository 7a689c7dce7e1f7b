//! Numbers among each other, and numbers that are dates or bytes.

use super::binary;
use super::calendar::{FILETIME_EPOCH_DAYS, OLE_EPOCH_DAYS, split_ticks};
use super::decimal::{fits, from_f64, rescale, to_f64};
use super::error::ConvertError;
use super::temporal::{moment_of, to_temporal};
use super::value::Converted;
use crate::value::{DataType, TICKS_PER_DAY, Value};

/// Ticks in a millisecond: a `DT_DATE` made from a double is not more exact than that.
const TICKS_PER_MILLISECOND: f64 = 10_000.0;
/// `DT_DECIMAL` has 96 bits for its digits.
const DECIMAL_LIMIT: u128 = 1 << 96;

/// A number, as exact as its type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Integer(i128),
    Decimal(i128, u8),
    Single(f32),
    Double(f64),
}

/// The number that a value is; `None` when it is none.
pub(crate) fn number_of(value: &Value, data_type: DataType) -> Option<Number> {
    Some(match *value {
        Value::Bool(value) => Number::Integer(-i128::from(value)),
        Value::I1(value) => Number::Integer(value.into()),
        Value::I2(value) => Number::Integer(value.into()),
        Value::I4(value) => Number::Integer(value.into()),
        Value::I8(value) => Number::Integer(value.into()),
        Value::Ui1(value) => Number::Integer(value.into()),
        Value::Ui2(value) => Number::Integer(value.into()),
        Value::Ui4(value) => Number::Integer(value.into()),
        Value::Ui8(value) => Number::Integer(value.into()),
        Value::R4(value) => Number::Single(value),
        Value::R8(value) => Number::Double(value),
        Value::Cy(value) => Number::Decimal(value.into(), 4),
        Value::Decimal(value) => Number::Decimal(value, scale_of(data_type)),
        Value::Timestamp(ticks) if data_type == DataType::Date => Number::Double(to_ole(ticks)),
        Value::Timestamp(ticks) if data_type == DataType::FileTime => {
            Number::Integer(i128::from(ticks) - filetime_zero())
        }
        _ => return None,
    })
}

/// Digits after the point.
pub(crate) fn scale_of(data_type: DataType) -> u8 {
    match data_type {
        DataType::Cy => 4,
        DataType::Decimal { scale } | DataType::Numeric { scale, .. } => scale,
        _ => 0,
    }
}

/// A value of the type that is the number. Fractions that do not fit are dropped: 4.32 is 4.
pub(crate) fn from_number(
    number: Number,
    from: DataType,
    to: DataType,
    today: i32,
) -> Result<Converted, ConvertError> {
    let overflow = || ConvertError::Overflow { from, to };
    let value = match to {
        DataType::Bool => Value::Bool(!number.is_zero()),
        DataType::R4 => {
            let value = number.single();
            if value.is_infinite() {
                return Err(overflow());
            }
            Value::R4(value)
        }
        DataType::R8 => Value::R8(number.double()),
        DataType::Cy => {
            let digits = number.digits(4).ok_or_else(overflow)?;
            Value::Cy(i64::try_from(digits).map_err(|_| overflow())?)
        }
        DataType::Decimal { scale } => {
            let digits = number.digits(scale).ok_or_else(overflow)?;
            if digits.unsigned_abs() >= DECIMAL_LIMIT {
                return Err(overflow());
            }
            Value::Decimal(digits)
        }
        DataType::Numeric { precision, scale } => {
            let digits = number.digits(scale).ok_or_else(overflow)?;
            if !fits(digits, precision) {
                return Err(overflow());
            }
            Value::Decimal(digits)
        }
        DataType::FileTime => {
            let ticks = number.whole().ok_or_else(overflow)? + filetime_zero();
            Value::Timestamp(i64::try_from(ticks).map_err(|_| overflow())?)
        }
        DataType::Date | DataType::DbDate | DataType::DbTime | DataType::DbTimestamp => {
            let date = Value::Timestamp(from_ole(number.double()).ok_or_else(overflow)?);
            let moment = moment_of(&date).ok_or_else(overflow)?;
            return to_temporal(moment, DataType::Date, to, today);
        }
        DataType::Bytes { length } => {
            return number
                .whole()
                .map(|whole| binary::from_integer(whole, from, length))
                .ok_or_else(overflow);
        }
        _ => integer(number.whole().ok_or_else(overflow)?, to).ok_or_else(overflow)?,
    };
    Ok(Converted::whole(value))
}

/// An integer of that type; `None` when it does not fit or the type is not one.
pub(crate) fn integer(value: i128, to: DataType) -> Option<Value> {
    match to {
        DataType::I1 => value.try_into().ok().map(Value::I1),
        DataType::I2 => value.try_into().ok().map(Value::I2),
        DataType::I4 => value.try_into().ok().map(Value::I4),
        DataType::I8 => value.try_into().ok().map(Value::I8),
        DataType::Ui1 => value.try_into().ok().map(Value::Ui1),
        DataType::Ui2 => value.try_into().ok().map(Value::Ui2),
        DataType::Ui4 => value.try_into().ok().map(Value::Ui4),
        DataType::Ui8 => value.try_into().ok().map(Value::Ui8),
        _ => None,
    }
}

impl Number {
    fn is_zero(self) -> bool {
        match self {
            Self::Integer(value) | Self::Decimal(value, _) => value == 0,
            Self::Single(value) => value == 0.0,
            Self::Double(value) => value == 0.0,
        }
    }

    /// Without its fraction.
    pub(crate) fn whole(self) -> Option<i128> {
        match self {
            Self::Integer(value) => Some(value),
            Self::Decimal(value, scale) => rescale(value, scale, 0),
            Self::Single(value) => whole(f64::from(value)),
            Self::Double(value) => whole(value),
        }
    }

    /// The digits at that scale: decimals drop what is beyond it, floats are rounded to it.
    pub(crate) fn digits(self, scale: u8) -> Option<i128> {
        match self {
            Self::Integer(value) => rescale(value, 0, scale),
            Self::Decimal(value, from) => rescale(value, from, scale),
            // By way of text, so that the single 0.1 is not 0.100000001.
            Self::Single(value) => from_f64(value.to_string().parse().ok()?, scale),
            Self::Double(value) => from_f64(value, scale),
        }
    }

    /// The nearest double.
    pub(crate) fn double(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Decimal(value, scale) => to_f64(value, scale),
            Self::Single(value) => f64::from(value),
            Self::Double(value) => value,
        }
    }

    fn single(self) -> f32 {
        match self {
            Self::Integer(value) => value as f32,
            Self::Single(value) => value,
            Self::Decimal(..) | Self::Double(_) => self.double() as f32,
        }
    }
}

fn whole(value: f64) -> Option<i128> {
    const LIMIT: f64 = 1e38;
    let value = value.trunc();
    (value.abs() < LIMIT).then_some(value as i128)
}

fn filetime_zero() -> i128 {
    i128::from(FILETIME_EPOCH_DAYS) * i128::from(TICKS_PER_DAY)
}

/// Days since 1899-12-30; the fraction counts forward even before that day.
fn to_ole(ticks: i64) -> f64 {
    let (days, ticks) = split_ticks(ticks);
    let days = f64::from(days - OLE_EPOCH_DAYS);
    let fraction = ticks as f64 / TICKS_PER_DAY as f64;
    if days < 0.0 {
        days - fraction
    } else {
        days + fraction
    }
}

fn from_ole(value: f64) -> Option<i64> {
    const LIMIT: f64 = 3_000_000.0;
    if !value.is_finite() || value.abs() > LIMIT {
        return None;
    }
    let days = value.trunc();
    let time = (value - days).abs() * TICKS_PER_DAY as f64;
    let ticks = (time / TICKS_PER_MILLISECOND).round() * TICKS_PER_MILLISECOND;
    let days = days as i64 + i64::from(OLE_EPOCH_DAYS);
    let total = days * TICKS_PER_DAY + ticks as i64;
    super::calendar::in_range(total).then_some(total)
}

/// Digits and scale of an integer, a currency or a decimal; `None` for anything else.
#[must_use]
pub fn digits_of(value: &Value, data_type: DataType) -> Option<(i128, u8)> {
    match value {
        Value::Bool(_) | Value::Timestamp(_) => None,
        _ => match number_of(value, data_type)? {
            Number::Integer(value) => Some((value, 0)),
            Number::Decimal(value, scale) => Some((value, scale)),
            Number::Single(_) | Number::Double(_) => None,
        },
    }
}

/// The number that a value is, as a double; `None` for a date, text or anything else.
#[must_use]
pub fn double_of(value: &Value, data_type: DataType) -> Option<f64> {
    match value {
        Value::Bool(_) | Value::Timestamp(_) => None,
        _ => number_of(value, data_type).map(Number::double),
    }
}
