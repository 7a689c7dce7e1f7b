//! Dates and times in text, in the forms that SSIS reads.

use super::calendar::days_from_civil;
use super::locale::DateOrder;
use crate::value::{TICKS_PER_DAY, TICKS_PER_SECOND};

/// Two-digit years up to this one belong to the 2000s.
const LAST_SHORT_YEAR: i32 = 29;
/// Largest offset from UTC, in minutes.
const MAX_OFFSET: i16 = 14 * 60;
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// What a text says; a part that it does not mention is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Days since 1970-01-01.
    pub days: Option<i32>,
    /// Ticks since midnight.
    pub ticks: Option<i64>,
    /// Minutes east of UTC.
    pub offset: Option<i16>,
}

/// Reads `yyyy-mm-dd`, a short date in the order of the locale, a date with the name of a
/// month, `hh:mm[:ss[.fffffff]] [AM|PM]`, both with a blank or `T` between, and `±hh:mm` or
/// `Z` at the end.
pub(crate) fn parse_moment(text: &str, order: DateOrder) -> Option<Moment> {
    let mut cursor = Cursor { rest: text.trim() };
    let mut moment = Moment::default();
    if !cursor.at_time() {
        moment.days = Some(cursor.date(order)?);
        if !cursor.rest.is_empty() {
            cursor.date_time_gap()?;
        }
    }
    if !cursor.rest.is_empty() {
        moment.ticks = Some(cursor.time()?);
        cursor.skip_blanks();
        moment.offset = cursor.offset()?;
        cursor.skip_blanks();
    }
    (cursor.rest.is_empty() && (moment.days.is_some() || moment.ticks.is_some())).then_some(moment)
}

/// A part of a date.
#[derive(Clone, Copy)]
enum Part {
    Number { value: i32, digits: usize },
    Month(u32),
}

struct Cursor<'a> {
    rest: &'a str,
}

impl Cursor<'_> {
    fn at_time(&self) -> bool {
        let digits = self.digits();
        (1..=2).contains(&digits) && self.rest[digits..].starts_with(':')
    }

    fn date(&mut self, order: DateOrder) -> Option<i32> {
        if self.digits() == 8 {
            let all = self.number()?.0;
            return date(all / 10_000, all / 100 % 100, all % 100);
        }
        let first = self.part()?;
        self.date_separator()?;
        let second = self.part()?;
        self.date_separator()?;
        let third = self.part()?;
        resolve(first, second, third, order)
    }

    fn part(&mut self) -> Option<Part> {
        if let Some((value, digits)) = self.number() {
            return (digits <= 4).then_some(Part::Number { value, digits });
        }
        let letters = self
            .rest
            .find(|character: char| !character.is_ascii_alphabetic())
            .unwrap_or(self.rest.len());
        let word = self.rest[..letters].to_ascii_lowercase();
        let month = MONTHS
            .iter()
            .position(|name| word.len() >= 3 && name.starts_with(&word))?;
        self.rest = &self.rest[letters..];
        u32::try_from(month + 1).ok().map(Part::Month)
    }

    /// One of `- / .`, or blanks and a comma around the name of a month.
    fn date_separator(&mut self) -> Option<()> {
        let trimmed = self
            .rest
            .trim_start_matches(|character: char| " ,-/.".contains(character));
        let skipped = &self.rest[..self.rest.len() - trimmed.len()];
        let marks = skipped.chars().filter(|mark| *mark != ' ').count();
        if skipped.is_empty() || marks > 1 {
            return None;
        }
        self.rest = trimmed;
        Some(())
    }

    fn date_time_gap(&mut self) -> Option<()> {
        let after = match self.rest.strip_prefix(['T', 't']) {
            Some(after) => after,
            None => {
                let after = self.rest.trim_start_matches(' ');
                if after.len() == self.rest.len() {
                    return None;
                }
                after
            }
        };
        self.rest = after;
        Some(())
    }

    fn time(&mut self) -> Option<i64> {
        let (mut hour, digits) = self.number()?;
        self.eat(':')?;
        let (minute, minute_digits) = self.number()?;
        if digits > 2 || minute_digits > 2 {
            return None;
        }
        let mut second = 0;
        let mut fraction = 0;
        if self.eat(':').is_some() {
            let (value, digits) = self.number()?;
            if digits > 2 {
                return None;
            }
            second = value;
            if self.rest.starts_with(['.', ',', ':']) {
                self.rest = &self.rest[1..];
                fraction = self.fraction()?;
            }
        }
        let before = self.rest;
        self.skip_blanks();
        match self.half_day() {
            Some(afternoon) => {
                if !(1..=12).contains(&hour) {
                    return None;
                }
                hour = hour % 12 + if afternoon { 12 } else { 0 };
            }
            None => self.rest = before,
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds = i64::from(hour * 3600 + minute * 60 + second);
        Some(seconds * TICKS_PER_SECOND + fraction).filter(|ticks| *ticks < TICKS_PER_DAY)
    }

    /// Digits of a second as ticks; more than seven digits are read and dropped.
    fn fraction(&mut self) -> Option<i64> {
        let digits = self.digits();
        if digits == 0 || digits > 9 {
            return None;
        }
        let (fraction, rest) = self.rest.split_at(digits);
        self.rest = rest;
        let kept = &fraction[..digits.min(7)];
        let ticks: i64 = kept.parse().ok()?;
        Some(ticks * 10_i64.pow(7 - u32::try_from(kept.len()).ok()?))
    }

    fn half_day(&mut self) -> Option<bool> {
        let word = self.rest.get(..2)?;
        let afternoon = if word.eq_ignore_ascii_case("pm") {
            true
        } else if word.eq_ignore_ascii_case("am") {
            false
        } else {
            return None;
        };
        self.rest = &self.rest[2..];
        Some(afternoon)
    }

    /// `Some(None)` when there is no offset, `None` when there is a wrong one.
    #[expect(
        clippy::option_option,
        reason = "absent and malformed are different answers, and both are common"
    )]
    fn offset(&mut self) -> Option<Option<i16>> {
        if self.eat('Z').is_some() || self.eat('z').is_some() {
            return Some(Some(0));
        }
        let negative = if self.eat('-').is_some() {
            true
        } else if self.eat('+').is_some() {
            false
        } else {
            return Some(None);
        };
        self.skip_blanks();
        let (hours, hour_digits) = self.number()?;
        self.eat(':')?;
        let (minutes, minute_digits) = self.number()?;
        if hour_digits > 2 || minute_digits > 2 || minutes > 59 {
            return None;
        }
        let total = i16::try_from(hours * 60 + minutes).ok()?;
        let signed = if negative { -total } else { total };
        (total <= MAX_OFFSET).then_some(Some(signed))
    }

    fn number(&mut self) -> Option<(i32, usize)> {
        let digits = self.digits();
        let value = self.rest[..digits].parse().ok()?;
        self.rest = &self.rest[digits..];
        Some((value, digits))
    }

    fn digits(&self) -> usize {
        self.rest.bytes().take_while(u8::is_ascii_digit).count()
    }

    fn eat(&mut self, expected: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }
}

fn resolve(first: Part, second: Part, third: Part, order: DateOrder) -> Option<i32> {
    use Part::{Month, Number};
    match (first, second, third) {
        // 11 Oct 1999 and Oct 11 1999; 1999 Oct 11.
        (
            Number {
                value: first,
                digits,
            },
            Month(month),
            Number {
                value: third,
                digits: third_digits,
            },
        ) => {
            if digits > 2 {
                civil(first, month, third)
            } else {
                civil(full_year(third, third_digits), month, first)
            }
        }
        (
            Month(month),
            Number { value: day, .. },
            Number {
                value: year,
                digits,
            },
        ) => civil(full_year(year, digits), month, day),
        (
            Number { value: a, digits },
            Number { value: b, .. },
            Number {
                value: c,
                digits: c_digits,
            },
        ) => {
            if digits > 2 {
                return date(a, b, c);
            }
            match order {
                DateOrder::YearMonthDay if c_digits <= 2 => date(full_year(a, digits), b, c),
                DateOrder::DayMonthYear => {
                    let year = full_year(c, c_digits);
                    date(year, b, a).or_else(|| date(year, a, b))
                }
                // A date that has no meaning in one order is tried in the other.
                DateOrder::MonthDayYear | DateOrder::YearMonthDay => {
                    let year = full_year(c, c_digits);
                    date(year, a, b).or_else(|| date(year, b, a))
                }
            }
        }
        _ => None,
    }
}

fn full_year(year: i32, digits: usize) -> i32 {
    match year {
        _ if digits > 2 => year,
        0..=LAST_SHORT_YEAR => 2000 + year,
        _ => 1900 + year,
    }
}

fn civil(year: i32, month: u32, day: i32) -> Option<i32> {
    days_from_civil(year, month, u32::try_from(day).ok()?)
}

fn date(year: i32, month: i32, day: i32) -> Option<i32> {
    civil(year, u32::try_from(month).ok()?, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, order: DateOrder) -> Option<Moment> {
        parse_moment(text, order)
    }

    #[test]
    fn the_order_of_the_locale_decides_unless_it_cannot() {
        let days = |year, month, day| days_from_civil(year, month, day);
        let of = |text, order| read(text, order).and_then(|moment| moment.days);
        assert_eq!(of("8/6/2003", DateOrder::MonthDayYear), days(2003, 8, 6));
        assert_eq!(of("8/6/2003", DateOrder::DayMonthYear), days(2003, 6, 8));
        assert_eq!(
            of("23/11/2002", DateOrder::MonthDayYear),
            days(2002, 11, 23)
        );
        assert_eq!(
            of("2002-11-23", DateOrder::DayMonthYear),
            days(2002, 11, 23)
        );
        assert_eq!(of("20021123", DateOrder::DayMonthYear), days(2002, 11, 23));
        assert_eq!(of("1/2/29", DateOrder::MonthDayYear), days(2029, 1, 2));
        assert_eq!(of("1/2/30", DateOrder::MonthDayYear), days(1930, 1, 2));
        assert_eq!(
            of("11-Oct-1999", DateOrder::MonthDayYear),
            days(1999, 10, 11)
        );
        assert_eq!(
            of("October 11, 1999", DateOrder::DayMonthYear),
            days(1999, 10, 11)
        );
    }

    #[test]
    fn times_have_fractions_halves_of_the_day_and_offsets() {
        let of = |text| read(text, DateOrder::MonthDayYear).unwrap();
        let second = TICKS_PER_SECOND;
        assert_eq!(
            of("16:34:52.12345").ticks,
            Some((16 * 3600 + 34 * 60 + 52) * second + 1_234_500)
        );
        assert_eq!(of("12:00:01 AM").ticks, Some(second));
        assert_eq!(
            of("1/1/2000 12:30 pm").ticks,
            Some((12 * 60 + 30) * 60 * second)
        );
        assert_eq!(of("1999-10-11T20:34:52Z").offset, Some(0));
        assert_eq!(of("1999-10-11 20:34:52.123 -3:30").offset, Some(-210));
        assert_eq!(of("1999-10-11 20:34:52 + 5:35").offset, Some(335));
        assert_eq!(
            of("2001-02-03 04:05:06:789").ticks.unwrap() % second,
            7_890_000
        );
    }

    #[test]
    fn nonsense_is_none() {
        for text in [
            "",
            "x",
            "2003-02-30",
            "25:00:00",
            "10:60",
            "13:00 PM",
            "1999-10-11 10:00 +15:00",
            "1999-10-11 10:00 +05:60",
            "1999-10-11x",
            "1--2--2003",
            "10:00:00.",
            "99999999999:00",
            "2003-01",
            "é-1-2003",
        ] {
            assert_eq!(read(text, DateOrder::MonthDayYear), None, "{text}");
        }
    }
}
