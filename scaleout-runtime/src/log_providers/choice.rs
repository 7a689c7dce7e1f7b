//! Which providers take an event of an executable.

use scaleout_core::package::LoggingOptions;

use super::entry::Entry;

/// Written whenever a package logs at all, whatever the filter says.
const ALWAYS: [&str; 2] = ["PackageStart", "PackageEnd"];

/// `FilterKind` of a list of events to leave out.
const LEAVES_OUT: u8 = 1;

/// Whether these options let an event through.
#[must_use]
pub fn wanted(options: &LoggingOptions, event: &str) -> bool {
    if ALWAYS.contains(&event) {
        return true;
    }
    let listed = options.events.iter().any(|own| own == event);
    listed != (options.filter_kind == LEAVES_OUT)
}

/// The entry with the columns that these options want of its event.
pub(super) fn in_columns(options: &LoggingOptions, entry: Entry) -> Entry {
    let mut filters = options.columns.iter();
    match filters.find(|filter| filter.event == entry.event) {
        Some(filter) => entry.reduced(&filter.columns),
        None => entry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_takes_in_or_leaves_out_and_the_frame_of_a_package_is_always_there() {
        let mut options = LoggingOptions {
            mode: 1,
            filter_kind: 0,
            events: vec!["OnError".to_owned()],
            ..LoggingOptions::default()
        };
        assert!(wanted(&options, "OnError") && wanted(&options, "PackageStart"));
        assert!(!wanted(&options, "OnWarning"));
        options.filter_kind = 1;
        assert!(!wanted(&options, "OnError"));
        assert!(wanted(&options, "OnWarning") && wanted(&options, "PackageEnd"));
    }
}
