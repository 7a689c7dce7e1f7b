//! The compiled form of an expression and what it is evaluated with.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::batch::{Inputs, evaluate_batch};
use super::check::Checker;
use super::environment::Environment;
use super::evaluation_error::EvaluationError;
use super::expression_error::ExpressionError;
use super::parser::{parse, parse_assignment};
use super::plan::Node;
use super::scalar::{Run, VariableSlot};
use super::scope::{Scope, VariableValues};
use super::syntax::Syntax;
use super::token::{Located, Misplaced};
use crate::value::{DataType, Value};

/// Parses and types an expression.
///
/// # Errors
/// [`ExpressionError`] with the character where the text goes wrong.
pub fn compile(text: &str, scope: &Scope<'_>) -> Result<Compiled, ExpressionError> {
    parse(text)
        .and_then(|syntax| finish(text, &syntax, scope))
        .map_err(|located| in_characters(text, located))
}

/// Parses and types `@Variable = expression` (or `:=`).
///
/// # Errors
/// [`ExpressionError`] with the character where the text goes wrong.
pub fn compile_assignment(
    text: &str,
    scope: &Scope<'_>,
) -> Result<(String, Compiled), ExpressionError> {
    parse_assignment(text)
        .and_then(|(variable, syntax)| Ok((variable, finish(text, &syntax, scope)?)))
        .map_err(|located| in_characters(text, located))
}

fn finish(text: &str, syntax: &Syntax, scope: &Scope<'_>) -> Located<Compiled> {
    let text: Arc<str> = Arc::from(text);
    let mut checker = Checker::new(Arc::clone(&text), scope);
    let root = checker.root(syntax)?;
    Ok(Compiled {
        plan: Arc::new(Plan {
            text,
            root,
            variables: checker.variables,
            columns: checker.columns,
            column_types: scope
                .columns
                .iter()
                .map(|column| column.data_type)
                .collect(),
            locale_id: scope.locale_id,
        }),
    })
}

fn in_characters(text: &str, misplaced: Misplaced) -> ExpressionError {
    let (mistake, byte) = *misplaced.0;
    let before = text.get(..byte).unwrap_or(text);
    ExpressionError {
        mistake,
        position: before.chars().count(),
    }
}

/// An expression ready to be evaluated. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Compiled {
    plan: Arc<Plan>,
}

#[derive(Debug)]
struct Plan {
    text: Arc<str>,
    root: Node,
    variables: Vec<VariableSlot>,
    columns: Vec<usize>,
    column_types: Vec<DataType>,
    locale_id: u32,
}

impl Compiled {
    /// The expression as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.plan.text
    }

    /// The type of its value, with length, precision and scale.
    #[must_use]
    pub fn data_type(&self) -> DataType {
        self.plan.root.data_type
    }

    /// The variables that it reads, as written.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.plan.variables.iter().map(|slot| slot.name.as_str())
    }

    /// The columns that it reads, as positions in [`Scope::columns`].
    #[must_use]
    pub fn columns(&self) -> &[usize] {
        &self.plan.columns
    }

    /// Its value where there are no columns.
    ///
    /// # Errors
    /// [`EvaluationError`]
    pub fn evaluate(&self, cx: &Evaluation<'_>) -> Result<Value, EvaluationError> {
        self.row(None, cx)
    }

    /// Its value for one row: a value for each column of [`Scope::columns`].
    ///
    /// # Errors
    /// [`EvaluationError`]
    pub fn evaluate_row(
        &self,
        columns: &[Value],
        cx: &Evaluation<'_>,
    ) -> Result<Value, EvaluationError> {
        self.row(Some(columns), cx)
    }

    fn row(
        &self,
        columns: Option<&[Value]>,
        cx: &Evaluation<'_>,
    ) -> Result<Value, EvaluationError> {
        let plan = &*self.plan;
        let environment = self.environment(cx);
        Run::new(
            &plan.text,
            &plan.variables,
            cx.variables,
            columns,
            &environment,
        )
        .value(&plan.root)
    }

    fn environment(&self, cx: &Evaluation<'_>) -> Environment {
        Environment {
            now: cx.now,
            time_zone: cx.time_zone.clone(),
            locale_id: self.plan.locale_id,
        }
    }

    /// Its values for all rows of a batch. `column_map` gives, for each position in
    /// [`Scope::columns`], the position of the column in the batch.
    ///
    /// # Errors
    /// [`EvaluationError`] when no row can be evaluated; an error of one row is in the outcome.
    pub fn evaluate_batch(
        &self,
        batch: &RecordBatch,
        column_map: &[usize],
        cx: &Evaluation<'_>,
    ) -> Result<BatchOutcome, EvaluationError> {
        let plan = &*self.plan;
        let environment = self.environment(cx);
        let inputs = Inputs {
            text: &plan.text,
            slots: &plan.variables,
            column_types: &plan.column_types,
            batch,
            column_map,
            variables: cx.variables,
            environment: &environment,
        };
        evaluate_batch(&plan.root, &inputs)
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
