//! Recordset Destination in a data flow.

use std::sync::Arc;

use scaleout_core::package::pipeline::Pipeline;
use scaleout_core::protocol::executor::RuntimeSettings;

use crate::data_flow::testing::pipelines::{column, of_type, path, pipeline, property, sink};
use crate::data_flow::testing::run::{Ran, Row, rows_kind, run_flow_with, source_of};
use crate::value::{DataType, TypedValue, Value};
use crate::variables::RowSet;

const TYPES: [DataType; 2] = [DataType::I4, DataType::Wstr { length: 3 }];

fn flow(variable: &str) -> Pipeline {
    let keep = of_type(
        "Microsoft.RecordsetDestination",
        sink("keep", &["source.t", "source.n"]),
    );
    let mut keep = keep;
    keep.properties.push(property("VariableName", variable));
    let columns = vec![column("source.n", TYPES[0]), column("source.t", TYPES[1])];
    pipeline(
        vec![source_of("source", columns), keep],
        vec![path("source.out", "keep.in")],
    )
}

fn run(variable: &str, rows: i32, budget: u64) -> Ran {
    let rows: Vec<Row> = (0..rows)
        .map(|number| vec![Value::I4(number), Value::Str("a".into())])
        .collect();
    let empty = TypedValue {
        data_type: DataType::Ntext,
        value: Value::Null,
    };
    let kinds = vec![rows_kind("source", TYPES.into(), rows, 2)];
    run_flow_with(
        &flow(variable),
        kinds,
        &[("User::Rows", empty)],
        |services| {
            services.settings = Arc::new(RuntimeSettings {
                data_flow_memory_budget: budget,
                ..RuntimeSettings::default()
            });
        },
    )
}

#[test]
fn the_variable_holds_all_rows_with_the_columns_that_were_chosen() {
    let ran = run("User::Rows", 3, 0);
    assert_eq!(ran.errors(), Vec::<u32>::new());
    assert_eq!(ran.outcome.unwrap().total_rows(), 3);
    let Value::Object(object) = ran.variables.get("User::Rows").unwrap().value else {
        panic!("no object");
    };
    let rows = object.as_any().downcast_ref::<RowSet>().unwrap();
    assert_eq!(rows.columns, ["t", "n"]);
    let numbers: Vec<String> = rows
        .rows
        .iter()
        .map(|row| format!("{:?}", row[1].value))
        .collect();
    assert_eq!(numbers, ["I4(0)", "I4(1)", "I4(2)"]);
}

#[test]
fn a_variable_that_is_not_there_is_refused_before_the_first_row() {
    assert_eq!(run("User::Gone", 1, 0).errors(), [0xC001_0001, 0xC004_700C]);
    assert_eq!(run("", 1, 0).errors(), [0xC020_2021, 0xC004_700C]);
}

#[test]
fn rows_beyond_the_budget_are_refused() {
    let ran = run("User::Rows", 1000, 10_000);
    assert_eq!(ran.errors()[..2], [0xC004_7012, 0xC004_7022]);
    assert!(ran.recorder.find(0xC004_7012).text.contains("10000 bytes"));
}
