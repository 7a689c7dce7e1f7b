//! Tests of [`super`].

use proptest::prelude::*;
use scaleout_core::package::pipeline::{Component, Pipeline};

use crate::data_flow::testing::kinds::collecting;
use crate::data_flow::testing::pipelines::{
    column, component, of_type, output, path, pipeline, property, reads, sink, with_input,
};
use crate::data_flow::testing::run::{Row, printed, rows_kind, rows_of, run_flow, source_of};
use crate::value::{DataType, Value};

const WIDE: DataType = DataType::Wstr { length: 8 };
const SHORT: DataType = DataType::Wstr { length: 3 };

/// `a(n, t)` and `b(t)` into `union(t, n)`, and a spare input without a path.
fn union(a_text: DataType, union_text: DataType) -> Pipeline {
    let union = component("union", vec![output("union", "")]);
    let mut union: Component =
        with_input(with_input(with_input(of_type("Microsoft.UnionAll", union))));
    union.outputs[0].columns = vec![
        column("union.t", union_text),
        column("union.n", DataType::I4),
    ];
    let mapped = |from: &str, to: &str| {
        let mut column = reads(from);
        column
            .properties
            .push(property("OutputColumnLineageID", &format!("#{{{to}}}")));
        column
    };
    union.inputs[0].columns = vec![mapped("a.n", "union.n"), mapped("a.t", "union.t")];
    union.inputs[1].columns = vec![mapped("b.t", "union.t")];
    pipeline(
        vec![
            source_of(
                "a",
                vec![column("a.n", DataType::I4), column("a.t", a_text)],
            ),
            source_of("b", vec![column("b.t", SHORT)]),
            union,
            sink("sink", &["union.t", "union.n"]),
        ],
        vec![
            path("a.out", "union.in"),
            path("b.out", "union.in2"),
            path("union.out", "sink.in"),
        ],
    )
}

fn text(text: &str) -> Value {
    Value::Str(text.into())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn all_rows_arrive_mapped_by_lineage_and_unmapped_columns_are_null(
        numbers in proptest::collection::vec(any::<i32>(), 0..20),
        texts in proptest::collection::vec("[a-zé]{0,3}", 0..20),
        batch in 1usize..8,
    ) {
        let a: Vec<Row> = numbers.iter().map(|n| vec![Value::I4(*n), text("x")]).collect();
        let b: Vec<Row> = texts.iter().map(|t| vec![text(t)]).collect();
        let mut expected: Vec<Row> = numbers.iter().map(|n| vec![text("x"), Value::I4(*n)]).collect();
        expected.extend(texts.iter().map(|t| vec![text(t), Value::Null]));

        let (sink, collected) = collecting("sink");
        let kinds = vec![
            rows_kind("a", vec![DataType::I4, SHORT], a, batch),
            rows_kind("b", vec![SHORT], b, batch),
            sink,
        ];
        let ran = run_flow(&union(SHORT, WIDE), kinds, &[]);
        prop_assert_eq!(ran.errors(), Vec::<u32>::new());
        let (mut found, mut expected) = (rows_of(&collected, &[WIDE, DataType::I4]), printed(&expected));
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn text_that_is_too_long_fails_and_names_row_and_column() {
    let (sink, _) = collecting("sink");
    let rows = vec![
        vec![Value::I4(1), text("abc")],
        vec![Value::I4(2), text("abcd")],
    ];
    let kinds = vec![
        rows_kind("a", vec![DataType::I4, WIDE], rows, 1),
        rows_kind("b", vec![SHORT], Vec::new(), 1),
        sink,
    ];
    let ran = run_flow(&union(WIDE, SHORT), kinds, &[]);
    assert_eq!(ran.errors()[..3], [0xC020_20C5, 0xC020_902A, 0xC004_7022]);
    let message = ran.recorder.find(0xC020_902A);
    assert_eq!(
        (message.row, message.column.as_deref()),
        (Some(2), Some("t"))
    );
    assert_eq!(message.subcomponent.as_deref(), Some("union"));
}

#[test]
fn unicode_and_other_text_do_not_mix() {
    let (sink, _) = collecting("sink");
    let narrow = DataType::Str {
        length: 3,
        code_page: 1252,
    };
    let kinds = vec![
        rows_kind("a", vec![DataType::I4, narrow], Vec::new(), 1),
        rows_kind("b", vec![SHORT], Vec::new(), 1),
        sink,
    ];
    let ran = run_flow(&union(narrow, WIDE), kinds, &[]);
    assert_eq!(ran.errors(), [0xC020_20F6, 0xC004_700C]);
}
