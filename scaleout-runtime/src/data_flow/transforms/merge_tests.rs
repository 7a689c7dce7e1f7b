//! Tests of [`super`].

use proptest::prelude::*;
use scaleout_core::package::pipeline::{Component, Pipeline};
use scaleout_core::protocol::executor::RuntimeSettings;

use crate::data_flow::testing::kinds::collecting;
use crate::data_flow::testing::pipelines::{
    column, component, of_type, output, path, pipeline, property, reads, sink, with_input,
};
use crate::data_flow::testing::run::{
    Ran, Row, printed, rows_kind, rows_of, run_flow_with, source_of,
};
use crate::value::{DataType, Value};

const TYPES: [DataType; 3] = [DataType::I4, DataType::I8, DataType::I8];

/// `a(k, id)` and `b(k, id)`, sorted downwards by `k`, into `merge(k, a, b)`: the ids stay apart.
fn merge() -> Pipeline {
    let source = |name: &str| {
        let columns = vec![
            column(&format!("{name}.k"), DataType::I4),
            column(&format!("{name}.id"), DataType::I8),
        ];
        let mut source = source_of(name, columns);
        source.outputs[0].is_sorted = true;
        source.outputs[0].columns[0].sort_key_position = -1;
        source
    };
    let merge = component("merge", vec![output("merge", "")]);
    let mut merge: Component = with_input(with_input(of_type("Microsoft.Merge", merge)));
    merge.outputs[0].is_sorted = true;
    merge.outputs[0].columns = ["k", "a", "b"]
        .into_iter()
        .zip(TYPES)
        .map(|(name, data_type)| column(&format!("merge.{name}"), data_type))
        .collect();
    merge.outputs[0].columns[0].sort_key_position = -1;
    for (input, name) in merge.inputs.iter_mut().zip(["a", "b"]) {
        for (from, to) in [("k", "k"), ("id", name)] {
            let mut read = reads(&format!("{name}.{from}"));
            let target = format!("#{{merge.{to}}}");
            read.properties
                .push(property("OutputColumnLineageID", &target));
            input.columns.push(read);
        }
    }
    pipeline(
        vec![
            source("a"),
            source("b"),
            merge,
            sink("sink", &["merge.k", "merge.a", "merge.b"]),
        ],
        vec![
            path("a.out", "merge.in"),
            path("b.out", "merge.in2"),
            path("merge.out", "sink.in"),
        ],
    )
}

type Keyed = (Option<i32>, i64);

fn run(
    flow: &Pipeline,
    sides: [&[Keyed]; 2],
    batch: usize,
    budget: u64,
) -> (Ran, Vec<Vec<String>>) {
    let (sink, collected) = collecting("sink");
    let rows = |side: &[Keyed]| -> Vec<Row> {
        let rows = side.iter();
        rows.map(|(key, id)| vec![key.map_or(Value::Null, Value::I4), Value::I8(*id)])
            .collect()
    };
    let types = || vec![DataType::I4, DataType::I8];
    let kinds = vec![
        rows_kind("a", types(), rows(sides[0]), batch),
        rows_kind("b", types(), rows(sides[1]), batch),
        sink,
    ];
    let ran = run_flow_with(flow, kinds, &[], |services| {
        services.settings = std::sync::Arc::new(RuntimeSettings {
            data_flow_memory_budget: budget,
            ..RuntimeSettings::default()
        });
    });
    let found = rows_of(&collected, &TYPES);
    (ran, found)
}

fn side() -> impl Strategy<Value = Vec<Keyed>> {
    proptest::collection::vec(proptest::option::of(-2..3i32), 0..30).prop_map(|mut keys| {
        keys.sort();
        keys.into_iter().rev().zip(0..).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn rows_come_out_as_a_stable_sort_of_both_inputs_gives_them(
        left in side(),
        right in side(),
        batch in 1usize..8,
        batch_out in 1u32..8,
        budget in prop_oneof![Just(0u64), 1..5_000u64],
    ) {
        let mut flow = merge();
        flow.default_buffer_max_rows = batch_out;
        let left_rows = left.iter().map(|(key, id)| (*key, Value::I8(*id), Value::Null));
        let right_rows = right.iter().map(|(key, id)| (*key, Value::Null, Value::I8(*id)));
        let mut expected: Vec<_> = left_rows.chain(right_rows).collect();
        expected.sort_by_key(|(key, _, _)| std::cmp::Reverse(*key));
        let expected = expected.into_iter().map(|(key, left, right)| {
            vec![key.map_or(Value::Null, Value::I4), left, right]
        });
        let expected: Vec<Row> = expected.collect();
        let (ran, found) = run(&flow, [&left, &right], batch, budget);
        prop_assert_eq!(ran.errors(), Vec::<u32>::new());
        prop_assert_eq!(found, printed(&expected));
    }
}

#[test]
fn rows_that_are_not_sorted_name_input_and_row() {
    let (ran, _) = run(&merge(), [&[(Some(1), 0), (Some(2), 1)], &[]], 1, 0);
    assert_eq!(ran.errors()[..2], [0xC020_20AF, 0xC004_7022]);
    let message = ran.recorder.find(0xC020_20AF);
    assert_eq!(message.row, Some(2));
    assert!(message.text.contains("\"input\""), "{}", message.text);
}

#[test]
fn inputs_and_output_have_to_be_sorted_alike() {
    let refused = |change: &dyn Fn(&mut Pipeline)| -> u32 {
        let mut flow = merge();
        change(&mut flow);
        let (ran, _) = run(&flow, [&[], &[]], 1, 0);
        let codes = ran.errors();
        assert_eq!(codes[1..], [0xC004_700C], "{codes:x?}");
        codes[0]
    };
    assert_eq!(
        refused(&|flow| flow.components[0].outputs[0].is_sorted = false),
        0xC020_20AF
    );
    assert_eq!(
        refused(&|flow| flow.components[1].outputs[0].columns[1].sort_key_position = 2),
        0xC020_20B3
    );
    assert_eq!(
        refused(&|flow| flow.components[1].outputs[0].columns[0].sort_key_position = 1),
        0xC020_20B6
    );
    assert_eq!(
        refused(&|flow| flow.components[2].outputs[0].columns[0].sort_key_position = 1),
        0xC020_20C3
    );
    assert_eq!(
        refused(&|flow| flow.components[2].outputs[0].columns[1].sort_key_position = 2),
        0xC020_20C3
    );
    assert_eq!(
        refused(&|flow| flow.components[2].outputs[0].columns[1].data_type = DataType::I2),
        0xC020_20C1
    );
    assert_eq!(
        refused(
            &|flow| flow.components[2].inputs[1].columns[0].properties[0].value = "x".to_owned()
        ),
        0xC020_2021
    );
}
