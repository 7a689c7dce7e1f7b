//! What is wrong with a schedule.

use crate::error::{Blame, Explain};

/// What is wrong with a schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleFault {
    /// A number that its parameter does not have.
    #[error("`{parameter}` is {value}, which it cannot be {circumstance}")]
    Number {
        /// The parameter, with `@`.
        parameter: &'static str,
        /// As given.
        value: i64,
        /// For which kind of schedule.
        circumstance: &'static str,
        /// What it can be.
        form: &'static str,
    },
    /// It ends before it begins.
    #[error("the schedule ends on {last} before it begins on {first}")]
    EndsEarly {
        /// `active_start_date`
        first: i64,
        /// `active_end_date`
        last: i64,
    },
    /// A time zone that nobody knows.
    #[error("there is no time zone `{name}`")]
    ZoneUnknown {
        /// As given.
        name: String,
    },
}

impl Explain for ScheduleFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Number { .. } => "SO7401",
            Self::EndsEarly { .. } => "SO7402",
            Self::ZoneUnknown { .. } => "SO7403",
        }
    }

    fn number(&self) -> Option<i64> {
        match self {
            // "The specified '%s' is invalid (valid values are: %s)."
            Self::Number { .. } => Some(14266),
            // "The specified %s ('%s') occurs after its end."
            Self::EndsEarly { .. } => Some(14288),
            Self::ZoneUnknown { .. } => None,
        }
    }

    fn blame(&self) -> Blame {
        Blame::Caller
    }

    fn hint(&self) -> String {
        match self {
            Self::Number { form, .. } => format!("write {form}"),
            Self::EndsEarly { .. } => {
                "write dates as YYYYMMDD, the end not before the start; 99991231 is no end"
                    .to_owned()
            }
            Self::ZoneUnknown { .. } => {
                "write a name of the IANA database such as `Europe/Berlin`, `America/New_York` or `UTC`"
                    .to_owned()
            }
        }
    }
}
