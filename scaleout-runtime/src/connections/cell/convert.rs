//! Cells as the plain values of each column type: the conversions that a database provider does.

use super::{
    Cell, cell_text, digits, parse_date, parse_decimal, parse_offset, parse_time, parse_timestamp,
    rescale,
};
use crate::value::TICKS_PER_DAY;

/// Why a cell does not fit a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CellProblem {
    /// Another kind of value.
    #[error("the value cannot be converted to the column's type")]
    Mismatch,
    /// Too large or too small.
    #[error("the value is out of the range of the column's type")]
    Overflow,
    /// Text or bytes longer than the column.
    #[error("the value is longer than the column")]
    Truncation,
}

pub(super) fn boolean(cell: Cell<'_>) -> Result<bool, CellProblem> {
    Ok(match cell {
        Cell::Bool(value) => value,
        Cell::Str(text) if text.eq_ignore_ascii_case("true") => true,
        Cell::Str(text) if text.eq_ignore_ascii_case("false") => false,
        Cell::Real(value) => value != 0.0,
        Cell::Float(value) => value != 0.0,
        Cell::Decimal { unscaled, .. } => unscaled != 0,
        other => integer::<i64>(other)? != 0,
    })
}

pub(super) fn integer<T: TryFrom<i128>>(cell: Cell<'_>) -> Result<T, CellProblem> {
    let value = match cell {
        Cell::Bool(value) => i128::from(value),
        Cell::Int(value) => i128::from(value),
        Cell::Uint(value) => i128::from(value),
        Cell::Real(value) => whole(f64::from(value))?,
        Cell::Float(value) => whole(value)?,
        Cell::Decimal { unscaled, scale } => truncated(unscaled, scale),
        Cell::Str(text) => {
            let (unscaled, scale) = parse_decimal(text).ok_or(CellProblem::Mismatch)?;
            if scale != 0 {
                return Err(CellProblem::Mismatch);
            }
            unscaled
        }
        _ => return Err(CellProblem::Mismatch),
    };
    T::try_from(value).map_err(|_| CellProblem::Overflow)
}

pub(super) fn truncated(unscaled: i128, scale: u8) -> i128 {
    10_i128
        .checked_pow(u32::from(scale))
        .map_or(0, |divisor| unscaled / divisor)
}

/// As OLE DB does, the fraction is dropped.
pub(super) fn whole(value: f64) -> Result<i128, CellProblem> {
    if value.is_finite() && value.abs() < 1e19 {
        #[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
        Ok(value.trunc() as i128)
    } else {
        Err(CellProblem::Overflow)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the nearest single is meant"
)]
pub(super) fn single(cell: Cell<'_>) -> Result<f32, CellProblem> {
    if let Cell::Real(value) = cell {
        return Ok(value);
    }
    let value = float(cell)?;
    let single = value as f32;
    if value.is_finite() && single.is_infinite() {
        return Err(CellProblem::Overflow);
    }
    Ok(single)
}

#[expect(clippy::cast_precision_loss, reason = "the nearest double is meant")]
pub(super) fn float(cell: Cell<'_>) -> Result<f64, CellProblem> {
    Ok(match cell {
        Cell::Bool(value) => f64::from(u8::from(value)),
        Cell::Int(value) => value as f64,
        Cell::Uint(value) => value as f64,
        // The shortest text of the single is what people saw: 0.1 stays 0.1.
        Cell::Real(value) => value.to_string().parse().unwrap_or(f64::from(value)),
        Cell::Float(value) => value,
        Cell::Decimal { .. } => {
            let text = cell_text(&cell).unwrap_or_default();
            text.parse().map_err(|_| CellProblem::Mismatch)?
        }
        Cell::Str(text) => text.trim().parse().map_err(|_| CellProblem::Mismatch)?,
        _ => return Err(CellProblem::Mismatch),
    })
}

pub(super) fn decimal(cell: Cell<'_>, precision: u8, scale: u8) -> Result<i128, CellProblem> {
    let (unscaled, from) = match cell {
        Cell::Bool(value) => (i128::from(value), 0),
        Cell::Int(value) => (i128::from(value), 0),
        Cell::Uint(value) => (i128::from(value), 0),
        Cell::Decimal { unscaled, scale } => (unscaled, scale),
        Cell::Real(value) => parse_decimal(&value.to_string()).ok_or(CellProblem::Overflow)?,
        Cell::Float(value) => float_digits(value).ok_or(CellProblem::Overflow)?,
        Cell::Str(text) => parse_decimal(text).ok_or(CellProblem::Mismatch)?,
        _ => return Err(CellProblem::Mismatch),
    };
    let value = rescale(unscaled, from, scale).ok_or(CellProblem::Overflow)?;
    if value != 0 && u32::from(precision.clamp(1, 38)) < digits(value) {
        return Err(CellProblem::Overflow);
    }
    Ok(value)
}

/// The shortest decimal that reads back as the same double.
pub(super) fn float_digits(value: f64) -> Option<(i128, u8)> {
    parse_decimal(&format!("{value:e}")).or_else(|| {
        // Too many digits after the point for 128 bits: what is below 1e-38 does not count.
        (value.abs() < 1e-20).then_some((0, 0))
    })
}

pub(super) fn bytes(cell: Cell<'_>, length: usize) -> Result<&[u8], CellProblem> {
    let bytes = match cell {
        Cell::Bytes(bytes) => bytes,
        Cell::Str(text) => text.as_bytes(),
        _ => return Err(CellProblem::Mismatch),
    };
    if bytes.len() <= length {
        Ok(bytes)
    } else {
        Err(CellProblem::Truncation)
    }
}

pub(super) fn guid(cell: Cell<'_>) -> Result<[u8; 16], CellProblem> {
    match cell {
        Cell::Guid(bytes) => Ok(bytes),
        Cell::Bytes(bytes) => bytes.try_into().map_err(|_| CellProblem::Mismatch),
        Cell::Str(text) => uuid::Uuid::parse_str(text.trim())
            .map(uuid::Uuid::into_bytes)
            .map_err(|_| CellProblem::Mismatch),
        _ => Err(CellProblem::Mismatch),
    }
}

pub(super) fn date(cell: Cell<'_>) -> Result<i32, CellProblem> {
    match cell {
        Cell::Date(days) => Ok(days),
        other => i32::try_from(timestamp(other)?.div_euclid(TICKS_PER_DAY))
            .map_err(|_| CellProblem::Overflow),
    }
}

pub(super) fn time(cell: Cell<'_>) -> Result<i64, CellProblem> {
    match cell {
        Cell::Time(ticks) => Ok(ticks),
        Cell::Str(text) => parse_time(text)
            .or_else(|| parse_timestamp(text).map(|ticks| ticks.rem_euclid(TICKS_PER_DAY)))
            .ok_or(CellProblem::Mismatch),
        other => Ok(timestamp(other)?.rem_euclid(TICKS_PER_DAY)),
    }
}

pub(super) fn timestamp(cell: Cell<'_>) -> Result<i64, CellProblem> {
    match cell {
        Cell::Timestamp(ticks) => Ok(ticks),
        Cell::Date(days) => Ok(i64::from(days) * TICKS_PER_DAY),
        Cell::Offset { utc, minutes } => {
            Ok(utc.saturating_add(i64::from(minutes) * (TICKS_PER_DAY / 1440)))
        }
        Cell::Str(text) => parse_timestamp(text)
            .or_else(|| parse_date(text).map(|days| i64::from(days) * TICKS_PER_DAY))
            .ok_or(CellProblem::Mismatch),
        _ => Err(CellProblem::Mismatch),
    }
}

pub(super) fn offset(cell: Cell<'_>) -> Result<i128, CellProblem> {
    let (utc, minutes) = match cell {
        Cell::Offset { utc, minutes } => (utc, minutes),
        Cell::Str(text) => parse_offset(text).ok_or(CellProblem::Mismatch)?,
        other => (timestamp(other)?, 0),
    };
    Ok(i128::from(utc) * 4096 + i128::from(minutes) + 2048)
}
