//! Date and time functions.

use super::super::evaluation_error::Fault;
use super::super::mistake::Mistake;
use super::super::operators::MISLABELED;
use super::super::plan::Node;
use super::super::scalar::convert_value;
use super::call::Call;
use super::date_part::DatePart;
use crate::convert::{civil_from_days, days_from_civil, days_in_month, join_ticks, split_ticks};
use crate::value::{DataType, TICKS_PER_DAY, TICKS_PER_SECOND, Value};

const TICKS_PER_MILLISECOND: i64 = TICKS_PER_SECOND / 1000;

pub(super) fn timestamp(_: &[Node]) -> Result<DataType, Mistake> {
    Ok(DataType::DbTimestamp)
}

pub(super) fn get_date(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(Value::Timestamp(call.environment.local_ticks()))
}

pub(super) fn get_utc_date(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(Value::Timestamp(call.environment.utc_ticks()))
}

pub(super) fn day(call: &Call<'_>) -> Result<Value, Fault> {
    part_value(call, DatePart::Day, 0)
}

pub(super) fn month(call: &Call<'_>) -> Result<Value, Fault> {
    part_value(call, DatePart::Month, 0)
}

pub(super) fn year(call: &Call<'_>) -> Result<Value, Fault> {
    part_value(call, DatePart::Year, 0)
}

pub(super) fn date_part(call: &Call<'_>) -> Result<Value, Fault> {
    part_value(call, named_part(call)?, 1)
}

/// Months and years keep the day, or end on the last day of the month they reach.
pub(super) fn date_add(call: &Call<'_>) -> Result<Value, Fault> {
    let moved = moved(named_part(call)?, call.count(1)?, argument_ticks(call, 2)?);
    moved.map(Value::Timestamp).ok_or_else(|| call.overflow())
}

/// The moment so many parts later; `None` when no date is that far.
pub(crate) fn moved(part: DatePart, count: i64, ticks: i64) -> Option<i64> {
    match part {
        DatePart::Year => add_months(ticks, count.checked_mul(12)),
        DatePart::Quarter => add_months(ticks, count.checked_mul(3)),
        DatePart::Month => add_months(ticks, Some(count)),
        DatePart::Week => add_ticks(ticks, count, 7 * TICKS_PER_DAY),
        DatePart::Day | DatePart::DayOfYear | DatePart::Weekday => {
            add_ticks(ticks, count, TICKS_PER_DAY)
        }
        DatePart::Hour => add_ticks(ticks, count, 3600 * TICKS_PER_SECOND),
        DatePart::Minute => add_ticks(ticks, count, 60 * TICKS_PER_SECOND),
        DatePart::Second => add_ticks(ticks, count, TICKS_PER_SECOND),
        DatePart::Millisecond => add_ticks(ticks, count, TICKS_PER_MILLISECOND),
    }
}

fn add_ticks(ticks: i64, count: i64, unit: i64) -> Option<i64> {
    let moved = ticks.checked_add(count.checked_mul(unit)?)?;
    let (days, time) = split_ticks(moved);
    join_ticks(days, time)
}

fn add_months(ticks: i64, months: Option<i64>) -> Option<i64> {
    let (days, time) = split_ticks(ticks);
    let (year, month, day) = civil_from_days(days);
    let total = (i64::from(year) * 12 + i64::from(month) - 1).checked_add(months?)?;
    let year = i32::try_from(total.div_euclid(12)).ok()?;
    let month = u32::try_from(total.rem_euclid(12) + 1).ok()?;
    let day = day.min(days_in_month(year, month));
    join_ticks(days_from_civil(year, month, day)?, time)
}

/// Counts the boundaries between two moments, not the time that passes.
pub(super) fn date_diff(call: &Call<'_>) -> Result<Value, Fault> {
    let (start, end) = (argument_ticks(call, 1)?, argument_ticks(call, 2)?);
    call.integer(boundaries_between(named_part(call)?, start, end))
}

/// How many boundaries of the part lie between two moments.
pub(crate) fn boundaries_between(part: DatePart, start: i64, end: i64) -> i64 {
    boundaries(part, end) - boundaries(part, start)
}

/// How many boundaries of the part lie before a moment, counted from a fixed one.
fn boundaries(part: DatePart, ticks: i64) -> i64 {
    let (days, _) = split_ticks(ticks);
    let (year, month, _) = civil_from_days(days);
    let months = i64::from(year) * 12 + i64::from(month) - 1;
    match part {
        DatePart::Year => i64::from(year),
        DatePart::Quarter => months.div_euclid(3),
        DatePart::Month => months,
        DatePart::Week => i64::from(days + 4).div_euclid(7),
        DatePart::Day | DatePart::DayOfYear | DatePart::Weekday => i64::from(days),
        DatePart::Hour => ticks.div_euclid(3600 * TICKS_PER_SECOND),
        DatePart::Minute => ticks.div_euclid(60 * TICKS_PER_SECOND),
        DatePart::Second => ticks.div_euclid(TICKS_PER_SECOND),
        DatePart::Millisecond => ticks.div_euclid(TICKS_PER_MILLISECOND),
    }
}

fn part_value(call: &Call<'_>, part: DatePart, index: usize) -> Result<Value, Fault> {
    call.integer(part_of(part, argument_ticks(call, index)?))
}

/// Weeks begin on Sunday, which is day 1; the first of January is in week 1.
pub(crate) fn part_of(part: DatePart, ticks: i64) -> i64 {
    let (days, time) = split_ticks(ticks);
    let (year, month, day) = civil_from_days(days);
    let first_day = days_from_civil(year, 1, 1).unwrap_or(days);
    let seconds = time / TICKS_PER_SECOND;
    match part {
        DatePart::Year => i64::from(year),
        DatePart::Quarter => (i64::from(month) + 2) / 3,
        DatePart::Month => i64::from(month),
        DatePart::DayOfYear => i64::from(days - first_day + 1),
        DatePart::Day => i64::from(day),
        DatePart::Week => i64::from((days + 4).div_euclid(7) - (first_day + 4).div_euclid(7) + 1),
        DatePart::Weekday => i64::from((days + 4).rem_euclid(7) + 1),
        DatePart::Hour => seconds / 3600,
        DatePart::Minute => seconds / 60 % 60,
        DatePart::Second => seconds % 60,
        DatePart::Millisecond => time / TICKS_PER_MILLISECOND % 1000,
    }
}

fn named_part(call: &Call<'_>) -> Result<DatePart, Fault> {
    DatePart::from_name(call.text(0)?).ok_or(MISLABELED)
}

/// The argument as a `DT_DBTIMESTAMP`.
fn argument_ticks(call: &Call<'_>, index: usize) -> Result<i64, Fault> {
    let value = call.argument(index)?;
    if let Value::Timestamp(ticks) = value {
        return Ok(*ticks);
    }
    let data_type = call.types.get(index).ok_or(MISLABELED)?;
    // Not to DT_DBTIMESTAMP: that would cut digits of the second and refuse early dates.
    let wide = DataType::DbTimestamp2 { scale: 7 };
    match convert_value(value, *data_type, wide, call.environment)?.0 {
        Value::Timestamp(ticks) => Ok(ticks),
        _ => Err(MISLABELED),
    }
}
