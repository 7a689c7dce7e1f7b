//! Tests of [`super`].

use std::collections::BTreeSet;

use proptest::prelude::*;
use scaleout_core::package::pipeline::{OutputColumn, Pipeline};
use scaleout_core::protocol::executor::RuntimeSettings;

use crate::data_flow::testing::kinds::collecting;
use crate::data_flow::testing::pipelines::{
    column, component, named_output, of_type, path, pipeline, property, reads, sink, with_input,
};
use crate::data_flow::testing::run::{
    Ran, Row, printed, rows_kind, rows_of, run_flow_with, source_of,
};
use crate::value::{DataType, Value};

const TEXT: DataType = DataType::Wstr { length: 4 };
const MONEY: DataType = DataType::Numeric {
    precision: 18,
    scale: 2,
};
const INPUT: [DataType; 3] = [TEXT, DataType::I4, MONEY];

/// One output column: its name, what it is (`AggregationType`), of which column, its type.
type Made = (&'static str, u8, &'static str, DataType);

fn made(output: &str, (name, function, from, data_type): Made) -> OutputColumn {
    let mut column = column(&format!("{output}.{name}"), data_type);
    let reference = match from {
        "" => "0".to_owned(),
        from => format!("#{{source.{from}}}"),
    };
    column.properties = vec![
        property("AggregationColumnId", &reference),
        property("AggregationType", &function.to_string()),
    ];
    column
}

/// `source(t, n, m)` into an aggregate with the outputs `one` and `two`, each into its sink.
fn aggregate(one: &[Made], two: &[Made]) -> Pipeline {
    let outputs = [("one", one), ("two", two)].map(|(name, columns)| {
        let mut output = named_output("agg", name, "");
        output.columns = columns.iter().map(|it| made(name, *it)).collect();
        output
    });
    let lineages = |output: usize| -> Vec<String> {
        let columns = outputs[output].columns.iter();
        columns.map(|column| column.lineage_id.clone()).collect()
    };
    let sinks = ["one", "two"].iter().enumerate().map(|(output, name)| {
        let lineages = lineages(output);
        sink(
            name,
            &lineages.iter().map(String::as_str).collect::<Vec<_>>(),
        )
    });
    let sinks: Vec<_> = sinks.collect();
    let mut agg = of_type(
        "Microsoft.Aggregate",
        component("agg", outputs.clone().into()),
    );
    agg = with_input(agg);
    agg.inputs[0].columns = ["t", "n", "m"]
        .map(|it| reads(&format!("source.{it}")))
        .into();
    let columns = ["t", "n", "m"].into_iter().zip(INPUT);
    let columns = columns.map(|(it, data_type)| column(&format!("source.{it}"), data_type));
    let mut components = vec![source_of("source", columns.collect()), agg];
    components.extend(sinks);
    pipeline(
        components,
        vec![
            path("source.out", "agg.in"),
            path("agg.one", "one.in"),
            path("agg.two", "two.in"),
        ],
    )
}

type Input = (Option<&'static str>, Option<i32>, Option<i128>);

fn run(flow: &Pipeline, rows: &[Input], batch: usize, budget: u64) -> (Ran, [Vec<Vec<String>>; 2]) {
    let rows: Vec<Row> = rows
        .iter()
        .map(|(text, number, money)| {
            vec![
                text.map_or(Value::Null, |text| Value::Str(text.into())),
                number.map_or(Value::Null, Value::I4),
                money.map_or(Value::Null, Value::Decimal),
            ]
        })
        .collect();
    let (one, in_one) = collecting("one");
    let (two, in_two) = collecting("two");
    let kinds = vec![rows_kind("source", INPUT.into(), rows, batch), one, two];
    let ran = run_flow_with(flow, kinds, &[], |services| {
        services.settings = std::sync::Arc::new(RuntimeSettings {
            data_flow_memory_budget: budget,
            ..RuntimeSettings::default()
        });
    });
    let types = |output: usize| -> Vec<DataType> {
        let columns = flow.components[1].outputs[output].columns.iter();
        columns.map(|column| column.data_type).collect()
    };
    let found = [rows_of(&in_one, &types(0)), rows_of(&in_two, &types(1))];
    (ran, found)
}

const EVERYTHING: [Made; 9] = [
    ("t", 0, "t", TEXT),
    ("rows", 2, "", DataType::Ui8),
    ("count", 1, "n", DataType::Ui8),
    ("distinct", 3, "n", DataType::Ui4),
    ("sum", 4, "n", DataType::I8),
    ("average", 5, "n", DataType::R8),
    ("least", 6, "n", DataType::I4),
    ("most", 7, "n", DataType::I4),
    ("money", 4, "m", MONEY),
];

/// The row of one group, from all rows of it.
fn totals(text: Option<&'static str>, rows: &[Input]) -> Row {
    let numbers: Vec<i64> = rows.iter().filter_map(|row| row.1.map(i64::from)).collect();
    let of_some = |value: Value| {
        if numbers.is_empty() {
            Value::Null
        } else {
            value
        }
    };
    let narrow = |number: Option<&i64>| {
        number.map_or(Value::Null, |it| Value::I4(i32::try_from(*it).unwrap()))
    };
    let sum: i64 = numbers.iter().sum();
    let money: Vec<i128> = rows.iter().filter_map(|row| row.2).collect();
    let distinct: BTreeSet<&i64> = numbers.iter().collect();
    vec![
        text.map_or(Value::Null, |text| Value::Str(text.into())),
        Value::Ui8(rows.len() as u64),
        Value::Ui8(numbers.len() as u64),
        Value::Ui4(u32::try_from(distinct.len()).unwrap()),
        of_some(Value::I8(sum)),
        of_some(Value::R8(sum as f64 / numbers.len() as f64)),
        narrow(numbers.iter().min()),
        narrow(numbers.iter().max()),
        if money.is_empty() {
            Value::Null
        } else {
            Value::Decimal(money.iter().sum())
        },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn groups_are_those_of_a_list_in_the_order_of_their_first_rows(
        rows in proptest::collection::vec(
            (
                proptest::sample::select(vec![None, Some("a"), Some("A"), Some("b"), Some("")]),
                proptest::option::of(-3..3i32),
                proptest::option::of(-500..500i128),
            ),
            0..40,
        ),
        batch in 1usize..10,
        batch_out in 1u32..4,
    ) {
        let everyone: Vec<Made> = EVERYTHING[1..].into();
        let mut flow = aggregate(&EVERYTHING, &everyone);
        flow.default_buffer_max_rows = batch_out;
        let mut texts: Vec<Option<&'static str>> = Vec::new();
        for (text, _, _) in &rows {
            if !texts.contains(text) {
                texts.push(*text);
            }
        }
        let by_text = texts.iter().map(|text| {
            let of_text: Vec<Input> = rows.iter().copied().filter(|row| row.0 == *text).collect();
            totals(*text, &of_text)
        });
        let by_text: Vec<Row> = by_text.collect();
        // Without a column to group by there is one row, also of nothing.
        let all: Vec<Row> = vec![totals(None, &rows)[1..].to_vec()];
        for budget in [0, 200] {
            let (ran, [one, two]) = run(&flow, &rows, batch, budget);
            prop_assert_eq!(ran.errors(), Vec::<u32>::new());
            prop_assert_eq!(one, printed(&by_text));
            prop_assert_eq!(two, printed(&all));
        }
    }
}

#[test]
fn comparison_flags_decide_what_a_group_is() {
    let mut flow = aggregate(
        &[("t", 0, "t", TEXT), ("rows", 2, "", DataType::I4)],
        &[("distinct", 3, "t", DataType::I4)],
    );
    for output in &mut flow.components[1].outputs {
        output.columns[0]
            .properties
            .push(property("AggregationComparisonFlags", "1"));
    }
    let rows = [Some("Ab"), Some("x"), Some("aB"), None, Some("AB")].map(|it| (it, None, None));
    let (_, [one, two]) = run(&flow, &rows, 2, 0);
    let text = |text: &str| Value::Str(text.into());
    let expected = [
        vec![text("Ab"), Value::I4(3)],
        vec![text("x"), Value::I4(1)],
        vec![Value::Null, Value::I4(1)],
    ];
    assert_eq!(one, printed(&expected));
    assert_eq!(two, printed(&[vec![Value::I4(2)]]));
}

#[test]
fn a_sum_that_does_not_fit_names_its_column() {
    let flow = aggregate(
        &[("t", 0, "t", TEXT), ("sum", 4, "n", DataType::I4)],
        &[("rows", 2, "", DataType::I4)],
    );
    let rows = [
        (Some("a"), Some(1), None),
        (Some("b"), Some(i32::MAX), None),
        (Some("b"), Some(1), None),
    ];
    let (ran, _) = run(&flow, &rows, 2, 0);
    assert_eq!(ran.errors()[..2], [0xC020_9011, 0xC004_7022]);
    let message = ran.recorder.find(0xC020_9011);
    assert_eq!(message.column.as_deref(), Some("sum"));
    assert!(
        message.text.contains("begins with row 2"),
        "{}",
        message.text
    );
}

#[test]
fn more_groups_and_values_than_the_budget_holds_go_to_the_disk_and_give_the_same_rows() {
    let texts: Vec<&'static str> = vec!["a", "b", "c"];
    let rows: Vec<Input> = (0..6000)
        .map(|number| {
            let text = texts[usize::try_from(number % 3).unwrap()];
            (
                Some(text),
                Some(number * 7919 % 1500),
                Some(i128::from(number)),
            )
        })
        .collect();
    let flow = aggregate(
        &[
            ("n", 0, "n", DataType::I4),
            ("rows", 2, "", DataType::I4),
            ("money", 4, "m", MONEY),
            ("distinct", 3, "m", DataType::I4),
        ],
        &[
            ("t", 0, "t", TEXT),
            ("distinct", 3, "m", DataType::I4),
            ("least", 6, "n", DataType::I4),
        ],
    );
    let (ran, expected) = run(&flow, &rows, 500, 0);
    assert_eq!(ran.errors(), Vec::<u32>::new());
    assert_eq!((expected[0].len(), expected[1].len()), (1500, 3));
    // 30 KB hold a few hundred groups, 1 KB not one batch.
    for budget in [30_000, 1_000] {
        let (ran, found) = run(&flow, &rows, 500, budget);
        assert_eq!(ran.errors(), Vec::<u32>::new());
        assert_eq!(found, expected, "with {budget} bytes");
    }
}

#[test]
fn what_cannot_be_computed_is_refused_by_name() {
    let refused = |made: Made| -> u32 {
        let flow = aggregate(&[made], &[("rows", 2, "", DataType::I4)]);
        let (ran, _) = run(&flow, &[], 1, 0);
        let codes = ran.errors();
        assert_eq!(codes[1..], [0xC004_700C], "{codes:x?}");
        let text = ran.recorder.find(codes[0]).text;
        assert!(text.contains("`made`"), "{text}");
        codes[0]
    };
    // A function that does not exist, and a column that does not.
    assert_eq!(refused(("made", 8, "n", DataType::I4)), 0xC020_2021);
    assert_eq!(refused(("made", 4, "gone", DataType::I4)), 0xC020_2021);
    // The sum, and the smallest, of texts; a group of another type; a count as text.
    assert_eq!(refused(("made", 4, "t", DataType::I4)), 0xC020_20C1);
    assert_eq!(refused(("made", 6, "t", TEXT)), 0xC020_20C1);
    assert_eq!(refused(("made", 0, "n", DataType::I8)), 0xC020_20C1);
    assert_eq!(refused(("made", 1, "n", TEXT)), 0xC020_20C1);
}
