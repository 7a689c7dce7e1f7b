//! Tests of [`super`].

use std::cmp::Ordering;

use proptest::prelude::*;
use scaleout_core::package::pipeline::Pipeline;
use scaleout_core::protocol::executor::RuntimeSettings;

use crate::data_flow::testing::kinds::collecting;
use crate::data_flow::testing::pipelines::{
    column, component, of_type, output, path, pipeline, property, reads, sink, with_input,
};
use crate::data_flow::testing::run::{
    Ran, Row, printed, rows_kind, rows_of, run_flow_with, source_of,
};
use crate::value::{DataType, Value};

const TEXT: DataType = DataType::Wstr { length: 8 };
const TYPES: [DataType; 3] = [DataType::I4, TEXT, DataType::I8];

/// `source(n, t, id)` into a sort by the given positions of `n` and `t`.
fn sort(positions: [i32; 2], flags: u32, distinct: bool) -> Pipeline {
    let columns = |name: &str| {
        let names = ["n", "t", "id"].into_iter().zip(TYPES);
        let columns = names
            .map(|(column_name, data_type)| column(&format!("{name}.{column_name}"), data_type));
        columns.collect::<Vec<_>>()
    };
    let mut sort = with_input(of_type(
        "Microsoft.Sort",
        component("sort", vec![output("sort", "")]),
    ));
    sort.properties
        .push(property("EliminateDuplicates", &distinct.to_string()));
    sort.outputs[0].is_sorted = true;
    sort.outputs[0].columns = columns("sort");
    for (made, name) in sort.outputs[0].columns.iter_mut().zip(["n", "t", "id"]) {
        made.properties
            .push(property("SortColumnId", &format!("#{{source.{name}}}")));
    }
    for (name, position) in ["n", "t", "id"]
        .into_iter()
        .zip([positions[0], positions[1], 0])
    {
        let mut read = reads(&format!("source.{name}"));
        read.properties = vec![
            property("NewSortKeyPosition", &position.to_string()),
            property("NewComparisonFlags", &flags.to_string()),
        ];
        sort.inputs[0].columns.push(read);
    }
    pipeline(
        vec![
            source_of("source", columns("source")),
            sort,
            sink("sink", &["sort.n", "sort.t", "sort.id"]),
        ],
        vec![path("source.out", "sort.in"), path("sort.out", "sink.in")],
    )
}

/// Runs it over rows that number themselves; `budget` 0 is that of the machine.
fn run(
    flow: &Pipeline,
    rows: &[(Option<i32>, &str)],
    batch: usize,
    budget: u64,
) -> (Ran, Vec<Vec<String>>) {
    let (sink, collected) = collecting("sink");
    let source = rows_kind("source", TYPES.into(), numbered(rows), batch);
    let ran = run_flow_with(flow, vec![source, sink], &[], |services| {
        services.settings = std::sync::Arc::new(RuntimeSettings {
            data_flow_memory_budget: budget,
            ..RuntimeSettings::default()
        });
    });
    let found = rows_of(&collected, &TYPES);
    (ran, found)
}

fn numbered(rows: &[(Option<i32>, &str)]) -> Vec<Row> {
    let rows = rows.iter().enumerate();
    let rows = rows.map(|(id, (number, text))| {
        let number = number.map_or(Value::Null, Value::I4);
        let id = i64::try_from(id).unwrap();
        vec![number, Value::Str((*text).into()), Value::I8(id)]
    });
    rows.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn rows_come_out_as_a_stable_sort_gives_them_with_and_without_memory(
        rows in proptest::collection::vec(
            (proptest::option::of(-3..3i32), proptest::sample::select(vec!["", "a", "b", "ab", "c"])),
            0..60,
        ),
        descending in any::<[bool; 2]>(),
        text_first in any::<bool>(),
        distinct in any::<bool>(),
        batch in 1usize..20,
        budget in prop_oneof![Just(0u64), Just(1), 500..20_000u64],
    ) {
        let sign = |descending: bool, position: i32| if descending { -position } else { position };
        let (number, text) = if text_first { (2, 1) } else { (1, 2) };
        let mut flow = sort(
            [sign(descending[0], number), sign(descending[1], text)],
            0,
            distinct,
        );
        flow.default_buffer_max_rows = 7;
        let compare = |left: &(Option<i32>, &str), right: &(Option<i32>, &str)| {
            let turned = |order: Ordering, turn: bool| if turn { order.reverse() } else { order };
            let numbers = turned(left.0.cmp(&right.0), descending[0]);
            let texts = turned(left.1.cmp(right.1), descending[1]);
            if text_first { texts.then(numbers) } else { numbers.then(texts) }
        };
        let mut expected: Vec<(usize, (Option<i32>, &str))> =
            rows.iter().copied().enumerate().collect();
        expected.sort_by(|left, right| compare(&left.1, &right.1));
        if distinct {
            expected.dedup_by(|next, kept| next.1 == kept.1);
        }
        let all = numbered(&rows);
        let expected: Vec<Row> = expected.iter().map(|(id, _)| all[*id].clone()).collect();

        let (ran, found) = run(&flow, &rows, batch, budget);
        prop_assert_eq!(ran.errors(), Vec::<u32>::new());
        prop_assert_eq!(found, printed(&expected));
    }
}

#[test]
fn texts_sort_as_a_dictionary_and_flags_make_them_equal() {
    let rows = [
        (None, "b"),
        (None, "B"),
        (None, "a"),
        (None, "á"),
        (None, "A"),
    ];
    let texts = |flow: &Pipeline, budget| -> Vec<String> {
        let (_, found) = run(flow, &rows, 2, budget);
        found.into_iter().map(|row| row[1].clone()).collect()
    };
    let printed = |texts: &[&str]| -> Vec<String> {
        let texts = texts.iter();
        texts
            .map(|text| format!("{:?}", Value::Str((*text).into())))
            .collect()
    };
    for budget in [0, 1] {
        let exact = sort([0, 1], 0, false);
        assert_eq!(texts(&exact, budget), printed(&["a", "A", "á", "b", "B"]));
        // Of equal rows the first that arrived stays.
        let ignoring_case = sort([0, 1], 1, true);
        assert_eq!(texts(&ignoring_case, budget), printed(&["a", "á", "b"]));
        let ignoring_accents = sort([0, -1], 3, true);
        assert_eq!(texts(&ignoring_accents, budget), printed(&["b", "a"]));
    }
}

#[test]
fn nothing_in_nothing_out() {
    let (ran, found) = run(&sort([1, 2], 0, true), &[], 1, 1);
    assert!(ran.outcome.is_ok());
    assert_eq!(found, Vec::<Vec<String>>::new());
}

/// The one error of validation, and its text.
fn refusal(flow: &Pipeline) -> (u32, String) {
    let (ran, _) = run(flow, &[], 1, 0);
    let codes = ran.errors();
    assert_eq!(codes[1..], [0xC004_700C]);
    (codes[0], ran.recorder.find(codes[0]).text)
}

#[test]
fn what_cannot_be_sorted_is_refused_by_name() {
    let (code, text) = refusal(&sort([0, 0], 0, false));
    assert!(
        code == 0xC020_2021 && text.contains("sorts by no column"),
        "{text}"
    );

    let (code, text) = refusal(&sort([1, -1], 0, false));
    assert!(
        code == 0xC020_2021 && text.contains("two columns"),
        "{text}"
    );

    let (code, text) = refusal(&sort([0, 1], 9, false));
    assert!(
        code == 0xC020_2021 && text.contains("`t`") && text.contains('8'),
        "{text}"
    );

    let mut flow = sort([1, 0], 0, false);
    flow.components[1].inputs[0].columns[0].lineage_id = "gone".to_owned();
    let (code, text) = refusal(&flow);
    assert!(code == 0xC020_2021 && text.contains("`n`"), "{text}");

    let mut flow = sort([1, 0], 0, false);
    flow.components[1].outputs[0].columns[2].properties.clear();
    let (code, text) = refusal(&flow);
    assert!(code == 0xC020_2021 && text.contains("`id`"), "{text}");

    let mut flow = sort([1, 0], 0, false);
    flow.components[1].outputs[0].columns[2].data_type = DataType::I4;
    let (code, text) = refusal(&flow);
    assert!(code == 0xC020_20C1 && text.contains("`id`"), "{text}");

    let mut flow = sort([0, 1], 0, false);
    flow.components[0].outputs[0].columns[1].data_type = DataType::Ntext;
    let (code, text) = refusal(&flow);
    assert!(code == 0xC020_2021 && text.contains("`t`"), "{text}");
}

#[test]
fn a_disk_that_takes_no_file_ends_the_sort() {
    let (sink, _) = collecting("sink");
    let rows = numbered(&[(None, "a")]);
    let source = rows_kind("source", TYPES.into(), rows, 1);
    let flow = sort([0, 1], 0, false);
    let ran = run_flow_with(&flow, vec![source, sink], &[], |services| {
        services.settings = std::sync::Arc::new(RuntimeSettings {
            data_flow_memory_budget: 1,
            working_folder: Some("/nowhere/at/all".into()),
            ..RuntimeSettings::default()
        });
    });
    assert_eq!(ran.errors()[..2], [0, 0xC004_7022]);
    let text = ran.recorder.find(0).text;
    assert!(
        text.starts_with("SO5003") && text.contains("/nowhere/at/all"),
        "{text}"
    );
}
