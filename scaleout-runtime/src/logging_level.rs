//! Which events each logging level lets through: the one place that decides.

use scaleout_core::model::LoggingLevel;
use scaleout_core::protocol::event::EventBody;

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

/// What each level writes, as in the original. A customised level needs its mask, which an
/// execution does not carry: it logs as Basic does.
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

/// Whether an execution at this level keeps the event.
#[must_use]
pub fn is_wanted(level: LoggingLevel, body: &EventBody) -> bool {
    let class = class_of(body);
    let row = WANTED.iter().find(|(of, _)| *of == level);
    row.is_some_and(|(_, classes)| classes.contains(&class))
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

    #[test]
    fn every_level_has_a_row() {
        for level in LoggingLevel::ALL {
            assert!(WANTED.iter().any(|(of, _)| *of == level), "{level:?}");
        }
    }
}
