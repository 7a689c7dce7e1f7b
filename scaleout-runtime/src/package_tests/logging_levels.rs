//! What each logging level of the catalog keeps: the table of the documentation, against real runs.

use std::path::{Path, PathBuf};

use scaleout_core::model::LoggingLevel;
use scaleout_core::protocol::event::{ComponentPhase, DataStatistics, EventBody};
use scaleout_core::protocol::task::TaskDescription;

use super::harness::{Dtsx, fails, ok, set};
use crate::logging_level::is_wanted;

/// Written by every level that writes at all.
const FRAME: [&str; 2] = ["PackageStart", "PackageEnd"];
const ALARMS: [&str; 2] = ["OnError", "OnWarning"];
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

/// Whether a level keeps a message, in the words of the documentation.
fn keeps(level: LoggingLevel, event: &str) -> bool {
    let is_frame = FRAME.contains(&event);
    let is_alarm = ALARMS.contains(&event);
    let is_custom = !is_frame && !is_alarm && !STANDARD.contains(&event);
    match level {
        // No events; only the execution's status.
        LoggingLevel::None => false,
        // Every event except custom and diagnostic events.
        LoggingLevel::Basic => !is_custom,
        // Performance statistics plus OnError and OnWarning only.
        LoggingLevel::Performance => is_frame || is_alarm,
        // Every event.
        LoggingLevel::Verbose => true,
        // Data needed to trace lineage in the data flow.
        LoggingLevel::RuntimeLineage => is_frame || is_alarm || is_custom,
        // Not one of the built-in ones.
        LoggingLevel::Customized => unreachable!("it has a definition of its own"),
    }
}

const BUILT_IN: [LoggingLevel; 5] = [
    LoggingLevel::None,
    LoggingLevel::Basic,
    LoggingLevel::Performance,
    LoggingLevel::Verbose,
    LoggingLevel::RuntimeLineage,
];

#[test]
fn a_run_at_each_level_says_what_verbose_says_and_the_level_keeps() {
    let dtsx = Dtsx::new()
        .variable("n", 3, "0", r#"DTS:RaiseChangedEvent="True""#)
        .int("Other", 0)
        .with(&set("Package", "a", "@[User::n] = 1 + @[User::OTHER]", ""))
        .with(&fails("Package", "b", ""))
        .with(&ok("Package", "c"))
        .after("a", "b", "")
        .after("b", "c", r#"DTS:Value="1""#)
        .attributes(r#"DTS:EnableConfig="True""#)
        .collections(&super::configuring::configurations(&[(
            "gone", 2, "GONE", "x",
        )]));
    let at = |level| dtsx.run_with(|task| task.logging_level = level).stream();
    let everything = at(LoggingLevel::Verbose);
    let names: Vec<&str> = everything
        .iter()
        .filter_map(|line| line.split(' ').next())
        .collect();
    for needed in [
        "OnVariableValueChanged",
        "OnInformation",
        "OnWarning",
        "OnError",
        "OnTaskFailed",
        "ExecuteProcessExecutingProcess",
    ] {
        assert!(names.contains(&needed), "{needed}: {names:?}");
    }
    for level in BUILT_IN {
        let expected = everything.iter().filter(|line| {
            let event = line.split(' ').next().unwrap();
            keeps(level, event)
        });
        assert!(at(level).iter().eq(expected), "{level:?}");
    }
}

fn message(event: &str) -> EventBody {
    let text = format!(
        r#"{{"type":"message","event_name":"{event}","message_type":0,"source_type":0,"message":"","package_name":"","source_name":"","source_id":"","package_path":"","execution_path":"","message_code":0}}"#
    );
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_event_of_the_documentation_is_kept_where_it_says_so() {
    let Some(documented) = documented() else {
        eprintln!("skipped: the table of the documentation is not here");
        return;
    };
    let events = documented["ssis_log_events"].as_array().unwrap();
    let customs = documented["ssis_custom_log_entries"].as_object().unwrap();
    let customs = customs
        .values()
        .filter_map(|list| list.as_array())
        .flatten();
    let names: Vec<&str> = events
        .iter()
        .chain(customs)
        .filter_map(|one| one.as_str())
        .collect();
    assert!(60 < names.len(), "{}", names.len());
    for level in BUILT_IN {
        for event in &names {
            assert_eq!(
                is_wanted(&at(level), &message(event)),
                keeps(level, event),
                "{level:?} {event}"
            );
        }
    }
    let depends = &documented["logging_level"]["view_dependencies"];
    for (view, body) in [
        ("catalog.execution_component_phases", phase()),
        ("catalog.execution_data_statistics", rows()),
    ] {
        let levels = depends[view].as_array().unwrap();
        for (number, level) in (0_u64..).zip(&BUILT_IN[..4]) {
            let listed = levels.iter().any(|one| one.as_u64() == Some(number));
            assert_eq!(is_wanted(&at(*level), &body), listed, "{view} {level:?}");
        }
    }
}

/// An execution at a level.
fn at(level: LoggingLevel) -> TaskDescription {
    TaskDescription {
        logging_level: level,
        ..TaskDescription::default()
    }
}

fn phase() -> EventBody {
    let at = jiff::Timestamp::UNIX_EPOCH;
    EventBody::ComponentPhase(ComponentPhase {
        package_name: String::new(),
        task_name: String::new(),
        subcomponent_name: String::new(),
        phase: "PrimeOutput".to_owned(),
        start_time: at,
        end_time: at,
        execution_path: String::new(),
        active_us: 1,
    })
}

/// Rows over a path between two transformations.
fn rows() -> EventBody {
    EventBody::DataStatistics(DataStatistics {
        package_name: String::new(),
        task_name: String::new(),
        execution_path: String::new(),
        path_id: String::new(),
        path_name: String::new(),
        source_component: String::new(),
        destination_component: String::new(),
        into_destination: false,
        rows_sent: 1,
    })
}

fn documented() -> Option<serde_json::Value> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("SCALEOUT_SHARED").map_or(beside, PathBuf::from);
    let text = std::fs::read_to_string(shared.join("spec/catalog-enums.json")).ok()?;
    serde_json::from_str(&text).ok()
}
