//! Tests of [`super`].

use proptest::prelude::*;
use scaleout_core::package::pipeline::{Disposition, Output, Pipeline};

use crate::data_flow::testing::kinds::{TestKind, collecting};
use crate::data_flow::testing::pipelines::{
    column, component, error_output, named_output, of_type, path, pipeline, property, reads, sink,
    with_input,
};
use crate::data_flow::testing::run::{Ran, Row, printed, rows_kind, rows_of, run_flow, source_of};
use crate::value::{DataType, Value};

/// The second output has the first condition: even numbers, then those above ten, then the rest.
fn split(on_error: Disposition) -> Pipeline {
    let case = |name: &str, order: &str, expression: &str| Output {
        exclusion_group: 1,
        error_row_disposition: on_error,
        properties: vec![
            property("EvaluationOrder", order),
            property("Expression", expression),
        ],
        ..named_output("split", name, "split.in")
    };
    let mut rest = named_output("split", "rest", "split.in");
    rest.properties.push(property("IsDefaultOut", "true"));
    let outputs = vec![
        case("big", "1", "#{source.a} > 10"),
        case("even", "0", "#{source.a} % 2 == 0"),
        rest,
        error_output("split", "split.in"),
    ];
    let mut split = with_input(of_type(
        "Microsoft.ConditionalSplit",
        component("split", outputs),
    ));
    split.inputs[0].columns.push(reads("source.a"));
    let errors = ["source.a", "split.ErrorCode", "split.ErrorColumn"];
    let columns = vec![
        column("source.a", DataType::I4),
        column("source.unused", DataType::I4),
    ];
    pipeline(
        vec![
            source_of("source", columns),
            split,
            sink("big", &["source.a"]),
            sink("even", &["source.a"]),
            sink("rest", &["source.a"]),
            sink("errors", &errors),
        ],
        vec![
            path("source.out", "split.in"),
            path("split.big", "big.in"),
            path("split.even", "even.in"),
            path("split.rest", "rest.in"),
            path("split.error", "errors.in"),
        ],
    )
}

fn run(flow: &Pipeline, numbers: &[Option<i32>], batch: usize, sinks: Vec<TestKind>) -> Ran {
    let numbers = numbers
        .iter()
        .map(|number| number.map_or(Value::Null, Value::I4));
    let rows: Vec<Row> = numbers.map(|number| vec![number, Value::I4(7)]).collect();
    let mut kinds = vec![rows_kind(
        "source",
        vec![DataType::I4, DataType::I4],
        rows,
        batch,
    )];
    kinds.extend(sinks);
    run_flow(flow, kinds, &[])
}

fn row(number: &Option<i32>) -> Row {
    vec![number.map_or(Value::Null, Value::I4)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn each_row_goes_to_the_first_output_that_is_true(
        numbers in proptest::collection::vec(proptest::option::of(0..20i32), 0..20),
        redirect in any::<bool>(),
        batch in 1usize..8,
    ) {
        let (mut big, mut even, mut rest, mut failed): (Vec<Row>, Vec<Row>, Vec<Row>, Vec<Row>) =
            Default::default();
        for number in &numbers {
            match number {
                Some(n) if n % 2 == 0 => even.push(row(number)),
                Some(n) if 10 < *n => big.push(row(number)),
                None if redirect => {
                    let code = Value::I4(0xC020_902B_u32.cast_signed());
                    failed.push(vec![Value::Null, Value::I4(7), code, Value::I4(0)]);
                }
                _ => rest.push(row(number)),
            }
        }
        let disposition = if redirect { Disposition::RedirectRow } else { Disposition::IgnoreFailure };
        let (sinks, found): (Vec<_>, Vec<_>) =
            ["big", "even", "rest", "errors"].map(collecting).into_iter().unzip();
        let ran = run(&split(disposition), &numbers, batch, sinks);
        prop_assert_eq!(ran.errors(), Vec::<u32>::new());
        for (found, expected) in found.iter().zip([big, even, rest]) {
            prop_assert_eq!(rows_of(found, &[DataType::I4]), printed(&expected));
        }
        prop_assert_eq!(rows_of(&found[3], &[DataType::I4; 4]), printed(&failed));
    }
}

fn sinks() -> Vec<TestKind> {
    ["big", "even", "rest", "errors"]
        .map(|name| collecting(name).0)
        .into()
}

#[test]
fn null_is_an_error_by_default() {
    let ran = run(
        &split(Disposition::FailComponent),
        &[Some(1), None],
        5,
        sinks(),
    );
    assert_eq!(ran.errors()[..3], [0xC020_902B, 0xC020_9029, 0xC004_7022]);
    assert_eq!(ran.recorder.find(0xC020_9029).row, Some(2));
}

#[test]
fn a_condition_that_is_no_boolean_is_refused() {
    let mut flow = split(Disposition::FailComponent);
    flow.components[1].outputs[0].properties[1].value = "#{source.a} + 1".to_owned();
    assert_eq!(
        run(&flow, &[], 5, sinks()).errors(),
        [0xC004_709D, 0xC004_700C]
    );
}
