//! Dates and times as text, the way T-SQL and ISO 8601 write them.

use crate::convert::{civil_from_days, days_from_civil};
use crate::value::{TICKS_PER_DAY, TICKS_PER_SECOND};

/// `2024-01-31`
#[must_use]
pub fn date_text(days: i32) -> String {
    let (year, month, day) = civil_from_days(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `13:05:09`, with as many digits of a second as there are.
#[must_use]
pub fn time_text(ticks: i64) -> String {
    let seconds = ticks / TICKS_PER_SECOND;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let whole = format!("{hours:02}:{minutes:02}:{:02}", seconds % 60);
    let fraction = ticks % TICKS_PER_SECOND;
    if fraction == 0 {
        return whole;
    }
    let fraction = format!("{fraction:07}");
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

/// `2024-01-31 13:05:09`, with as many digits of a second as there are.
#[must_use]
pub fn timestamp_text(ticks: i64) -> String {
    let days = i32::try_from(ticks.div_euclid(TICKS_PER_DAY)).unwrap_or(i32::MAX);
    let time = time_text(ticks.rem_euclid(TICKS_PER_DAY));
    format!("{} {time}", date_text(days))
}

/// `2024-01-31 13:05:09 +02:00`: the local time and its offset.
#[must_use]
pub fn offset_text(utc: i64, minutes: i16) -> String {
    let local = timestamp_text(utc.saturating_add(minute_ticks(minutes)));
    let (sign, minutes) = if minutes < 0 {
        ('-', -i32::from(minutes))
    } else {
        ('+', i32::from(minutes))
    };
    format!("{local} {sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

fn minute_ticks(minutes: i16) -> i64 {
    i64::from(minutes) * 60 * TICKS_PER_SECOND
}

/// Reads `2024-01-31` or `20240131`.
#[must_use]
pub fn parse_date(text: &str) -> Option<i32> {
    let text = text.trim();
    let (year, month, day) = if let Some((year, rest)) = text.split_once('-') {
        let (month, day) = rest.split_once('-')?;
        (number(year, 4)?, number(month, 2)?, number(day, 2)?)
    } else if text.len() == 8 && text.is_ascii() {
        let (year, rest) = text.split_at(4);
        let (month, day) = rest.split_at(2);
        (number(year, 4)?, number(month, 2)?, number(day, 2)?)
    } else {
        return None;
    };
    if year == 0 {
        return None;
    }
    let (year, month, day) = (
        i32::try_from(year).ok()?,
        u32::try_from(month).ok()?,
        u32::try_from(day).ok()?,
    );
    days_from_civil(year, month, day)
}

/// Reads `13:05`, `13:05:09`, `13:05:09.1234567`; ticks of 100 ns since midnight.
#[must_use]
pub fn parse_time(text: &str) -> Option<i64> {
    let mut parts = text.trim().split(':');
    let hours = number(parts.next()?, 2).filter(|hours| *hours < 24)?;
    let minutes = number(parts.next()?, 2).filter(|minutes| *minutes < 60)?;
    let (seconds, fraction) = match parts.next() {
        None => (0, 0),
        Some(text) => {
            let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
            (number(seconds, 2)?, fraction_ticks(fraction)?)
        }
    };
    if parts.next().is_some() || 60 <= seconds {
        return None;
    }
    Some((hours * 3600 + minutes * 60 + seconds) * TICKS_PER_SECOND + fraction)
}

/// Reads a date, a date and a time (`T` or blank between), or nothing else.
#[must_use]
pub fn parse_timestamp(text: &str) -> Option<i64> {
    let text = text.trim();
    let (date, time) = match text.find(['T', ' ']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let days = i64::from(parse_date(date)?);
    let ticks = match time {
        Some(time) => parse_time(time)?,
        None => 0,
    };
    Some(days * TICKS_PER_DAY + ticks)
}

/// Reads a date and time with `Z`, `+02:00` or nothing (UTC) behind it; UTC ticks and minutes.
#[must_use]
pub fn parse_offset(text: &str) -> Option<(i64, i16)> {
    let text = text.trim();
    if let Some(utc) = text.strip_suffix(['Z', 'z']) {
        return Some((parse_timestamp(utc)?, 0));
    }
    let after_date = text.char_indices().nth(10).map(|(at, _)| at)?;
    let Some(sign) = text[after_date..].rfind(['+', '-']) else {
        return Some((parse_timestamp(text)?, 0));
    };
    let (local, offset) = text.split_at(after_date + sign);
    let (hours, rest) = offset[1..].split_once(':').unwrap_or((&offset[1..], "00"));
    let minutes = i16::try_from(number(hours, 2)? * 60 + number(rest, 2)?).ok()?;
    let minutes = if offset.starts_with('-') {
        -minutes
    } else {
        minutes
    };
    let utc = parse_timestamp(local)?.checked_sub(minute_ticks(minutes))?;
    (minutes.abs() <= 14 * 60).then_some((utc, minutes))
}

fn number(text: &str, most_digits: usize) -> Option<i64> {
    let plain = !text.is_empty()
        && text.len() <= most_digits
        && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Up to 9 digits of a second; what is below 100 ns is dropped.
fn fraction_ticks(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    number(text, 9)?;
    let mut padded = text.to_owned();
    while padded.len() < 7 {
        padded.push('0');
    }
    padded[..7].parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_dates() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("0001-01-01", -719_162),
            ("9999-12-31", 2_932_896),
        ] {
            assert_eq!(parse_date(text), Some(days), "{text}");
            assert_eq!(date_text(days), text);
        }
        assert_eq!(parse_date("20240131"), parse_date("2024-01-31"));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["", "2023-02-29", "2024-13-01", "2024-1", "0000-01-01", "x"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
        for text in ["24:00", "12:60", "12:00:60", "12", "1:2:3:4", "12:00:00.x"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn an_offset_is_taken_off() {
        let (utc, minutes) = parse_offset("2024-01-31 02:00:00 +02:00").unwrap();
        assert_eq!(minutes, 120);
        assert_eq!(Some(utc), parse_timestamp("2024-01-31"));
        assert_eq!(parse_offset("2024-01-31T00:00:00Z"), Some((utc, 0)));
    }

    proptest! {
        #[test]
        fn a_timestamp_survives_its_text(ticks in -621_355_968_000_000_000_i64..2_534_023_008_000_000_000) {
            prop_assert_eq!(parse_timestamp(&timestamp_text(ticks)), Some(ticks));
        }

        #[test]
        fn an_offset_survives_its_text(
            utc in -621_000_000_000_000_000_i64..2_534_000_000_000_000_000,
            minutes in -840_i16..=840,
        ) {
            prop_assert_eq!(parse_offset(&offset_text(utc, minutes)), Some((utc, minutes)));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = (parse_timestamp(&text), parse_offset(&text), parse_time(&text));
        }
    }
}
