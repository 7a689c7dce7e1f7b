//! Both samplings in a data flow.

use std::collections::BTreeSet;

use proptest::prelude::*;
use scaleout_core::package::pipeline::{Output, Pipeline};

use super::random::Random;
use crate::data_flow::testing::kinds::{collecting, counting, numbers};
use crate::data_flow::testing::pipelines::{
    column, component, named_output, of_type, path, pipeline, property, sink, source, with_input,
};
use crate::data_flow::testing::run::{Ran, run_flow};
use crate::value::DataType;

/// `source` into a sampling of that type, whose outputs lead to `selected` and `other`.
fn sampling(kind: &str, value: &str, seed: &str) -> Pipeline {
    let is_rows = kind == "Microsoft.RowSampling";
    let output = |name: &str, selected: &str| -> Output {
        let mut output = named_output("s", name, if is_rows { "" } else { "s.in" });
        output.properties.push(property("Selected", selected));
        if is_rows {
            let mut copied = column(&format!("s.{name}.c"), DataType::I4);
            copied
                .properties
                .push(property("InputColumnLineageID", "#{source.c}"));
            output.columns.push(copied);
        }
        output
    };
    let outputs = vec![output("b", "false"), output("a", "true")];
    let mut sampling = with_input(of_type(kind, component("s", outputs)));
    sampling.properties = vec![
        property("SamplingValue", value),
        property("SamplingSeed", seed),
    ];
    let read = |name: &str| match is_rows {
        true => format!("s.{name}.c"),
        false => "source.c".to_owned(),
    };
    pipeline(
        vec![
            source("source"),
            sampling,
            sink("selected", &[&read("a")]),
            sink("other", &[&read("b")]),
        ],
        vec![
            path("source.out", "s.in"),
            path("s.a", "selected.in"),
            path("s.b", "other.in"),
        ],
    )
}

fn run(flow: &Pipeline, rows: i32, batch: usize) -> (Ran, Vec<i32>, Vec<i32>) {
    let (selected, in_selected) = collecting("selected");
    let (other, in_other) = collecting("other");
    let kinds = vec![counting("source", rows, batch), selected, other];
    let ran = run_flow(flow, kinds, &[]);
    (ran, numbers(&in_selected), numbers(&in_other))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn every_row_goes_to_one_output_and_the_seed_decides_alone(
        kind in proptest::sample::select(vec!["Microsoft.RowSampling", "Microsoft.PctSampling"]),
        rows in 0..200i32,
        value in 0..101u32,
        seed in 1..9u32,
        batches in (1usize..50, 1usize..50),
    ) {
        let flow = sampling(kind, &value.to_string(), &seed.to_string());
        let (ran, selected, other) = run(&flow, rows, batches.0);
        prop_assert_eq!(ran.errors(), Vec::<u32>::new());
        let all: BTreeSet<i32> = selected.iter().chain(&other).copied().collect();
        prop_assert_eq!(all.len(), selected.len() + other.len());
        prop_assert_eq!(all, (0..rows).collect::<BTreeSet<_>>());
        if kind == "Microsoft.RowSampling" {
            prop_assert_eq!(selected.len(), rows.min(value as i32) as usize);
        }
        prop_assert!(selected.is_sorted());
        let (_, again, _) = run(&flow, rows, batches.1);
        prop_assert_eq!(selected, again);
    }
}

#[test]
fn about_so_many_percent_are_selected_and_every_row_has_its_chance() {
    let flow = sampling("Microsoft.PctSampling", "30", "7");
    let (_, selected, _) = run(&flow, 10_000, 1000);
    assert!(
        (2_800..3_200).contains(&selected.len()),
        "{}",
        selected.len()
    );
    let flow = sampling("Microsoft.RowSampling", "1000", "7");
    let (_, selected, _) = run(&flow, 10_000, 999);
    for tenth in 0..10 {
        let range = tenth * 1000..(tenth + 1) * 1000;
        let count = selected
            .iter()
            .filter(|number| range.contains(*number))
            .count();
        assert!((60..140).contains(&count), "{count} of {range:?}");
    }
}

#[test]
fn a_value_that_is_missing_or_makes_no_sense_is_refused() {
    for (kind, value) in [
        ("Microsoft.PctSampling", "101"),
        ("Microsoft.PctSampling", ""),
        ("Microsoft.RowSampling", "-1"),
        ("Microsoft.RowSampling", "many"),
    ] {
        let (ran, _, _) = run(&sampling(kind, value, "1"), 1, 1);
        assert_eq!(ran.errors(), [0xC020_2021, 0xC004_700C], "{kind} {value}");
    }
}

#[test]
fn the_numbers_of_a_seed_never_change() {
    let mut random = Random::new(1);
    let first: Vec<u64> = (0..3).map(|_| random.next()).collect();
    assert_eq!(
        first,
        [
            10_451_216_379_200_822_465,
            13_757_245_211_066_428_519,
            17_911_839_290_282_890_590,
        ]
    );
}
