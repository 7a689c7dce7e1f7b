//! The calendar against another one that knows nothing of it: every minute of ten years, counted
//! by hand from the offsets of the time zone alone.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What the clock on a wall shows: days since 1970-01-01 and minutes of the day.
type Wall = (i64, i64);

/// Every minute from 2019 to 2030, and what the clock of a zone shows in it.
struct SlowCalendar {
    numbers: ScheduleNumbers,
    zone: TimeZone,
}

/// Year, month and day from a count of days, by going through years and months.
fn civil(mut days: i64) -> (i64, i64, i64) {
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let mut year = 1970;
    while days >= 365 + i64::from(leap(year)) {
        days -= 365 + i64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    loop {
        let length = length_of(year, month);
        if days < length {
            return (year, month, days + 1);
        }
        days -= length;
        month += 1;
    }
}

fn length_of(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        _ => 31,
    }
}

fn count_of(number: i64) -> i64 {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    (0..)
        .find(|days| civil(*days) == (year, month, day))
        .unwrap()
}

impl SlowCalendar {
    /// Whether a day is one of the schedule's.
    fn has_day(&self, day: i64, first: i64) -> bool {
        let numbers = &self.numbers;
        if day < first {
            return false;
        }
        // 1970-01-01 was a Thursday.
        let of_week = |day: i64| (day + 4).rem_euclid(7);
        let (year, month, of_month) = civil(day);
        let (first_year, first_month, _) = civil(first);
        let months = (year * 12 + month) - (first_year * 12 + first_month);
        let counts = |day: i64| match numbers.freq_interval {
            8 => true,
            9 => !matches!(of_week(day), 0 | 6),
            10 => matches!(of_week(day), 0 | 6),
            one => of_week(day) == one - 1,
        };
        match numbers.freq_type {
            4 => (day - first) % numbers.freq_interval == 0,
            8 => {
                let week = |day: i64| (day - of_week(day)) / 7;
                numbers.freq_interval & (1 << of_week(day)) != 0
                    && (week(day) - week(first)) % numbers.freq_recurrence_factor == 0
            }
            16 => of_month == numbers.freq_interval && months % numbers.freq_recurrence_factor == 0,
            32 => {
                let start = day - of_month + 1;
                let all: Vec<i64> = (start..start + length_of(year, month))
                    .filter(|one| counts(*one))
                    .collect();
                let wanted = match numbers.freq_relative_interval {
                    1 => all.first(),
                    2 => all.get(1),
                    4 => all.get(2),
                    8 => all.get(3),
                    _ => all.last(),
                };
                months % numbers.freq_recurrence_factor == 0 && wanted == Some(&day)
            }
            _ => false,
        }
    }

    /// All times of a day, as minutes from its midnight.
    fn minutes(&self) -> Vec<i64> {
        let minute = |number: i64| number / 10_000 * 60 + number / 100 % 100;
        let from = minute(self.numbers.active_start_time);
        if self.numbers.freq_subday_type == 1 {
            return vec![from];
        }
        let step = self.step();
        let mut until = minute(self.numbers.active_end_time);
        if until < from {
            until += 1440;
        }
        (0..)
            .map(|k| from + k * step)
            .take_while(|one| *one <= until)
            .collect()
    }

    fn step(&self) -> i64 {
        let unit = if self.numbers.freq_subday_type == 8 {
            60
        } else {
            1
        };
        self.numbers.freq_subday_interval * unit
    }

    /// Every moment of firing in a span, minute by minute.
    fn all(&self, from: i64, to: i64) -> Vec<i64> {
        let first = count_of(self.numbers.active_start_date);
        let times = self.minutes();
        let single = self.numbers.freq_subday_type == 1;
        // For each minute that a wall can show: which time of its day it is, and how many days late.
        let mut shows: Vec<Vec<(bool, i64)>> = vec![Vec::new(); 1440];
        for (index, time) in times.iter().enumerate() {
            let minute = usize::try_from(time % 1440).unwrap();
            shows[minute].push((index == 0, time / 1440));
        }
        // Is a shown minute wanted, and is it the first of its day?
        let wanted = |(day, minute): Wall| -> Option<bool> {
            let shown = &shows[usize::try_from(minute).unwrap()];
            shown
                .iter()
                .find(|(_, late)| self.has_day(day - late, first))
                .map(|(is_first, _)| *is_first)
        };
        let mut fired = Vec::new();
        let mut last: Option<i64> = None;
        // The latest minute that the wall has ever shown.
        let mut highest = i64::MIN / 2;
        let mut offset = 0;
        for minute in from..to {
            let moment = Timestamp::from_second(minute * 60).unwrap();
            // No clock was changed between quarters of an hour in these years.
            if minute % 15 == 0 {
                offset = i64::from(self.zone.to_offset(moment).seconds()) / 60;
            }
            let shown = minute + offset;
            let wall = |shown: i64| (shown.div_euclid(1440), shown.rem_euclid(1440));
            let mut fires = false;
            if let Some(last) = last {
                // Leapt over: the first or only time of a day fires now.
                fires |= (last + 1..shown).any(|lost| wanted(wall(lost)) == Some(true));
            }
            if wanted(wall(shown)).is_some() {
                let again = shown <= highest;
                let back = highest + 1 - shown;
                let whole = self.set_back(moment).max(back);
                fires |= !again || (!single && self.step() <= whole);
            }
            if fires {
                fired.push(minute * 60);
            }
            highest = highest.max(shown);
            last = Some(shown);
        }
        fired
    }

    /// By how many minutes the clock was set back in the last day.
    fn set_back(&self, moment: Timestamp) -> i64 {
        let offset = |moment| i64::from(self.zone.to_offset(moment).seconds()) / 60;
        (0..24 * 4)
            .map(|quarter| moment - SignedDuration::from_mins(quarter * 15))
            .map(|earlier| offset(earlier) - offset(moment))
            .max()
            .unwrap_or(0)
    }
}

fn numbers() -> impl Strategy<Value = ScheduleNumbers> {
    let days = prop_oneof![
        (1..40_i64).prop_map(|every| (4, every, 0, 0)),
        (1..128_i64, 1..5_i64).prop_map(|(sum, every)| (8, sum, 0, every)),
        (1..32_i64, 1..13_i64).prop_map(|(day, every)| (16, day, 0, every)),
        (
            1..11_i64,
            prop::sample::select(vec![1_i64, 2, 4, 8, 16]),
            1..5_i64
        )
            .prop_map(|(kind, which, every)| (32, kind, which, every)),
    ];
    let clock = || (0..24_i64, 0..60_i64).prop_map(|(hour, minute)| hour * 10_000 + minute * 100);
    // Changes of the clock happen in the first hours: half of all schedules fire there.
    let early = || (0..4_i64, 0..4_i64).prop_map(|(hour, part)| hour * 10_000 + part * 1500);
    let times = prop_oneof![
        prop_oneof![early(), clock()].prop_map(|from| (1, 0, from, 235_959)),
        (
            prop_oneof![
                Just((4, 15)),
                Just((4, 30)),
                Just((8, 1)),
                Just((8, 3)),
                Just((4, 7))
            ],
            prop_oneof![early(), clock()],
            clock()
        )
            .prop_map(|((unit, count), from, until)| (unit, count, from, until)),
    ];
    (days, times, 0..400_i64).prop_map(|(days, times, start)| {
        let (year, month, day) = civil(count_of(20_190_101) + start);
        ScheduleNumbers {
            freq_type: days.0,
            freq_interval: days.1,
            freq_relative_interval: days.2,
            freq_recurrence_factor: days.3,
            freq_subday_type: times.0,
            freq_subday_interval: times.1,
            active_start_time: times.2,
            active_end_time: times.3,
            active_start_date: year * 10_000 + month * 100 + day,
            active_end_date: 99_991_231,
        }
    })
}

fn zones() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "Europe/Berlin",
        "America/New_York",
        // Half an hour of daylight saving, south of the equator.
        "Australia/Lord_Howe",
        "UTC",
        // The clock leaps at midnight.
        "America/Asuncion",
    ])
}

/// All firings by the calendar itself.
fn fired(schedule: &Schedule, from: i64, to: i64) -> Vec<i64> {
    let mut after = Timestamp::from_second(from - 1).unwrap();
    let mut all = Vec::new();
    while let Some(next) = schedule.next_after(after) {
        if next.as_second() >= to {
            break;
        }
        assert!(after < next, "{schedule} goes back to {next}");
        all.push(next.as_second());
        after = next;
    }
    all
}

fn compare(numbers: ScheduleNumbers, zone_name: &str, from: &str, to: &str) {
    let zone = zone(zone_name).unwrap();
    let schedule = numbers.read(zone.clone()).unwrap();
    let slow = SlowCalendar { numbers, zone };
    let (from, to) = (at(from).as_second(), at(to).as_second());
    let expected = slow.all(from / 60, to / 60);
    let found = fired(&schedule, from, to);
    let differs = expected
        .iter()
        .zip(&found)
        .find(|(one, other)| one != other);
    assert!(
        expected == found,
        "{schedule}: {:?}, {} expected, {} found",
        differs.map(|(one, other)| {
            [*one, *other].map(|second| Timestamp::from_second(second).unwrap())
        }),
        expected.len(),
        found.len()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn ten_years_are_those_of_another_calendar(numbers in numbers(), zone in zones()) {
        compare(numbers, zone, "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    // A few weeks around changes of the clock, for many more schedules.
    #[test]
    fn changes_of_the_clock_are_those_of_another_calendar(
        numbers in numbers(), zone in zones(), spring in any::<bool>()
    ) {
        let (from, to) = if spring {
            ("2024-03-01T00:00:00Z", "2024-04-12T00:00:00Z")
        } else {
            ("2023-09-25T00:00:00Z", "2023-11-10T00:00:00Z")
        };
        compare(numbers, zone, from, to);
    }

    #[test]
    fn numbers_say_the_same_after_a_round(numbers in numbers(), zone_name in zones()) {
        let read = numbers.read(zone(zone_name).unwrap()).unwrap();
        let again = read.numbers().read(zone(zone_name).unwrap()).unwrap();
        prop_assert_eq!(again, read);
    }
}

fn berlin(numbers: ScheduleNumbers) -> Schedule {
    numbers.read(zone("Europe/Berlin").unwrap()).unwrap()
}

fn daily(start_time: i64) -> ScheduleNumbers {
    ScheduleNumbers {
        freq_type: 4,
        freq_interval: 1,
        freq_subday_type: 1,
        active_start_date: 20_240_101,
        active_start_time: start_time,
        ..ScheduleNumbers::default()
    }
}

#[test]
fn a_time_that_the_clock_leaps_over_is_the_end_of_the_leap() {
    let schedule = berlin(daily(23_000));
    let next = schedule.next_after(at("2024-03-30T12:00:00Z"));
    assert_eq!(next, Some(at("2024-03-31T01:00:00Z")));
    // The day after as always.
    let next = schedule.next_after(at("2024-03-31T12:00:00Z"));
    assert_eq!(next, Some(at("2024-04-01T00:30:00Z")));
}

#[test]
fn a_time_that_comes_twice_counts_once() {
    let schedule = berlin(daily(23_000));
    let first = schedule.next_after(at("2024-10-26T12:00:00Z")).unwrap();
    assert_eq!(first, at("2024-10-27T00:30:00Z"));
    let second = schedule.next_after(first).unwrap();
    assert_eq!(second, at("2024-10-28T01:30:00Z"));
}

#[test]
fn every_half_hour_makes_no_pause_when_the_clock_is_set_back() {
    let schedule = berlin(ScheduleNumbers {
        freq_subday_type: 4,
        freq_subday_interval: 30,
        ..daily(0)
    });
    let all = fired(
        &schedule,
        at("2024-10-26T22:00:00Z").as_second(),
        at("2024-10-27T04:00:00Z").as_second(),
    );
    assert_eq!(all.len(), 12);
}

#[test]
fn a_month_without_the_day_is_left_out() {
    let schedule = berlin(ScheduleNumbers {
        freq_type: 16,
        freq_interval: 31,
        freq_recurrence_factor: 1,
        ..daily(0)
    });
    let next = schedule.next_after(at("2024-01-31T12:00:00Z"));
    assert_eq!(next, Some(at("2024-03-30T23:00:00Z")));
}

#[test]
fn the_29th_of_february_comes_in_leap_years_only() {
    let schedule = ScheduleNumbers {
        freq_type: 16,
        freq_interval: 29,
        freq_recurrence_factor: 12,
        active_start_date: 20_240_201,
        ..daily(0)
    };
    let schedule = schedule.read(TimeZone::UTC).unwrap();
    let next = schedule.next_after(at("2096-03-01T00:00:00Z"));
    assert_eq!(next, Some(at("2104-02-29T00:00:00Z")));
}

#[test]
fn a_day_that_never_comes_is_found_out() {
    let never = ScheduleNumbers {
        freq_type: 16,
        freq_interval: 31,
        freq_recurrence_factor: 12,
        active_start_date: 20_240_201,
        ..daily(0)
    };
    let schedule = never.read(TimeZone::UTC).unwrap();
    assert_eq!(schedule.next_after(at("2024-01-01T00:00:00Z")), None);
}

#[test]
fn times_past_midnight_belong_to_the_day_on_which_they_began() {
    let schedule = ScheduleNumbers {
        freq_type: 8,
        // Saturday
        freq_interval: 64,
        freq_recurrence_factor: 1,
        freq_subday_type: 8,
        freq_subday_interval: 2,
        active_start_time: 220_000,
        active_end_time: 30_000,
        ..daily(0)
    };
    let schedule = schedule.read(TimeZone::UTC).unwrap();
    let all = fired(
        &schedule,
        at("2024-06-01T00:00:00Z").as_second(),
        at("2024-06-08T00:00:00Z").as_second(),
    );
    let all: Vec<String> = all
        .into_iter()
        .map(|second| Timestamp::from_second(second).unwrap().to_string())
        .collect();
    assert_eq!(
        all,
        [
            "2024-06-01T22:00:00Z",
            "2024-06-02T00:00:00Z",
            "2024-06-02T02:00:00Z"
        ]
    );
}

#[test]
fn once_is_once_and_events_have_no_time() {
    let once = ScheduleNumbers {
        active_start_date: 20_240_601,
        active_start_time: 120_000,
        ..ScheduleNumbers::default()
    };
    let schedule = berlin(once);
    let moment = at("2024-06-01T10:00:00Z");
    assert_eq!(
        schedule.next_after(at("2024-01-01T00:00:00Z")),
        Some(moment)
    );
    assert_eq!(schedule.next_after(moment), None);
    for freq_type in [64, 128] {
        let schedule = berlin(ScheduleNumbers { freq_type, ..once });
        assert_eq!(schedule.next_after(at("2024-01-01T00:00:00Z")), None);
    }
}

#[test]
fn what_a_number_cannot_be_is_named() {
    let wrong = [
        ScheduleNumbers {
            freq_type: 3,
            ..daily(0)
        },
        ScheduleNumbers {
            freq_interval: 0,
            ..daily(0)
        },
        ScheduleNumbers {
            freq_type: 8,
            freq_interval: 128,
            freq_recurrence_factor: 1,
            ..daily(0)
        },
        ScheduleNumbers {
            freq_type: 8,
            freq_interval: 1,
            freq_recurrence_factor: 0,
            ..daily(0)
        },
        ScheduleNumbers {
            freq_type: 16,
            freq_interval: 32,
            freq_recurrence_factor: 1,
            ..daily(0)
        },
        ScheduleNumbers {
            freq_type: 32,
            freq_interval: 11,
            freq_recurrence_factor: 1,
            ..daily(0)
        },
        ScheduleNumbers {
            freq_subday_type: 3,
            ..daily(0)
        },
        ScheduleNumbers {
            freq_subday_type: 2,
            freq_subday_interval: 9,
            ..daily(0)
        },
        ScheduleNumbers {
            active_start_date: 20_240_230,
            ..daily(0)
        },
        daily(246_000),
    ];
    for numbers in wrong {
        let fault = numbers.read(TimeZone::UTC).unwrap_err();
        assert!(matches!(fault, ScheduleFault::Number { .. }), "{fault}");
    }
    let early = ScheduleNumbers {
        active_end_date: 20_230_101,
        ..daily(0)
    };
    assert!(matches!(
        early.read(TimeZone::UTC),
        Err(ScheduleFault::EndsEarly { .. })
    ));
    assert!(matches!(
        zone("Atlantis/Sunk"),
        Err(ScheduleFault::ZoneUnknown { .. })
    ));
}

#[test]
fn words_say_what_numbers_mean() {
    let text = |numbers: ScheduleNumbers| berlin(numbers).to_string();
    assert_eq!(text(daily(20_000)), "every day at 02:00:00 (Europe/Berlin)");
    let weekly = ScheduleNumbers {
        freq_type: 8,
        freq_interval: 2 + 32,
        freq_recurrence_factor: 2,
        freq_subday_type: 4,
        freq_subday_interval: 15,
        ..daily(80_000)
    };
    assert_eq!(
        text(weekly),
        "every 2 weeks on Monday, Friday every 15 minutes from 08:00:00 to 23:59:59 (Europe/Berlin)"
    );
    let relative = ScheduleNumbers {
        freq_type: 32,
        freq_interval: 9,
        freq_relative_interval: 16,
        freq_recurrence_factor: 1,
        ..daily(220_000)
    };
    assert_eq!(
        text(relative),
        "every month on the last weekday at 22:00:00 (Europe/Berlin)"
    );
}
