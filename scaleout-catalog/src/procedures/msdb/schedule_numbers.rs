//! The numbers of a schedule, as arguments give them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use scaleout_core::jobs::schedule::{ScheduleNumbers, day_number, zone};
use scaleout_core::registry::BoundArguments;

use crate::error::JobError;
use crate::store::jobs::schedule::ScheduleRow;

/// Sets what is given; checks that the whole can be read.
pub fn give(row: &mut ScheduleRow, args: &BoundArguments, now: Timestamp) -> Result<(), JobError> {
    if let Some(name) = args.optional_text("@time_zone") {
        row.time_zone = name.trim().to_owned();
    }
    let zone = zone(&row.time_zone)?;
    let numbers = &mut row.numbers;
    for (parameter, place) in [
        ("@freq_type", &mut numbers.freq_type),
        ("@freq_interval", &mut numbers.freq_interval),
        ("@freq_subday_type", &mut numbers.freq_subday_type),
        ("@freq_subday_interval", &mut numbers.freq_subday_interval),
        (
            "@freq_relative_interval",
            &mut numbers.freq_relative_interval,
        ),
        (
            "@freq_recurrence_factor",
            &mut numbers.freq_recurrence_factor,
        ),
        ("@active_start_date", &mut numbers.active_start_date),
        ("@active_end_date", &mut numbers.active_end_date),
        ("@active_start_time", &mut numbers.active_start_time),
        ("@active_end_time", &mut numbers.active_end_time),
    ] {
        if let Some(given) = args.optional_integer(parameter) {
            *place = given;
        }
    }
    if numbers.active_start_date == 0 {
        numbers.active_start_date = day_number(now.to_zoned(zone.clone()).date());
    }
    numbers.read(zone)?;
    Ok(())
}

/// The numbers of a schedule of which nothing is given yet; the day becomes today.
pub fn blank() -> ScheduleNumbers {
    ScheduleNumbers {
        active_start_date: 0,
        ..ScheduleNumbers::default()
    }
}

/// Where the clock of this machine hangs; UTC where it does not say.
pub fn machine_zone() -> String {
    let zone = TimeZone::system();
    zone.iana_name().unwrap_or("UTC").to_owned()
}
