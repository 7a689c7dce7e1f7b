//! Time spans as the settings write them: `[d.]hh:mm:ss`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A span of whole seconds, written `[d.]hh:mm:ss`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeSpan {
    seconds: u64,
}

/// Text that is not `[d.]hh:mm:ss`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a time span `[d.]hh:mm:ss`")]
pub struct NotATimeSpan {
    text: String,
}

impl TimeSpan {
    /// A span of so many seconds.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self { seconds }
    }

    /// As the standard library's duration.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Milliseconds, as the wire protocol counts.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.seconds.saturating_mul(1000)
    }
}

impl FromStr for TimeSpan {
    type Err = NotATimeSpan;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text.trim()).ok_or_else(|| NotATimeSpan {
            text: text.chars().take(40).collect(),
        })
    }
}

fn parse(text: &str) -> Option<TimeSpan> {
    let (days, clock) = match text.split_once('.') {
        Some((days, clock)) => (number(days, 8, 10_675_199)?, clock),
        None => (0, text),
    };
    let mut parts = clock.split(':');
    let hours = number(parts.next()?, 2, 23)?;
    let minutes = number(parts.next()?, 2, 59)?;
    let seconds = number(parts.next()?, 2, 59)?;
    if parts.next().is_some() {
        return None;
    }
    Some(TimeSpan {
        seconds: ((days * 24 + hours) * 60 + minutes) * 60 + seconds,
    })
}

fn number(text: &str, most_digits: usize, largest: u64) -> Option<u64> {
    let digits_only = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits_only || most_digits < text.len() {
        return None;
    }
    text.parse().ok().filter(|number| *number <= largest)
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (minutes, seconds) = (self.seconds / 60, self.seconds % 60);
        let (hours, minutes) = (minutes / 60, minutes % 60);
        let (days, hours) = (hours / 24, hours % 24);
        if 0 < days {
            write!(f, "{days}.")?;
        }
        write!(f, "{hours:02}:{minutes:02}:{seconds:02}")
    }
}

impl Serialize for TimeSpan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeSpan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn published_defaults_are_read() {
        for (text, seconds) in [
            ("00:01:00", 60),
            ("00:00:10", 10),
            ("7.00:00:00", 604_800),
            ("1:2:3", 3723),
        ] {
            assert_eq!(text.parse(), Ok(TimeSpan::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in [
            "",
            "10",
            "00:10",
            "24:00:00",
            "00:60:00",
            "00:00:60",
            "1.2.00:00:00",
            "-1:00:00",
            "00:00:00:00",
            "99999999999.00:00:00",
            "00:00:1.5",
        ] {
            assert!(text.parse::<TimeSpan>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(seconds in 0u64..=10_675_199 * 86_400) {
            let span = TimeSpan::from_secs(seconds);
            prop_assert_eq!(span.to_string().parse(), Ok(span));
        }
    }
}
