//! Rows with an error or a truncation: fail, ignore, or send to the error output.
//!
//! A component collects the faults of one batch in a [`BatchFaults`], column by column.
//! The first fault of a row that is not ignored decides about the row, as in an engine
//! that goes through the columns of one row after another.

mod faults;
mod lost;
mod output;

use std::sync::Arc;

use arrow::array::BooleanArray;
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::Component;

pub use self::faults::{BatchFaults, FaultKind, Rule};
use self::faults::{Failure, Verdict};
pub use self::lost::lost_rows_warning;
use self::output::ErrorOutput;
pub use self::output::error_columns;
use super::codes;
use super::component::{BuildContext, ComponentError, Outputs};
use super::static_schema::output_schema;
use crate::events::{Events, Message, Severity};

/// The error rows of one running component.
pub struct ErrorRows {
    component: String,
    events: Arc<dyn Events>,
    output: Option<ErrorOutput>,
    rows_before: u64,
}

impl ErrorRows {
    /// For a component whose error output, if it has one, carries its first input's columns.
    #[must_use]
    pub fn new(component: &Component, cx: &BuildContext<'_>) -> Self {
        let found = component
            .outputs
            .iter()
            .position(|output| output.is_error_output);
        let attached = found.filter(|index| cx.attached.get(*index).copied().unwrap_or(false));
        let output = attached.map(|index| {
            let output = &component.outputs[index];
            ErrorOutput {
                index,
                schema: output_schema(component, output, cx.inputs),
                own: output.columns.clone(),
            }
        });
        Self {
            component: component.name.clone(),
            events: Arc::clone(&cx.services.events),
            output,
            rows_before: 0,
        }
    }

    /// Starts the next batch of so many rows.
    pub fn begin(&mut self, rows: usize) -> BatchFaults {
        let first_row = self.rows_before + 1;
        self.rows_before += rows as u64;
        BatchFaults::new(rows, first_row)
    }

    /// Fails if a row demands it; otherwise sends the redirected rows of `input` away and gives
    /// the rows that stay, `None` when all do.
    ///
    /// # Errors
    /// The component's failure, naming row and column; or that of whoever takes error rows.
    pub fn settle(
        &self,
        faults: BatchFaults,
        input: &RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<Option<BooleanArray>, ComponentError> {
        let mut redirected = Vec::new();
        for (row, verdict) in faults.verdicts {
            match verdict {
                Verdict::Fail(failure) => {
                    return Err(self.fail(faults.first_row + row as u64, *failure));
                }
                Verdict::Redirect { code, column } => redirected.push((row, code, column)),
            }
        }
        if redirected.is_empty() {
            return Ok(None);
        }
        if let Some(output) = &self.output {
            out.send(output.index, output.batch(input, &redirected)?)?;
        }
        let mut stays = vec![true; faults.rows];
        redirected
            .iter()
            .for_each(|(row, _, _)| stays[*row] = false);
        Ok(Some(BooleanArray::from(stays)))
    }

    /// Raises what was wrong, and gives the error that says whose rule made it fatal.
    fn fail(&self, row: u64, failure: Failure) -> ComponentError {
        let Failure {
            kind,
            code,
            detail,
            place,
            column,
        } = failure;
        let message = |code, text| Message {
            code,
            subcomponent: Some(self.component.clone()),
            text,
            row: Some(row),
            column: column.clone(),
        };
        let at = match &column {
            Some(column) => format!("row {row}, column \"{column}\""),
            None => format!("row {row}"),
        };
        let text = format!("{at}: {detail}");
        self.events.raise(Severity::Error, message(code, text));
        let (number, text) = match kind {
            FaultKind::Error => (
                codes::FAILED_ON_ERROR,
                format!(
                    "SSIS Error Code DTS_E_INDUCEDTRANSFORMFAILUREONERROR.  \"{}\" failed at {at}: error 0x{code:08X} occurred, and the error disposition of {place} says to fail on error.",
                    self.component
                ),
            ),
            FaultKind::Truncation => (
                codes::FAILED_ON_TRUNCATION,
                format!(
                    "\"{}\" failed at {at}: a truncation occurred, and the truncation disposition of {place} says to fail on truncation.",
                    self.component
                ),
            ),
        };
        ComponentError::Failed(Box::new(message(number, text)))
    }
}

/// An array that does not fit: a defect of a component, not of the data.
#[must_use]
pub fn arrow_failure(error: arrow::error::ArrowError) -> ComponentError {
    ComponentError::failed(
        codes::COMPONENT_EXCEPTION,
        format!("a batch could not be made: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use arrow::array::{ArrayRef, Int32Array};
    use scaleout_core::package::pipeline::Disposition;

    use super::*;
    use crate::data_flow::columns;
    use crate::data_flow::memory::MemoryPool;
    use crate::data_flow::schema::{Column, Schema};
    use crate::data_flow::testing::pipelines::{error_output, middle};
    use crate::data_flow::testing::services::{Recorder, services};
    use crate::value::DataType;

    #[derive(Default)]
    struct Sent(Mutex<Vec<(usize, RecordBatch)>>);

    impl Outputs for Sent {
        fn send(&mut self, output: usize, batch: RecordBatch) -> Result<(), ComponentError> {
            self.0.lock().unwrap().push((output, batch));
            Ok(())
        }
    }

    fn rule(on_error: Disposition, on_truncation: Disposition) -> Rule {
        Rule {
            place: "output column \"c\"".to_owned(),
            column: Some("c".to_owned()),
            error_column: 17,
            on_error,
            on_truncation,
        }
    }

    fn input(rows: i32) -> (Schema, RecordBatch) {
        let schema = Schema::new([Column {
            lineage_id: "c".to_owned(),
            name: "c".to_owned(),
            data_type: DataType::I4,
        }]);
        let array: ArrayRef = Arc::new(Int32Array::from_iter_values(0..rows));
        let batch = columns::batch(schema.to_arrow(), vec![array], rows as usize).unwrap();
        (schema, batch)
    }

    fn with_error_rows<T>(use_it: impl FnOnce(&mut ErrorRows, &Recorder) -> T) -> T {
        let recorder = Arc::new(Recorder::default());
        let services = services(&recorder, &Arc::default());
        let mut transform = middle("t");
        transform.outputs.push(error_output("t", "t.in"));
        let cx = BuildContext {
            services: &services,
            task_path: "\\P\\D",
            inputs: &[Some(input(0).0)],
            orders: &[],
            attached: &[true, true],
            memory: &MemoryPool::of(&services.settings),
            is_used: &|_| true,
            lineage_number: &|_| 0,
            batch_rows: 10,
        };
        use_it(&mut ErrorRows::new(&transform, &cx), &recorder)
    }

    #[test]
    fn redirected_rows_carry_input_code_and_column() {
        with_error_rows(|rows, _| {
            let (_, batch) = input(4);
            let mut faults = rows.begin(4);
            let rule = rule(Disposition::RedirectRow, Disposition::IgnoreFailure);
            faults.add(&rule, 2, FaultKind::Error, 0xC020_901E, String::new);
            faults.add(&rule, 3, FaultKind::Truncation, 1, String::new);
            let mut sent = Sent::default();
            let stays = rows.settle(faults, &batch, &mut sent).unwrap().unwrap();

            assert_eq!(stays, BooleanArray::from(vec![true, true, false, true]));
            let (output, errors) = sent.0.lock().unwrap().remove(0);
            assert_eq!((output, errors.num_rows()), (1, 1));
            let cell = |index: usize| {
                let column = errors.column(index);
                column
                    .as_any()
                    .downcast_ref::<Int32Array>()
                    .unwrap()
                    .value(0)
            };
            assert_eq!((cell(0), cell(1), cell(2)), (2, -1_071_607_778, 17));
        });
    }

    #[test]
    fn a_fatal_row_is_named_counting_over_all_batches() {
        with_error_rows(|rows, recorder| {
            let (_, batch) = input(4);
            // The batch before: without faults.
            drop(rows.begin(10));
            let mut faults = rows.begin(4);
            let rule = rule(Disposition::FailComponent, Disposition::NotUsed);
            faults.add(&rule, 3, FaultKind::Error, 0xC004_707B, || {
                "late".to_owned()
            });
            faults.add(&rule, 1, FaultKind::Truncation, 0xC001_700E, || {
                "cut".to_owned()
            });
            let error = rows
                .settle(faults, &batch, &mut Sent::default())
                .unwrap_err();

            let ComponentError::Failed(message) = error else {
                panic!("{error:?}");
            };
            assert_eq!(message.code, 0xC020_902A);
            assert_eq!(
                (message.row, message.column.as_deref()),
                (Some(12), Some("c"))
            );
            let text = recorder.find(0xC001_700E).text;
            assert_eq!(text, "row 12, column \"c\": cut");
        });
    }

    #[test]
    fn the_first_column_decides_about_a_row() {
        with_error_rows(|rows, _| {
            let (_, batch) = input(1);
            let mut faults = rows.begin(1);
            let first = rule(Disposition::RedirectRow, Disposition::RedirectRow);
            let second = rule(Disposition::FailComponent, Disposition::FailComponent);
            faults.add(&first, 0, FaultKind::Error, 1, String::new);
            faults.add(&second, 0, FaultKind::Error, 2, String::new);
            assert!(rows.settle(faults, &batch, &mut Sent::default()).is_ok());
        });
    }
}
