//! Row Count: passes rows on and writes their number to a variable after the last one.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::Component;

use super::synchronous::built;
use crate::data_flow::codes;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::graph::component_path;
use crate::services::Variables;
use crate::validation::Problem;
use crate::value::{DataType, TypedValue, Value};

/// `Microsoft.RowCount`
pub struct RowCount;

impl ComponentKind for RowCount {
    fn component_type(&self) -> &'static str {
        "Microsoft.RowCount"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        let problem = |code: &str, text: String| {
            let path = component_path(cx.task_path, component);
            vec![Problem::error(code, &path, self.component_type(), text)]
        };
        let Some(name) = variable_name(component) else {
            let text = format!(
                "component `{}` names no variable; set VariableName",
                component.name
            );
            return problem(codes::WRONG_PROPERTY, text);
        };
        match cx.services.variables.get(name) {
            Err(error) => problem(
                codes::VARIABLE_NOT_FOUND,
                format!("component `{}`: {error}", component.name),
            ),
            Ok(value) if !is_integer(value.data_type) => {
                let text = format!(
                    "variable `{name}` of component `{}` is not of an integer type",
                    component.name
                );
                problem(codes::WRONG_PROPERTY, text)
            }
            Ok(_) => Vec::new(),
        }
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let Some(variable) = variable_name(component) else {
            let text = format!("component `{}` names no variable", component.name);
            return Err(ComponentError::failed(
                codes::number(codes::WRONG_PROPERTY),
                text,
            ));
        };
        let outputs = component
            .outputs
            .iter()
            .position(|output| !output.is_error_output);
        let running = Running {
            variable: variable.to_owned(),
            variables: Arc::clone(&cx.services.variables),
            output: outputs,
            rows: 0,
        };
        Ok(built(running, component, cx))
    }
}

fn variable_name(component: &Component) -> Option<&str> {
    let name = component.property("VariableName").map(str::trim);
    name.filter(|name| !name.is_empty())
}

fn is_integer(data_type: DataType) -> bool {
    use DataType::{I1, I2, I4, I8, Ui1, Ui2, Ui4, Ui8};
    matches!(data_type, I1 | I2 | I4 | I8 | Ui1 | Ui2 | Ui4 | Ui8)
}

struct Running {
    variable: String,
    variables: Arc<dyn Variables>,
    output: Option<usize>,
    rows: u64,
}

impl RunningComponent for Running {
    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        self.rows += batch.num_rows() as u64;
        match self.output {
            Some(output) => out.send(output, batch),
            None => Ok(()),
        }
    }

    fn post_execute(&mut self) -> Result<(), ComponentError> {
        let rows = i64::try_from(self.rows).unwrap_or(i64::MAX);
        let count = TypedValue {
            data_type: DataType::I8,
            value: Value::I8(rows),
        };
        self.variables.set(&self.variable, count).map_err(|error| {
            ComponentError::failed(
                codes::number(codes::VARIABLE_NOT_FOUND),
                format!("the count of {rows} rows was not written: {error}"),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_flow::testing::kinds::{collecting, counting};
    use crate::data_flow::testing::pipelines::{chain, of_type, property};
    use crate::data_flow::testing::run::run_flow;

    fn counted(rows: i32, variable: &str, declared: &str) -> (Option<i64>, Vec<u32>) {
        let mut flow = chain(&["source", "count", "sink"]);
        let count = flow.components.remove(1);
        let mut count = of_type("Microsoft.RowCount", count);
        count.properties.push(property("VariableName", variable));
        flow.components.insert(1, count);
        let zero = TypedValue {
            data_type: DataType::I4,
            value: Value::I4(0),
        };
        let (sink, _) = collecting("sink");
        let kinds = vec![counting("source", rows, 7), sink];
        let ran = run_flow(&flow, kinds, &[(declared, zero)]);
        let value = match ran.variables.get(declared).unwrap().value {
            Value::I8(count) => Some(count),
            _ => None,
        };
        (value, ran.errors())
    }

    #[test]
    fn rows_of_all_batches_are_counted() {
        assert_eq!(counted(100, "User::N", "User::N"), (Some(100), vec![]));
        assert_eq!(counted(0, "User::N", "User::N"), (Some(0), vec![]));
    }

    #[test]
    fn a_missing_variable_stops_the_data_flow_before_it_starts() {
        let (value, errors) = counted(5, "User::Missing", "User::N");
        assert_eq!((value, errors), (None, vec![0xC001_0001, 0xC004_700C]));
    }
}
