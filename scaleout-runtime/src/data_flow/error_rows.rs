//! Rows with an error or a truncation: fail, ignore, or send to the error output.
//!
//! A component collects the faults of one batch in a [`BatchFaults`], column by column.
//! The first fault of a row that is not ignored decides about the row, as in an engine
//! that goes through the columns of one row after another.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int32Array, UInt64Array, new_null_array};
use arrow::compute::take;
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::{Component, Disposition, InputColumn, Output, OutputColumn};

use super::codes;
use super::columns::{self, arrow_type};
use super::component::{BuildContext, ComponentError, Outputs};
use super::graph::component_path;
use super::schema::Schema;
use super::static_schema::output_schema;
use crate::events::{Events, Message, Severity};
use crate::validation::Problem;

/// `specialFlags` of the column that carries the error code.
const ERROR_CODE: u8 = 1;
/// `specialFlags` of the column that says which column had the error.
const ERROR_COLUMN: u8 = 2;

/// What happens to rows with a fault in one place: a column, an input, an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The place in messages, such as `output column "Total"`.
    pub place: String,
    /// Name of the column that messages carry; `None` where the whole row is meant.
    pub column: Option<String>,
    /// What `ErrorColumn` says: the run-time lineage number, 0 where the whole row is meant.
    pub error_column: i32,
    /// What happens on an error.
    pub on_error: Disposition,
    /// What happens on a truncation.
    pub on_truncation: Disposition,
}

impl Rule {
    /// The rule on an output column.
    #[must_use]
    pub fn of_output_column(column: &OutputColumn, cx: &BuildContext<'_>) -> Self {
        Self {
            place: format!("output column \"{}\"", column.name),
            column: Some(column.name.clone()),
            error_column: (cx.lineage_number)(&column.lineage_id),
            on_error: column.error_row_disposition,
            on_truncation: column.truncation_row_disposition,
        }
    }

    /// The rule on an input column that is changed in place.
    #[must_use]
    pub fn of_input_column(column: &InputColumn, cx: &BuildContext<'_>) -> Self {
        Self {
            place: format!("input column \"{}\"", column.name),
            column: Some(column.name.clone()),
            error_column: (cx.lineage_number)(&column.lineage_id),
            on_error: column.error_row_disposition,
            on_truncation: column.truncation_row_disposition,
        }
    }

    /// The rule on an output, which is about whole rows.
    #[must_use]
    pub fn of_output(output: &Output) -> Self {
        Self {
            place: format!("output \"{}\"", output.name),
            column: None,
            error_column: 0,
            on_error: output.error_row_disposition,
            on_truncation: output.truncation_row_disposition,
        }
    }
}

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The value could not be made.
    Error,
    /// Part of the value was lost.
    Truncation,
}

/// The error rows of one running component.
pub struct ErrorRows {
    component: String,
    events: Arc<dyn Events>,
    output: Option<ErrorOutput>,
    rows_before: u64,
}

struct ErrorOutput {
    index: usize,
    schema: Schema,
    own: Vec<OutputColumn>,
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
        BatchFaults {
            rows,
            first_row,
            verdicts: BTreeMap::new(),
        }
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
        self.events.raise(Severity::Error, message(code, detail));
        let at = match &column {
            Some(column) => format!("row {row}, column \"{column}\""),
            None => format!("row {row}"),
        };
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

impl ErrorOutput {
    fn batch(
        &self,
        input: &RecordBatch,
        redirected: &[(usize, u32, i32)],
    ) -> Result<RecordBatch, ComponentError> {
        let rows = redirected.iter().map(|(row, _, _)| *row as u64);
        let rows: UInt64Array = rows.collect();
        let kept = self.schema.columns.len() - self.own.len();
        let mut arrays = Vec::with_capacity(self.schema.columns.len());
        for array in &input.columns()[..kept.min(input.num_columns())] {
            arrays.push(take(array, &rows, None).map_err(arrow_failure)?);
        }
        let pairs: Vec<(u32, i32)> = redirected
            .iter()
            .map(|(_, code, column)| (*code, *column))
            .collect();
        let own = error_columns(&self.own, &pairs);
        for (column, array) in self.own.iter().zip(own) {
            arrays.push(match repeated(column, input) {
                Some(found) => take(found, &rows, None).map_err(arrow_failure)?,
                None => array,
            });
        }
        columns::batch(self.schema.to_arrow(), arrays, redirected.len()).map_err(arrow_failure)
    }
}

/// The error output of a source repeats the columns of its rows, by name.
fn repeated<'b>(column: &OutputColumn, input: &'b RecordBatch) -> Option<&'b ArrayRef> {
    let found = input.column_by_name(&column.name)?;
    let same_type = *found.data_type() == arrow_type(column.data_type);
    (column.special_flags == 0 && same_type).then_some(found)
}

/// The own columns of an error output: code and column where they belong, NULL elsewhere.
#[must_use]
pub fn error_columns(own: &[OutputColumn], faults: &[(u32, i32)]) -> Vec<ArrayRef> {
    let own = own.iter();
    own.map(|column| match column.special_flags {
        ERROR_CODE => {
            let codes = faults.iter().map(|(code, _)| codes::signed(*code));
            Arc::new(Int32Array::from_iter_values(codes)) as ArrayRef
        }
        ERROR_COLUMN => {
            let columns = faults.iter().map(|(_, column)| *column);
            Arc::new(Int32Array::from_iter_values(columns)) as ArrayRef
        }
        _ => new_null_array(&arrow_type(column.data_type), faults.len()),
    })
    .collect()
}

/// The faults of one batch.
pub struct BatchFaults {
    rows: usize,
    first_row: u64,
    verdicts: BTreeMap<usize, Verdict>,
}

enum Verdict {
    Fail(Box<Failure>),
    Redirect { code: u32, column: i32 },
}

struct Failure {
    kind: FaultKind,
    code: u32,
    detail: String,
    place: String,
    column: Option<String>,
}

impl BatchFaults {
    /// Judges a fault of a row (from 0 within the batch). An ignored one leaves no trace: the
    /// caller's value, NULL or cut, stands. `detail` is only asked when the row is fatal.
    pub fn add(
        &mut self,
        rule: &Rule,
        row: usize,
        kind: FaultKind,
        code: u32,
        detail: impl FnOnce() -> String,
    ) {
        if self.verdicts.contains_key(&row) {
            return;
        }
        let disposition = match kind {
            FaultKind::Error => rule.on_error,
            FaultKind::Truncation => rule.on_truncation,
        };
        let verdict = match disposition {
            Disposition::IgnoreFailure => return,
            Disposition::RedirectRow => Verdict::Redirect {
                code,
                column: rule.error_column,
            },
            Disposition::FailComponent | Disposition::NotUsed => Verdict::Fail(Box::new(Failure {
                kind,
                code,
                detail: detail(),
                place: rule.place.clone(),
                column: rule.column.clone(),
            })),
        };
        self.verdicts.insert(row, verdict);
    }

    /// Whether a fault of this row has been judged already: it goes nowhere else.
    #[must_use]
    pub fn is_decided(&self, row: usize) -> bool {
        self.verdicts.contains_key(&row)
    }
}

/// The warning for rows that are redirected into nothing.
#[must_use]
pub fn lost_rows_warning(component: &Component, cx: &BuildContext<'_>) -> Option<Problem> {
    let outputs = component.outputs.iter().enumerate();
    let mut error_outputs = outputs
        .filter(|(_, output)| output.is_error_output)
        .peekable();
    error_outputs.peek()?;
    let attached = |index: usize| cx.attached.get(index).copied().unwrap_or(false);
    if error_outputs.any(|(index, _)| attached(index)) || !redirects(component) {
        return None;
    }
    let text = format!(
        "rows that component `{}` sends to its error output are lost: nothing is attached there",
        component.name
    );
    let path = component_path(cx.task_path, component);
    Some(Problem::warning(
        codes::REDIRECT_WITHOUT_PATH,
        &path,
        &component.component_type,
        text,
    ))
}

fn redirects(component: &Component) -> bool {
    let inputs = component.inputs.iter();
    let in_inputs = inputs.flat_map(|input| {
        let columns = input.columns.iter();
        let own = [
            input.error_row_disposition,
            input.truncation_row_disposition,
        ];
        let columns =
            columns.flat_map(|it| [it.error_row_disposition, it.truncation_row_disposition]);
        columns.chain(own)
    });
    let outputs = component.outputs.iter();
    let in_outputs = outputs.flat_map(|output| {
        let columns = output.columns.iter();
        let own = [
            output.error_row_disposition,
            output.truncation_row_disposition,
        ];
        let columns =
            columns.flat_map(|it| [it.error_row_disposition, it.truncation_row_disposition]);
        columns.chain(own)
    });
    in_inputs
        .chain(in_outputs)
        .any(|it| it == Disposition::RedirectRow)
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

    use super::super::testing::pipelines::{component, error_output, middle};
    use super::super::testing::services::{Recorder, services};
    use super::*;
    use crate::data_flow::schema::Column;
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
            attached: &[true, true],
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
            let _ = rows.begin(10);
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
            assert_eq!(recorder.find(0xC001_700E).text, "cut");
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

    #[test]
    fn redirection_into_nothing_is_a_warning() {
        let recorder = Arc::new(Recorder::default());
        let services = services(&recorder, &Arc::default());
        let mut transform = component("t", vec![error_output("t", "")]);
        transform.outputs[0].columns[0].error_row_disposition = Disposition::RedirectRow;
        let warn = |attached: &[bool]| {
            let cx = BuildContext {
                services: &services,
                task_path: "\\P\\D",
                inputs: &[],
                attached,
                is_used: &|_| true,
                lineage_number: &|_| 0,
                batch_rows: 10,
            };
            lost_rows_warning(&transform, &cx).map(|problem| problem.code)
        };
        assert_eq!(warn(&[true]), None);
        assert_eq!(warn(&[false]).as_deref(), Some("0x80208386"));
    }
}
