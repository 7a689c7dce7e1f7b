//! Days and civil dates of the proleptic Gregorian calendar.

use crate::value::TICKS_PER_DAY;

/// Days from 1899-12-30, the zero of `DT_DATE`, to 1970-01-01.
pub(crate) const OLE_EPOCH_DAYS: i32 = -25_569;
/// Days from 1601-01-01, the zero of `DT_FILETIME`, to 1970-01-01.
pub(crate) const FILETIME_EPOCH_DAYS: i32 = -134_774;
/// 0001-01-01.
pub(crate) const FIRST_DAY: i32 = -719_162;
/// 9999-12-31.
pub(crate) const LAST_DAY: i32 = 2_932_896;

/// Days since 1970-01-01 of a date; `None` when there is no such date in the years 1 to 9999.
#[must_use]
pub fn days_from_civil(year: i32, month: u32, day: u32) -> Option<i32> {
    if !(1..=9999).contains(&year) || day == 0 || day > days_in_month(year, month) {
        return None;
    }
    let month = i32::try_from(month).ok()?;
    let day = i32::try_from(day).ok()?;
    // Years begin in March here, so that the leap day is the last day of a year.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Year, month and day of a day number.
#[must_use]
pub fn civil_from_days(days: i32) -> (i32, u32, u32) {
    let shifted = i64::from(days) + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let small = |part: i64| u32::try_from(part).unwrap_or(0);
    (i32::try_from(year).unwrap_or(0), small(month), small(day))
}

/// Length of a month; 0 when there is no such month.
#[must_use]
pub(crate) fn days_in_month(year: i32, month: u32) -> u32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

/// Day number and ticks since midnight of a timestamp.
#[must_use]
pub(crate) fn split_ticks(ticks: i64) -> (i32, i64) {
    let days = i32::try_from(ticks.div_euclid(TICKS_PER_DAY)).unwrap_or(0);
    (days, ticks.rem_euclid(TICKS_PER_DAY))
}

/// A timestamp; `None` outside the years 1 to 9999.
#[must_use]
pub(crate) fn join_ticks(days: i32, ticks: i64) -> Option<i64> {
    let total = i64::from(days)
        .checked_mul(TICKS_PER_DAY)?
        .checked_add(ticks)?;
    in_range(total).then_some(total)
}

/// Is the timestamp in the years 1 to 9999?
#[must_use]
pub(crate) fn in_range(ticks: i64) -> bool {
    (i64::from(FIRST_DAY) * TICKS_PER_DAY..(i64::from(LAST_DAY) + 1) * TICKS_PER_DAY)
        .contains(&ticks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_there_is_has_one_date() {
        let mut expected = (1, 1, 1);
        for days in FIRST_DAY..=LAST_DAY {
            let (year, month, day) = civil_from_days(days);
            assert_eq!((year, month, day), expected);
            assert_eq!(days_from_civil(year, month, day), Some(days));
            expected = if day < days_in_month(year, month) {
                (year, month, day + 1)
            } else if month < 12 {
                (year, month + 1, 1)
            } else {
                (year + 1, 1, 1)
            };
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_none() {
        assert_eq!(days_from_civil(2003, 2, 29), None);
        assert_eq!(days_from_civil(2003, 13, 1), None);
        assert_eq!(days_from_civil(2003, 1, 0), None);
        assert_eq!(days_from_civil(10_000, 1, 1), None);
    }

    #[test]
    fn the_epochs_are_where_they_should_be() {
        assert_eq!(days_from_civil(1899, 12, 30), Some(OLE_EPOCH_DAYS));
        assert_eq!(days_from_civil(1601, 1, 1), Some(FILETIME_EPOCH_DAYS));
    }
}
