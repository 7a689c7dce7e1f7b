//! Which events each logging level lets through: the one place that decides.

use scaleout_core::model::{CustomizedLevel, LoggingLevel};
use scaleout_core::protocol::event::EventBody;
use scaleout_core::protocol::task::TaskDescription;

/// Classes of events that a logging level takes or leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// OnError, OnWarning.
    Alarm,
    /// PackageStart, PackageEnd: written by every level that writes at all.
    Frame,
    /// Every other standard event.
    Standard,
    /// Custom and diagnostic events of tasks; among them the column map of a data flow.
    Custom,
    /// `catalog.executable_statistics`, and where output went.
    Statistics,
    /// Rows that reached a destination: what reports count.
    RowsWritten,
    /// Rows over every other path.
    RowsMoved,
    /// `catalog.execution_component_phases`.
    Phases,
}

/// What each level writes, as in the original. A customized one has masks, which count then; without
/// them it logs as Basic does.
const WANTED: [(LoggingLevel, &[Class]); 6] = {
    use Class::{Alarm, Custom, Frame, Phases, RowsMoved, RowsWritten, Standard, Statistics};
    [
        (LoggingLevel::None, &[]),
        (
            LoggingLevel::Basic,
            &[Alarm, Frame, Standard, Statistics, RowsWritten],
        ),
        (
            LoggingLevel::Performance,
            &[Alarm, Frame, Statistics, RowsWritten, Phases],
        ),
        (
            LoggingLevel::Verbose,
            &[
                Alarm,
                Frame,
                Standard,
                Custom,
                Statistics,
                RowsWritten,
                RowsMoved,
                Phases,
            ],
        ),
        // What lineage is read from: column maps, and the statements and parameters of tasks.
        (
            LoggingLevel::RuntimeLineage,
            &[Alarm, Frame, Custom, Statistics, RowsWritten],
        ),
        (
            LoggingLevel::Customized,
            &[Alarm, Frame, Standard, Statistics, RowsWritten],
        ),
    ]
};

/// Events that are not custom, whatever raises them.
const STANDARD: [&str; 10] = [
    "OnInformation",
    "OnPreValidate",
    "OnPostValidate",
    "OnPreExecute",
    "OnPostExecute",
    "OnProgress",
    "OnTaskFailed",
    "OnQueryCancel",
    "OnExecStatusChanged",
    "OnVariableValueChanged",
];

/// Whether an execution keeps the event.
#[must_use]
pub fn is_wanted(task: &TaskDescription, body: &EventBody) -> bool {
    if let (LoggingLevel::Customized, Some(level)) = (task.logging_level, &task.customized_level) {
        return is_chosen(level, body);
    }
    let class = class_of(body);
    let row = WANTED.iter().find(|(of, _)| *of == task.logging_level);
    row.is_some_and(|(_, classes)| classes.contains(&class))
}

/// Whether the context of an event is kept too: always that of an error, as in the original, unless
/// a customized level says what to keep.
#[must_use]
pub fn wants_context(task: &TaskDescription, event_name: &str) -> bool {
    match (task.logging_level, &task.customized_level) {
        (LoggingLevel::None, _) => false,
        (LoggingLevel::Customized, Some(level)) => level.logs_context_of(event_name),
        _ => event_name == "OnError",
    }
}

/// What the masks of a customized level keep, and what every level that writes at all keeps: the
/// start and the end of the package, where output went, and how many rows.
fn is_chosen(level: &CustomizedLevel, body: &EventBody) -> bool {
    match (class_of(body), body) {
        (Class::Frame | Class::RowsWritten, _) | (_, EventBody::Output(_)) => true,
        (_, EventBody::Message(message)) => level.logs(&message.event_name),
        (_, EventBody::ExecutableEnded(_)) => level.keeps("Execution"),
        (Class::RowsMoved, _) => level.keeps("Volume"),
        (Class::Phases, _) => level.keeps("Performance"),
        _ => false,
    }
}

fn class_of(body: &EventBody) -> Class {
    match body {
        EventBody::Message(message) => class_of_event(&message.event_name),
        EventBody::ExecutableEnded(_) | EventBody::Output(_) => Class::Statistics,
        EventBody::DataStatistics(rows) if rows.into_destination => Class::RowsWritten,
        EventBody::DataStatistics(_) => Class::RowsMoved,
        EventBody::ComponentPhase(_) => Class::Phases,
        _ => Class::Custom,
    }
}

fn class_of_event(name: &str) -> Class {
    match name {
        "OnError" | "OnWarning" => Class::Alarm,
        "PackageStart" | "PackageEnd" => Class::Frame,
        _ if STANDARD.contains(&name) => Class::Standard,
        _ => Class::Custom,
    }
}

#[cfg(test)]
mod tests {
    use scaleout_core::protocol::event::{DataStatistics, EventMessage};

    use super::*;

    fn kept(level: LoggingLevel) -> Vec<&'static str> {
        let all = [
            "OnError",
            "OnInformation",
            "OnPreExecute",
            "PackageStart",
            "DiagnosticEx",
            "ExecuteSQLExecutingQuery",
        ];
        let row = WANTED.iter().find(|(of, _)| *of == level).unwrap();
        all.into_iter()
            .filter(|name| row.1.contains(&class_of_event(name)))
            .collect()
    }

    #[test]
    fn each_level_keeps_what_the_catalog_says() {
        assert_eq!(kept(LoggingLevel::None), [""; 0]);
        assert_eq!(
            kept(LoggingLevel::Basic),
            ["OnError", "OnInformation", "OnPreExecute", "PackageStart"]
        );
        assert_eq!(kept(LoggingLevel::Performance), ["OnError", "PackageStart"]);
        assert_eq!(kept(LoggingLevel::Verbose).len(), 6);
        assert_eq!(
            kept(LoggingLevel::RuntimeLineage),
            [
                "OnError",
                "PackageStart",
                "DiagnosticEx",
                "ExecuteSQLExecutingQuery"
            ]
        );
    }

    fn message(event_name: &str) -> EventBody {
        EventBody::Message(EventMessage {
            event_name: event_name.to_owned(),
            ..EventMessage::default()
        })
    }

    fn customized(profile: i64, events: i64) -> TaskDescription {
        TaskDescription {
            logging_level: LoggingLevel::Customized,
            customized_level: Some(CustomizedLevel {
                name: "mine".to_owned(),
                profile,
                events,
            }),
            ..TaskDescription::default()
        }
    }

    #[test]
    fn a_customized_level_keeps_what_its_masks_say() {
        let errors = customized(0, 1 << 8);
        assert!(is_wanted(&errors, &message("OnError")));
        assert!(is_wanted(&errors, &message("PackageStart")));
        assert!(!is_wanted(&errors, &message("OnWarning")));
        assert!(!is_wanted(&errors, &message("ExecuteSQLExecutingQuery")));
        assert!(!wants_context(&errors, "OnError"));
        assert!(wants_context(&customized(0, 1 << 40), "OnError"));
        let rows = |into_destination| {
            EventBody::DataStatistics(DataStatistics {
                package_name: String::new(),
                task_name: String::new(),
                execution_path: String::new(),
                path_id: String::new(),
                path_name: String::new(),
                source_component: String::new(),
                destination_component: String::new(),
                into_destination,
                rows_sent: 1,
            })
        };
        assert!(is_wanted(&errors, &rows(true)), "reports count them");
        assert!(!is_wanted(&errors, &rows(false)));
        assert!(is_wanted(&customized(2, 0), &rows(false)));
    }

    #[test]
    fn errors_have_a_context_where_anything_is_logged() {
        for level in LoggingLevel::ALL {
            let task = TaskDescription {
                logging_level: level,
                ..TaskDescription::default()
            };
            let wanted = level != LoggingLevel::None;
            assert_eq!(wants_context(&task, "OnError"), wanted, "{level:?}");
            assert!(!wants_context(&task, "OnInformation"));
        }
    }

    #[test]
    fn every_level_has_a_row() {
        for level in LoggingLevel::ALL {
            assert!(WANTED.iter().any(|(of, _)| *of == level), "{level:?}");
        }
    }
}
