//! Taps on a small data flow.

use std::path::Path;
use std::sync::Arc;

use scaleout_core::package::pipeline::Pipeline;

use crate::convert::to_text;
use crate::data_flow::engine::{DataFlowOutcome, run_with};
use crate::data_flow::testing::kinds::{collecting, finder};
use crate::data_flow::testing::pipelines::{column, component, output, path, pipeline, sink};
use crate::data_flow::testing::run::rows_kind;
use crate::data_flow::testing::services::{Recorder, services};
use crate::events::Severity;
use crate::tasks::TaskFailure;
use crate::value::{DataType, Value};
use crate::watch::{DataFlowWatch, Tap};

fn flow() -> Pipeline {
    let mut out = output("read", "");
    out.columns = vec![
        column("id", DataType::I4),
        column("text", DataType::Wstr { length: 20 }),
    ];
    pipeline(
        vec![component("read", vec![out]), sink("write", &["id", "text"])],
        vec![path("read.out", "write.in")],
    )
}

fn tap(path_id: &str, file: Option<&Path>, max_rows: u64) -> Tap {
    Tap {
        path_id: path_id.to_owned(),
        file: file.map(Path::to_owned),
        max_rows,
    }
}

/// Three rows through the flow, two in a batch.
fn run(tap: Tap) -> (Result<DataFlowOutcome, TaskFailure>, Arc<Recorder>, usize) {
    let recorder = Arc::new(Recorder::default());
    *recorder.watch.lock().unwrap() = DataFlowWatch {
        taps: vec![tap],
        ..DataFlowWatch::default()
    };
    let types = vec![DataType::I4, DataType::Wstr { length: 20 }];
    let rows = vec![
        vec![Value::I4(1), Value::Str("plain".into())],
        vec![
            Value::I4(2),
            Value::Str("with, comma and \"quotes\"".into()),
        ],
        vec![Value::I4(3), Value::Null],
    ];
    let (kind, collected) = collecting("write");
    let kinds = vec![rows_kind("read", types, rows, 2), kind];
    let services = services(&recorder, &Arc::default());
    let outcome = run_with(&flow(), "\\P\\D", &services, &finder(kinds));
    let arrived = collected
        .lock()
        .unwrap()
        .iter()
        .map(|batch| batch.num_rows())
        .sum();
    (outcome, recorder, arrived)
}

fn said(recorder: &Recorder, severity: Severity) -> Vec<String> {
    let messages = recorder.messages.lock().unwrap();
    let own = messages
        .iter()
        .filter(|(of, message)| *of == severity && message.code == 0);
    own.map(|(_, message)| message.text.clone()).collect()
}

#[test]
fn all_rows_go_into_the_file_and_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("42/tap.csv");
    let pipeline = flow();
    let id = format!("Paths[read.{}]", pipeline.components[0].outputs[0].name);
    let (outcome, recorder, arrived) = run(tap(&id, Some(&file), u64::MAX));
    assert!(outcome.is_ok());
    assert_eq!(arrived, 3);
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        "id,text\n1,plain\n2,\"with, comma and \"\"quotes\"\"\"\n3,\n"
    );
    let told = said(&recorder, Severity::Information);
    assert!(
        told.iter().any(|text| text.contains("wrote 3 rows to")),
        "{told:?}"
    );
    let counters = recorder.watch.lock().unwrap().counters.of_package();
    let value = |name: &str| counters.iter().find(|one| one.name == name).unwrap().value;
    assert_eq!((value("Rows read"), value("Rows written")), (3, 3));
    assert_eq!(value("Buffers in use"), 0);
}

#[test]
fn a_tap_keeps_no_more_rows_than_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tap.csv");
    let name = flow().paths[0].ref_id.clone();
    let (_, _, arrived) = run(tap(&name, Some(&file), 1));
    assert_eq!(arrived, 3);
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        "id,text\n1,plain\n"
    );
}

#[test]
fn a_tap_that_cannot_be_is_a_warning_and_the_rows_flow_on() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("blocked");
    std::fs::write(&blocked, "").unwrap();
    let name = flow().paths[0].ref_id.clone();
    for (tap, code) in [
        (tap("Paths[nobody]", Some(folder.path()), 1), "SO4030"),
        (tap(&name, None, 1), "SO4031"),
        (tap(&name, Some(&blocked.join("tap.csv")), 1), "SO4031"),
    ] {
        let (outcome, recorder, arrived) = run(tap);
        assert!(outcome.is_ok());
        assert_eq!(arrived, 3);
        let warned = said(&recorder, Severity::Warning);
        assert!(
            warned.iter().any(|text| text.starts_with(code)),
            "{code}: {warned:?}"
        );
    }
}

#[test]
fn values_are_written_the_same_in_every_locale() {
    let text = to_text(&Value::R8(1.5), DataType::R8, super::INVARIANT_LOCALE);
    assert_eq!(text.as_deref(), Some("1.5"));
}
