//! One line of a log.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// What every log provider writes, in its own form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `OnError`, `PackageStart`, `ExecuteSQLExecutingQuery`, ….
    pub event: String,
    /// Machine.
    pub computer: String,
    /// Who runs the package.
    pub operator: String,
    /// Name of the executable.
    pub source: String,
    /// Its id, braced.
    pub source_id: String,
    /// `System::ExecutionInstanceGUID`, braced.
    pub execution_id: String,
    /// When it began.
    pub start: Timestamp,
    /// When it ended: the same for all but long events.
    pub end: Timestamp,
    /// Code of an error, percent of a progress, result of a package.
    pub code: i32,
    /// Text; empty for events that say nothing but their name.
    pub message: String,
}

impl Entry {
    /// The entry with nothing in the columns that are not listed.
    #[must_use]
    pub(super) fn reduced(mut self, columns: &[String]) -> Self {
        let fields = [
            ("Computer", &mut self.computer),
            ("Operator", &mut self.operator),
            ("SourceName", &mut self.source),
            ("SourceID", &mut self.source_id),
            ("ExecutionID", &mut self.execution_id),
            ("MessageText", &mut self.message),
        ];
        for (name, field) in fields {
            if !columns.iter().any(|column| column == name) {
                field.clear();
            }
        }
        self
    }
}

/// `1/31/2026 9:05:07 PM`, local time: as the original's files have it in every locale.
pub(super) fn us_time(at: Timestamp) -> String {
    let local = at.to_zoned(TimeZone::system());
    let half = if local.hour() < 12 { "AM" } else { "PM" };
    let hour = match local.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    format!(
        "{}/{}/{} {hour}:{:02}:{:02} {half}",
        local.month(),
        local.day(),
        local.year(),
        local.minute(),
        local.second()
    )
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::log_providers) fn entry(event: &str, message: &str) -> Entry {
        Entry {
            event: event.to_owned(),
            computer: "machine".to_owned(),
            operator: "user".to_owned(),
            source: "Load".to_owned(),
            source_id: "{00000000-0000-0000-0000-00000000000A}".to_owned(),
            execution_id: "{00000000-0000-0000-0000-00000000000B}".to_owned(),
            start: Timestamp::UNIX_EPOCH,
            end: Timestamp::UNIX_EPOCH,
            code: 0,
            message: message.to_owned(),
        }
    }

    #[test]
    fn columns_that_are_not_listed_are_empty() {
        let columns = ["SourceName".to_owned(), "MessageText".to_owned()];
        let reduced = entry("OnError", "text").reduced(&columns);
        assert_eq!((&*reduced.source, &*reduced.message), ("Load", "text"));
        assert_eq!((&*reduced.computer, &*reduced.execution_id), ("", ""));
        assert_eq!(reduced.event, "OnError");
    }
}
