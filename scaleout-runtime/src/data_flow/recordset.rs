//! Recordset Destination: rows into an Object variable, for loops over them.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::Component;

use super::codes;
use super::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use super::graph::component_path;
use super::memory::{MemoryPool, Reservation, over_budget};
use super::schema::Column;
use super::transforms::{built, only_input, refused, settings_problem};
use crate::convert::ColumnReader;
use crate::services::Services;
use crate::validation::Problem;
use crate::value::{DataType, TypedValue, Value};
use crate::variables::RowSet;

/// `Microsoft.RecordsetDestination`
pub struct RecordsetDestination;

impl ComponentKind for RecordsetDestination {
    fn component_type(&self) -> &'static str {
        "Microsoft.RecordsetDestination"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        let mut problems: Vec<Problem> = settings_problem(component, cx, Running::new)
            .into_iter()
            .collect();
        let name = variable_name(component);
        if problems.is_empty()
            && let Err(error) = cx.services.variables.get(name)
        {
            let path = component_path(cx.task_path, component);
            let text = format!("component `{}`: {error}", component.name);
            let code = codes::VARIABLE_NOT_FOUND;
            problems.push(Problem::error(code, &path, self.component_type(), text));
        }
        problems
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        Ok(Built {
            is_destination: true,
            ..built(Running::new(component, cx)?, component, cx)
        })
    }
}

fn variable_name(component: &Component) -> &str {
    component.property("VariableName").map_or("", str::trim)
}

struct Running {
    component: String,
    variable: String,
    columns: Vec<(usize, Column)>,
    rows: Vec<Vec<TypedValue>>,
    pool: Arc<MemoryPool>,
    memory: Reservation,
    services: Services,
}

impl Running {
    fn new(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let (input, arriving) = only_input(component, cx)?;
        let wrong = |what: &str| refused(component, codes::WRONG_PROPERTY, what);
        let variable = variable_name(component);
        if variable.is_empty() {
            return Err(wrong(
                "names no variable; set VariableName to one of type Object",
            ));
        }
        let columns = input.columns.iter().map(|column| {
            let position = arriving.index_of(&column.lineage_id).ok_or_else(|| {
                wrong(&format!(
                    "takes column `{}`, which does not arrive",
                    column.name
                ))
            })?;
            let renamed = Column {
                name: column.name.clone(),
                ..arriving.columns[position].clone()
            };
            Ok((position, renamed))
        });
        Ok(Self {
            component: component.name.clone(),
            variable: variable.to_owned(),
            columns: columns.collect::<Result<_, ComponentError>>()?,
            rows: Vec::new(),
            pool: Arc::clone(cx.memory),
            memory: cx.memory.reservation(),
            services: cx.services.clone(),
        })
    }
}

impl RunningComponent for Running {
    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        _out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let count = batch.num_rows();
        let values = count * self.columns.len() * size_of::<TypedValue>();
        let bytes = (values + batch.get_array_memory_size()) as u64;
        if !self.memory.try_grow(bytes) {
            let what = format!(
                "holds {} rows for variable `{}`, which do not fit",
                self.rows.len(),
                self.variable
            );
            let instead = "write them to a table or a raw file";
            return Err(over_budget(&self.pool, &self.component, &what, instead));
        }
        let readers: Vec<(ColumnReader<'_>, DataType)> = self
            .columns
            .iter()
            .map(|(position, column)| {
                let array = batch.column(*position).as_ref();
                (ColumnReader::new(array, column.data_type), column.data_type)
            })
            .collect();
        for row in 0..count {
            let values = readers.iter().map(|(reader, data_type)| TypedValue {
                data_type: *data_type,
                value: reader.value(row),
            });
            self.rows.push(values.collect());
        }
        Ok(())
    }

    fn post_execute(&mut self) -> Result<(), ComponentError> {
        let columns = self.columns.iter();
        let row_set = RowSet {
            columns: columns.map(|(_, column)| column.name.clone()).collect(),
            rows: std::mem::take(&mut self.rows),
        };
        let value = TypedValue {
            data_type: DataType::Ntext,
            value: Value::Object(Arc::new(row_set)),
        };
        self.services
            .variables
            .set(&self.variable, value)
            .map_err(|error| {
                let text = format!(
                    "the rows were not kept: {error}; the variable has to be of type Object"
                );
                ComponentError::failed(codes::number(codes::VARIABLE_NOT_FOUND), text)
            })
    }
}

#[cfg(test)]
#[path = "recordset_tests.rs"]
mod tests;
