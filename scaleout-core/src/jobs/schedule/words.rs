//! A schedule in words, as people read it in lists.

use super::numbers::{NO_END, day_number};
use super::{DayKind, Days, Frequency, Schedule, Times, WeekDays, Which};

const DAY_NAMES: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

impl std::fmt::Display for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.frequency {
            Frequency::OnStart => return f.write_str("when a master starts"),
            Frequency::WhenIdle => return f.write_str("when the workers become idle"),
            Frequency::Once { at } => write!(f, "once, on {} at {at}", self.first_day)?,
            Frequency::Recurring { days, times } => write!(f, "{days} {times}")?,
        }
        write!(f, " ({}", self.zone.iana_name().unwrap_or("local time"))?;
        if let Frequency::Recurring { .. } = self.frequency
            && day_number(self.last_day) != NO_END
        {
            write!(f, ", until {}", self.last_day)?;
        }
        f.write_str(")")
    }
}

impl std::fmt::Display for Days {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Daily { every } => every_so_many(f, *every, "day"),
            Self::Weekly { on, every } => {
                every_so_many(f, *every, "week")?;
                write!(f, " on {on}")
            }
            Self::Monthly { day, every } => {
                every_so_many(f, *every, "month")?;
                write!(f, " on day {day}")
            }
            Self::MonthlyRelative { which, of, every } => {
                every_so_many(f, *every, "month")?;
                write!(f, " on the {which} {of}")
            }
        }
    }
}

fn every_so_many(f: &mut std::fmt::Formatter<'_>, every: u32, unit: &str) -> std::fmt::Result {
    match every {
        1 => write!(f, "every {unit}"),
        many => write!(f, "every {many} {unit}s"),
    }
}

impl std::fmt::Display for WeekDays {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let days: Vec<&str> = (0_u8..)
            .zip(DAY_NAMES)
            .filter(|(day, _)| self.has(*day))
            .map(|(_, name)| name)
            .collect();
        f.write_str(&days.join(", "))
    }
}

impl std::fmt::Display for Which {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Third => "third",
            Self::Fourth => "fourth",
            Self::Last => "last",
        })
    }
}

impl std::fmt::Display for DayKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::WeekDay(day) => DAY_NAMES.get(usize::from(*day)).unwrap_or(&"day"),
            Self::Day => "day",
            Self::WorkDay => "weekday",
            Self::WeekendDay => "weekend day",
        })
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::At(at) => write!(f, "at {at}"),
            Self::Every {
                seconds,
                from,
                until,
            } => {
                match seconds {
                    whole if whole % 3600 == 0 => every_so_many(f, whole / 3600, "hour")?,
                    whole if whole % 60 == 0 => every_so_many(f, whole / 60, "minute")?,
                    whole => every_so_many(f, *whole, "second")?,
                }
                write!(f, " from {from} to {until}")
            }
        }
    }
}
