//! Audit: what is known of the run, as columns with the same value in every row.

use arrow::array::ArrayRef;
use arrow::array::UInt32Array;
use arrow::compute::take;
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::{Component, OutputColumn};

use super::settings::{number_in, refused};
use super::synchronous::{batch_of, built, main_output, only_input, settings_problem};
use crate::convert::{array_of, convert, is_legal};
use crate::data_flow::codes;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::schema::Schema;
use crate::events::{Message, Severity};
use crate::services::Services;
use crate::validation::Problem;
use crate::value::DataType;

/// The system variable behind each `LineageItemSelected`.
const ITEMS: [&str; 9] = [
    "System::ExecutionInstanceGUID",
    "System::PackageID",
    "System::PackageName",
    "System::VersionGUID",
    "System::StartTime",
    "System::MachineName",
    "System::UserName",
    "System::TaskName",
    "System::TaskID",
];

/// `Microsoft.Lineage`
pub struct Audit;

impl ComponentKind for Audit {
    fn component_type(&self) -> &'static str {
        "Microsoft.Lineage"
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

struct Item {
    variable: &'static str,
    column: String,
    data_type: DataType,
}

struct Running {
    component: String,
    output: usize,
    schema: Schema,
    items: Vec<Item>,
    /// One value each, once the run has begun.
    values: Vec<ArrayRef>,
    services: Services,
}

impl Running {
    fn new(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let (_, arriving) = only_input(component, cx)?;
        let output = main_output(component)?;
        let columns = &component.outputs[output].columns;
        let items = columns.iter().map(|column| item(component, column));
        Ok(Self {
            component: component.name.clone(),
            output,
            items: items.collect::<Result<_, _>>()?,
            schema: arriving.extended_by(columns),
            values: Vec::new(),
            services: cx.services.clone(),
        })
    }

    fn value(&self, item: &Item) -> Result<ArrayRef, ComponentError> {
        let failed = |reason: &str| {
            let text = format!(
                "column `{}` cannot have the value of `{}`: {reason}",
                item.column, item.variable
            );
            ComponentError::failed(codes::COMPONENT_EXCEPTION, text)
        };
        let held = self.services.variables.get(item.variable);
        let held = held.map_err(|error| failed(&error.to_string()))?;
        let locale_id = self.services.locale_id;
        let converted = convert(&held.value, held.data_type, item.data_type, locale_id)
            .map_err(|error| failed(&error.to_string()))?;
        if converted.truncated {
            let text = format!(
                "the value of `{}` is longer than column `{}` of \"{}\", and is cut",
                item.variable, item.column, self.component
            );
            let message = Message {
                subcomponent: Some(self.component.clone()),
                ..Message::new(codes::FAILED_ON_TRUNCATION, text)
            };
            self.services.events.raise(Severity::Warning, message);
        }
        array_of(&[converted.value], item.data_type).map_err(|error| failed(&error.to_string()))
    }
}

fn item(component: &Component, column: &OutputColumn) -> Result<Item, ComponentError> {
    let number = number_in(component, &column.properties, "LineageItemSelected")?.unwrap_or(0);
    let variable = usize::try_from(number).ok().and_then(|at| ITEMS.get(at));
    let Some(variable) = variable else {
        let what = format!(
            "has the unknown LineageItemSelected {number} in column `{}`",
            column.name
        );
        return Err(refused(component, codes::WRONG_PROPERTY, &what));
    };
    let source = match number {
        4 => DataType::Date,
        _ => DataType::Wstr { length: 0 },
    };
    if !is_legal(source, column.data_type) {
        let what = format!(
            "has column `{}` of type `{}`, which cannot hold `{variable}`",
            column.name,
            column.data_type.name()
        );
        return Err(refused(component, codes::COLUMN_METADATA_MISMATCH, &what));
    }
    Ok(Item {
        variable,
        column: column.name.clone(),
        data_type: column.data_type,
    })
}

impl RunningComponent for Running {
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        let values = self.items.iter().map(|item| self.value(item));
        self.values = values.collect::<Result<_, _>>()?;
        Ok(())
    }

    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let rows = batch.num_rows();
        let first = UInt32Array::from(vec![0; rows]);
        let mut arrays = batch.columns().to_vec();
        for value in &self.values {
            arrays.push(take(value, &first, None).map_err(arrow_failure)?);
        }
        out.send(self.output, batch_of(&self.schema, arrays, rows, None)?)
    }
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
