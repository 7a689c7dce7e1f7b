//! Pivot in a data flow.

use proptest::prelude::*;
use scaleout_core::package::pipeline::{Disposition, Pipeline};

use crate::data_flow::testing::kinds::collecting;
use crate::data_flow::testing::pipelines::{
    column, component, error_output, of_type, output, path, pipeline, property, reads, sink,
    with_input,
};
use crate::data_flow::testing::run::{Ran, Row, printed, rows_kind, rows_of, run_flow, source_of};
use crate::value::{DataType, Value};

const IN: [DataType; 4] = [
    DataType::Wstr { length: 3 },
    DataType::I4,
    DataType::I4,
    DataType::I2,
];
const OUT: [DataType; 4] = [IN[0], IN[3], IN[2], IN[2]];

/// `product` (set), `year` (pivot), `total` (value), `note` (passed through) become `product`,
/// `note`, `y1` and `y2`.
fn pivot(passes_unknown: bool, disposition: Disposition) -> Pipeline {
    let mut pivot = of_type("Microsoft.Pivot", component("p", vec![output("p", "")]));
    pivot = with_input(pivot);
    pivot.inputs[0].error_row_disposition = disposition;
    pivot.properties.push(property(
        "PassThroughUnmatchedPivotKeys",
        &passes_unknown.to_string(),
    ));
    for (name, usage) in [
        ("product", "1"),
        ("year", "2"),
        ("total", "3"),
        ("note", "0"),
    ] {
        let mut read = reads(&format!("source.{name}"));
        read.properties.push(property("PivotUsage", usage));
        pivot.inputs[0].columns.push(read);
    }
    for (name, from, key, data_type) in [
        ("product", "product", "", OUT[0]),
        ("note", "note", "", OUT[1]),
        ("y1", "total", "1", OUT[2]),
        ("y2", "total", "2", OUT[3]),
    ] {
        let mut made = column(&format!("p.{name}"), data_type);
        made.properties = vec![
            property("SourceColumn", &format!("#{{source.{from}}}")),
            property("PivotKeyValue", key),
        ];
        pivot.outputs[0].columns.push(made);
    }
    pivot.outputs.push(error_output("p", "p.in"));
    let columns = ["product", "year", "total", "note"].into_iter().zip(IN);
    let columns = columns.map(|(name, data_type)| column(&format!("source.{name}"), data_type));
    pipeline(
        vec![
            source_of("source", columns.collect()),
            pivot,
            sink("sink", &["p.product", "p.note", "p.y1", "p.y2"]),
            sink("errors", &["source.total", "p.ErrorCode"]),
        ],
        vec![
            path("source.out", "p.in"),
            path("p.out", "sink.in"),
            path("p.error", "errors.in"),
        ],
    )
}

type Sold = (&'static str, i32, i32, i16);

fn run(flow: &Pipeline, rows: &[Sold], batch: usize) -> (Ran, Vec<Vec<String>>, Vec<Vec<String>>) {
    let rows: Vec<Row> = rows
        .iter()
        .map(|(product, year, total, note)| {
            vec![
                Value::Str((*product).into()),
                Value::I4(*year),
                Value::I4(*total),
                Value::I2(*note),
            ]
        })
        .collect();
    let (sink, in_sink) = collecting("sink");
    let (errors, in_errors) = collecting("errors");
    let kinds = vec![rows_kind("source", IN.into(), rows, batch), sink, errors];
    let ran = run_flow(flow, kinds, &[]);
    let mut error_types: Vec<DataType> = IN.into();
    error_types.extend([DataType::I4, DataType::I4]);
    (
        ran,
        rows_of(&in_sink, &OUT),
        rows_of(&in_errors, &error_types),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_run_of_rows_with_one_set_key_is_one_row(
        rows in proptest::collection::vec(
            (proptest::sample::select(vec!["a", "b"]), 1..4, 0..100, 0..9i16), 0..30,
        ),
        batch in 1usize..7,
        batch_out in 1u32..4,
    ) {
        // Each run: the first row's note, the first total of each year; what comes twice is redirected.
        let mut expected: Vec<Row> = Vec::new();
        let mut redirected = 0;
        let mut last = None;
        let mut seen: Vec<i32> = Vec::new();
        for (product, year, total, note) in &rows {
            if last != Some(*product) {
                last = Some(*product);
                seen.clear();
                expected.push(vec![
                    Value::Str((*product).into()), Value::I2(*note), Value::Null, Value::Null,
                ]);
            }
            if *year == 3 {
                continue;
            }
            if seen.contains(year) {
                redirected += 1;
                continue;
            }
            seen.push(*year);
            let row = expected.last_mut().unwrap();
            row[1 + usize::try_from(*year).unwrap()] = Value::I4(*total);
        }
        let mut flow = pivot(true, Disposition::RedirectRow);
        flow.default_buffer_max_rows = batch_out;
        let (ran, found, errors) = run(&flow, &rows, batch);
        prop_assert_eq!(ran.errors(), Vec::<u32>::new());
        prop_assert_eq!(found, printed(&expected));
        prop_assert_eq!(errors.len(), redirected);
    }
}

#[test]
fn a_pivot_key_twice_in_a_set_fails_with_its_row() {
    let flow = pivot(false, Disposition::NotUsed);
    let (ran, _, _) = run(&flow, &[("a", 1, 5, 0), ("a", 2, 6, 0), ("a", 1, 7, 0)], 9);
    assert_eq!(ran.errors()[..3], [0xC020_20CF, 0xC020_9029, 0xC004_7022]);
    assert_eq!(ran.recorder.find(0xC020_20CF).row, Some(3));
}

#[test]
fn a_pivot_key_without_a_column_fails_or_is_reported_at_the_end() {
    let rows = [("a", 1, 5, 0), ("a", 77, 6, 0), ("b", 78, 6, 0)];
    let (ran, _, _) = run(&pivot(false, Disposition::NotUsed), &rows, 9);
    assert_eq!(ran.errors()[0], 0xC020_208F);
    assert!(ran.recorder.find(0xC020_208F).text.contains("`77`"));

    let (ran, found, _) = run(&pivot(true, Disposition::NotUsed), &rows, 9);
    assert_eq!(ran.errors(), Vec::<u32>::new());
    assert_eq!(found.len(), 2);
    let messages = ran.recorder.messages.lock().unwrap();
    let reported = messages.iter().any(|(_, it)| it.text.contains("[77],[78]"));
    assert!(reported);
}

#[test]
fn without_exactly_one_pivot_key_it_is_refused() {
    let mut flow = pivot(true, Disposition::NotUsed);
    flow.components[1].inputs[0].columns[1].properties[0].value = "1".to_owned();
    let (ran, _, _) = run(&flow, &[], 1);
    assert_eq!(ran.errors(), [0xC020_2021, 0xC004_700C]);
}
