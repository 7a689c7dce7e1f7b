//! Times as people read them.

use jiff::{SpanRound, Timestamp, Unit, tz::TimeZone};

/// A moment in the time zone of this machine, to the second.
#[must_use]
pub fn local_time(moment: Timestamp) -> String {
    moment
        .to_zoned(TimeZone::system())
        .strftime("%Y-%m-%d %H:%M:%S")
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

/// Time between two moments: `0.42 s`, `1 min 5 s`, `2 h 3 min 4 s`.
#[must_use]
pub fn duration_between(start: Timestamp, end: Timestamp) -> String {
    let span = end - start;
    let seconds = end.duration_since(start).as_secs_f64().max(0.0);
    if seconds < 60.0 {
        return format!("{seconds:.2} s");
    }
    let rounded = span.round(SpanRound::new().largest(Unit::Hour).smallest(Unit::Second));
    rounded.map_or_else(
        |_| format!("{seconds:.0} s"),
        |span| match span.get_hours() {
            0 => format!("{} min {} s", span.get_minutes(), span.get_seconds()),
            hours => format!(
                "{hours} h {} min {} s",
                span.get_minutes(),
                span.get_seconds()
            ),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn durations_grow_units_as_they_need_them() {
        assert_eq!(
            duration_between(at(0), Timestamp::from_millisecond(421).unwrap()),
            "0.42 s"
        );
        assert_eq!(duration_between(at(0), at(65)), "1 min 5 s");
        assert_eq!(duration_between(at(0), at(7384)), "2 h 3 min 4 s");
        assert_eq!(duration_between(at(9), at(0)), "0.00 s");
    }

    #[test]
    fn ago_rounds_down() {
        assert_eq!(ago(at(0), at(119)), "119 s ago");
        assert_eq!(ago(at(0), at(200)), "3 min ago");
        assert_eq!(ago(at(500), at(0)), "0 s ago");
    }
}
