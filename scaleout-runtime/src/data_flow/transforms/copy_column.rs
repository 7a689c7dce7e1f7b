//! Copy Column: input columns again, as new columns.

use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::{Component, property};

use super::column_ref::lineage_of;
use super::synchronous::{batch_of, built, main_output, only_input, settings_problem};
use crate::data_flow::codes;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::schema::Schema;
use crate::validation::Problem;

/// `Microsoft.CopyMap`
pub struct CopyColumn;

impl ComponentKind for CopyColumn {
    fn component_type(&self) -> &'static str {
        "Microsoft.CopyMap"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        settings_problem(component, cx, Running::new)
            .into_iter()
            .collect()
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        Ok(built(Running::new(component, cx)?, component, cx))
    }
}

struct Running {
    output: usize,
    schema: Schema,
    /// For each new column, the column of the input that it copies.
    copied: Vec<usize>,
}

impl Running {
    fn new(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let (_, schema) = only_input(component, cx)?;
        let output = main_output(component)?;
        let columns = &component.outputs[output].columns;
        let mut copied = Vec::new();
        for column in columns {
            let properties = column.properties.iter();
            let id = properties
                .clone()
                .find(|it| it.name.eq_ignore_ascii_case("CopyColumnId"))
                .and_then(|it| property(std::slice::from_ref(it), &it.name));
            let position = id.and_then(|id| schema.index_of(lineage_of(id)));
            let position = position.filter(|it| schema.columns[*it].data_type == column.data_type);
            copied.push(position.ok_or_else(|| {
                let text = format!(
                    "output column `{}` of component `{}` copies no input column of its type",
                    column.name, component.name
                );
                ComponentError::failed(codes::number(codes::WRONG_PROPERTY), text)
            })?);
        }
        Ok(Self {
            output,
            schema: schema.extended_by(columns),
            copied,
        })
    }
}

impl RunningComponent for Running {
    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let mut arrays = batch.columns().to_vec();
        arrays.extend(
            self.copied
                .iter()
                .map(|position| batch.column(*position).clone()),
        );
        out.send(
            self.output,
            batch_of(&self.schema, arrays, batch.num_rows(), None)?,
        )
    }
}
