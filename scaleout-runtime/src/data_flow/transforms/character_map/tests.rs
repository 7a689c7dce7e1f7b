//! The component in a data flow.

use scaleout_core::package::pipeline::{Disposition, Pipeline};

use crate::data_flow::testing::kinds::collecting;
use crate::data_flow::testing::pipelines::{
    column, error_output, middle, of_type, path, pipeline, property, reads, sink,
};
use crate::data_flow::testing::run::{Ran, Row, printed, rows_kind, rows_of, run_flow, source_of};
use crate::value::{DataType, Value};

const TEXT: DataType = DataType::Wstr { length: 4 };

/// `a` in upper case in place, and `b`, the half-width form of `a`.
fn map(disposition: Disposition) -> Pipeline {
    let mut map = of_type("Microsoft.CharacterMap", middle("map"));
    let mut changed = reads("source.a");
    changed.read_write = true;
    changed.properties.push(property("MapFlags", "512"));
    map.inputs[0].columns.push(changed);
    let mut made = column("map.b", TEXT);
    made.truncation_row_disposition = disposition;
    made.properties = vec![
        property("MapFlags", "4194304"),
        property("InputColumnLineageID", "#{source.a}"),
    ];
    map.outputs[0].columns.push(made);
    map.outputs.push(error_output("map", "map.in"));
    pipeline(
        vec![
            source_of("source", vec![column("source.a", TEXT)]),
            map,
            sink("sink", &["source.a", "map.b"]),
            sink("errors", &["source.a", "map.ErrorCode", "map.ErrorColumn"]),
        ],
        vec![
            path("source.out", "map.in"),
            path("map.out", "sink.in"),
            path("map.error", "errors.in"),
        ],
    )
}

fn text(text: &str) -> Value {
    Value::Str(text.into())
}

fn run(flow: &Pipeline, texts: &[Option<&str>]) -> (Ran, Vec<Vec<String>>, Vec<Vec<String>>) {
    let rows: Vec<Row> = texts
        .iter()
        .map(|it| vec![it.map_or(Value::Null, text)])
        .collect();
    let (sink, in_sink) = collecting("sink");
    let (errors, in_errors) = collecting("errors");
    let kinds = vec![rows_kind("source", vec![TEXT], rows, 2), sink, errors];
    let ran = run_flow(flow, kinds, &[]);
    let errors = rows_of(&in_errors, &[TEXT, DataType::I4, DataType::I4]);
    (ran, rows_of(&in_sink, &[TEXT, TEXT]), errors)
}

/// Four characters in full width, and eight in half width.
const LONG: &str = "ガガガガ";

#[test]
fn columns_are_mapped_in_place_and_into_new_ones() {
    let (ran, rows, _) = run(&map(Disposition::FailComponent), &[Some("aＡ"), None]);
    assert_eq!(ran.errors(), Vec::<u32>::new());
    let expected = [
        vec![text("AＡ"), text("aA")],
        vec![Value::Null, Value::Null],
    ];
    assert_eq!(rows, printed(&expected));
}

#[test]
fn what_becomes_too_long_is_a_truncation() {
    let (ran, _, _) = run(&map(Disposition::FailComponent), &[Some("a"), Some(LONG)]);
    assert_eq!(ran.errors()[1], 0xC020_902A);
    assert_eq!(ran.recorder.find(0xC020_902A).row, Some(2));

    let (ran, rows, _) = run(&map(Disposition::IgnoreFailure), &[Some(LONG)]);
    assert_eq!(ran.errors(), Vec::<u32>::new());
    assert_eq!(rows, printed(&[vec![text(LONG), text("ｶﾞｶﾞ")]]));

    let (ran, rows, errors) = run(&map(Disposition::RedirectRow), &[Some(LONG), Some("a")]);
    assert_eq!(ran.errors(), Vec::<u32>::new());
    assert_eq!(rows.len(), 1);
    let code = Value::I4(crate::data_flow::codes::signed(0xC020_902A));
    assert_eq!(errors, printed(&[vec![text(LONG), code, Value::I4(2)]]));
}

#[test]
fn what_cannot_be_mapped_is_refused_with_the_column() {
    for (flags, kind, words) in [
        ("67108864", TEXT, "traditional Chinese"),
        ("x", TEXT, "map flags `x`"),
        ("256", DataType::I4, "only text"),
    ] {
        let mut flow = map(Disposition::FailComponent);
        flow.components[0].outputs[0].columns[0].data_type = kind;
        flow.components[1].inputs[0].columns[0].properties[0].value = flags.to_owned();
        let (ran, _, _) = run(&flow, &[]);
        assert_eq!(ran.errors(), [0xC020_2021, 0xC004_700C]);
        let said = ran.recorder.find(0xC020_2021).text;
        assert!(said.contains(words) && said.contains("`a`"), "{said}");
    }
}
