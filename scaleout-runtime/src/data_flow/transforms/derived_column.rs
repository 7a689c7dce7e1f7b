//! Derived Column: new columns, and columns replaced in place, from expressions.
//!
//! All expressions of a component see the values that came in, also of columns that
//! it replaces. A value of another type or length than its column's is converted.

use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::{Component, Property};

use super::convert_column::{Circumstances, add_faults, convert_column};
use super::expressions::{Circumstance, ColumnExpression, ExpressionScope, locale_of};
use super::synchronous::{batch_of, built, main_output, only_input, problems_with_error_rows};
use crate::convert::is_legal;
use crate::data_flow::codes;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::{BatchFaults, ErrorRows, FaultKind, Rule};
use crate::data_flow::schema::Schema;
use crate::validation::Problem;
use crate::value::DataType;

/// `Microsoft.DerivedColumn`
pub struct DerivedColumn;

impl ComponentKind for DerivedColumn {
    fn component_type(&self) -> &'static str {
        "Microsoft.DerivedColumn"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        problems_with_error_rows(component, cx, Running::new)
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        Ok(built(Running::new(component, cx)?, component, cx))
    }
}

/// One expression and where its value goes.
struct Derivation {
    expression: ColumnExpression,
    data_type: DataType,
    rule: Rule,
    /// Position in the output buffer.
    position: usize,
}

struct Running {
    derivations: Vec<Derivation>,
    output: usize,
    schema: Schema,
    errors: ErrorRows,
    circumstance: Circumstance,
    locale_id: u32,
}

impl Running {
    fn new(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let (input, schema) = only_input(component, cx)?;
        let output = main_output(component)?;
        let scope = ExpressionScope::new(component, input, &schema, cx);
        let mut derivations = Vec::new();
        for column in input.columns.iter().filter(|column| column.read_write) {
            let Some(position) = schema.index_of(&column.lineage_id) else {
                return Err(missing_column(&column.name, component));
            };
            let rule = Rule::of_input_column(column, cx);
            let data_type = schema.columns[position].data_type;
            derivations.push(derivation(
                &scope,
                &column.properties,
                data_type,
                rule,
                position,
            )?);
        }
        for (index, column) in component.outputs[output].columns.iter().enumerate() {
            let rule = Rule::of_output_column(column, cx);
            let position = schema.columns.len() + index;
            derivations.push(derivation(
                &scope,
                &column.properties,
                column.data_type,
                rule,
                position,
            )?);
        }
        Ok(Self {
            derivations,
            output,
            schema: schema.extended_by(&component.outputs[output].columns),
            errors: ErrorRows::new(component, cx),
            circumstance: Circumstance::new(cx.services),
            locale_id: locale_of(component, cx.services),
        })
    }
}

fn derivation(
    scope: &ExpressionScope<'_>,
    properties: &[Property],
    data_type: DataType,
    rule: Rule,
    position: usize,
) -> Result<Derivation, ComponentError> {
    let Some(expression) = scope.compile(properties, &rule.place)? else {
        let text = format!("{} has no expression", rule.place);
        return Err(ComponentError::failed(
            codes::number(codes::EXPRESSION_PARSE_FAILED),
            text,
        ));
    };
    let from = expression.compiled.data_type();
    if from != data_type && !is_legal(from, data_type) {
        let text = format!(
            "the result of expression `{}` is `{}`, which does not convert to `{}` of {}",
            expression.text,
            from.name(),
            data_type.name(),
            rule.place
        );
        return Err(ComponentError::failed(
            codes::number(codes::RESULT_TYPE),
            text,
        ));
    }
    Ok(Derivation {
        expression,
        data_type,
        rule,
        position,
    })
}

fn missing_column(name: &str, component: &Component) -> ComponentError {
    let text = format!(
        "input column `{name}` of component `{}` does not arrive at its input",
        component.name
    );
    ComponentError::failed(codes::COMPONENT_EXCEPTION, text)
}

impl RunningComponent for Running {
    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let rows = batch.num_rows();
        let mut faults = self.errors.begin(rows);
        let at = Circumstances {
            locale_id: self.locale_id,
            today: self.circumstance.today(),
        };
        let mut arrays: Vec<ArrayRef> = batch.columns().to_vec();
        for derivation in &self.derivations {
            let array = derivation.derive(&batch, &self.circumstance, at, &mut faults)?;
            if derivation.position < arrays.len() {
                arrays[derivation.position] = array;
            } else {
                arrays.push(array);
            }
        }
        let stays = self.errors.settle(faults, &batch, out)?;
        out.send(
            self.output,
            batch_of(&self.schema, arrays, rows, stays.as_ref())?,
        )
    }
}

impl Derivation {
    fn derive(
        &self,
        batch: &RecordBatch,
        circumstance: &Circumstance,
        at: Circumstances,
        faults: &mut BatchFaults,
    ) -> Result<ArrayRef, ComponentError> {
        let outcome = self.expression.evaluate(batch, circumstance)?;
        let found = [
            (FaultKind::Error, &outcome.errors),
            (FaultKind::Truncation, &outcome.truncations),
        ];
        for (kind, rows) in found {
            for fault in rows {
                let fallback = match kind {
                    FaultKind::Error => codes::FAILED_ON_ERROR,
                    FaultKind::Truncation => codes::FAILED_ON_TRUNCATION,
                };
                let code = fault.error.ssis_code().unwrap_or(fallback);
                faults.add(&self.rule, fault.row, kind, code, || {
                    format!("expression `{}`: {}", self.expression.text, fault.error)
                });
            }
        }
        let from = self.expression.compiled.data_type();
        let converted = convert_column(&outcome.array, from, self.data_type, at)?;
        let code = |error: Option<&crate::convert::ConvertError>| {
            error.map_or(
                codes::FAILED_ON_TRUNCATION,
                crate::convert::ConvertError::ssis_code,
            )
        };
        add_faults(faults, &self.rule, &converted, code, self.data_type);
        Ok(converted.array)
    }
}

#[cfg(test)]
#[path = "derived_column_tests.rs"]
mod tests;
