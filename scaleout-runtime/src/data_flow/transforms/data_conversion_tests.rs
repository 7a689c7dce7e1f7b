//! Tests of [`super`].

use proptest::prelude::*;
use scaleout_core::package::pipeline::{Disposition, Pipeline};

use crate::convert::convert;
use crate::data_flow::testing::kinds::collecting;
use crate::data_flow::testing::pipelines::{
    column, error_output, middle, of_type, path, pipeline, property, reads, sink,
};
use crate::data_flow::testing::run::{Row, printed, rows_kind, rows_of, run_flow, source_of};
use crate::value::{DataType, Value};

const TEXT: DataType = DataType::Wstr { length: 8 };

/// `source(t)` through a conversion to a number and a short text, main and error output collected.
fn conversion(on_error: Disposition, on_truncation: Disposition) -> Pipeline {
    let mut convert = of_type("Microsoft.DataConvert", middle("convert"));
    convert.inputs[0].columns.push(reads("source.t"));
    let made = |name: &str, data_type| {
        let mut made = column(name, data_type);
        made.error_row_disposition = on_error;
        made.truncation_row_disposition = on_truncation;
        made.properties
            .push(property("SourceInputColumnLineageID", "#{source.t}"));
        made
    };
    convert.outputs[0].columns = vec![
        made("convert.n", DataType::I4),
        made("convert.s", DataType::Wstr { length: 2 }),
    ];
    convert.outputs.push(error_output("convert", "convert.in"));
    pipeline(
        vec![
            source_of("source", vec![column("source.t", TEXT)]),
            convert,
            sink("sink", &["source.t", "convert.n", "convert.s"]),
            sink(
                "errors",
                &["source.t", "convert.ErrorCode", "convert.ErrorColumn"],
            ),
        ],
        vec![
            path("source.out", "convert.in"),
            path("convert.out", "sink.in"),
            path("convert.error", "errors.in"),
        ],
    )
}

const OUT: [DataType; 3] = [TEXT, DataType::I4, DataType::Wstr { length: 2 }];
const ERRORS: [DataType; 3] = [TEXT, DataType::I4, DataType::I4];

/// The rule, row by row: value and what became of it.
fn reference(text: &str, on_error: Disposition, on_truncation: Disposition) -> Result<Row, Row> {
    let value = Value::Str(text.into());
    let error = |column| {
        vec![
            value.clone(),
            Value::I4(0xC020_20C5_u32.cast_signed()),
            Value::I4(column),
        ]
    };
    let mut row = vec![value.clone()];
    for (number, target) in [(2, DataType::I4), (3, OUT[2])] {
        match convert(&value, TEXT, target, 1033) {
            Err(_) if on_error == Disposition::RedirectRow => return Err(error(number)),
            Ok(converted) if converted.truncated && on_truncation == Disposition::RedirectRow => {
                return Err(error(number));
            }
            Err(_) => row.push(Value::Null),
            Ok(converted) => row.push(converted.value),
        }
    }
    Ok(row)
}

fn disposition() -> impl Strategy<Value = Disposition> {
    prop_oneof![
        Just(Disposition::IgnoreFailure),
        Just(Disposition::RedirectRow)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn rows_go_where_the_dispositions_say(
        texts in proptest::collection::vec("[0-9]{0,4}|[a-z]{1,3}", 0..20),
        on_error in disposition(),
        on_truncation in disposition(),
        batch in 1usize..8,
    ) {
        let (mut kept, mut redirected): (Vec<Row>, Vec<Row>) = (Vec::new(), Vec::new());
        for text in &texts {
            match reference(text, on_error, on_truncation) {
                Ok(row) => kept.push(row),
                Err(row) => redirected.push(row),
            }
        }
        let (sink, good) = collecting("sink");
        let (errors, bad) = collecting("errors");
        let rows = texts.iter().map(|text| vec![Value::Str(text.as_str().into())]).collect();
        let kinds = vec![rows_kind("source", vec![TEXT], rows, batch), sink, errors];
        let ran = run_flow(&conversion(on_error, on_truncation), kinds, &[]);
        prop_assert_eq!(ran.errors(), Vec::<u32>::new());
        prop_assert_eq!(rows_of(&good, &OUT), printed(&kept));
        prop_assert_eq!(rows_of(&bad, &ERRORS), printed(&redirected));
    }
}

#[test]
fn a_failure_names_component_row_and_column() {
    let (sink, collected) = collecting("sink");
    let (errors, _) = collecting("errors");
    let rows = ["1", "2", "x"]
        .map(|text| vec![Value::Str(text.into())])
        .to_vec();
    let kinds = vec![rows_kind("source", vec![TEXT], rows, 2), sink, errors];
    let mut flow = conversion(Disposition::FailComponent, Disposition::FailComponent);
    // What came before the failure has reached the destination for sure.
    flow.engine_threads = 1;
    let ran = run_flow(&flow, kinds, &[]);

    assert!(ran.outcome.is_err());
    assert_eq!(ran.errors()[..3], [0xC020_20C5, 0xC020_9029, 0xC004_7022]);
    let message = ran.recorder.find(0xC020_9029);
    assert_eq!(message.subcomponent.as_deref(), Some("convert"));
    assert_eq!(
        (message.row, message.column.as_deref()),
        (Some(3), Some("n"))
    );
    assert_eq!(rows_of(&collected, &OUT).len(), 2);
}

#[test]
fn a_conversion_of_a_column_that_is_not_there_is_refused() {
    let mut flow = conversion(Disposition::FailComponent, Disposition::FailComponent);
    flow.components[1].outputs[0].columns[0].properties[0].value = "#{gone}".to_owned();
    let (sink, _) = collecting("sink");
    let (errors, _) = collecting("errors");
    let kinds = vec![rows_kind("source", vec![TEXT], Vec::new(), 2), sink, errors];
    let ran = run_flow(&flow, kinds, &[]);
    assert_eq!(ran.errors(), [0xC020_2021, 0xC004_700C]);
}
