//! Excel Destination: adds rows to a sheet.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use scaleout_core::error::Explain;
use scaleout_core::package::pipeline::{Component, Input, InputColumn};
use scaleout_core::protocol::event::OutputNote;

use super::append::Append;
use super::error::ExcelError;
use super::query::Query;
use super::settings::{Workbook, query, workbook};
use super::sheet_xml::LONGEST_CELL;
use crate::convert::{ConvertError, value_at};
use crate::data_flow::codes;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::{ErrorRows, FaultKind, Rule};
use crate::data_flow::graph::component_path;
use crate::data_flow::memory::{MemoryPool, Reservation, over_budget};
use crate::data_flow::transforms::{
    Circumstances, add_faults, built, convert_column, locale_of, only_input, problem_of,
    problems_with_error_rows, refused,
};
use crate::services::Services;
use crate::validation::Problem;
use crate::value::{DataType, Value};

/// `Microsoft.ExcelDestination`
pub struct ExcelDestination;

impl ComponentKind for ExcelDestination {
    fn component_type(&self) -> &'static str {
        "Microsoft.ExcelDestination"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        let mut problems = problems_with_error_rows(component, cx, mapped);
        match workbook(component, cx) {
            Err(error) => {
                let path = component_path(cx.task_path, component);
                let text = error.explained();
                problems.push(Problem::error(
                    error.code(),
                    &path,
                    self.component_type(),
                    text,
                ));
            }
            Ok(workbook) if is_old(&workbook) => {
                let path = component_path(cx.task_path, component);
                let error = ExcelError::Unwritable {
                    reason: "the format .xls is only read; let the connection manager name an .xlsx file".to_owned(),
                    path: workbook.path,
                };
                let text = error.to_string();
                problems.push(Problem::error("SO5014", &path, self.component_type(), text));
            }
            Ok(_) => {}
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
        let input = Input::default();
        let running = Running {
            component: component.name.clone(),
            workbook,
            query: query(component, cx)?,
            columns: mapped(component, cx)?,
            rule: Rule::of_input(component.inputs.first().unwrap_or(&input)),
            errors: ErrorRows::new(component, cx),
            locale_id: locale_of(component, cx.services),
            pool: Arc::clone(cx.memory),
            memory: cx.memory.reservation(),
            services: cx.services.clone(),
            append: None,
        };
        Ok(Built {
            is_destination: true,
            ..built(running, component, cx)
        })
    }
}

fn is_old(workbook: &Workbook) -> bool {
    let end = workbook.path.extension();
    end.is_some_and(|end| end.eq_ignore_ascii_case("xls"))
}

/// A column of the input that goes into the sheet.
struct Mapped {
    name: String,
    position: usize,
    from: DataType,
    /// What the sheet takes.
    to: DataType,
    is_day: bool,
}

fn mapped(component: &Component, cx: &BuildContext<'_>) -> Result<Vec<Mapped>, ComponentError> {
    let (input, arriving) = only_input(component, cx)?;
    let wrong = |what: &str| refused(component, codes::WRONG_PROPERTY, what);
    let one = |column: &InputColumn| {
        let mut external = input.external_columns.iter();
        let external = external
            .find(|it| it.id == column.external_id)
            .ok_or_else(|| {
                wrong(&format!(
                    "maps column `{}` to a column that does not exist",
                    column.name
                ))
            })?;
        let position = arriving.index_of(&column.lineage_id).ok_or_else(|| {
            wrong(&format!(
                "writes column `{}`, which does not arrive",
                column.name
            ))
        })?;
        let from = arriving.columns[position].data_type;
        let to = external.data_type.unwrap_or(from);
        Ok(Mapped {
            name: external.name.clone(),
            position,
            from,
            to: kept_type(to),
            is_day: from == DataType::DbDate,
        })
    };
    let columns = input.columns.iter();
    let columns = columns.filter(|column| !column.external_id.is_empty());
    let columns: Vec<Mapped> = columns.map(one).collect::<Result<_, ComponentError>>()?;
    if columns.is_empty() {
        return Err(wrong("writes no column; map at least one"));
    }
    Ok(columns)
}

/// Numbers, truth values and moments stay what they are; everything else is text.
fn kept_type(data_type: DataType) -> DataType {
    match data_type {
        DataType::Bool => DataType::Bool,
        DataType::Date
        | DataType::DbDate
        | DataType::DbTimestamp
        | DataType::DbTimestamp2 { .. } => DataType::Date,
        DataType::Wstr { length } | DataType::Str { length, .. } => DataType::Wstr { length },
        DataType::I1
        | DataType::I2
        | DataType::I4
        | DataType::I8
        | DataType::Ui1
        | DataType::Ui2
        | DataType::Ui4
        | DataType::Ui8
        | DataType::R4
        | DataType::R8
        | DataType::Cy
        | DataType::Decimal { .. }
        | DataType::Numeric { .. } => DataType::R8,
        _ => DataType::Ntext,
    }
}

struct Running {
    component: String,
    workbook: Workbook,
    query: Query,
    columns: Vec<Mapped>,
    rule: Rule,
    errors: ErrorRows,
    locale_id: u32,
    pool: Arc<MemoryPool>,
    memory: Reservation,
    services: Services,
    append: Option<Append>,
}

impl RunningComponent for Running {
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        let names: Vec<String> = self.columns.iter().map(|it| it.name.clone()).collect();
        self.append = Some(Append::open(&self.workbook, &self.query.table, &names)?);
        Ok(())
    }

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
            today: 0,
        };
        let code = |error: Option<&ConvertError>| {
            error.map_or(codes::FAILED_ON_TRUNCATION, ConvertError::ssis_code)
        };
        let mut arrays = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let array = batch.column(column.position);
            let converted = convert_column(array, column.from, column.to, at)?;
            add_faults(&mut faults, &self.rule, &converted, code, column.to);
            for row in 0..rows {
                let value = value_at(converted.array.as_ref(), row, column.to);
                if let Value::Str(text) = &value
                    && LONGEST_CELL < text.encode_utf16().count()
                {
                    let truncated = codes::FAILED_ON_TRUNCATION;
                    faults.add(&self.rule, row, FaultKind::Truncation, truncated, || {
                        let name = &column.name;
                        format!("column `{name}` has more than {LONGEST_CELL} characters, which no cell holds")
                    });
                }
            }
            arrays.push(converted.array);
        }
        // A row whose fault is ignored is left out: a sheet has no half a value.
        let stays = self.errors.settle(faults, &batch, out)?;
        let are_days: Vec<bool> = self.columns.iter().map(|column| column.is_day).collect();
        let Some(append) = &mut self.append else {
            return Ok(());
        };
        let before = append.size();
        for row in (0..rows).filter(|row| stays.as_ref().is_none_or(|stays| stays.value(*row))) {
            let values = self.columns.iter().zip(&arrays);
            let values = values.map(|(column, array)| value_at(array.as_ref(), row, column.to));
            append.push(&self.workbook.path, values, &are_days)?;
        }
        let bytes = append.size() - before;
        if !self.memory.try_grow(bytes) {
            let what = "holds the rows of a workbook, which do not fit";
            let instead = "write to a flat file or several workbooks";
            return Err(over_budget(&self.pool, &self.component, what, instead));
        }
        Ok(())
    }

    fn post_execute(&mut self) -> Result<(), ComponentError> {
        if let Some(append) = self.append.take() {
            append.save()?;
        }
        self.services.events.output(OutputNote {
            component: self.component.clone(),
            target: self.workbook.path.display().to_string(),
        });
        Ok(())
    }
}
