//! Data Conversion: converted copies of input columns.

use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::{Component, OutputColumn, property};

use super::column_ref::lineage_of;
use super::convert_column::{Circumstances, ConvertedColumn, convert_column};
use super::expressions::{Circumstance, locale_of};
use super::synchronous::{batch_of, built, main_output, only_input, problems_with_error_rows};
use crate::convert::is_legal;
use crate::data_flow::codes;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::{BatchFaults, ErrorRows, FaultKind, Rule};
use crate::data_flow::schema::{Column, Schema};
use crate::validation::Problem;
use crate::value::DataType;

/// Locale of FastParse, which knows no local forms of numbers and dates.
const INVARIANT: u32 = 1033;

/// `Microsoft.DataConvert`
pub struct DataConversion;

impl ComponentKind for DataConversion {
    fn component_type(&self) -> &'static str {
        "Microsoft.DataConvert"
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

/// One converted column.
struct Conversion {
    /// Column of the input.
    position: usize,
    source: Column,
    target: DataType,
    rule: Rule,
    locale_id: u32,
}

struct Running {
    output: usize,
    schema: Schema,
    conversions: Vec<Conversion>,
    errors: ErrorRows,
    circumstance: Circumstance,
}

impl Running {
    fn new(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let (_, schema) = only_input(component, cx)?;
        let output = main_output(component)?;
        let columns = &component.outputs[output].columns;
        let conversions = columns
            .iter()
            .map(|column| conversion(component, column, &schema, cx));
        Ok(Self {
            output,
            conversions: conversions.collect::<Result<_, _>>()?,
            schema: schema.extended_by(columns),
            errors: ErrorRows::new(component, cx),
            circumstance: Circumstance::new(cx.services),
        })
    }
}

fn conversion(
    component: &Component,
    column: &OutputColumn,
    schema: &Schema,
    cx: &BuildContext<'_>,
) -> Result<Conversion, ComponentError> {
    let source = property(&column.properties, "SourceInputColumnLineageID").map(lineage_of);
    let Some(position) = source.and_then(|id| schema.index_of(id)) else {
        let text = format!(
            "output column `{}` of component `{}` converts a column that does not arrive at the input",
            column.name, component.name
        );
        return Err(ComponentError::failed(
            codes::number(codes::WRONG_PROPERTY),
            text,
        ));
    };
    let from = schema.columns[position].data_type;
    if from != column.data_type && !is_legal(from, column.data_type) {
        let text = format!(
            "component `{}` cannot convert column `{}` from `{}` to `{}`",
            component.name,
            schema.columns[position].name,
            from.name(),
            column.data_type.name()
        );
        return Err(ComponentError::failed(0xC004_70C1, text));
    }
    let fast = property(&column.properties, "FastParse").unwrap_or("false");
    let fast = fast.eq_ignore_ascii_case("true") || matches!(fast, "1" | "-1");
    Ok(Conversion {
        position,
        source: schema.columns[position].clone(),
        target: column.data_type,
        rule: Rule::of_output_column(column, cx),
        locale_id: if fast {
            INVARIANT
        } else {
            locale_of(component, cx.services)
        },
    })
}

impl Conversion {
    fn add_faults(&self, faults: &mut BatchFaults, converted: &ConvertedColumn) {
        let detail = |what: &str| {
            let Self { source, rule, .. } = self;
            format!(
                "conversion of column \"{}\" to {} failed: {what}",
                source.name, rule.place
            )
        };
        let code = codes::DATA_CONVERSION_FAILED;
        for (row, error) in &converted.errors {
            faults.add(&self.rule, *row, FaultKind::Error, code, || {
                detail(&error.to_string())
            });
        }
        for row in &converted.truncations {
            let what = || detail("the value was truncated");
            faults.add(&self.rule, *row, FaultKind::Truncation, code, what);
        }
    }
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
        let mut arrays = batch.columns().to_vec();
        for conversion in &self.conversions {
            let at = Circumstances {
                locale_id: conversion.locale_id,
                today: self.circumstance.today(),
            };
            let source = batch.column(conversion.position);
            let converted =
                convert_column(source, conversion.source.data_type, conversion.target, at)?;
            conversion.add_faults(&mut faults, &converted);
            arrays.push(converted.array);
        }
        let stays = self.errors.settle(faults, &batch, out)?;
        out.send(
            self.output,
            batch_of(&self.schema, arrays, rows, stays.as_ref())?,
        )
    }
}

#[cfg(test)]
#[path = "data_conversion_tests.rs"]
mod tests;
