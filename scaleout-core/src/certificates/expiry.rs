//! How near the end of a certificate is.

use jiff::Timestamp;

/// From so many days before its end on, people are warned of it.
pub const WARNED_DAYS: i64 = 30;

/// How near the end of a certificate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Far enough.
    Fine {
        /// Whole days left.
        days: i64,
    },
    /// Near enough to be warned of.
    Soon {
        /// Whole days left.
        days: i64,
    },
    /// Over.
    Expired {
        /// Whole days ago.
        days: i64,
    },
}

impl Expiry {
    /// Of a certificate that ends then.
    #[must_use]
    pub fn at(not_after: Timestamp, now: Timestamp) -> Self {
        let seconds = not_after.duration_since(now).as_secs();
        let days = (seconds / 86_400).abs();
        match seconds {
            ..0 => Self::Expired { days },
            _ if days < WARNED_DAYS => Self::Soon { days },
            _ => Self::Fine { days },
        }
    }

    /// Whole days left; less than nothing once it is over.
    #[must_use]
    pub fn days_left(self) -> i64 {
        match self {
            Self::Fine { days } | Self::Soon { days } => days,
            Self::Expired { days } => -days,
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> String {
        let plural = |days: i64| if days == 1 { "day" } else { "days" };
        match self {
            Self::Fine { days } | Self::Soon { days } => {
                format!("{days} {} left", plural(days))
            }
            Self::Expired { days } => format!("expired {days} {} ago", plural(days)),
        }
    }
}

/// When a certificate is to be renewed: at two thirds of its life.
#[must_use]
pub fn renewal_due(not_before: Timestamp, not_after: Timestamp) -> Timestamp {
    let life = not_after.duration_since(not_before);
    not_before + life / 3 * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_warned_a_month_ahead() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let expiry = |now: &str| Expiry::at(at("2026-03-31T00:00:00Z"), at(now));
        assert_eq!(expiry("2026-03-01T00:00:00Z"), Expiry::Fine { days: 30 });
        assert_eq!(expiry("2026-03-01T00:00:01Z"), Expiry::Soon { days: 29 });
        assert_eq!(expiry("2026-03-30T12:00:00Z"), Expiry::Soon { days: 0 });
        assert_eq!(expiry("2026-04-02T00:00:00Z"), Expiry::Expired { days: 2 });
        assert_eq!(expiry("2026-04-02T00:00:00Z").words(), "expired 2 days ago");
        assert_eq!(expiry("2026-03-29T00:00:00Z").days_left(), 2);
    }

    #[test]
    fn renewal_is_due_at_two_thirds() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(renewal_due(at(1000), at(1300)), at(1200));
    }
}
