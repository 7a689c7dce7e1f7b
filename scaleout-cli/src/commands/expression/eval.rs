//! `soctl expression eval`.

use std::collections::BTreeMap;

use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use scaleout_core::error::Explain;
use scaleout_runtime::convert::{array_of, arrow_type};
use scaleout_runtime::expression::{
    ColumnRef, Evaluation, ExpressionError, Scope, VariableTypes, VariableValues, compile,
};
use scaleout_runtime::services::VariableError;
use scaleout_runtime::value::{DataType, TypedValue, Value};
use serde_json::json;

use super::values::{Given, given, to_json};
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Report};

/// Evaluate an expression and print its type and value
///
/// Exit code 1 when the expression is wrong or fails; the error says at which character.
///
/// Examples:
///   soctl expression eval '1 + 2'
///   soctl expression eval 'UPPER(@[User::S])' --variable 'User::S=DT_WSTR:abc'
///   soctl expression eval 'ISNULL(Price) ? 0.0 : Price * 2' \
///     --column 'Price=DT_CY:1.50'
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct EvalArgs {
    /// The expression
    expression: String,
    /// A variable as NAME=TYPE:VALUE; without `:VALUE` it is null
    #[arg(long, value_name = "NAME=TYPE:VALUE")]
    variable: Vec<String>,
    /// An input column as NAME=TYPE:VALUE; without `:VALUE` it is null
    #[arg(long, value_name = "NAME=TYPE:VALUE")]
    column: Vec<String>,
    /// Locale (LCID) of texts
    #[arg(long, value_name = "LCID", default_value_t = 1033)]
    locale: u32,
}

/// Compiles and evaluates.
///
/// # Errors
/// A variable or column is not written as it must be.
pub fn run(args: &EvalArgs, now: Timestamp) -> Result<Outcome, CliError> {
    let variables = Named(
        all(&args.variable, args.locale)?
            .into_iter()
            .map(|one| (one.name, one.value))
            .collect(),
    );
    let columns = all(&args.column, args.locale)?;
    Ok(
        match evaluate(&args.expression, &variables, &columns, args.locale, now) {
            Ok((data_type, value)) => {
                let value = to_json(&value, data_type, args.locale);
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                Outcome::new(
                    &json!({ "type": data_type.name(), "value": value }),
                    Report::lines([format!("{}: {text}", data_type.name())]),
                )
            }
            Err(failure) => failure.outcome(&args.expression),
        },
    )
}

fn all(texts: &[String], locale_id: u32) -> Result<Vec<Given>, CommandError> {
    let one = |text: &String| {
        given(text, locale_id).map_err(|message| CommandError::Argument {
            message: format!("`{text}`: {message}"),
            hint: "`soctl expression eval --help` has examples".to_owned(),
        })
    };
    texts.iter().map(one).collect()
}

/// Why there is no value.
struct Failure {
    code: String,
    message: String,
    hint: Option<String>,
    position: Option<usize>,
}

impl Failure {
    fn outcome(self, expression: &str) -> Outcome {
        let Self {
            code,
            message,
            hint,
            position,
        } = self;
        let mut lines = vec![format!("error[{code}]: {message}")];
        if let Some(position) = position.filter(|_| !expression.contains('\n')) {
            lines.push(format!("  {expression}"));
            lines.push(format!("  {}^", " ".repeat(position)));
        }
        if let Some(hint) = &hint {
            lines.push(format!("  next: {hint}"));
        }
        let error = json!({ "code": code, "message": message, "hint": hint, "position": position });
        let data = json!({ "error": error });
        Outcome::new(&data, Report::lines(lines)).exit_code(1)
    }

    fn of(error: &(impl Explain + 'static), position: Option<usize>) -> Self {
        let body = scaleout_core::error::ErrorBody::from_error(error);
        Self {
            code: body.code,
            message: body.message,
            hint: body.hint,
            position,
        }
    }
}

impl From<ExpressionError> for Failure {
    fn from(error: ExpressionError) -> Self {
        let position = error.position;
        Self::of(&error, Some(position))
    }
}

fn evaluate(
    text: &str,
    variables: &Named,
    columns: &[Given],
    locale_id: u32,
    now: Timestamp,
) -> Result<(DataType, Value), Failure> {
    let references: Vec<ColumnRef> = columns.iter().map(reference).collect();
    let scope = Scope {
        variables: Some(variables),
        columns: &references,
        locale_id,
    };
    let compiled = compile(text, &scope)?;
    let cx = Evaluation::at(now)
        .with_variables(variables)
        .in_time_zone(TimeZone::system());
    if columns.is_empty() {
        let value = compiled
            .evaluate(&cx)
            .map_err(|error| Failure::of(&error, None))?;
        return Ok((compiled.data_type(), value));
    }
    let batch = one_row(columns)?;
    let map: Vec<usize> = (0..columns.len()).collect();
    let outcome = compiled
        .evaluate_batch(&batch, &map, &cx)
        .map_err(|error| Failure::of(&error, None))?;
    if let Some(failed) = outcome.errors.first() {
        return Err(Failure::of(&failed.error, None));
    }
    let value = scaleout_runtime::convert::value_at(&outcome.array, 0, compiled.data_type());
    Ok((compiled.data_type(), value))
}

/// `Component.Column` names a column of a component.
fn reference(column: &Given) -> ColumnRef {
    let (component, name) = column.name.split_once('.').unwrap_or(("", &column.name));
    ColumnRef {
        lineage_id: column.name.clone(),
        name: name.to_owned(),
        component: component.to_owned(),
        data_type: column.value.data_type,
    }
}

/// The columns as a batch of one row: what a Derived Column sees.
fn one_row(columns: &[Given]) -> Result<RecordBatch, Failure> {
    let unfit = |message: String| Failure {
        code: "SO8005".to_owned(),
        message,
        hint: Some("correct the value given with `--column`".to_owned()),
        position: None,
    };
    let mut fields = Vec::with_capacity(columns.len());
    let mut arrays = Vec::with_capacity(columns.len());
    for column in columns {
        let TypedValue { data_type, value } = &column.value;
        fields.push(arrow::datatypes::Field::new(
            &column.name,
            arrow_type(*data_type),
            true,
        ));
        arrays.push(
            array_of(std::slice::from_ref(value), *data_type)
                .map_err(|error| unfit(error.to_string()))?,
        );
    }
    let schema = std::sync::Arc::new(arrow::datatypes::Schema::new(fields));
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    RecordBatch::try_new_with_options(schema, arrays, &options)
        .map_err(|error| unfit(error.to_string()))
}

/// Variables by name; a short name finds the one that ends so.
struct Named(BTreeMap<String, TypedValue>);

impl Named {
    fn find(&self, name: &str) -> Result<&TypedValue, VariableError> {
        if let Some(found) = self.0.get(name) {
            return Ok(found);
        }
        let short = |full: &str| {
            full.rsplit_once("::")
                .map_or(full, |(_, short)| short)
                .to_owned()
        };
        let fits: Vec<(&String, &TypedValue)> = self
            .0
            .iter()
            .filter(|(full, _)| short(full) == name)
            .collect();
        match fits.as_slice() {
            [(_, one)] => Ok(one),
            [] => Err(VariableError::Unknown {
                name: name.to_owned(),
            }),
            several => Err(VariableError::Ambiguous {
                name: name.to_owned(),
                candidates: several
                    .iter()
                    .map(|(full, _)| full.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            }),
        }
    }
}

impl VariableTypes for Named {
    fn data_type(&self, name: &str) -> Result<DataType, VariableError> {
        self.find(name).map(|found| found.data_type)
    }
}

impl VariableValues for Named {
    fn value(&self, name: &str) -> Result<TypedValue, VariableError> {
        self.find(name).cloned()
    }
}
