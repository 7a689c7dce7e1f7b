//! Mathematical functions.

use super::super::evaluation_error::Fault;
use super::super::mistake::Mistake;
use super::super::operators::MISLABELED;
use super::super::plan::Node;
use super::call::Call;
use crate::convert::{pow10, round_div};
use crate::value::{DataType, Value};

type Typed = Result<DataType, Mistake>;

/// The type of the first argument.
pub(super) fn same(arguments: &[Node]) -> Typed {
    Ok(arguments
        .first()
        .map_or(DataType::I4, |first| first.data_type))
}

pub(super) fn double(_: &[Node]) -> Typed {
    Ok(DataType::R8)
}

pub(super) fn int(_: &[Node]) -> Typed {
    Ok(DataType::I4)
}

pub(super) fn exp(value: f64) -> Result<f64, Fault> {
    finite("EXP", value.exp())
}

pub(super) fn square(value: f64) -> Result<f64, Fault> {
    finite("SQUARE", value * value)
}

pub(super) fn ln(value: f64) -> Result<f64, Fault> {
    if value <= 0.0 {
        return Err(refused(
            "LN",
            "the value must be greater than 0",
            "DTS_E_EXPREVALLNINVALIDPARAM",
        ));
    }
    Ok(value.ln())
}

pub(super) fn log(value: f64) -> Result<f64, Fault> {
    if value <= 0.0 {
        return Err(refused(
            "LOG",
            "the value must be greater than 0",
            "DTS_E_EXPREVALLOGINVALIDPARAM",
        ));
    }
    Ok(value.log10())
}

pub(super) fn sqrt(value: f64) -> Result<f64, Fault> {
    if value < 0.0 {
        return Err(refused(
            "SQRT",
            "the value must not be negative",
            "DTS_E_EXPREVALSQRTINVALIDPARAM",
        ));
    }
    Ok(value.sqrt())
}

/// An indeterminate result is null.
pub(super) fn power(call: &Call<'_>) -> Result<Value, Fault> {
    let (base, exponent) = (call.double(0)?, call.double(1)?);
    if base == 0.0 && exponent < 0.0 {
        return Err(refused(
            "POWER",
            "0 has no negative power",
            "DTS_E_EXPREVALPOWERINVALIDPARAM",
        ));
    }
    let result = base.powf(exponent);
    if result.is_nan() {
        return Ok(Value::Null);
    }
    finite("POWER", result).map(Value::R8)
}

pub(super) fn abs(call: &Call<'_>) -> Result<Value, Fault> {
    let value = call.argument(0)?;
    let overflow = || call.overflow();
    Ok(match value {
        Value::I1(value) => Value::I1(value.checked_abs().ok_or_else(overflow)?),
        Value::I2(value) => Value::I2(value.checked_abs().ok_or_else(overflow)?),
        Value::I4(value) => Value::I4(value.checked_abs().ok_or_else(overflow)?),
        Value::I8(value) => Value::I8(value.checked_abs().ok_or_else(overflow)?),
        Value::R4(value) => Value::R4(value.abs()),
        Value::R8(value) => Value::R8(value.abs()),
        Value::Cy(value) => Value::Cy(value.checked_abs().ok_or_else(overflow)?),
        Value::Decimal(value) => Value::Decimal(value.checked_abs().ok_or_else(overflow)?),
        unsigned => unsigned.clone(),
    })
}

pub(super) fn sign(call: &Call<'_>) -> Result<Value, Fault> {
    let sign = match *call.argument(0)? {
        Value::R4(value) => compare_to_zero(f64::from(value)),
        Value::R8(value) => compare_to_zero(value),
        _ => call.digits(0)?.0.signum(),
    };
    i32::try_from(sign).map(Value::I4).map_err(|_| MISLABELED)
}

fn compare_to_zero(value: f64) -> i128 {
    i128::from(value > 0.0) - i128::from(value < 0.0)
}

pub(super) fn ceiling(call: &Call<'_>) -> Result<Value, Fault> {
    to_whole(call, f64::ceil, |digits, unit| -(-digits).div_euclid(unit))
}

pub(super) fn floor(call: &Call<'_>) -> Result<Value, Fault> {
    to_whole(call, f64::floor, i128::div_euclid)
}

/// The whole number next to the value, at the scale of the value.
fn to_whole(
    call: &Call<'_>,
    float: fn(f64) -> f64,
    decimal: fn(i128, i128) -> i128,
) -> Result<Value, Fault> {
    match *call.argument(0)? {
        Value::R4(value) => Ok(Value::R4(float(f64::from(value)) as f32)),
        Value::R8(value) => Ok(Value::R8(float(value))),
        Value::Cy(_) | Value::Decimal(_) => {
            let (digits, scale) = call.digits(0)?;
            let unit = pow10(scale);
            let whole = decimal(digits, unit).checked_mul(unit);
            fitted(call, whole)
        }
        ref integer => Ok(integer.clone()),
    }
}

/// Halves away from zero.
pub(super) fn round(call: &Call<'_>) -> Result<Value, Fault> {
    let length = call.count(1)?;
    let Ok(length) = u8::try_from(length.min(255)) else {
        return Err(refused("ROUND", "the length must not be negative", ""));
    };
    match *call.argument(0)? {
        Value::R4(value) => Ok(Value::R4(round_float(f64::from(value), length) as f32)),
        Value::R8(value) => Ok(Value::R8(round_float(value, length))),
        Value::Cy(_) | Value::Decimal(_) => {
            let (digits, scale) = call.digits(0)?;
            if length >= scale {
                return Ok(call.argument(0)?.clone());
            }
            let unit = pow10(scale - length);
            fitted(call, round_div(digits, unit).checked_mul(unit))
        }
        ref integer => Ok(integer.clone()),
    }
}

fn round_float(value: f64, length: u8) -> f64 {
    let unit = 10_f64.powi(i32::from(length));
    let shifted = value * unit;
    // Beyond this a double has no digits left to round.
    if !shifted.is_finite() || shifted.abs() > 9e15 {
        return value;
    }
    shifted.round() / unit
}

/// Digits as a value of the result's type, if they fit.
fn fitted(call: &Call<'_>, digits: Option<i128>) -> Result<Value, Fault> {
    let digits = digits.ok_or_else(|| call.overflow())?;
    match call.result {
        DataType::Cy => i64::try_from(digits)
            .map(Value::Cy)
            .map_err(|_| call.overflow()),
        DataType::Numeric { precision, .. }
            if digits.unsigned_abs() >= pow10(precision).unsigned_abs() =>
        {
            Err(call.overflow())
        }
        _ => Ok(Value::Decimal(digits)),
    }
}

fn finite(function: &'static str, value: f64) -> Result<f64, Fault> {
    if value.is_infinite() {
        return Err(Fault::FunctionOverflow {
            function,
            data_type: DataType::R8,
        });
    }
    Ok(value)
}

fn refused(function: &'static str, reason: &'static str, symbol: &'static str) -> Fault {
    Fault::Argument {
        function,
        reason,
        symbol,
    }
}
