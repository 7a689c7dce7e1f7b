//! Expressions of transforms: compiled once, evaluated per batch.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use jiff::tz::TimeZone;
use scaleout_core::package::pipeline::{Component, Input, Property, property};

use crate::convert::days_from_civil;
use crate::data_flow::codes;
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::schema::{Column, Schema};
use crate::expression::{
    BatchOutcome, ColumnRef, Compiled, Evaluation, ExpressionError, Scope, compile,
};
use crate::services::{Clock, Services, Variables};

/// What the expressions of one transform may see.
pub struct ExpressionScope<'a> {
    component: &'a str,
    columns: Vec<ColumnRef>,
    positions: Vec<usize>,
    variables: &'a Arc<dyn Variables>,
    locale_id: u32,
}

/// An expression with the position in the batch of every column of its scope.
pub struct ColumnExpression {
    /// The expression.
    pub compiled: Compiled,
    /// Its text as names, for messages.
    pub text: String,
    positions: Vec<usize>,
}

/// What evaluation needs while the data flow runs.
pub struct Circumstance {
    variables: Arc<dyn Variables>,
    clock: Arc<dyn Clock>,
    time_zone: TimeZone,
}

impl<'a> ExpressionScope<'a> {
    /// The columns that an input uses, in a buffer of that schema.
    pub fn new(
        component: &'a Component,
        input: &Input,
        schema: &Schema,
        cx: &'a BuildContext<'_>,
    ) -> Self {
        let used = input
            .columns
            .iter()
            .filter_map(|column| schema.index_of(&column.lineage_id));
        let positions: Vec<usize> = used.collect();
        let columns = positions
            .iter()
            .map(|position| column_ref(&schema.columns[*position]));
        Self {
            component: &component.name,
            columns: columns.collect(),
            positions,
            variables: &cx.services.variables,
            locale_id: locale_of(component, cx.services),
        }
    }

    /// Compiles `Expression`, which has lineage ids; where that fails, `FriendlyExpression`,
    /// which has names. `None` when neither is there.
    ///
    /// # Errors
    /// What is wrong with the expression, and where.
    pub fn compile(
        &self,
        properties: &[Property],
        of: &str,
    ) -> Result<Option<ColumnExpression>, ComponentError> {
        let by_id = property(properties, "Expression").filter(|text| !text.trim().is_empty());
        let by_name =
            property(properties, "FriendlyExpression").filter(|text| !text.trim().is_empty());
        let Some(first) = by_id.or(by_name) else {
            return Ok(None);
        };
        let compiled = match (self.try_compile(first), by_name) {
            (Ok(compiled), _) => compiled,
            (Err(error), None) => return Err(self.mistake(first, of, &error)),
            (Err(error), Some(second)) => self
                .try_compile(second)
                .map_err(|_| self.mistake(second, of, &error))?,
        };
        Ok(Some(ColumnExpression {
            compiled,
            text: by_name.unwrap_or(first).to_owned(),
            positions: self.positions.clone(),
        }))
    }

    fn try_compile(&self, text: &str) -> Result<Compiled, ExpressionError> {
        let scope = Scope {
            variables: Some(self.variables),
            columns: &self.columns,
            locale_id: self.locale_id,
        };
        compile(text, &scope)
    }

    fn mistake(&self, text: &str, of: &str, error: &ExpressionError) -> ComponentError {
        let code = error
            .ssis_code()
            .unwrap_or(codes::number(codes::EXPRESSION_PARSE_FAILED));
        let component = self.component;
        let text =
            format!("expression `{text}` of {of} of component `{component}` is not valid: {error}");
        ComponentError::failed(code, text)
    }
}

impl ColumnExpression {
    /// Evaluates all rows of a batch.
    ///
    /// # Errors
    /// The expression cannot be evaluated at all.
    pub fn evaluate(
        &self,
        batch: &RecordBatch,
        with: &Circumstance,
    ) -> Result<BatchOutcome, ComponentError> {
        let cx = Evaluation::at(with.clock.now())
            .with_variables(&with.variables)
            .in_time_zone(with.time_zone.clone());
        let outcome = self.compiled.evaluate_batch(batch, &self.positions, &cx);
        outcome.map_err(|error| {
            let code = error.ssis_code().unwrap_or(codes::FAILED_ON_ERROR);
            ComponentError::failed(code, format!("expression `{}` failed: {error}", self.text))
        })
    }
}

impl Circumstance {
    /// From the services of the data flow.
    pub fn new(services: &Services) -> Self {
        Self {
            variables: Arc::clone(&services.variables),
            clock: Arc::clone(&services.clock),
            time_zone: TimeZone::system(),
        }
    }

    /// The day it is, in days since 1970-01-01.
    pub fn today(&self) -> i32 {
        let date = self.clock.now().to_zoned(self.time_zone.clone()).date();
        let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
        days_from_civil(date.year().into(), month.into(), day.into()).unwrap_or(0)
    }
}

/// The component's own locale, else the one around it.
pub fn locale_of(component: &Component, services: &Services) -> u32 {
    let own = u32::try_from(component.locale_id).ok();
    own.filter(|id| *id != 0).unwrap_or(services.locale_id)
}

fn column_ref(column: &Column) -> ColumnRef {
    ColumnRef {
        lineage_id: column.lineage_id.clone(),
        name: column.name.clone(),
        // A buffer does not know who made a column; expressions by id do not need it.
        component: String::new(),
        data_type: column.data_type,
    }
}
