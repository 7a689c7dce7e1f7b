//! When a schedule fires, as people write it.

use clap::Args;
use jiff::civil::{Date, Time};
use scaleout_core::registry::Arguments;
use serde_json::json;

use crate::commands::job::named::given;

/// When it fires.
#[derive(Args, Debug)]
pub struct WhenArgs {
    #[command(flatten)]
    days: DaysArgs,
    /// Every so many days, weeks or months only
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    interval: u32,
    /// Time of the day, or the first of them, HH:MM
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "00:00")]
    at: i64,
    /// Again and again: 15m, 2h, 30s
    #[arg(long, value_name = "PAUSE", value_parser = pause)]
    every: Option<Pause>,
    /// The last time of the day, with --every
    #[arg(long, value_name = "TIME", value_parser = time, requires = "every")]
    until: Option<i64>,
    /// First day, YYYY-MM-DD; today when left out
    #[arg(long, value_name = "DATE", value_parser = date)]
    from: Option<i64>,
    /// Last day, YYYY-MM-DD
    #[arg(long, value_name = "DATE", value_parser = date)]
    to: Option<i64>,
    /// Where its clock hangs; the zone of the master when left out
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
}

/// The days; one of these.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct DaysArgs {
    /// Once, on that day
    #[arg(long, value_name = "DATE", value_parser = date)]
    once: Option<i64>,
    /// Every day
    #[arg(long)]
    daily: bool,
    /// On days of the week, such as mon,fri
    #[arg(long, value_name = "DAYS", value_parser = week_days)]
    weekly: Option<i64>,
    /// On a day of the month, such as 1, or last-weekday, second-tuesday
    #[arg(long, value_name = "DAY", value_parser = month_day)]
    monthly: Option<MonthDay>,
    /// When a master starts
    #[arg(long)]
    on_start: bool,
    /// When the workers become idle
    #[arg(long)]
    when_idle: bool,
}

/// A unit (2, 4, 8) and how many of it.
pub type Pause = (i64, i64);

/// A day of the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonthDay {
    /// By number.
    Number(i64),
    /// `freq_relative_interval` and `freq_interval`.
    Relative(i64, i64),
}

const DAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

fn time(text: &str) -> Result<i64, String> {
    let full = if text.matches(':').count() == 1 {
        format!("{text}:00")
    } else {
        text.to_owned()
    };
    let time: Time = full
        .parse()
        .map_err(|_| "write HH:MM or HH:MM:SS".to_owned())?;
    Ok(scaleout_core::jobs::schedule::time_number(time))
}

fn date(text: &str) -> Result<i64, String> {
    let date: Date = text.parse().map_err(|_| "write YYYY-MM-DD".to_owned())?;
    Ok(scaleout_core::jobs::schedule::day_number(date))
}

fn pause(text: &str) -> Result<Pause, String> {
    let wrong = || "write a number with s, m or h, such as 15m".to_owned();
    let unit = match text.chars().last() {
        Some('s') => 2,
        Some('m') => 4,
        Some('h') => 8,
        _ => return Err(wrong()),
    };
    let count = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    Ok((unit, count))
}

/// The day of the week that a word begins; 0 is Sunday.
fn day(word: &str) -> Option<usize> {
    let word = word.trim().to_lowercase();
    (2 <= word.len())
        .then(|| DAYS.iter().position(|day| day.starts_with(&word)))
        .flatten()
}

fn week_days(text: &str) -> Result<i64, String> {
    let mut sum = 0;
    for word in text.split(',') {
        let day = day(word).ok_or_else(|| format!("`{word}` is no day; write mon,tue,…"))?;
        sum |= 1 << day;
    }
    Ok(sum)
}

fn month_day(text: &str) -> Result<MonthDay, String> {
    if let Ok(number) = text.parse() {
        return Ok(MonthDay::Number(number));
    }
    let wrong = || "write 1 to 31, or such as last-weekday, first-day, second-tuesday".to_owned();
    let (which, of) = text.split_once('-').ok_or_else(wrong)?;
    let which = match which {
        "first" => 1,
        "second" => 2,
        "third" => 4,
        "fourth" => 8,
        "last" => 16,
        _ => return Err(wrong()),
    };
    let of = match of {
        "day" => 8,
        "weekday" => 9,
        "weekend-day" => 10,
        word => match day(word).and_then(|day| i64::try_from(day).ok()) {
            Some(day) => day + 1,
            None => return Err(wrong()),
        },
    };
    Ok(MonthDay::Relative(which, of))
}

impl WhenArgs {
    /// The arguments of `sp_add_schedule` and its kind.
    pub fn arguments(&self) -> Arguments {
        let days = &self.days;
        let mut first = self.from;
        let (freq_type, interval, relative, factor) = if let Some(day) = days.once {
            first = Some(day);
            (1, 0, 0, 0)
        } else if days.on_start {
            (64, 0, 0, 0)
        } else if days.when_idle {
            (128, 0, 0, 0)
        } else if let Some(sum) = days.weekly {
            (8, sum, 0, self.interval)
        } else {
            match days.monthly {
                Some(MonthDay::Number(day)) => (16, day, 0, self.interval),
                Some(MonthDay::Relative(which, of)) => (32, of, which, self.interval),
                None => (4, i64::from(self.interval), 0, 0),
            }
        };
        let (unit, count) = self.every.unwrap_or((1, 0));
        given([
            ("freq_type", json!(freq_type)),
            ("freq_interval", json!(interval)),
            ("freq_relative_interval", json!(relative)),
            ("freq_recurrence_factor", json!(factor)),
            ("freq_subday_type", json!(unit)),
            ("freq_subday_interval", json!(count)),
            ("active_start_time", json!(self.at)),
            ("active_end_time", json!(self.until)),
            ("active_start_date", json!(first)),
            ("active_end_date", json!(self.to)),
            ("time_zone", json!(self.time_zone)),
        ])
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_become_the_numbers_of_msdb() {
        assert_eq!(time("02:30"), Ok(23_000));
        assert_eq!(date("2026-01-31"), Ok(20_260_131));
        assert_eq!(pause("15m"), Ok((4, 15)));
        assert_eq!(week_days("mon,Fri"), Ok(2 + 32));
        assert_eq!(month_day("31"), Ok(MonthDay::Number(31)));
        assert_eq!(month_day("last-weekday"), Ok(MonthDay::Relative(16, 9)));
        assert_eq!(month_day("second-tuesday"), Ok(MonthDay::Relative(2, 3)));
        assert!(week_days("t").is_err() && pause("15").is_err() && month_day("tuesday").is_err());
    }
}
