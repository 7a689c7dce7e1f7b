//! One cell of a table: what people read, and what a program reads.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::time::{ago, duration_text, local_time};

/// One cell of a table.
///
/// Tables show [`Cell::shown`]; CSV holds [`Cell::machine`], where a moment is ISO 8601 in UTC and
/// a duration a number of seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A number.
    Number(String),
    /// A state that people look for: coloured on a terminal.
    State {
        /// What to show.
        text: String,
        /// Whether it is good news, bad news, or neither.
        good: Option<bool>,
    },
    /// A moment, shown in the time zone of this machine.
    Moment(Timestamp),
    /// A moment, shown as the time that has passed since.
    Age {
        /// When it was.
        moment: Timestamp,
        /// When it is looked at.
        now: Timestamp,
    },
    /// A length of time.
    Duration(SignedDuration),
    /// Text that people read in another form than programs.
    Rendered {
        /// For people.
        shown: String,
        /// For programs.
        machine: String,
    },
    /// Nothing.
    Empty,
}

impl Cell {
    /// The cell of a JSON value, as views return them.
    #[must_use]
    pub fn from_json(value: &Value) -> Self {
        match value {
            Value::Null => Self::Empty,
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::Text(text.clone()),
            other => Self::Text(other.to_string()),
        }
    }

    /// A moment that may not have come yet.
    #[must_use]
    pub fn moment(moment: Option<Timestamp>) -> Self {
        moment.map_or(Self::Empty, Self::Moment)
    }

    /// How long ago something was; `never` for people when it was not.
    #[must_use]
    pub fn age(moment: Option<Timestamp>, now: Timestamp) -> Self {
        match moment {
            Some(moment) => Self::Age { moment, now },
            None => Self::Rendered {
                shown: "never".to_owned(),
                machine: String::new(),
            },
        }
    }

    /// A length of time that may not have begun yet.
    #[must_use]
    pub fn duration(duration: Option<SignedDuration>) -> Self {
        duration.map_or(Self::Empty, Self::Duration)
    }

    /// The text for people, without any decoration.
    #[must_use]
    pub fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) | Self::Number(text) | Self::State { text, .. } => text.into(),
            Self::Moment(moment) => local_time(*moment).into(),
            Self::Age { moment, now } => ago(*moment, *now).into(),
            Self::Duration(duration) => duration_text(*duration).into(),
            Self::Rendered { shown, .. } => shown.into(),
            Self::Empty => "".into(),
        }
    }

    /// The text for programs.
    #[must_use]
    pub fn machine(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) | Self::Number(text) | Self::State { text, .. } => text.into(),
            Self::Moment(moment) | Self::Age { moment, .. } => moment.to_string().into(),
            Self::Duration(duration) => format!("{:.3}", duration.as_secs_f64()).into(),
            Self::Rendered { machine, .. } => machine.into(),
            Self::Empty => "".into(),
        }
    }

    /// Whether breaking it over lines would make it unreadable.
    #[must_use]
    pub fn stays_whole(&self) -> bool {
        match self {
            Self::Number(_)
            | Self::State { .. }
            | Self::Moment(_)
            | Self::Age { .. }
            | Self::Duration(_) => true,
            Self::Text(_) | Self::Rendered { .. } | Self::Empty => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn programs_get_moments_and_seconds_where_people_get_ages_and_units() {
        let age = Cell::age(Some(at(0)), at(6));
        assert_eq!(age.shown(), "6 s ago");
        assert_eq!(age.machine(), "1970-01-01T00:00:00Z");
        let moment = Cell::moment(Some(Timestamp::from_millisecond(1500).unwrap()));
        assert_eq!(moment.machine(), "1970-01-01T00:00:01.5Z");
        let duration = Cell::duration(Some(SignedDuration::from_millis(65_125)));
        assert_eq!(duration.shown(), "1 min 5 s");
        assert_eq!(duration.machine(), "65.125");
    }

    #[test]
    fn what_has_not_been_is_empty_for_programs() {
        let never = Cell::age(None, at(6));
        assert_eq!((&*never.shown(), &*never.machine()), ("never", ""));
        assert_eq!(Cell::moment(None).machine(), "");
        assert_eq!(Cell::duration(None).machine(), "");
    }
}
