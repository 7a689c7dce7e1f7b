//! Schedules as the numbers of msdb: `freq_type`, `freq_interval` and the rest.
//!
//! Source: the pages of `sp_add_schedule` and `sysschedules` of the SQL Server documentation.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::{DayKind, Days, Frequency, Schedule, ScheduleFault, Times, WeekDays, Which};

/// A schedule in the columns of `sysschedules`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduleNumbers {
    /// 1 once, 4 daily, 8 weekly, 16 monthly, 32 monthly relative, 64 on start, 128 when idle.
    pub freq_type: i64,
    /// Days on which it fires; what it means depends on `freq_type`.
    pub freq_interval: i64,
    /// 1 at one time, 2 seconds, 4 minutes, 8 hours.
    pub freq_subday_type: i64,
    /// So many of these between two firings.
    pub freq_subday_interval: i64,
    /// 1 first, 2 second, 4 third, 8 fourth, 16 last.
    pub freq_relative_interval: i64,
    /// Weeks or months between two; at least 1 there.
    pub freq_recurrence_factor: i64,
    /// YYYYMMDD
    pub active_start_date: i64,
    /// YYYYMMDD; 99991231 for no end.
    pub active_end_date: i64,
    /// HHMMSS
    pub active_start_time: i64,
    /// HHMMSS
    pub active_end_time: i64,
}

/// `active_end_date` of a schedule without end.
pub const NO_END: i64 = 99_991_231;

impl Default for ScheduleNumbers {
    /// The defaults of `sp_add_schedule`; the date is the first that it accepts.
    fn default() -> Self {
        Self {
            freq_type: 1,
            freq_interval: 0,
            freq_subday_type: 0,
            freq_subday_interval: 0,
            freq_relative_interval: 0,
            freq_recurrence_factor: 0,
            active_start_date: 19_900_101,
            active_end_date: NO_END,
            active_start_time: 0,
            active_end_time: 235_959,
        }
    }
}

impl ScheduleNumbers {
    /// What they mean.
    ///
    /// # Errors
    /// The first number that its kind of schedule cannot have.
    pub fn read(&self, zone: TimeZone) -> Result<Schedule, ScheduleFault> {
        let first_day = day("@active_start_date", self.active_start_date)?;
        let last_day = day("@active_end_date", self.active_end_date)?;
        if last_day < first_day {
            return Err(ScheduleFault::EndsEarly {
                first: self.active_start_date,
                last: self.active_end_date,
            });
        }
        Ok(Schedule {
            frequency: self.frequency()?,
            first_day,
            last_day,
            zone,
        })
    }

    fn frequency(&self) -> Result<Frequency, ScheduleFault> {
        let days = match self.freq_type {
            1 => {
                return Ok(Frequency::Once {
                    at: time("@active_start_time", self.active_start_time)?,
                });
            }
            64 => return Ok(Frequency::OnStart),
            128 => return Ok(Frequency::WhenIdle),
            4 => Days::Daily {
                every: at_least_one("@freq_interval", self.freq_interval, "of a daily schedule")?,
            },
            8 => Days::Weekly {
                on: WeekDays::from_sum(self.freq_interval).ok_or(ScheduleFault::Number {
                    parameter: "@freq_interval",
                    value: self.freq_interval,
                    circumstance: "in a weekly schedule",
                    form: "a sum of 1 Sunday, 2 Monday, 4 Tuesday, 8 Wednesday, 16 Thursday, \
                           32 Friday and 64 Saturday",
                })?,
                every: self.factor("in a weekly schedule")?,
            },
            16 => Days::Monthly {
                day: u8::try_from(self.freq_interval)
                    .ok()
                    .filter(|day| (1..=31).contains(day))
                    .ok_or(ScheduleFault::Number {
                        parameter: "@freq_interval",
                        value: self.freq_interval,
                        circumstance: "in a monthly schedule",
                        form: "a day of the month, 1 to 31; a month without it is left out",
                    })?,
                every: self.factor("in a monthly schedule")?,
            },
            32 => Days::MonthlyRelative {
                which: self.which()?,
                of: self.day_kind()?,
                every: self.factor("in a monthly relative schedule")?,
            },
            other => {
                return Err(ScheduleFault::Number {
                    parameter: "@freq_type",
                    value: other,
                    circumstance: "in any schedule",
                    form: "1 once, 4 daily, 8 weekly, 16 monthly, 32 monthly relative, 64 when a \
                           master starts or 128 when the workers are idle",
                });
            }
        };
        Ok(Frequency::Recurring {
            days,
            times: self.times()?,
        })
    }

    fn factor(&self, circumstance: &'static str) -> Result<u32, ScheduleFault> {
        at_least_one(
            "@freq_recurrence_factor",
            self.freq_recurrence_factor,
            circumstance,
        )
    }

    fn which(&self) -> Result<Which, ScheduleFault> {
        Ok(match self.freq_relative_interval {
            1 => Which::First,
            2 => Which::Second,
            4 => Which::Third,
            8 => Which::Fourth,
            16 => Which::Last,
            value => {
                return Err(ScheduleFault::Number {
                    parameter: "@freq_relative_interval",
                    value,
                    circumstance: "in a monthly relative schedule",
                    form: "1 first, 2 second, 4 third, 8 fourth or 16 last",
                });
            }
        })
    }

    fn day_kind(&self) -> Result<DayKind, ScheduleFault> {
        Ok(match self.freq_interval {
            8 => DayKind::Day,
            9 => DayKind::WorkDay,
            10 => DayKind::WeekendDay,
            value => match u8::try_from(value) {
                Ok(day) if (1..=7).contains(&day) => DayKind::WeekDay(day - 1),
                Ok(_) | Err(_) => {
                    return Err(ScheduleFault::Number {
                        parameter: "@freq_interval",
                        value,
                        circumstance: "in a monthly relative schedule",
                        form: "1 Sunday to 7 Saturday, 8 day, 9 weekday or 10 weekend day",
                    });
                }
            },
        })
    }

    fn times(&self) -> Result<Times, ScheduleFault> {
        let from = time("@active_start_time", self.active_start_time)?;
        let unit = match self.freq_subday_type {
            // The default of the procedure is 0, which is taken as 1.
            0 | 1 => return Ok(Times::At(from)),
            2 => 1,
            4 => 60,
            8 => 3600,
            value => {
                return Err(ScheduleFault::Number {
                    parameter: "@freq_subday_type",
                    value,
                    circumstance: "in any schedule",
                    form: "1 at the given time, 2 seconds, 4 minutes or 8 hours",
                });
            }
        };
        let seconds = self
            .freq_subday_interval
            .checked_mul(unit)
            .and_then(|seconds| u32::try_from(seconds).ok())
            .filter(|seconds| (Times::SHORTEST..=86_400).contains(seconds))
            .ok_or(ScheduleFault::Number {
                parameter: "@freq_subday_interval",
                value: self.freq_subday_interval,
                circumstance: "in a schedule that fires again and again in a day",
                form: "how many of these units are between two, from 10 seconds to 24 hours",
            })?;
        Ok(Times::Every {
            seconds,
            from,
            until: time("@active_end_time", self.active_end_time)?,
        })
    }
}

fn at_least_one(
    parameter: &'static str,
    value: i64,
    circumstance: &'static str,
) -> Result<u32, ScheduleFault> {
    u32::try_from(value)
        .ok()
        .filter(|value| (1..=10_000).contains(value))
        .ok_or(ScheduleFault::Number {
            parameter,
            value,
            circumstance,
            form: "a whole number from 1, which means every one, to 10000",
        })
}

/// A day from YYYYMMDD. The original accepts none before 1990.
fn day(parameter: &'static str, value: i64) -> Result<Date, ScheduleFault> {
    let fault = ScheduleFault::Number {
        parameter,
        value,
        circumstance: "in any schedule",
        form: "a day from 19900101 to 99991231, as YYYYMMDD",
    };
    let part = |number: i64| i8::try_from(number).ok();
    let made = i16::try_from(value / 10_000)
        .ok()
        .filter(|year| 1990 <= *year)
        .zip(part(value / 100 % 100).zip(part(value % 100)))
        .and_then(|(year, (month, day))| Date::new(year, month, day).ok());
    made.ok_or(fault)
}

/// A time from HHMMSS.
fn time(parameter: &'static str, value: i64) -> Result<Time, ScheduleFault> {
    let fault = ScheduleFault::Number {
        parameter,
        value,
        circumstance: "in any schedule",
        form: "a time from 0 to 235959, as HHMMSS",
    };
    let part = |number: i64| i8::try_from(number).ok();
    let made = part(value / 10_000)
        .zip(part(value / 100 % 100).zip(part(value % 100)))
        .and_then(|(hour, (minute, second))| Time::new(hour, minute, second, 0).ok());
    made.ok_or(fault)
}

/// A day as YYYYMMDD.
#[must_use]
pub fn day_number(day: Date) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}

/// A time as HHMMSS.
#[must_use]
pub fn time_number(time: Time) -> i64 {
    i64::from(time.hour()) * 10_000 + i64::from(time.minute()) * 100 + i64::from(time.second())
}

/// Seconds as HHMMSS, as durations are in `sysjobhistory`; hours go on beyond 99.
#[must_use]
pub fn duration_number(seconds: i64) -> i64 {
    let seconds = seconds.max(0);
    seconds / 3600 * 10_000 + seconds / 60 % 60 * 100 + seconds % 60
}

impl Schedule {
    /// The numbers that say it.
    #[must_use]
    pub fn numbers(&self) -> ScheduleNumbers {
        let mut numbers = ScheduleNumbers {
            active_start_date: day_number(self.first_day),
            active_end_date: day_number(self.last_day),
            ..ScheduleNumbers::default()
        };
        match &self.frequency {
            Frequency::Once { at } => numbers.active_start_time = time_number(*at),
            Frequency::OnStart => numbers.freq_type = 64,
            Frequency::WhenIdle => numbers.freq_type = 128,
            Frequency::Recurring { days, times } => {
                days.write(&mut numbers);
                times.write(&mut numbers);
            }
        }
        numbers
    }
}

impl Days {
    fn write(self, numbers: &mut ScheduleNumbers) {
        match self {
            Self::Daily { every } => {
                numbers.freq_type = 4;
                numbers.freq_interval = every.into();
            }
            Self::Weekly { on, every } => {
                numbers.freq_type = 8;
                numbers.freq_interval = on.sum().into();
                numbers.freq_recurrence_factor = every.into();
            }
            Self::Monthly { day, every } => {
                numbers.freq_type = 16;
                numbers.freq_interval = day.into();
                numbers.freq_recurrence_factor = every.into();
            }
            Self::MonthlyRelative { which, of, every } => {
                numbers.freq_type = 32;
                numbers.freq_interval = match of {
                    DayKind::WeekDay(day) => i64::from(day) + 1,
                    DayKind::Day => 8,
                    DayKind::WorkDay => 9,
                    DayKind::WeekendDay => 10,
                };
                numbers.freq_relative_interval = match which {
                    Which::First => 1,
                    Which::Second => 2,
                    Which::Third => 4,
                    Which::Fourth => 8,
                    Which::Last => 16,
                };
                numbers.freq_recurrence_factor = every.into();
            }
        }
    }
}

impl Times {
    fn write(self, numbers: &mut ScheduleNumbers) {
        match self {
            Self::At(at) => {
                numbers.freq_subday_type = 1;
                numbers.active_start_time = time_number(at);
            }
            Self::Every {
                seconds,
                from,
                until,
            } => {
                let (unit, count) = match seconds {
                    whole if whole % 3600 == 0 => (8, whole / 3600),
                    whole if whole % 60 == 0 => (4, whole / 60),
                    whole => (2, whole),
                };
                numbers.freq_subday_type = unit;
                numbers.freq_subday_interval = count.into();
                numbers.active_start_time = time_number(from);
                numbers.active_end_time = time_number(until);
            }
        }
    }
}
