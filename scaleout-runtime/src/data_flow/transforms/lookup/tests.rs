//! Lookup against a slow reference: a search through all reference rows for each row.

use std::sync::Arc;

use proptest::prelude::*;
use scaleout_core::package::pipeline::{ComponentConnection, Disposition, Pipeline};
use scaleout_core::protocol::executor::RuntimeSettings;

use crate::data_flow::testing::database::OneTable;
use crate::data_flow::testing::kinds::{TestKind, collecting};
use crate::data_flow::testing::pipelines::{
    column, error_output, middle, named_output, of_type, path, pipeline, property, reads, sink,
};
use crate::data_flow::testing::run::{
    Ran, Row, printed, rows_kind, rows_of, run_flow_with, source_of,
};
use crate::value::{DataType, Value};

const NAME: DataType = DataType::Wstr { length: 4 };

/// `source(k)` looked up as `K` in a reference, which gives `N`.
fn lookup(no_match: &str, disposition: Disposition) -> Pipeline {
    let mut lookup = of_type("Microsoft.Lookup", middle("lookup"));
    lookup.properties = vec![
        property("SqlCommand", "select * from [dbo].[T]"),
        property("NoMatchBehavior", no_match),
        property("CacheType", "0"),
    ];
    lookup.connections.push(ComponentConnection {
        name: "OleDbConnection".to_owned(),
        manager_id: "gone".to_owned(),
        manager_ref_id: "db".to_owned(),
    });
    let mut key = reads("source.k");
    key.properties.push(property("JoinToReferenceColumn", "K"));
    lookup.inputs[0].columns.push(key);
    let mut name = column("lookup.n", NAME);
    name.properties
        .push(property("CopyFromReferenceColumn", "N"));
    lookup.outputs[0].columns.push(name);
    lookup.outputs[0].error_row_disposition = disposition;
    lookup
        .outputs
        .push(named_output("lookup", "none", "lookup.in"));
    lookup.outputs.push(error_output("lookup", "lookup.in"));
    pipeline(
        vec![
            source_of("source", vec![column("source.k", DataType::I4)]),
            lookup,
            sink("sink", &["source.k", "lookup.n"]),
            sink("none", &["source.k"]),
            sink(
                "errors",
                &["source.k", "lookup.ErrorCode", "lookup.ErrorColumn"],
            ),
        ],
        vec![
            path("source.out", "lookup.in"),
            path("lookup.out", "sink.in"),
            path("lookup.none", "none.in"),
            path("lookup.error", "errors.in"),
        ],
    )
}

/// The reference has wider keys than the rows, as a database may.
fn run(
    flow: &Pipeline,
    keys: &[Option<i32>],
    reference: &[(Option<i64>, &str)],
    kinds: Vec<TestKind>,
) -> Ran {
    let rows: Vec<Row> = keys
        .iter()
        .map(|key| vec![key.map_or(Value::Null, Value::I4)])
        .collect();
    let reference: Vec<Row> = reference
        .iter()
        .map(|(key, name)| {
            vec![
                key.map_or(Value::Null, Value::I8),
                Value::Str((*name).into()),
            ]
        })
        .collect();
    let table = OneTable::new(
        &[("k", DataType::I8), ("N", DataType::Wstr { length: 9 })],
        &reference,
    );
    let mut all = vec![rows_kind("source", vec![DataType::I4], rows, 3)];
    all.extend(kinds);
    run_flow_with(flow, all, &[], |services| {
        services.connections = Arc::new(table)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn rows_meet_the_first_reference_row_with_their_key(
        keys in proptest::collection::vec(proptest::option::of(0..6i32), 0..20),
        reference in proptest::collection::vec((proptest::option::of(0..6i64), "[a-z]{1,4}"), 0..8),
        mode in 0..3,
    ) {
        let reference: Vec<(Option<i64>, &str)> =
            reference.iter().map(|(key, name)| (*key, name.as_str())).collect();
        let flow = match mode {
            0 => lookup("1", Disposition::NotUsed),
            1 => lookup("0", Disposition::IgnoreFailure),
            _ => lookup("0", Disposition::RedirectRow),
        };
        let (mut matched, mut none, mut failed): (Vec<Row>, Vec<Row>, Vec<Row>) = Default::default();
        for key in &keys {
            let value = key.map_or(Value::Null, Value::I4);
            let found = reference.iter().find(|(it, _)| *it == key.map(i64::from));
            match (found, mode) {
                (Some((_, name)), _) => matched.push(vec![value, Value::Str((*name).into())]),
                (None, 0) => none.push(vec![value]),
                (None, 1) => matched.push(vec![value, Value::Null]),
                (None, _) => failed.push(vec![value, Value::I4(-1_071_607_778), Value::I4(0)]),
            }
        }
        let (sink, in_sink) = collecting("sink");
        let (no_match, in_none) = collecting("none");
        let (errors, in_errors) = collecting("errors");
        let ran = run(&flow, &keys, &reference, vec![sink, no_match, errors]);
        prop_assert_eq!(ran.errors(), Vec::<u32>::new());
        prop_assert_eq!(rows_of(&in_sink, &[DataType::I4, NAME]), printed(&matched));
        prop_assert_eq!(rows_of(&in_none, &[DataType::I4]), printed(&none));
        prop_assert_eq!(
            rows_of(&in_errors, &[DataType::I4, DataType::I4, DataType::I4]),
            printed(&failed)
        );
    }
}

fn sinks() -> Vec<TestKind> {
    ["sink", "none", "errors"]
        .map(|name| collecting(name).0)
        .into()
}

#[test]
fn a_row_without_a_match_fails_the_component_by_default() {
    let flow = lookup("0", Disposition::FailComponent);
    let ran = run(&flow, &[Some(1), Some(2)], &[(Some(1), "a")], sinks());
    assert_eq!(ran.errors()[..3], [0xC020_901E, 0xC020_9029, 0xC004_7022]);
    assert_eq!(ran.recorder.find(0xC020_9029).row, Some(2));
}

#[test]
fn duplicate_reference_keys_are_a_warning_or_an_error() {
    let reference = [(Some(1), "a"), (Some(1), "b")];
    let mut flow = lookup("1", Disposition::NotUsed);
    let ran = run(&flow, &[Some(1)], &reference, sinks());
    assert!(ran.outcome.is_ok());
    assert!(
        ran.recorder
            .codes(crate::events::Severity::Warning)
            .contains(&0x8020_90E4)
    );

    flow.components[1]
        .properties
        .push(property("TreatDuplicateKeysAsError", "true"));
    let ran = run(&flow, &[Some(1)], &reference, sinks());
    assert_eq!(ran.errors().last(), Some(&0xC004_701A));
}

#[test]
fn a_copied_value_that_is_too_long_is_a_truncation() {
    let flow = lookup("1", Disposition::NotUsed);
    let ran = run(&flow, &[Some(1)], &[(Some(1), "too long")], sinks());
    assert_eq!(ran.errors()[1], 0xC020_902A);
    assert_eq!(ran.recorder.find(0xC020_902A).column.as_deref(), Some("n"));
}

#[test]
fn a_reference_without_the_column_fails_before_the_first_row() {
    let mut flow = lookup("1", Disposition::NotUsed);
    flow.components[1].inputs[0].columns[0].properties[0].value = "Other".to_owned();
    let ran = run(&flow, &[Some(1)], &[], sinks());
    assert_eq!(ran.errors(), [0xC020_2005, 0xC004_701A]);
}

#[test]
fn a_reference_beyond_the_budget_goes_to_the_disk_and_gives_the_same_rows() {
    let reference: Vec<Row> = (0..2000)
        .map(|key| {
            vec![
                Value::I8(key * 2),
                Value::Str(format!("n{}", key % 100).into()),
            ]
        })
        .collect();
    let keys: Vec<Row> = (0..4000).rev().map(|key| vec![Value::I4(key)]).collect();
    let mut ran = Vec::new();
    for budget in [0, 20_000] {
        let table = OneTable::new(
            &[("k", DataType::I8), ("N", DataType::Wstr { length: 9 })],
            &reference,
        );
        let (sink, in_sink) = collecting("sink");
        let mut kinds = vec![sink, collecting("none").0, collecting("errors").0];
        kinds.push(rows_kind("source", vec![DataType::I4], keys.clone(), 700));
        let flow = lookup("1", Disposition::NotUsed);
        let run = run_flow_with(&flow, kinds, &[], |services| {
            services.connections = Arc::new(table);
            services.settings = Arc::new(RuntimeSettings {
                data_flow_memory_budget: budget,
                ..RuntimeSettings::default()
            });
        });
        assert_eq!(run.errors(), Vec::<u32>::new());
        ran.push(rows_of(&in_sink, &[DataType::I4, NAME]));
    }
    assert_eq!(ran[0].len(), 2000);
    assert_eq!(ran[0], ran[1]);
    assert_eq!(
        ran[0][0],
        printed(&[vec![Value::I4(3998), Value::Str("n99".into())]])[0]
    );
}

#[test]
fn a_lookup_of_2005_has_one_output_and_its_disposition() {
    // Format 2: no NoMatchBehavior, no output for rows without a match.
    let mut flow = lookup("", Disposition::RedirectRow);
    flow.components[1]
        .properties
        .retain(|it| it.name != "NoMatchBehavior");
    flow.components[1].outputs.remove(1);
    flow.components.remove(3);
    flow.paths.remove(2);
    let (sink, in_sink) = collecting("sink");
    let (errors, in_errors) = collecting("errors");
    let ran = run(
        &flow,
        &[Some(1), Some(2)],
        &[(Some(1), "a")],
        vec![sink, errors],
    );
    assert_eq!(ran.errors(), Vec::<u32>::new());
    assert_eq!(rows_of(&in_sink, &[DataType::I4, NAME]).len(), 1);
    let redirected = rows_of(&in_errors, &[DataType::I4; 3]);
    assert_eq!(redirected[0][1], "I4(-1071607778)");
}

#[test]
fn a_lookup_without_its_connection_is_refused_before_it_runs() {
    let mut flow = lookup("1", Disposition::NotUsed);
    flow.components[1].connections[0].manager_ref_id = "gone too".to_owned();
    let ran = run(&flow, &[], &[], sinks());
    assert_eq!(ran.errors().last(), Some(&0xC004_700C));
    let text = ran.recorder.find(0).text;
    assert!(
        text.starts_with("SO6001") && text.contains("gone too"),
        "{text}"
    );
}
