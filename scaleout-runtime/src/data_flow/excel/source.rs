//! Excel Source: rows of a sheet, a range, or a query over one.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use scaleout_core::error::Explain;
use scaleout_core::package::pipeline::{Component, Output, OutputColumn};

use super::guess::Kind;
use super::query::Query;
use super::reader::Table;
use super::settings::{Workbook, query, workbook};
use crate::convert::{ConvertError, array_of};
use crate::data_flow::codes;
use crate::data_flow::columns::batch;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::{ErrorRows, Rule, arrow_failure, lost_rows_warning};
use crate::data_flow::graph::component_path;
use crate::data_flow::memory::{MemoryPool, Reservation, over_budget};
use crate::data_flow::schema::Schema;
use crate::data_flow::transforms::{
    Circumstances, add_faults, built, convert_column, locale_of, main_output, problem_of,
};
use crate::validation::Problem;
use crate::value::DataType;

/// `Microsoft.ExcelSource`
pub struct ExcelSource;

impl ComponentKind for ExcelSource {
    fn component_type(&self) -> &'static str {
        "Microsoft.ExcelSource"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        let mut problems: Vec<Problem> = lost_rows_warning(component, cx).into_iter().collect();
        if let Err(error) = workbook(component, cx) {
            let path = component_path(cx.task_path, component);
            let text = error.explained();
            problems.push(Problem::error(
                error.code(),
                &path,
                self.component_type(),
                text,
            ));
        }
        if let Err(error) = query(component, cx) {
            problems.extend(problem_of(component, cx, error));
        }
        problems
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let workbook = workbook(component, cx)
            .map_err(|error| ComponentError::failed(codes::NO_CONNECTION, error.explained()))?;
        let workbook = workbook.resolved(&cx.services.settings)?;
        let output = main_output(component)?;
        let columns = &component.outputs[output].columns;
        let rules = columns
            .iter()
            .map(|column| Rule::of_output_column(column, cx));
        let running = Running {
            component: component.clone(),
            workbook,
            query: query(component, cx)?,
            output,
            schema: Schema::of_output_columns(columns),
            rules: rules.collect(),
            errors: ErrorRows::new(component, cx),
            batch_rows: cx.batch_rows.max(1),
            locale_id: locale_of(component, cx.services),
            pool: Arc::clone(cx.memory),
            memory: cx.memory.reservation(),
            open: None,
        };
        Ok(built(running, component, cx))
    }
}

struct Running {
    component: Component,
    workbook: Workbook,
    query: Query,
    output: usize,
    schema: Schema,
    rules: Vec<Rule>,
    errors: ErrorRows,
    batch_rows: usize,
    locale_id: u32,
    pool: Arc<MemoryPool>,
    memory: Reservation,
    open: Option<Open>,
}

/// The table, and for each output column its place there and what the provider takes it for.
struct Open {
    table: Table,
    columns: Vec<(usize, Kind)>,
}

impl Running {
    fn place(&self, table: &Table, column: &OutputColumn) -> Result<usize, ComponentError> {
        let name = name_in_sheet(&self.component.outputs[self.output], column);
        let is_selected = self.query.columns.is_empty()
            || self
                .query
                .columns
                .iter()
                .any(|it| it.eq_ignore_ascii_case(name));
        let mut names = table.names.iter();
        let found = names.position(|other| other.eq_ignore_ascii_case(name));
        found.filter(|_| is_selected).ok_or_else(|| {
            let text = format!(
                "workbook `{}` has no column `{name}` in what component `{}` reads; it has: {}; with HDR=NO columns are called F1, F2 and so on",
                self.workbook.path.display(),
                self.component.name,
                table.names.join(", ")
            );
            ComponentError::failed(codes::COLUMN_NOT_FOUND, text)
        })
    }

    /// Some rows as the provider gives them, and as the output has them.
    fn rows(
        &mut self,
        open: &Open,
        rows: std::ops::Range<usize>,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let count = rows.len();
        let mut faults = self.errors.begin(count);
        let at = Circumstances {
            locale_id: self.locale_id,
            today: 0,
        };
        let code = |error: Option<&ConvertError>| {
            error.map_or(codes::FAILED_ON_TRUNCATION, ConvertError::ssis_code)
        };
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(open.columns.len());
        let targets = self.schema.columns.iter().zip(&self.rules);
        for ((position, kind), (column, rule)) in open.columns.iter().zip(targets) {
            let mixed = self.workbook.mixed_as_text;
            let values = rows.clone();
            let values: Vec<_> = values
                .map(|row| open.table.value(row, *position, *kind, mixed))
                .collect();
            let from: DataType = kind.data_type();
            let given = array_of(&values, from).map_err(|mismatch| {
                ComponentError::failed(codes::COMPONENT_EXCEPTION, mismatch.to_string())
            })?;
            let converted = convert_column(&given, from, column.data_type, at)?;
            add_faults(&mut faults, rule, &converted, code, column.data_type);
            arrays.push(converted.array);
        }
        let made: RecordBatch =
            batch(self.schema.to_arrow(), arrays, count).map_err(arrow_failure)?;
        let stays: Option<BooleanArray> = self.errors.settle(faults, &made, out)?;
        let made = match stays {
            None => made,
            Some(stays) => filter_record_batch(&made, &stays).map_err(arrow_failure)?,
        };
        out.send(self.output, made)
    }
}

/// The name that the sheet has for an output column.
fn name_in_sheet<'c>(output: &'c Output, column: &'c OutputColumn) -> &'c str {
    let mut external = output.external_columns.iter();
    let external = external
        .find(|external| !column.external_id.is_empty() && external.id == column.external_id);
    external.map_or(&column.name, |external| &external.name)
}

impl RunningComponent for Running {
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        let table = Table::read(&self.workbook, &self.query)?;
        if !self.memory.try_grow(table.size()) {
            let what = format!(
                "has read {} rows of a workbook, which do not fit",
                table.rows
            );
            let instead = "split the workbook";
            return Err(over_budget(
                &self.pool,
                &self.component.name,
                &what,
                instead,
            ));
        }
        let columns = self.component.outputs[self.output].columns.iter();
        let columns = columns.map(|column| {
            let position = self.place(&table, column)?;
            let mixed = self.workbook.mixed_as_text;
            Ok((position, table.kind(position, column.data_type, mixed)))
        });
        let columns = columns.collect::<Result<_, ComponentError>>()?;
        self.open = Some(Open { table, columns });
        Ok(())
    }

    fn prime_output(&mut self, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        for start in (0..open.table.rows).step_by(self.batch_rows) {
            let end = open.table.rows.min(start + self.batch_rows);
            self.rows(&open, start..end, out)?;
        }
        self.memory.free();
        Ok(())
    }

    fn process_input(
        &mut self,
        _: usize,
        _: RecordBatch,
        _: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        Ok(())
    }
}
