//! The component: settings, rows.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, StringArray};
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::{Component, Property, property};

use super::mapping::Mapping;
use crate::convert::ConvertError;
use crate::data_flow::codes;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::{ErrorRows, Rule};
use crate::data_flow::schema::Schema;
use crate::data_flow::transforms::column_ref::lineage_of;
use crate::data_flow::transforms::convert_column::{Circumstances, add_faults, convert_column};
use crate::data_flow::transforms::expressions::locale_of;
use crate::data_flow::transforms::settings::refused;
use crate::data_flow::transforms::synchronous::{
    batch_of, built, main_output, only_input, problems_with_error_rows,
};
use crate::validation::Problem;
use crate::value::DataType;

/// `Microsoft.CharacterMap`
pub struct CharacterMap;

impl ComponentKind for CharacterMap {
    fn component_type(&self) -> &'static str {
        "Microsoft.CharacterMap"
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

/// One column that is made, or changed in place.
struct Mapped {
    mapping: Mapping,
    from: usize,
    to: usize,
    data_type: DataType,
    rule: Rule,
}

struct Running {
    output: usize,
    schema: Schema,
    columns: Vec<Mapped>,
    errors: ErrorRows,
    locale_id: u32,
}

impl Running {
    fn new(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let (input, arriving) = only_input(component, cx)?;
        let output = main_output(component)?;
        let wrong = |name: &str, what: &str| {
            let what = format!("cannot map column `{name}`: it {what}");
            refused(component, codes::WRONG_PROPERTY, &what)
        };
        let mapping = |name: &str, properties: &[Property]| {
            let text = property(properties, "MapFlags").map_or("", str::trim);
            let flags = match text {
                "" => Ok(0),
                text => text
                    .parse()
                    .map_err(|_| format!("has the map flags `{text}`")),
            };
            flags
                .and_then(Mapping::new)
                .map_err(|reason| wrong(name, &reason))
        };
        let mut columns = Vec::new();
        for column in input.columns.iter().filter(|column| column.read_write) {
            let position = arriving
                .index_of(&column.lineage_id)
                .ok_or_else(|| wrong(&column.name, "does not arrive"))?;
            columns.push(Mapped {
                mapping: mapping(&column.name, &column.properties)?,
                from: position,
                to: position,
                data_type: arriving.columns[position].data_type,
                rule: Rule::of_input_column(column, cx),
            });
        }
        for (index, column) in component.outputs[output].columns.iter().enumerate() {
            let source = property(&column.properties, "InputColumnLineageID").map(lineage_of);
            let from = source
                .and_then(|source| arriving.index_of(source))
                .ok_or_else(|| wrong(&column.name, "is made of a column that does not arrive"))?;
            columns.push(Mapped {
                mapping: mapping(&column.name, &column.properties)?,
                from,
                to: arriving.columns.len() + index,
                data_type: column.data_type,
                rule: Rule::of_output_column(column, cx),
            });
        }
        for column in &columns {
            let from = &arriving.columns[column.from];
            if !is_text(from.data_type) || !is_text(column.data_type) {
                let what = format!(
                    "is of type `{}`, and only text is mapped",
                    from.data_type.name()
                );
                return Err(wrong(&from.name, &what));
            }
        }
        Ok(Self {
            output,
            schema: arriving.extended_by(&component.outputs[output].columns),
            columns,
            errors: ErrorRows::new(component, cx),
            locale_id: locale_of(component, cx.services),
        })
    }
}

fn is_text(data_type: DataType) -> bool {
    matches!(
        data_type,
        DataType::Str { .. } | DataType::Wstr { .. } | DataType::Text { .. } | DataType::Ntext
    )
}

impl RunningComponent for Running {
    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let mut faults = self.errors.begin(batch.num_rows());
        let at = Circumstances {
            locale_id: self.locale_id,
            today: 0,
        };
        let code = |error: Option<&ConvertError>| {
            error.map_or(codes::FAILED_ON_TRUNCATION, ConvertError::ssis_code)
        };
        let mut arrays = batch.columns().to_vec();
        for column in &self.columns {
            let texts = batch.column(column.from).as_string::<i32>().iter();
            let mapped = texts.map(|text| text.map(|text| column.mapping.map(text)));
            let mapped: ArrayRef = Arc::new(mapped.collect::<StringArray>());
            // What was mapped may be longer than its column, or not in its code page.
            let fitted = convert_column(&mapped, DataType::Ntext, column.data_type, at)?;
            add_faults(&mut faults, &column.rule, &fitted, code, column.data_type);
            match arrays.get_mut(column.to) {
                Some(array) => *array = fitted.array,
                None => arrays.push(fitted.array),
            }
        }
        let stays = self.errors.settle(faults, &batch, out)?;
        let rows = batch.num_rows();
        let mapped = batch_of(&self.schema, arrays, rows, stays.as_ref())?;
        out.send(self.output, mapped)
    }
}
