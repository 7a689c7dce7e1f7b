//! Union All: the rows of all inputs in one output, as they come.

use arrow::array::new_null_array;
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::{Component, Disposition, Input, property};

use super::column_ref::lineage_of;
use super::convert_column::{Circumstances, add_faults, convert_column};
use super::expressions::locale_of;
use super::synchronous::{batch_of, built, main_output, problem_of};
use crate::convert::is_legal;
use crate::data_flow::codes;
use crate::data_flow::columns::arrow_type;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::{ErrorRows, Rule};
use crate::data_flow::schema::{Column, Schema};
use crate::validation::Problem;
use crate::value::DataType;

/// `Microsoft.UnionAll`
pub struct UnionAll;

impl ComponentKind for UnionAll {
    fn component_type(&self) -> &'static str {
        "Microsoft.UnionAll"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        let error = Running::new(component, cx).err();
        error
            .and_then(|error| problem_of(component, cx, error))
            .into_iter()
            .collect()
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        Ok(built(Running::new(component, cx)?, component, cx))
    }
}

/// Where one output column comes from in one input.
struct Source {
    position: usize,
    data_type: DataType,
}

struct Running {
    output: usize,
    schema: Schema,
    /// For each input and output column, its source; `None` where nothing is mapped: NULL.
    sources: Vec<Vec<Option<Source>>>,
    /// What does not fit fails: this component has no dispositions.
    rules: Vec<Rule>,
    /// One per input, so that rows are counted as they arrived there.
    errors: Vec<ErrorRows>,
    locale_id: u32,
}

impl Running {
    fn new(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let output = main_output(component)?;
        let columns = &component.outputs[output].columns;
        let schema = Schema::of_output_columns(columns);
        let inputs = component.inputs.iter().zip(cx.inputs);
        let sources = inputs.map(|(input, arriving)| match arriving {
            Some(arriving) => map_input(component, input, arriving, &schema),
            None => Ok(Vec::new()),
        });
        let rules = columns.iter().map(|column| Rule {
            on_error: Disposition::FailComponent,
            on_truncation: Disposition::FailComponent,
            ..Rule::of_output_column(column, cx)
        });
        Ok(Self {
            output,
            sources: sources.collect::<Result<_, _>>()?,
            schema,
            rules: rules.collect(),
            errors: component
                .inputs
                .iter()
                .map(|_| ErrorRows::new(component, cx))
                .collect(),
            locale_id: locale_of(component, cx.services),
        })
    }
}

fn map_input(
    component: &Component,
    input: &Input,
    arriving: &Schema,
    schema: &Schema,
) -> Result<Vec<Option<Source>>, ComponentError> {
    let mut sources: Vec<Option<Source>> = schema.columns.iter().map(|_| None).collect();
    for column in &input.columns {
        let target = property(&column.properties, "OutputColumnLineageID").map(lineage_of);
        // A column may be selected without being mapped.
        let Some(target) = target.filter(|id| !id.is_empty() && *id != "0") else {
            continue;
        };
        let found = (
            schema.index_of(target),
            arriving.index_of(&column.lineage_id),
        );
        let (Some(to), Some(position)) = found else {
            let text = format!(
                "column `{}` of input `{}` of component `{}` is mapped to a column that does not exist",
                column.name, input.name, component.name
            );
            return Err(ComponentError::failed(
                codes::number(codes::WRONG_PROPERTY),
                text,
            ));
        };
        let data_type = arriving.columns[position].data_type;
        check_types(component, &arriving.columns[position], &schema.columns[to])?;
        sources[to] = Some(Source {
            position,
            data_type,
        });
    }
    Ok(sources)
}

fn check_types(component: &Component, from: &Column, to: &Column) -> Result<(), ComponentError> {
    let unicode = |data_type| matches!(data_type, DataType::Wstr { .. } | DataType::Ntext);
    let narrow = |data_type| matches!(data_type, DataType::Str { .. } | DataType::Text { .. });
    let (source, target) = (from.data_type, to.data_type);
    let mixed = unicode(source) && narrow(target) || narrow(source) && unicode(target);
    if !mixed && (source == target || is_legal(source, target)) {
        return Ok(());
    }
    let code = if mixed {
        codes::UNICODE_MISMATCH
    } else {
        codes::WRONG_PROPERTY
    };
    let text = format!(
        "component `{}` cannot put column `{}` of type `{}` into column `{}` of type `{}`; convert it before the union",
        component.name,
        from.name,
        source.name(),
        to.name,
        target.name()
    );
    Err(ComponentError::failed(codes::number(code), text))
}

impl RunningComponent for Running {
    fn process_input(
        &mut self,
        input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let rows = batch.num_rows();
        let mut faults = self.errors[input].begin(rows);
        let at = Circumstances {
            locale_id: self.locale_id,
            today: 0,
        };
        let code = |_: Option<&crate::convert::ConvertError>| codes::DATA_CONVERSION_FAILED;
        let mut arrays = Vec::with_capacity(self.schema.columns.len());
        let targets = self.schema.columns.iter().zip(&self.rules);
        for (source, (column, rule)) in self.sources[input].iter().zip(targets) {
            let Some(source) = source else {
                arrays.push(new_null_array(&arrow_type(column.data_type), rows));
                continue;
            };
            let array = batch.column(source.position);
            let converted = convert_column(array, source.data_type, column.data_type, at)?;
            add_faults(&mut faults, rule, &converted, code, column.data_type);
            arrays.push(converted.array);
        }
        self.errors[input].settle(faults, &batch, out)?;
        out.send(self.output, batch_of(&self.schema, arrays, rows, None)?)
    }
}

#[cfg(test)]
#[path = "union_all_tests.rs"]
mod tests;
