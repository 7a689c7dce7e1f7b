//! The parts of a date and their names.

/// A part of a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DatePart {
    Year,
    Quarter,
    Month,
    DayOfYear,
    Day,
    Week,
    Weekday,
    Hour,
    Minute,
    Second,
    Millisecond,
}

const NAMES: [(&str, DatePart); 32] = [
    ("year", DatePart::Year),
    ("yy", DatePart::Year),
    ("yyyy", DatePart::Year),
    ("quarter", DatePart::Quarter),
    ("qq", DatePart::Quarter),
    ("q", DatePart::Quarter),
    ("month", DatePart::Month),
    ("mm", DatePart::Month),
    ("m", DatePart::Month),
    ("dayofyear", DatePart::DayOfYear),
    ("dy", DatePart::DayOfYear),
    ("y", DatePart::DayOfYear),
    ("day", DatePart::Day),
    ("dd", DatePart::Day),
    ("d", DatePart::Day),
    ("week", DatePart::Week),
    ("wk", DatePart::Week),
    ("ww", DatePart::Week),
    ("weekday", DatePart::Weekday),
    ("dw", DatePart::Weekday),
    ("w", DatePart::Weekday),
    ("hour", DatePart::Hour),
    ("hh", DatePart::Hour),
    ("minute", DatePart::Minute),
    ("mi", DatePart::Minute),
    ("n", DatePart::Minute),
    ("second", DatePart::Second),
    ("ss", DatePart::Second),
    ("s", DatePart::Second),
    ("millisecond", DatePart::Millisecond),
    ("ms", DatePart::Millisecond),
    ("milliseconds", DatePart::Millisecond),
];

impl DatePart {
    /// The part of that name, whatever its case.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, part)| *part)
    }
}

/// Is it the name of a part?
pub(in super::super) fn is_date_part(name: &str) -> bool {
    DatePart::from_name(name).is_some()
}
