//! Unpivot against the same on a list.

use proptest::prelude::*;
use scaleout_core::package::pipeline::Pipeline;

use crate::data_flow::testing::kinds::collecting;
use crate::data_flow::testing::pipelines::{
    column, component, of_type, output, path, pipeline, property, reads, sink, with_input,
};
use crate::data_flow::testing::run::{Ran, Row, printed, rows_kind, rows_of, run_flow, source_of};
use crate::value::{DataType, Value};

const KEY: DataType = DataType::Wstr { length: 4 };
const IN: [DataType; 4] = [DataType::I4, DataType::I4, DataType::I2, DataType::I4];
const OUT: [DataType; 3] = [DataType::I4, KEY, DataType::I4];

/// `id`, `ham`, `soda`, `milk` become `id`, `product`, `qty`; soda is converted.
fn unpivot() -> Pipeline {
    let mut unpivot = of_type("Microsoft.UnPivot", component("u", vec![output("u", "")]));
    unpivot = with_input(unpivot);
    let mut columns = vec![
        column("u.id", OUT[0]),
        column("u.product", OUT[1]),
        column("u.qty", OUT[2]),
    ];
    columns[1].properties.push(property("PivotKey", "true"));
    unpivot.outputs[0].columns = columns;
    for (name, key, to) in [
        ("id", "", "#{u.id}"),
        ("ham", "Ham", "#{u.qty}"),
        ("soda", "Soda", "#{u.qty}"),
        ("milk", "Milk", "#{u.qty}"),
    ] {
        let mut read = reads(&format!("source.{name}"));
        read.properties = vec![
            property("PivotKeyValue", key),
            property("DestinationColumn", to),
        ];
        unpivot.inputs[0].columns.push(read);
    }
    let columns = ["id", "ham", "soda", "milk"].into_iter().zip(IN);
    let columns = columns.map(|(name, data_type)| column(&format!("source.{name}"), data_type));
    pipeline(
        vec![
            source_of("source", columns.collect()),
            unpivot,
            sink("sink", &["u.id", "u.product", "u.qty"]),
        ],
        vec![path("source.out", "u.in"), path("u.out", "sink.in")],
    )
}

type Bought = (i32, Option<i32>, Option<i16>, Option<i32>);

fn run(flow: &Pipeline, rows: &[Bought], batch: usize) -> (Ran, Vec<Vec<String>>) {
    let number = |value: Option<i32>| value.map_or(Value::Null, Value::I4);
    let rows: Vec<Row> = rows
        .iter()
        .map(|(id, ham, soda, milk)| {
            let soda = soda.map_or(Value::Null, Value::I2);
            vec![Value::I4(*id), number(*ham), soda, number(*milk)]
        })
        .collect();
    let (sink, in_sink) = collecting("sink");
    let ran = run_flow(
        flow,
        vec![rows_kind("source", IN.into(), rows, batch), sink],
        &[],
    );
    (ran, rows_of(&in_sink, &OUT))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn each_value_is_a_row_and_a_row_of_nulls_stays_one(
        rows in proptest::collection::vec(
            (any::<i32>(), proptest::option::of(0..9), proptest::option::of(0..9i16), proptest::option::of(0..9)),
            0..20,
        ),
        batch in 1usize..8,
        batch_out in 1u32..5,
    ) {
        let mut expected: Vec<Row> = Vec::new();
        for (id, ham, soda, milk) in &rows {
            let values = [("Ham", *ham), ("Soda", soda.map(i32::from)), ("Milk", *milk)];
            let mut some: Vec<Row> = values
                .iter()
                .filter_map(|(key, value)| {
                    let value = Value::I4((*value)?);
                    Some(vec![Value::I4(*id), Value::Str((*key).into()), value])
                })
                .collect();
            if some.is_empty() {
                some.push(vec![Value::I4(*id), Value::Str("Ham".into()), Value::Null]);
            }
            expected.extend(some);
        }
        let mut flow = unpivot();
        flow.default_buffer_max_rows = batch_out;
        let (ran, found) = run(&flow, &rows, batch);
        prop_assert_eq!(ran.errors(), Vec::<u32>::new());
        prop_assert_eq!(found, printed(&expected));
    }
}

#[test]
fn settings_that_do_not_fit_together_are_refused() {
    let refused = |change: fn(&mut Pipeline)| {
        let mut flow = unpivot();
        change(&mut flow);
        let codes = run(&flow, &[], 1).0.errors();
        assert_eq!(codes[1..], [0xC004_700C], "{codes:x?}");
        codes[0]
    };
    let same_key = refused(|flow| {
        flow.components[1].inputs[0].columns[2].properties[0].value = "Ham".to_owned();
    });
    assert_eq!(same_key, 0xC020_20A3);
    let no_target = refused(|flow| {
        flow.components[1].inputs[0].columns[1].properties[1].value = "#{gone}".to_owned();
    });
    assert_eq!(no_target, 0xC020_2021);
    let other_type = refused(|flow| {
        flow.components[0].outputs[0].columns[1].data_type = DataType::Guid;
    });
    assert_eq!(other_type, 0xC020_20C1);
    let no_keys = refused(|flow| {
        for column in &mut flow.components[1].inputs[0].columns {
            column.properties[0].value.clear();
        }
    });
    assert_eq!(no_keys, 0xC020_2021);
}

#[test]
fn a_key_longer_than_its_column_fails_with_the_column() {
    let mut flow = unpivot();
    flow.components[1].inputs[0].columns[1].properties[0].value = "Hamburger".to_owned();
    let (ran, _) = run(&flow, &[(1, Some(2), None, None)], 1);
    assert_eq!(ran.errors()[..2], [0xC020_20C5, 0xC004_7022]);
}
