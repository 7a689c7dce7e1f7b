//! Customized logging levels: which bit of a mask stands for which event or statistics.

use serde::{Deserialize, Serialize};

/// Added to the number of an event's bit: the event with its context.
pub const WITH_CONTEXT: u32 = 32;

/// Events by the number of their bit, with the name that the masks' documentation gives them.
pub const EVENT_BITS: [&str; 17] = [
    "OnVariableValueChanged",
    "OnExecutionStatusChanged",
    "OnPreExecute",
    "OnPostExecute",
    "OnPreValidate",
    "OnPostValidate",
    "OnWarning",
    "OnInformation",
    "OnError",
    "OnTaskFailed",
    "OnProgress",
    "OnQueryCancel",
    "OnBreakpointHit",
    "OnCustomEvent",
    "Diagnostic",
    "DiagnosticEx",
    "NonDiagnostic",
];

/// Statistics by the number of their bit: runs of executables, rows, times of components.
pub const STATISTICS_BITS: [&str; 3] = ["Execution", "Volume", "Performance"];

/// The bit of every event that is none of the others: what a task has of its own.
const CUSTOM_EVENT: &str = "OnCustomEvent";

/// What a customized logging level logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomizedLevel {
    /// Its name, for people.
    pub name: String,
    /// Bits of [`STATISTICS_BITS`].
    pub profile: i64,
    /// Bits of [`EVENT_BITS`], and the same [`WITH_CONTEXT`].
    pub events: i64,
}

impl CustomizedLevel {
    /// Whether an event is logged, by the name that a package raises it under.
    #[must_use]
    pub fn logs(&self, event_name: &str) -> bool {
        let bit = bit_of(event_name);
        has(self.events, bit) || has(self.events, bit + WITH_CONTEXT)
    }

    /// Whether its context is logged too.
    #[must_use]
    pub fn logs_context_of(&self, event_name: &str) -> bool {
        has(self.events, bit_of(event_name) + WITH_CONTEXT)
    }

    /// Whether statistics of this name are logged.
    #[must_use]
    pub fn keeps(&self, statistics: &str) -> bool {
        position(&STATISTICS_BITS, statistics).is_some_and(|bit| has(self.profile, bit))
    }
}

/// Whether a mask of statistics has no bit that means nothing.
#[must_use]
pub fn is_profile(mask: i64) -> bool {
    mask & !ones(0, STATISTICS_BITS.len()) == 0
}

/// Whether a mask of events has no bit that means nothing.
#[must_use]
pub fn is_events(mask: i64) -> bool {
    let first = usize::try_from(WITH_CONTEXT).unwrap_or(usize::MAX);
    mask & !(ones(0, EVENT_BITS.len()) | ones(first, EVENT_BITS.len())) == 0
}

/// The mask of the named statistics; the first name that is none comes back.
///
/// # Errors
/// The name.
pub fn profile_mask<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<i64, &'n str> {
    mask_of(&STATISTICS_BITS, 0, names)
}

/// The mask of the named events, with or without their context.
///
/// # Errors
/// The first name that is none.
pub fn events_mask<'n>(
    names: impl IntoIterator<Item = &'n str>,
    with_context: bool,
) -> Result<i64, &'n str> {
    mask_of(
        &EVENT_BITS,
        if with_context { WITH_CONTEXT } else { 0 },
        names,
    )
}

/// The names of the statistics of a mask.
#[must_use]
pub fn profile_names(mask: i64) -> Vec<&'static str> {
    names_of(&STATISTICS_BITS, 0, mask)
}

/// The names of the events of a mask that are logged with or without their context.
#[must_use]
pub fn events_names(mask: i64, with_context: bool) -> Vec<&'static str> {
    names_of(
        &EVENT_BITS,
        if with_context { WITH_CONTEXT } else { 0 },
        mask,
    )
}

/// The bit of an event. Packages call one of them by a shorter name than the masks do.
fn bit_of(event_name: &str) -> u32 {
    let name = match event_name {
        "OnExecStatusChanged" => "OnExecutionStatusChanged",
        other => other,
    };
    position(&EVENT_BITS, name)
        .or_else(|| position(&EVENT_BITS, CUSTOM_EVENT))
        .unwrap_or(0)
}

fn position(names: &[&str], name: &str) -> Option<u32> {
    let found = names
        .iter()
        .position(|known| known.eq_ignore_ascii_case(name));
    found.and_then(|at| u32::try_from(at).ok())
}

fn has(mask: i64, bit: u32) -> bool {
    mask & (1 << bit) != 0
}

fn ones(from: usize, count: usize) -> i64 {
    ((1_i64 << count) - 1) << from
}

fn mask_of<'n>(
    known: &[&str],
    offset: u32,
    names: impl IntoIterator<Item = &'n str>,
) -> Result<i64, &'n str> {
    let mut mask = 0;
    for name in names {
        let bit = position(known, name).ok_or(name)?;
        mask |= 1 << (bit + offset);
    }
    Ok(mask)
}

fn names_of(known: &[&'static str], offset: u32, mask: i64) -> Vec<&'static str> {
    let bits = known.iter().zip(offset..);
    bits.filter(|(_, bit)| has(mask, *bit))
        .map(|(name, _)| *name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_the_sums_that_the_documentation_makes() {
        assert_eq!(events_mask(["OnError", "DiagnosticEx"], false), Ok(33_024));
        assert_eq!(events_mask(["onerror"], true), Ok(1 << 40));
        assert_eq!(events_mask(["OnErr"], false), Err("OnErr"));
        assert_eq!(profile_mask(["Execution", "Performance"]), Ok(5));
        assert_eq!(events_names(33_024, false), ["OnError", "DiagnosticEx"]);
        assert_eq!(events_names(33_024, true), [""; 0]);
        assert_eq!(profile_names(6), ["Volume", "Performance"]);
    }

    #[test]
    fn bits_that_mean_nothing_are_noticed() {
        assert!(is_profile(7) && is_profile(0));
        assert!(!is_profile(8) && !is_profile(-1));
        assert!(is_events(0x1_FFFF) && is_events(0x1_FFFF << 32));
        assert!(!is_events(1 << 17) && !is_events(1 << 49) && !is_events(-1));
    }

    #[test]
    fn a_level_logs_what_its_bits_say() {
        let level = CustomizedLevel {
            name: "mine".to_owned(),
            profile: 2,
            events: (1 << 8) | (1 << 1) | (1 << 39) | (1 << 13),
        };
        assert!(level.logs("OnError") && !level.logs_context_of("OnError"));
        assert!(level.logs("OnInformation") && level.logs_context_of("OnInformation"));
        assert!(level.logs("OnExecStatusChanged"));
        assert!(level.logs("ExecuteSQLExecutingQuery"), "a custom event");
        assert!(!level.logs("OnWarning") && !level.logs("DiagnosticEx"));
        assert!(level.keeps("Volume") && !level.keeps("Execution"));
    }
}
