//! Audit in a data flow.

use scaleout_core::package::pipeline::Pipeline;

use crate::data_flow::testing::kinds::collecting;
use crate::data_flow::testing::pipelines::{
    column, middle, of_type, path, pipeline, property, sink,
};
use crate::data_flow::testing::run::{Ran, Row, printed, rows_kind, rows_of, run_flow, source_of};
use crate::events::Severity;
use crate::value::{DataType, TypedValue, Value};

const NAME: DataType = DataType::Wstr { length: 4 };

/// A column for each item: its number and type.
fn audit(items: &[(&str, &str, DataType)]) -> Pipeline {
    let mut audit = of_type("Microsoft.Lineage", middle("audit"));
    for (name, item, data_type) in items {
        let mut made = column(&format!("audit.{name}"), *data_type);
        made.properties.push(property("LineageItemSelected", item));
        audit.outputs[0].columns.push(made);
    }
    let mut read = vec!["source.c".to_owned()];
    read.extend(items.iter().map(|(name, _, _)| format!("audit.{name}")));
    let read: Vec<&str> = read.iter().map(String::as_str).collect();
    pipeline(
        vec![
            source_of("source", vec![column("source.c", DataType::I4)]),
            audit,
            sink("sink", &read),
        ],
        vec![path("source.out", "audit.in"), path("audit.out", "sink.in")],
    )
}

fn run(items: &[(&str, &str, DataType)]) -> (Ran, Vec<Vec<String>>) {
    let rows: Vec<Row> = (0..3).map(|number| vec![Value::I4(number)]).collect();
    let (sink, in_sink) = collecting("sink");
    let kinds = vec![rows_kind("source", vec![DataType::I4], rows, 2), sink];
    let held = |text: &str| TypedValue {
        data_type: DataType::Wstr { length: 0 },
        value: Value::Str(text.into()),
    };
    let start = TypedValue {
        data_type: DataType::Date,
        value: Value::Timestamp(7_000_000_000),
    };
    let variables = [
        (
            "System::ExecutionInstanceGUID",
            held("{01020304-0506-0708-090A-0B0C0D0E0F10}"),
        ),
        ("System::PackageName", held("Nightly")),
        ("System::StartTime", start),
        ("System::TaskName", held("Load")),
    ];
    let ran = run_flow(&audit(items), kinds, &variables);
    let mut types = vec![DataType::I4];
    types.extend(items.iter().map(|(_, _, data_type)| *data_type));
    (ran, rows_of(&in_sink, &types))
}

#[test]
fn every_row_carries_the_values_of_the_run() {
    let (ran, rows) = run(&[
        ("id", "0", DataType::Guid),
        ("start", "4", DataType::Date),
        ("task", "7", NAME),
    ]);
    assert_eq!(ran.errors(), Vec::<u32>::new());
    let guid = Value::Guid([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    let expected: Vec<Row> = (0..3)
        .map(|number| {
            vec![
                Value::I4(number),
                guid.clone(),
                Value::Timestamp(7_000_000_000),
                Value::Str("Load".into()),
            ]
        })
        .collect();
    assert_eq!(rows, printed(&expected));
}

#[test]
fn a_name_that_is_too_long_is_cut_with_a_warning() {
    let (ran, rows) = run(&[("package", "2", NAME)]);
    assert_eq!(ran.errors(), Vec::<u32>::new());
    assert_eq!(rows[0][1], "Str(\"Nigh\")");
    assert!(ran.recorder.codes(Severity::Warning).contains(&0xC020_902A));
}

#[test]
fn an_unknown_item_or_a_type_that_cannot_hold_it_is_refused() {
    assert_eq!(
        run(&[("x", "9", NAME)]).0.errors(),
        [0xC020_2021, 0xC004_700C]
    );
    let (ran, _) = run(&[("x", "4", DataType::Guid)]);
    assert_eq!(ran.errors(), [0xC020_20C1, 0xC004_700C]);
}
