//! Date and time types among each other.

use super::calendar::{FILETIME_EPOCH_DAYS, days_from_civil, join_ticks, split_ticks};
use super::error::ConvertError;
use super::parse_moment::Moment;
use super::value::Converted;
use crate::value::{DataType, TICKS_PER_DAY, Value};

/// The first year of SQL Server's `datetime`.
const FIRST_DATETIME_YEAR: i32 = 1753;
/// The first year of `DT_DATE`.
const FIRST_OLE_YEAR: i32 = 100;

/// Is it one of the date and time types?
pub(crate) fn is_temporal(data_type: DataType) -> bool {
    matches!(
        data_type,
        DataType::Date
            | DataType::DbDate
            | DataType::DbTime
            | DataType::DbTime2 { .. }
            | DataType::DbTimestamp
            | DataType::DbTimestamp2 { .. }
            | DataType::DbTimestampOffset { .. }
            | DataType::FileTime
    )
}

/// Digits of the fraction of a second that a type keeps.
pub(crate) fn fraction_digits(data_type: DataType) -> u8 {
    match data_type {
        DataType::DbTime2 { scale }
        | DataType::DbTimestamp2 { scale }
        | DataType::DbTimestampOffset { scale } => scale.min(7),
        DataType::DbTimestamp => 3,
        DataType::DbDate | DataType::DbTime => 0,
        _ => 7,
    }
}

/// What a value says about the time; `None` when it is no date or time.
pub(crate) fn moment_of(value: &Value) -> Option<Moment> {
    Some(match *value {
        Value::DbDate(days) => Moment {
            days: Some(days),
            ..Moment::default()
        },
        Value::Time(ticks) => Moment {
            ticks: Some(ticks),
            ..Moment::default()
        },
        Value::Timestamp(ticks) => from_ticks(ticks, None),
        Value::TimestampOffset { utc, offset } => {
            let local = utc.saturating_add(i64::from(offset) * TICKS_PER_DAY / 1440);
            from_ticks(local, Some(offset))
        }
        _ => return None,
    })
}

fn from_ticks(ticks: i64, offset: Option<i16>) -> Moment {
    let (days, ticks) = split_ticks(ticks);
    Moment {
        days: Some(days),
        ticks: Some(ticks),
        offset,
    }
}

/// A value of the type that says what the moment says. `today` stands in for a missing date.
pub(crate) fn to_temporal(
    moment: Moment,
    from: DataType,
    to: DataType,
    today: i32,
) -> Result<Converted, ConvertError> {
    let overflow = ConvertError::Overflow { from, to };
    let days = moment.days.unwrap_or(today);
    let ticks = moment.ticks.unwrap_or(0);
    let local = join_ticks(days, ticks).ok_or_else(|| overflow.clone())?;
    let offset = moment.offset.unwrap_or(0);
    let utc = local - i64::from(offset) * TICKS_PER_DAY / 1440;
    if let DataType::DbTimestampOffset { scale } = to {
        let (utc, truncated) = cut(utc, scale);
        let value = Value::TimestampOffset { utc, offset };
        return Ok(Converted { value, truncated });
    }
    // Every other type has no offset, so it holds the clock time of UTC.
    let (days, ticks) = split_ticks(utc);
    check_range(days, from, to)?;
    let (value, truncated) = match to {
        DataType::DbDate => (Value::DbDate(days), false),
        DataType::DbTime | DataType::DbTime2 { .. } => {
            let (ticks, truncated) = cut(ticks, fraction_digits(to));
            (Value::Time(ticks), truncated)
        }
        _ => {
            let (ticks, truncated) = cut(utc, fraction_digits(to));
            (Value::Timestamp(ticks), truncated)
        }
    };
    Ok(Converted { value, truncated })
}

fn check_range(days: i32, from: DataType, to: DataType) -> Result<(), ConvertError> {
    let wide = matches!(
        from,
        DataType::DbTimestamp2 { .. } | DataType::DbTimestampOffset { .. }
    );
    let first = match to {
        DataType::Date => days_from_civil(FIRST_OLE_YEAR, 1, 1),
        DataType::DbTimestamp if wide => days_from_civil(FIRST_DATETIME_YEAR, 1, 1),
        DataType::FileTime => Some(FILETIME_EPOCH_DAYS),
        _ => None,
    };
    match first {
        Some(first) if days < first => Err(ConvertError::Overflow { from, to }),
        _ => Ok(()),
    }
}

/// Drops digits of the fraction of a second; says whether that lost anything.
fn cut(ticks: i64, digits: u8) -> (i64, bool) {
    let unit = 10_i64.pow(u32::from(7 - digits.min(7)));
    let kept = ticks.div_euclid(unit) * unit;
    (kept, kept != ticks)
}

/// Where a date or time stands among others of its kind, in ticks; an offset counts as UTC.
#[must_use]
pub fn moment_ticks(value: &Value) -> Option<i64> {
    match *value {
        Value::DbDate(days) => Some(i64::from(days) * TICKS_PER_DAY),
        Value::Time(ticks) | Value::Timestamp(ticks) => Some(ticks),
        Value::TimestampOffset { utc, .. } => Some(utc),
        _ => None,
    }
}
