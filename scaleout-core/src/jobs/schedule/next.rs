//! The next moment at which a schedule fires.
//!
//! The clock on the wall of the schedule's time zone decides. Where it is set forward, a time that
//! it leaps over is the first moment after the leap, when it is the only or the first of its day;
//! the others of that day that fall into the leap are left out, since the next one follows at
//! once. Where the clock is set back, a time that comes twice counts the first time; times that
//! come again at most as far apart as the clock was set back count both times, so that no pause is
//! longer than asked for.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::AmbiguousOffset;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::{DayKind, Days, Frequency, Schedule, Times, Which};

/// Days that are looked at before a schedule counts as one that never fires again: the longest
/// pause between two 29ths of February every so many months is shorter than the calendar's cycle.
const HORIZON: i64 = 146_097 * 2;

impl Schedule {
    /// The first moment after `after` at which it fires by the clock; `None` when there is none.
    /// Schedules that wait for a start or for idle workers have none.
    #[must_use]
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        match &self.frequency {
            Frequency::OnStart | Frequency::WhenIdle => None,
            Frequency::Once { at } => {
                let moment = self.moment(self.first_day.to_datetime(*at))?;
                (after < moment).then_some(moment)
            }
            Frequency::Recurring { days, times } => self.next_recurring(*days, *times, after),
        }
    }

    fn next_recurring(&self, days: Days, times: Times, after: Timestamp) -> Option<Timestamp> {
        // Times past midnight belong to the day before, which an offset can make one earlier.
        let from = after.to_zoned(self.zone.clone()).date();
        let from = from.checked_sub(2.days()).unwrap_or(Date::MIN);
        let mut day = from.max(self.first_day);
        for _ in 0..HORIZON {
            if self.last_day < day {
                return None;
            }
            if days.includes(day, self.first_day)
                && let Some(found) = self.next_on(day, times, after)
            {
                return Some(found);
            }
            day = match day.tomorrow() {
                Ok(next) => next,
                Err(_) => return None,
            };
        }
        None
    }

    /// The first moment after `after` that belongs to a day.
    fn next_on(&self, day: Date, times: Times, after: Timestamp) -> Option<Timestamp> {
        let (seconds, from, until) = match times {
            Times::At(at) => return self.moment(day.to_datetime(at)).filter(|one| after < *one),
            Times::Every {
                seconds,
                from,
                until,
            } => (seconds, from, until),
        };
        let step = SignedDuration::from_secs(seconds.into());
        let first = day.to_datetime(from);
        let last = last_of(day, from, until)?;
        // What is more than a day's leap before `after` cannot be after it.
        let near = after.to_zoned(self.zone.clone()).datetime();
        let passed = near.duration_since(first) - SignedDuration::from_hours(26);
        let mut index = (passed.as_secs() / i64::from(seconds)).max(0);
        // Both passes of a repeated time: the earliest that is after `after` wins, and a second
        // pass can come after the first pass of later times.
        let mut found: Option<Timestamp> = None;
        loop {
            let offset = SignedDuration::from_secs(i64::from(seconds).checked_mul(index)?);
            let local = match first.checked_add(offset) {
                Ok(local) if local <= last => local,
                Ok(_) | Err(_) => return found,
            };
            for moment in self.moments(local, index == 0, step) {
                if after < moment && found.is_none_or(|best| moment < best) {
                    found = Some(moment);
                }
            }
            // A repeated hour lies at most a day behind the clock.
            if found.is_some_and(|best| {
                let shown = best.to_zoned(self.zone.clone()).datetime();
                SignedDuration::from_hours(25) < local.duration_since(shown)
            }) {
                return found;
            }
            index += 1;
        }
    }

    /// The moments at which the wall shows a time that is one of many of its day.
    fn moments(
        &self,
        local: DateTime,
        is_first: bool,
        step: SignedDuration,
    ) -> impl Iterator<Item = Timestamp> {
        let ambiguous = self.zone.to_ambiguous_zoned(local);
        let (first, second) = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => (self.moment(local), None),
            AmbiguousOffset::Gap { .. } if is_first => (self.moment(local), None),
            AmbiguousOffset::Gap { .. } => (None, None),
            AmbiguousOffset::Fold { before, after } => {
                let back = SignedDuration::from_secs((before.seconds() - after.seconds()).into());
                let second = (step <= back)
                    .then(|| after.to_timestamp(local).ok())
                    .flatten();
                (self.moment(local), second)
            }
        };
        first.into_iter().chain(second)
    }

    /// The moment at which the wall first shows a time, or leaps over it.
    fn moment(&self, local: DateTime) -> Option<Timestamp> {
        let ambiguous = self.zone.to_ambiguous_zoned(local);
        match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { offset }
            | AmbiguousOffset::Fold { before: offset, .. } => offset.to_timestamp(local).ok(),
            AmbiguousOffset::Gap { after, .. } => {
                // With the offset that holds after the leap it reads as a moment before it.
                let before = after.to_timestamp(local).ok()?;
                let leap = self.zone.following(before).next()?;
                Some(leap.timestamp())
            }
        }
    }
}

/// The last time that belongs to a day.
fn last_of(day: Date, from: Time, until: Time) -> Option<DateTime> {
    let on = if until < from {
        day.tomorrow().ok()?
    } else {
        day
    };
    Some(on.to_datetime(until))
}

impl Days {
    /// Whether it includes a day, when counting starts on `first`.
    fn includes(self, day: Date, first: Date) -> bool {
        let months = || {
            (i64::from(day.year()) - i64::from(first.year())) * 12 + i64::from(day.month())
                - i64::from(first.month())
        };
        match self {
            Self::Daily { every } => days_between(first, day) % i64::from(every) == 0,
            Self::Weekly { on, every } => {
                let weeks = days_between(sunday_of(first), sunday_of(day)) / 7;
                on.has(week_day(day)) && weeks % i64::from(every) == 0
            }
            Self::Monthly { day: of, every } => {
                i64::from(day.day()) == i64::from(of) && months() % i64::from(every) == 0
            }
            Self::MonthlyRelative { which, of, every } => {
                months() % i64::from(every) == 0 && of.counts(day) && which.is(day, of)
            }
        }
    }
}

impl DayKind {
    fn counts(self, day: Date) -> bool {
        let of_week = week_day(day);
        match self {
            Self::WeekDay(wanted) => of_week == wanted,
            Self::Day => true,
            Self::WorkDay => (1..=5).contains(&of_week),
            Self::WeekendDay => matches!(of_week, 0 | 6),
        }
    }
}

impl Which {
    /// Whether a day that counts is this one of its month.
    fn is(self, day: Date, kind: DayKind) -> bool {
        let rank = |days: &mut dyn Iterator<Item = i8>| {
            days.filter_map(|number| Date::new(day.year(), day.month(), number).ok())
                .filter(|other| kind.counts(*other))
                .count()
        };
        match self {
            Self::Last => rank(&mut (day.day() + 1..=day.days_in_month())) == 0,
            Self::First | Self::Second | Self::Third | Self::Fourth => {
                let earlier = rank(&mut (1..day.day()));
                earlier
                    == match self {
                        Self::First => 0,
                        Self::Second => 1,
                        Self::Third => 2,
                        Self::Fourth | Self::Last => 3,
                    }
            }
        }
    }
}

/// 0 is Sunday.
fn week_day(day: Date) -> u8 {
    u8::try_from(day.weekday().to_sunday_zero_offset()).unwrap_or_default()
}

fn sunday_of(day: Date) -> Date {
    day.checked_sub(i64::from(week_day(day)).days())
        .unwrap_or(day)
}

fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}
