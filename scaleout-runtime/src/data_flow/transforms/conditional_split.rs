//! Conditional Split: each row goes to the first output whose condition is true.
//!
//! A condition that gives NULL is an error of that output, as is one that fails; with
//! IgnoreFailure it counts as false. Columns that nobody uses are left behind, since
//! splitting copies rows.

use arrow::array::{Array, BooleanArray};
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::{Component, property};

use super::expressions::{Circumstance, ColumnExpression, ExpressionScope};
use super::synchronous::{batch_of, built, only_input, problems_with_error_rows};
use crate::data_flow::codes;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::{BatchFaults, ErrorRows, FaultKind, Rule};
use crate::data_flow::schema::Schema;
use crate::expression::BatchOutcome;
use crate::validation::Problem;
use crate::value::DataType;

/// `Microsoft.ConditionalSplit`
pub struct ConditionalSplit;

impl ComponentKind for ConditionalSplit {
    fn component_type(&self) -> &'static str {
        "Microsoft.ConditionalSplit"
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
        let running = Running::new(component, cx)?;
        let schema = running.schema.clone();
        let mut built = built(running, component, cx);
        for (own, output) in built.outputs.iter_mut().zip(&component.outputs) {
            if !output.is_error_output {
                *own = schema.clone();
            }
        }
        Ok(built)
    }
}

/// A condition and the output that it leads to.
struct Case {
    expression: ColumnExpression,
    rule: Rule,
    output: usize,
}

struct Running {
    component: String,
    /// In the order of evaluation.
    cases: Vec<Case>,
    default: Option<usize>,
    /// Whether rows of an output are wanted by anybody.
    attached: Vec<bool>,
    schema: Schema,
    /// Columns of the input that go on.
    kept: Vec<usize>,
    errors: ErrorRows,
    circumstance: Circumstance,
}

impl Running {
    fn new(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let (input, schema) = only_input(component, cx)?;
        let scope = ExpressionScope::new(component, input, &schema, cx);
        let mut ordered = Vec::new();
        let mut default = None;
        let outputs = component.outputs.iter().enumerate();
        for (index, output) in outputs.filter(|(_, output)| !output.is_error_output) {
            if flag(property(&output.properties, "IsDefaultOut")) {
                default = Some(index);
                continue;
            }
            let rule = Rule::of_output(output);
            let Some(expression) = scope.compile(&output.properties, &rule.place)? else {
                return Err(bad_property("Expression", &rule.place));
            };
            if expression.compiled.data_type() != DataType::Bool {
                let found = expression.compiled.data_type().name();
                let text = format!(
                    "the condition `{}` of {} is `{found}`, not `DT_BOOL`",
                    expression.text, rule.place
                );
                return Err(ComponentError::failed(
                    codes::number(codes::RESULT_TYPE),
                    text,
                ));
            }
            let order = property(&output.properties, "EvaluationOrder").unwrap_or("0");
            let order: i64 = order
                .trim()
                .parse()
                .map_err(|_| bad_property("EvaluationOrder", &rule.place))?;
            ordered.push((
                order,
                Case {
                    expression,
                    rule,
                    output: index,
                },
            ));
        }
        ordered.sort_by_key(|(order, _)| *order);
        let used = |index: &usize| (cx.is_used)(&schema.columns[*index].lineage_id);
        let kept: Vec<usize> = (0..schema.columns.len()).filter(used).collect();
        Ok(Self {
            component: component.name.clone(),
            cases: ordered.into_iter().map(|(_, case)| case).collect(),
            default,
            attached: cx.attached.to_vec(),
            schema: Schema::new(kept.iter().map(|index| schema.columns[*index].clone())),
            kept,
            errors: ErrorRows::new(component, cx),
            circumstance: Circumstance::new(cx.services),
        })
    }

    /// The output of each row; `None` for rows that go nowhere, or are errors.
    fn route(
        &self,
        batch: &RecordBatch,
        faults: &mut BatchFaults,
    ) -> Result<Vec<Option<usize>>, ComponentError> {
        let mut routes: Vec<Option<usize>> = vec![None; batch.num_rows()];
        for case in &self.cases {
            if routes.iter().all(Option::is_some) {
                break;
            }
            let outcome = case.expression.evaluate(batch, &self.circumstance)?;
            self.judge(case, &outcome, &mut routes, faults)?;
        }
        for (row, route) in routes.iter_mut().enumerate() {
            if route.is_none() && !faults.is_decided(row) {
                *route = self.default;
            }
        }
        Ok(routes)
    }

    /// Applies one condition to the rows that no earlier one took.
    fn judge(
        &self,
        case: &Case,
        outcome: &BatchOutcome,
        routes: &mut [Option<usize>],
        faults: &mut BatchFaults,
    ) -> Result<(), ComponentError> {
        let values = outcome.array.as_any().downcast_ref::<BooleanArray>();
        let values = values.ok_or_else(|| bad_property("Expression", &case.rule.place))?;
        let mut errors = outcome.errors.iter().peekable();
        for (row, route) in routes.iter_mut().enumerate() {
            let error = errors.next_if(|fault| fault.row == row);
            if route.is_some() || faults.is_decided(row) {
                continue;
            }
            if let Some(fault) = error {
                let code = fault.error.ssis_code().unwrap_or(codes::FAILED_ON_ERROR);
                let detail = || fault.error.to_string();
                faults.add(&case.rule, row, FaultKind::Error, code, detail);
            } else if values.is_null(row) {
                self.add_null(case, row, faults);
            } else if values.value(row) {
                *route = Some(case.output);
            }
        }
        Ok(())
    }

    fn add_null(&self, case: &Case, row: usize, faults: &mut BatchFaults) {
        faults.add(&case.rule, row, FaultKind::Error, codes::CONDITION_IS_NULL, || {
            format!(
                "expression `{}` on {} gave NULL, but \"{}\" needs a Boolean; the error disposition of the output can treat it as false or redirect the row",
                case.expression.text, case.rule.place, self.component
            )
        });
    }
}

fn flag(text: Option<&str>) -> bool {
    text.is_some_and(|text| {
        matches!(text.trim(), "1" | "-1") || text.trim().eq_ignore_ascii_case("true")
    })
}

fn bad_property(name: &str, place: &str) -> ComponentError {
    let text = format!("the value of custom property `{name}` of {place} is wrong or missing");
    ComponentError::failed(codes::number(codes::WRONG_PROPERTY), text)
}

impl RunningComponent for Running {
    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let mut faults = self.errors.begin(batch.num_rows());
        let routes = self.route(&batch, &mut faults)?;
        self.errors.settle(faults, &batch, out)?;
        let arrays: Vec<_> = self
            .kept
            .iter()
            .map(|index| batch.column(*index).clone())
            .collect();
        for (output, _) in self
            .attached
            .iter()
            .enumerate()
            .filter(|(_, attached)| **attached)
        {
            let mine = routes
                .iter()
                .filter(|route| **route == Some(output))
                .count();
            if mine == 0 {
                continue;
            }
            let mask = (mine < routes.len()).then(|| {
                BooleanArray::from_iter(routes.iter().map(|route| Some(*route == Some(output))))
            });
            let rows = batch.num_rows();
            out.send(
                output,
                batch_of(&self.schema, arrays.clone(), rows, mask.as_ref())?,
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "conditional_split_tests.rs"]
mod tests;
