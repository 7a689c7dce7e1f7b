//! Tests of [`super`].

use proptest::prelude::*;
use scaleout_core::package::pipeline::{Disposition, Pipeline};

use crate::data_flow::testing::kinds::collecting;
use crate::data_flow::testing::pipelines::{
    column, error_output, middle, of_type, path, pipeline, property, reads, sink,
};
use crate::data_flow::testing::run::{Ran, Row, printed, rows_kind, rows_of, run_flow, source_of};
use crate::value::{DataType, TypedValue, Value};

const NAME: DataType = DataType::Wstr { length: 4 };
const SHORT: DataType = DataType::Wstr { length: 2 };
const IN: [DataType; 2] = [DataType::I4, NAME];
const OUT: [DataType; 4] = [DataType::I4, NAME, DataType::I4, SHORT];
const ERRORS: [DataType; 4] = [DataType::I4, NAME, DataType::I4, DataType::I4];

/// `source(a, t)`: `a` is replaced by `a + 1`, `q` is `100 / a`, `s` is `t` in two characters.
fn derived(disposition: Disposition) -> Pipeline {
    let mut derive = of_type("Microsoft.DerivedColumn", middle("derive"));
    let mut replaced = reads("source.a");
    replaced.read_write = true;
    replaced
        .properties
        .push(property("Expression", "#{source.a} + 1"));
    derive.inputs[0].columns = vec![replaced, reads("source.t")];
    let made = |name: &str, data_type, expression: &str| {
        let mut made = column(name, data_type);
        made.error_row_disposition = disposition;
        made.truncation_row_disposition = disposition;
        made.properties.push(property("Expression", expression));
        made
    };
    derive.outputs[0].columns = vec![
        made("derive.q", DataType::I4, "@[User::Hundred] / #{source.a}"),
        made("derive.s", SHORT, "[TRIM](#{source.t})"),
    ];
    derive.outputs.push(error_output("derive", "derive.in"));
    pipeline(
        vec![
            source_of(
                "source",
                vec![column("source.a", DataType::I4), column("source.t", NAME)],
            ),
            derive,
            sink("sink", &["source.a", "source.t", "derive.q", "derive.s"]),
            sink(
                "errors",
                &[
                    "source.a",
                    "source.t",
                    "derive.ErrorCode",
                    "derive.ErrorColumn",
                ],
            ),
        ],
        vec![
            path("source.out", "derive.in"),
            path("derive.out", "sink.in"),
            path("derive.error", "errors.in"),
        ],
    )
}

fn hundred() -> TypedValue {
    TypedValue {
        data_type: DataType::I4,
        value: Value::I4(100),
    }
}

fn text(text: &str) -> Value {
    Value::Str(text.into())
}

/// The row behind the component, or its error row.
fn reference(a: i32, t: &str, redirect: bool) -> Result<Row, Row> {
    let error = |code: u32, column| {
        Err(vec![
            Value::I4(a),
            text(t),
            Value::I4(code.cast_signed()),
            Value::I4(column),
        ])
    };
    let quotient = if a == 0 {
        Value::Null
    } else {
        Value::I4(100 / a)
    };
    if a == 0 && redirect {
        return error(0xC004_707B, 3);
    }
    if 2 < t.len() && redirect {
        return error(0xC020_902A, 4);
    }
    let short: String = t.chars().take(2).collect();
    Ok(vec![Value::I4(a + 1), text(t), quotient, text(&short)])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn every_expression_sees_what_came_in(
        rows in proptest::collection::vec((-3..4i32, "[a-z]{0,4}"), 0..20),
        redirect in any::<bool>(),
        batch in 1usize..8,
    ) {
        let (mut kept, mut redirected): (Vec<Row>, Vec<Row>) = Default::default();
        for (a, t) in &rows {
            match reference(*a, t, redirect) {
                Ok(row) => kept.push(row),
                Err(row) => redirected.push(row),
            }
        }
        let disposition = if redirect { Disposition::RedirectRow } else { Disposition::IgnoreFailure };
        let (sink, good) = collecting("sink");
        let (errors, bad) = collecting("errors");
        let rows = rows.iter().map(|(a, t)| vec![Value::I4(*a), text(t)]).collect();
        let kinds = vec![rows_kind("source", IN.to_vec(), rows, batch), sink, errors];
        let ran = run_flow(&derived(disposition), kinds, &[("User::Hundred", hundred())]);
        prop_assert_eq!(ran.errors(), Vec::<u32>::new());
        prop_assert_eq!(rows_of(&good, &OUT), printed(&kept));
        prop_assert_eq!(rows_of(&bad, &ERRORS), printed(&redirected));
    }
}

fn run(flow: &Pipeline) -> Ran {
    let rows = vec![vec![Value::I4(1), text("a")], vec![Value::I4(0), text("b")]];
    let kinds = vec![
        rows_kind("source", IN.to_vec(), rows, 1),
        collecting("sink").0,
        collecting("errors").0,
    ];
    run_flow(flow, kinds, &[("User::Hundred", hundred())])
}

#[test]
fn a_fatal_error_names_component_row_and_column() {
    let ran = run(&derived(Disposition::FailComponent));
    assert_eq!(ran.errors()[..3], [0xC004_707B, 0xC020_9029, 0xC004_7022]);
    let message = ran.recorder.find(0xC020_9029);
    assert_eq!(message.subcomponent.as_deref(), Some("derive"));
    assert_eq!(
        (message.row, message.column.as_deref()),
        (Some(2), Some("q"))
    );
}

#[test]
fn names_are_used_where_the_ids_do_not_resolve() {
    let mut flow = derived(Disposition::IgnoreFailure);
    let column = &mut flow.components[1].outputs[0].columns[0];
    column.properties[0].value = "#{elsewhere} / 2".to_owned();
    assert_eq!(run(&flow).errors(), [0xC020_7006, 0xC004_700C]);

    let column = &mut flow.components[1].outputs[0].columns[0];
    column
        .properties
        .push(property("FriendlyExpression", "a / 2"));
    assert_eq!(run(&flow).errors(), Vec::<u32>::new());
}

#[test]
fn a_result_that_does_not_convert_is_refused() {
    let mut flow = derived(Disposition::IgnoreFailure);
    flow.components[1].outputs[0].columns[0].data_type = DataType::Guid;
    assert_eq!(run(&flow).errors(), [0xC004_709D, 0xC004_700C]);
}
