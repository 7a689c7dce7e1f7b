//! The compiled form of an expression and what it is evaluated with.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::evaluation_error::{EvaluationError, Fault};
use super::expression_error::ExpressionError;
use super::mistake::Mistake;
use super::scope::{Scope, VariableValues};
use crate::value::{DataType, Value};

/// Parses and types an expression.
///
/// # Errors
/// [`ExpressionError`] with the character where the text goes wrong.
pub fn compile(_text: &str, _scope: &Scope<'_>) -> Result<Compiled, ExpressionError> {
    Err(ExpressionError {
        mistake: Mistake::Empty,
        position: 0,
    })
}

/// Parses and types `@Variable = expression` (or `:=`).
///
/// # Errors
/// [`ExpressionError`] with the character where the text goes wrong.
pub fn compile_assignment(
    _text: &str,
    _scope: &Scope<'_>,
) -> Result<(String, Compiled), ExpressionError> {
    Err(ExpressionError {
        mistake: Mistake::NotAnAssignment,
        position: 0,
    })
}

/// An expression ready to be evaluated. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Compiled {
    text: Arc<str>,
    data_type: DataType,
    variables: Arc<[String]>,
    columns: Arc<[usize]>,
}

impl Compiled {
    /// The type of its value, with length, precision and scale.
    #[must_use]
    pub fn data_type(&self) -> DataType {
        self.data_type
    }

    /// The variables that it reads, as written.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(String::as_str)
    }

    /// The columns that it reads, as positions in [`Scope::columns`].
    #[must_use]
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Its value where there are no columns.
    ///
    /// # Errors
    /// [`EvaluationError`]
    pub fn evaluate(&self, _cx: &Evaluation<'_>) -> Result<Value, EvaluationError> {
        Err(EvaluationError::new(
            Fault::Context("expressions cannot be evaluated yet"),
            &self.text,
            0..0,
        ))
    }

    /// Its values for all rows of a batch. `column_map` gives, for each position in
    /// [`Scope::columns`], the position of the column in the batch.
    ///
    /// # Errors
    /// [`EvaluationError`] when no row can be evaluated; an error of one row is in the outcome.
    pub fn evaluate_batch(
        &self,
        _batch: &RecordBatch,
        _column_map: &[usize],
        cx: &Evaluation<'_>,
    ) -> Result<BatchOutcome, EvaluationError> {
        self.evaluate(cx).map(|_| BatchOutcome {
            array: arrow::array::new_empty_array(&crate::convert::arrow_type(self.data_type)),
            errors: Vec::new(),
            truncations: Vec::new(),
        })
    }
}

/// What an evaluation may use.
#[derive(Clone)]
pub struct Evaluation<'a> {
    /// Values of variables; `None` where there are none.
    pub variables: Option<&'a dyn VariableValues>,
    /// What `GETDATE` and `GETUTCDATE` give.
    pub now: Timestamp,
    /// Where `GETDATE` is.
    pub time_zone: TimeZone,
}

impl<'a> Evaluation<'a> {
    /// An evaluation without variables, in UTC.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self {
            variables: None,
            now,
            time_zone: TimeZone::UTC,
        }
    }

    /// The same with variables.
    #[must_use]
    pub fn with_variables(self, variables: &'a dyn VariableValues) -> Self {
        Self {
            variables: Some(variables),
            ..self
        }
    }

    /// The same in another time zone.
    #[must_use]
    pub fn in_time_zone(self, time_zone: TimeZone) -> Self {
        Self { time_zone, ..self }
    }
}

/// The values of all rows.
#[derive(Clone, Debug)]
pub struct BatchOutcome {
    /// One value per row: NULL where the row has an error, cut where it has a truncation.
    pub array: ArrayRef,
    /// Rows that failed, in order; a row is here once, with its first error.
    pub errors: Vec<RowError>,
    /// Rows of which something was cut off, in order; none of them is in `errors`.
    pub truncations: Vec<RowError>,
}

/// What happened to one row.
#[derive(Clone, Debug)]
pub struct RowError {
    /// Row in the batch.
    pub row: usize,
    /// What happened.
    pub error: EvaluationError,
}
