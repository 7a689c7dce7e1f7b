//! The report of dtexec: one block for each event, as its readers and scripts know it.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use scaleout_core::protocol::event::{DataStatistics, EventBody, EventMessage};
use scaleout_runtime::events::EventSink;
use scaleout_runtime::services::Clock;

use super::console_log::{ConsoleLog, Entry};
use super::reporting::Reporting;

/// Prints what a package says while it runs.
pub(super) struct Report<W> {
    to: Mutex<W>,
    clock: Box<dyn Clock>,
    zone: TimeZone,
    shape: Shape,
}

/// What is shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    pub(super) reporting: Reporting,
    pub(super) console_log: Option<ConsoleLog>,
    pub(super) sum: bool,
    /// For log entries.
    pub(super) computer: String,
    pub(super) operator: String,
    pub(super) execution_id: String,
}

impl<W: Write> Report<W> {
    pub(super) fn new(to: W, clock: Box<dyn Clock>, zone: TimeZone, shape: Shape) -> Self {
        let to = Mutex::new(to);
        Self {
            to,
            clock,
            zone,
            shape,
        }
    }

    /// Lines of dtexec itself.
    pub(super) fn say(&self, text: &str) {
        let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever read the report may be gone: the package runs on, its exit code counts.
        let _gone = to.write_all(text.as_bytes()).and_then(|()| to.flush());
    }

    /// The first line, before anything of the package.
    pub(super) fn begin(&self) -> Timestamp {
        let began = self.now();
        self.say(&format!("Started:  {}\n", self.clock_time(began)));
        began
    }

    /// The last lines.
    pub(super) fn end(&self, began: Timestamp) {
        let ended = self.now();
        self.say(&format!(
            "Started:  {}\nFinished: {}\nElapsed:  {}\n",
            self.clock_time(began),
            self.clock_time(ended),
            elapsed(ended.duration_since(began))
        ));
    }

    /// Now.
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// `9:05:07 AM`
    fn clock_time(&self, at: Timestamp) -> String {
        let local = at.to_zoned(self.zone.clone());
        let half = if local.hour() < 12 { "AM" } else { "PM" };
        let hour = match local.hour() % 12 {
            0 => 12,
            hour => hour,
        };
        format!("{hour}:{:02}:{:02} {half}", local.minute(), local.second())
    }
}

impl<W: Write + Send> EventSink for Report<W> {
    fn emit(&self, body: EventBody) {
        let at = self.now().to_zoned(self.zone.clone());
        let time = at.strftime("%Y-%m-%d %H:%M:%S.%2f").to_string();
        let text = match &body {
            EventBody::Message(message) => {
                let mut text = block(message, &self.shape.reporting, &time).unwrap_or_default();
                text.extend(self.shape.log_entry(message, &time[..time.len() - 3]));
                text
            }
            EventBody::Dumped(dump) => match &dump.error {
                None => format!("DTExec: A dump of the package is in {}.\n", dump.path),
                Some(reason) => format!("DTExec: There is no dump of the package: {reason}.\n"),
            },
            EventBody::DataStatistics(rows) if self.shape.sum || self.shape.reporting.data_flow => {
                row_line(rows, &time)
            }
            _ => String::new(),
        };
        if !text.is_empty() {
            self.say(&text);
        }
    }
}

impl Shape {
    fn log_entry(&self, message: &EventMessage, time: &str) -> Option<String> {
        self.console_log.as_ref()?.shown(&Entry {
            name: &message.event_name,
            computer: &self.computer,
            operator: &self.operator,
            source: &message.source_name,
            source_id: &message.source_id,
            execution_id: &self.execution_id,
            message: plain(message),
            time,
        })
    }
}

/// The block of one event; `None` for what is not asked for.
fn block(message: &EventMessage, wanted: &Reporting, time: &str) -> Option<String> {
    if wanted.leaves_out(&message.event_name) {
        return None;
    }
    let source = match &message.subcomponent_name {
        Some(part) => format!("{} {part}", message.source_name),
        None => message.source_name.clone(),
    };
    let text = plain(message);
    let coded = |word: &str| {
        format!(
            "{word}: {time}\n   Code: 0x{:08X}\n   Source: {source}\n   Description: {text}\nEnd {word}\n",
            message.message_code
        )
    };
    match message.event_name.as_str() {
        "OnError" => wanted.errors.then(|| coded("Error")),
        "OnWarning" => wanted.warnings.then(|| coded("Warning")),
        "OnInformation" => wanted.information.then(|| coded("Info")),
        "OnProgress" => wanted
            .progress
            .then(|| format!("Progress: {time}\n   Source: {source}\n   {text}\nEnd Progress\n")),
        name if is_custom(name) => wanted
            .custom
            .then(|| format!("Custom: {time}\n   Event: {name}\n   Source: {source}\n   Description: {text}\nEnd Custom\n")),
        _ => None,
    }
}

/// Whether a task made the event up.
fn is_custom(name: &str) -> bool {
    let standard = ["PackageStart", "PackageEnd"];
    !name.starts_with("On") && !standard.contains(&name)
}

/// The text without the source and the kind, which stand on lines of their own here.
fn plain(message: &EventMessage) -> &str {
    let own = message.message.strip_prefix(message.source_name.as_str());
    let text = own
        .and_then(|rest| rest.strip_prefix(':'))
        .unwrap_or(&message.message);
    let kinds = ["Error: ", "Warning: ", "Information: "];
    let found = kinds.iter().find_map(|kind| text.strip_prefix(kind));
    found.unwrap_or(text)
}

fn row_line(rows: &DataStatistics, time: &str) -> String {
    format!(
        "Rows: {time}\n   Source: {}\n   {} rows from {} to {}\nEnd Rows\n",
        rows.task_name, rows.rows_sent, rows.source_component, rows.destination_component
    )
}

/// `Elapsed:  0.625 seconds`
fn elapsed(duration: SignedDuration) -> String {
    let milliseconds = duration.as_millis().max(0);
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let fraction = format!("{rest:03}");
    match fraction.trim_end_matches('0') {
        "" => format!("{seconds} seconds"),
        fraction => format!("{seconds}.{fraction} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[derive(Debug)]
    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            "2026-03-04T12:34:56.789Z".parse().unwrap()
        }
    }

    fn message(event_name: &str, text: &str) -> EventBody {
        EventBody::Message(EventMessage {
            event_name: event_name.to_owned(),
            message_type: 0,
            source_type: 60,
            message: text.to_owned(),
            package_name: "p.dtsx".to_owned(),
            source_name: "Load".to_owned(),
            source_id: "{G}".to_owned(),
            subcomponent_name: Some("Sort".to_owned()),
            package_path: String::new(),
            execution_path: String::new(),
            message_code: 0xC002_0001_u32.cast_signed(),
            ..EventMessage::default()
        })
    }

    fn printed(shape: Shape, bodies: &[EventBody]) -> String {
        let page = Page::default();
        let report = Report::new(page.clone(), Box::new(Noon), TimeZone::UTC, shape);
        for body in bodies {
            report.emit(body.clone());
        }
        String::from_utf8(page.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn events_are_blocks_and_only_those_asked_for() {
        let bodies = [
            message("OnError", "Load:Error: it broke"),
            message("OnInformation", "Load:Information: it began"),
            message("OnProgress", "Load:Validating: 50% complete"),
            message("OnPreExecute", "Load:Start"),
        ];
        assert_eq!(
            printed(Shape::default(), &bodies),
            "Error: 2026-03-04 12:34:56.78\n   Code: 0xC0020001\n   Source: Load Sort\n   \
             Description: it broke\nEnd Error\n\
             Progress: 2026-03-04 12:34:56.78\n   Source: Load Sort\n   Validating: 50% complete\n\
             End Progress\n"
        );
        let shape = Shape {
            reporting: Reporting::parse("I;OnError").unwrap(),
            ..Shape::default()
        };
        let shown = printed(shape, &bodies);
        assert!(
            shown.starts_with("Info: ") && shown.lines().count() == 5,
            "{shown}"
        );
    }

    #[test]
    fn log_entries_follow_the_block_of_their_event() {
        let mut log = ConsoleLog::default();
        log.add(Some("NMT")).unwrap();
        let shape = Shape {
            reporting: Reporting::parse("N").unwrap(),
            console_log: Some(log),
            ..Shape::default()
        };
        let shown = printed(shape, &[message("OnWarning", "Load:Warning: careful")]);
        assert_eq!(
            shown,
            "Log:\n     Name: OnWarning\n     Message: careful\n     Start Time: 2026-03-04 12:34:56\n     \
             End Time: 2026-03-04 12:34:56\nEnd Log\n"
        );
    }

    #[test]
    fn time_is_told_as_dtexec_does() {
        let report = Report::new(Vec::new(), Box::new(Noon), TimeZone::UTC, Shape::default());
        assert_eq!(report.clock_time(Noon.now()), "12:34:56 PM");
        for (milliseconds, text) in [
            (625, "0.625 seconds"),
            (2000, "2 seconds"),
            (1010, "1.01 seconds"),
        ] {
            assert_eq!(elapsed(SignedDuration::from_millis(milliseconds)), text);
        }
    }
}
