//! Runs a small data flow and keeps what came of it.

use std::sync::{Arc, Mutex};

use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::{Component, OutputColumn};

use super::kinds::{Collected, TestKind, finder};
use super::pipelines::{component, output};
use super::services::{Recorder, VariableMap, services};
use crate::convert::{ColumnReader, array_of};
use crate::data_flow::columns;
use crate::data_flow::engine::{DataFlowOutcome, run_with};
use crate::events::Severity;
use crate::services::{Services, Variables};
use crate::tasks::TaskFailure;
use crate::value::{DataType, TypedValue, Value};
use scaleout_core::package::pipeline::Pipeline;

/// A run that is over.
pub struct Ran {
    /// How it ended.
    pub outcome: Result<DataFlowOutcome, TaskFailure>,
    /// What it said.
    pub recorder: Arc<Recorder>,
    /// Variables after it.
    pub variables: Arc<dyn Variables>,
}

impl Ran {
    /// Codes of the errors, in order.
    pub fn errors(&self) -> Vec<u32> {
        self.recorder.codes(Severity::Error)
    }
}

/// Runs a data flow with test kinds, and the real ones for all other types.
pub fn run_flow(
    pipeline: &Pipeline,
    kinds: Vec<TestKind>,
    variables: &[(&str, TypedValue)],
) -> Ran {
    run_flow_with(pipeline, kinds, variables, |_| {})
}

/// The same with other services.
pub fn run_flow_with(
    pipeline: &Pipeline,
    kinds: Vec<TestKind>,
    variables: &[(&str, TypedValue)],
    change: impl FnOnce(&mut Services),
) -> Ran {
    let declared = variables.iter();
    let declared = declared.map(|(name, value)| ((*name).to_owned(), value.clone()));
    let variables = Arc::new(VariableMap(Mutex::new(declared.collect())));
    let recorder = Arc::new(Recorder::default());
    let mut services = services(&recorder, &variables);
    change(&mut services);
    let outcome = run_with(pipeline, "\\P\\D", &services, &finder(kinds));
    Ran {
        outcome,
        recorder,
        variables,
    }
}

/// A row of values.
pub type Row = Vec<Value>;

/// The component of a source with these columns.
pub fn source_of(name: &str, columns: Vec<OutputColumn>) -> Component {
    let mut out = output(name, "");
    out.columns = columns;
    component(name, vec![out])
}

/// The kind of a source that sends these rows, in batches of so many.
pub fn rows_kind(
    name: &'static str,
    types: Vec<DataType>,
    rows: Vec<Row>,
    batch: usize,
) -> TestKind {
    TestKind::source(name, move |out, schemas| {
        for part in rows.chunks(batch.max(1)) {
            let arrays = types.iter().enumerate().map(|(index, data_type)| {
                let values: Vec<Value> = part.iter().map(|row| row[index].clone()).collect();
                array_of(&values, *data_type).unwrap()
            });
            let arrays: Vec<ArrayRef> = arrays.collect();
            out.send(
                0,
                columns::batch(schemas[0].to_arrow(), arrays, part.len()).unwrap(),
            )?;
        }
        Ok(())
    })
}

/// The rows of collected batches, printed value by value: values have no equality.
pub fn rows_of(collected: &Collected, types: &[DataType]) -> Vec<Vec<String>> {
    let batches = collected.lock().unwrap();
    batches
        .iter()
        .flat_map(|batch| rows_of_batch(batch, types))
        .collect()
}

fn rows_of_batch(batch: &RecordBatch, types: &[DataType]) -> Vec<Vec<String>> {
    assert_eq!(batch.num_columns(), types.len(), "{:?}", batch.schema());
    let columns = batch.columns().iter().zip(types);
    let readers: Vec<ColumnReader<'_>> = columns
        .map(|(column, data_type)| ColumnReader::new(column.as_ref(), *data_type))
        .collect();
    (0..batch.num_rows())
        .map(|row| {
            readers
                .iter()
                .map(|reader| format!("{:?}", reader.value(row)))
                .collect()
        })
        .collect()
}

/// Values as [`rows_of`] prints them.
pub fn printed(rows: &[Row]) -> Vec<Vec<String>> {
    let rows = rows.iter();
    rows.map(|row| row.iter().map(|value| format!("{value:?}")).collect())
        .collect()
}
