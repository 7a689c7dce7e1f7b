//! The component: one set of rows after the other.

use std::collections::BTreeSet;

use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::Component;

use super::settings::Settings;
use crate::convert::{ColumnBuilder, to_text, value_at};
use crate::data_flow::codes;
use crate::data_flow::columns;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::{BatchFaults, ErrorRows, FaultKind, arrow_failure};
use crate::data_flow::row_keys::{KeyEncoder, Purpose};
use crate::data_flow::transforms::expressions::locale_of;
use crate::data_flow::transforms::synchronous::{built, problems_with_error_rows};
use crate::events::{Message, Severity};
use crate::services::Services;
use crate::validation::Problem;
use crate::value::Value;

/// Pivot keys without a column that are reported by name.
const MOST_REPORTED: usize = 100;

/// `Microsoft.Pivot`
pub struct Pivot;

impl ComponentKind for Pivot {
    fn component_type(&self) -> &'static str {
        "Microsoft.Pivot"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        problems_with_error_rows(component, cx, Settings::read)
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let settings = Settings::read(component, cx)?;
        let running = Running {
            component: component.name.clone(),
            encoder: KeyEncoder::new(settings.set_keys.clone(), Purpose::Equality)?,
            builders: builders(&settings),
            settings,
            errors: ErrorRows::new(component, cx),
            set: None,
            rows: 0,
            unknown: BTreeSet::new(),
            batch_rows: cx.batch_rows.max(1),
            locale_id: locale_of(component, cx.services),
            services: cx.services.clone(),
        };
        Ok(built(running, component, cx))
    }
}

fn builders(settings: &Settings) -> Vec<ColumnBuilder> {
    let columns = settings.schema.columns.iter();
    columns
        .map(|column| ColumnBuilder::new(column.data_type, 0))
        .collect()
}

/// The set of rows that is being read.
struct Set {
    key: Vec<u8>,
    values: Vec<Value>,
    /// Pivot keys that it has had.
    seen: BTreeSet<String>,
}

struct Running {
    component: String,
    settings: Settings,
    encoder: KeyEncoder,
    errors: ErrorRows,
    set: Option<Set>,
    builders: Vec<ColumnBuilder>,
    /// Rows in the builders.
    rows: usize,
    unknown: BTreeSet<String>,
    batch_rows: usize,
    locale_id: u32,
    services: Services,
}

impl Running {
    /// Begins the set of a row, unless it belongs to the one that is being read.
    fn enter(
        &mut self,
        key: &[u8],
        batch: &RecordBatch,
        row: usize,
        done: &mut Vec<RecordBatch>,
    ) -> Result<(), ComponentError> {
        if self.set.as_ref().is_some_and(|set| set.key == key) {
            return Ok(());
        }
        self.close(done)?;
        let mut values = vec![Value::Null; self.settings.schema.columns.len()];
        for (to, from) in &self.settings.firsts {
            let data_type = self.settings.schema.columns[*to].data_type;
            values[*to] = value_at(batch.column(*from).as_ref(), row, data_type);
        }
        self.set = Some(Set {
            key: key.to_vec(),
            values,
            seen: BTreeSet::new(),
        });
        Ok(())
    }

    /// The set that was being read is a row.
    fn close(&mut self, done: &mut Vec<RecordBatch>) -> Result<(), ComponentError> {
        let Some(set) = self.set.take() else {
            return Ok(());
        };
        for (builder, value) in self.builders.iter_mut().zip(&set.values) {
            builder.push(value).map_err(|mismatch| {
                ComponentError::failed(codes::COMPONENT_EXCEPTION, mismatch.to_string())
            })?;
        }
        self.rows += 1;
        if self.batch_rows <= self.rows {
            done.push(self.finished()?);
        }
        Ok(())
    }

    fn finished(&mut self) -> Result<RecordBatch, ComponentError> {
        let arrays: Vec<ArrayRef> = self
            .builders
            .iter_mut()
            .map(ColumnBuilder::finish)
            .collect();
        let rows = std::mem::take(&mut self.rows);
        columns::batch(self.settings.schema.to_arrow(), arrays, rows).map_err(arrow_failure)
    }

    /// Puts the values of a row into its set.
    fn fill(&mut self, batch: &RecordBatch, row: usize, faults: &mut BatchFaults) {
        let (position, data_type) = self.settings.pivot_key;
        let value = value_at(batch.column(position).as_ref(), row, data_type);
        let text = to_text(&value, data_type, self.locale_id);
        let known = text
            .as_deref()
            .and_then(|text| self.settings.values.get(text));
        let shown = text.as_deref().unwrap_or("NULL");
        let Some(targets) = known else {
            if self.settings.passes_unknown {
                if self.unknown.len() < MOST_REPORTED {
                    self.unknown.insert(shown.to_owned());
                }
                return;
            }
            let rule = &self.settings.rule;
            faults.add(rule, row, FaultKind::Error, codes::PIVOT_FAILED, || {
                format!("no output column is there for the pivot key value `{shown}`")
            });
            return;
        };
        let Some(set) = &mut self.set else {
            return;
        };
        if !set.seen.insert(shown.to_owned()) {
            let code = codes::DUPLICATE_PIVOT_KEY;
            faults.add(&self.settings.rule, row, FaultKind::Error, code, || {
                format!("the set of this row has the pivot key value `{shown}` already")
            });
            return;
        }
        for (to, from) in targets {
            let data_type = self.settings.schema.columns[*to].data_type;
            set.values[*to] = value_at(batch.column(*from).as_ref(), row, data_type);
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
        let mut faults = self.errors.begin(batch.num_rows());
        let keys = self.encoder.keys(&batch)?;
        let mut done = Vec::new();
        for row in 0..batch.num_rows() {
            self.enter(keys.get(row), &batch, row, &mut done)?;
            self.fill(&batch, row, &mut faults);
            if faults.is_fatal(row) {
                break;
            }
        }
        self.errors.settle(faults, &batch, out)?;
        let mut done = done.into_iter();
        done.try_for_each(|rows| out.send(self.settings.output, rows))
    }

    fn end_of_input(&mut self, _input: usize, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        let mut done = Vec::new();
        self.close(&mut done)?;
        if 0 < self.rows {
            done.push(self.finished()?);
        }
        let mut done = done.into_iter();
        done.try_for_each(|rows| out.send(self.settings.output, rows))
    }

    fn post_execute(&mut self) -> Result<(), ComponentError> {
        if self.unknown.is_empty() {
            return Ok(());
        }
        let listed: Vec<String> = self.unknown.iter().map(|key| format!("[{key}]")).collect();
        let more = match self.unknown.len() < MOST_REPORTED {
            true => "",
            false => " and more",
        };
        let text = format!(
            "\"{}\" left out rows with pivot key values that no output column is there for: {}{more}",
            self.component,
            listed.join(",")
        );
        let message = Message {
            subcomponent: Some(self.component.clone()),
            ..Message::new(0, text)
        };
        self.services.events.raise(Severity::Information, message);
        Ok(())
    }
}
