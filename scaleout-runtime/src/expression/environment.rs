//! What functions may know besides their arguments: the time and the locale.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::value::{TICKS_PER_DAY, TICKS_PER_SECOND};

/// The time and the locale of one evaluation.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    pub now: Timestamp,
    pub time_zone: TimeZone,
    pub locale_id: u32,
}

impl Environment {
    /// For constants, which do not depend on the time.
    pub(super) fn constant(locale_id: u32) -> Self {
        Self {
            now: Timestamp::UNIX_EPOCH,
            time_zone: TimeZone::UTC,
            locale_id,
        }
    }

    /// Clock time of UTC, to the millisecond, in ticks since 1970-01-01.
    pub(super) fn utc_ticks(&self) -> i64 {
        milliseconds(self.now.as_millisecond())
    }

    /// Clock time here, to the millisecond, in ticks since 1970-01-01.
    pub(super) fn local_ticks(&self) -> i64 {
        let offset = self.time_zone.to_offset(self.now).seconds();
        self.utc_ticks() + i64::from(offset) * TICKS_PER_SECOND
    }

    /// The date here, in days since 1970-01-01.
    pub(super) fn today(&self) -> i32 {
        i32::try_from(self.local_ticks().div_euclid(TICKS_PER_DAY)).unwrap_or(0)
    }
}

fn milliseconds(milliseconds: i64) -> i64 {
    milliseconds * (TICKS_PER_SECOND / 1000)
}
