//! Times as people read them.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// A moment in the time zone of this machine, to the second.
#[must_use]
pub fn local_time(moment: Timestamp) -> String {
    moment
        .to_zoned(TimeZone::system())
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// A moment in the time zone of this machine, to the millisecond.
#[must_use]
pub fn local_time_exact(moment: Timestamp) -> String {
    moment
        .to_zoned(TimeZone::system())
        .strftime("%Y-%m-%d %H:%M:%S%.3f")
        .to_string()
}

/// How long ago a moment was: `12 s ago`, `3 min ago`, `2 d ago`.
#[must_use]
pub fn ago(moment: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(moment.as_second()).max(0);
    match seconds {
        0..=119 => format!("{seconds} s ago"),
        120..=7199 => format!("{} min ago", seconds / 60),
        7200..=172_799 => format!("{} h ago", seconds / 3600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

/// A length of time: `0.42 s`, `1 min 5 s`, `2 h 3 min 4 s`. What ended before it began took none.
#[must_use]
pub fn duration_text(duration: SignedDuration) -> String {
    let seconds = duration.as_secs_f64().max(0.0);
    // From here on it would be rounded to 60.
    if seconds < 59.995 {
        return format!("{seconds:.2} s");
    }
    let whole = duration.as_secs();
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    match hours {
        0 => format!("{minutes} min {seconds} s"),
        _ => format!("{hours} h {minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn durations_grow_units_as_they_need_them() {
        let text = |milliseconds| duration_text(SignedDuration::from_millis(milliseconds));
        assert_eq!(text(421), "0.42 s");
        assert_eq!(text(65_400), "1 min 5 s");
        assert_eq!(text(7_384_000), "2 h 3 min 4 s");
        assert_eq!(text(-9_000), "0.00 s");
    }

    #[test]
    fn ago_rounds_down() {
        assert_eq!(ago(at(0), at(119)), "119 s ago");
        assert_eq!(ago(at(0), at(200)), "3 min ago");
        assert_eq!(ago(at(500), at(0)), "0 s ago");
    }
}
