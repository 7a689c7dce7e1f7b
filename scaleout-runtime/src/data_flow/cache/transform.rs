//! Cache Transform: fills a Cache connection manager with the rows that pass through.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::array::new_null_array;
use arrow::record_batch::RecordBatch;
use scaleout_core::error::Explain;
use scaleout_core::package::pipeline::{Component, property};
use scaleout_core::protocol::event::OutputNote;

use super::file::save;
use super::layout::{CacheLayout, layout_of};
use super::slot::{CacheRows, CacheSlot};
use crate::connections::ConnectionError;
use crate::data_flow::codes;
use crate::data_flow::columns::{arrow_type, batch};
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::graph::component_path;
use crate::data_flow::keyed_rows::{KeyedRowsBuilder, KeyedRowsSettings};
use crate::data_flow::row_keys::{KeyEncoder, are_comparable};
use crate::data_flow::transforms::{built, is_true, only_input, refused, settings_problem};
use crate::events::{Message, Severity};
use crate::services::Services;
use crate::validation::Problem;

/// Duplicate keys in a cache: the later rows are left out.
const DUPLICATES: u32 = 0x8020_90E4;

/// `Microsoft.Cache`
pub struct CacheTransform;

impl ComponentKind for CacheTransform {
    fn component_type(&self) -> &'static str {
        "Microsoft.Cache"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        if let Err(error) = manager(component, cx.services) {
            let path = component_path(cx.task_path, component);
            let text = error.explained();
            return vec![Problem::error(
                error.code(),
                &path,
                self.component_type(),
                text,
            )];
        }
        settings_problem(component, cx, Running::new)
            .into_iter()
            .collect()
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        Ok(built(Running::new(component, cx)?, component, cx))
    }
}

/// The reference of the connection manager, and what it says.
fn manager(
    component: &Component,
    services: &Services,
) -> Result<(String, CacheLayout), ConnectionError> {
    let mut failed = ConnectionError::Unknown {
        reference: String::new(),
    };
    for connection in &component.connections {
        for reference in [&connection.manager_id, &connection.manager_ref_id] {
            if reference.is_empty() {
                continue;
            }
            match services.connections.resolve(reference) {
                Ok(manager) => {
                    let layout = layout_of(&manager, &services.settings)?;
                    return Ok((reference.clone(), layout));
                }
                Err(error) => failed = error,
            }
        }
    }
    Err(failed)
}

struct Running {
    component: String,
    /// Data flow and component: who fills the cache.
    own_path: String,
    layout: CacheLayout,
    /// For each column of the cache, its position in the input.
    positions: Vec<Option<usize>>,
    duplicates_fail: bool,
    output: Option<usize>,
    slot: Arc<CacheSlot>,
    encoder: KeyEncoder,
    builder: Option<KeyedRowsBuilder>,
    services: Services,
}

impl Running {
    fn new(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let failed = |error: ConnectionError| {
            ComponentError::failed(codes::NO_CONNECTION, error.explained())
        };
        let (reference, layout) = manager(component, cx.services).map_err(failed)?;
        let (input, arriving) = only_input(component, cx)?;
        let wrong = |what: &str| refused(component, codes::WRONG_PROPERTY, what);
        let mut positions = vec![None; layout.schema.columns.len()];
        for column in &input.columns {
            let name = property(&column.properties, "CacheColumnName").map_or("", str::trim);
            let name = if name.is_empty() { &column.name } else { name };
            let at = layout.position(name).ok_or_else(|| {
                let cache = &layout.name;
                wrong(&format!(
                    "writes to column `{name}`, which cache `{cache}` does not have"
                ))
            })?;
            let position = arriving.index_of(&column.lineage_id).ok_or_else(|| {
                wrong(&format!(
                    "reads column `{}`, which does not arrive",
                    column.name
                ))
            })?;
            let (from, to) = (
                arriving.columns[position].data_type,
                layout.schema.columns[at].data_type,
            );
            if !are_comparable(from, to) {
                let what = format!(
                    "cannot put column `{}` of type `{}` into column `{name}` of type `{}` of cache `{}`; convert it before",
                    column.name,
                    from.name(),
                    to.name(),
                    layout.name
                );
                return Err(refused(component, codes::COLUMN_METADATA_MISMATCH, &what));
            }
            positions[at] = Some(position);
        }
        if let Some(missing) = layout.index.iter().find(|at| positions[**at].is_none()) {
            let what = format!(
                "gives no value to column `{}`, by which rows of cache `{}` are found; map an input column to it",
                layout.schema.columns[*missing].name, layout.name
            );
            return Err(wrong(&what));
        }
        let settings = KeyedRowsSettings::new(layout.schema.clone(), false, cx);
        Ok(Self {
            component: component.name.clone(),
            own_path: component_path(cx.task_path, component),
            positions,
            duplicates_fail: is_true(component.property("TreatDuplicateKeysAsError")),
            output: component.outputs.iter().position(|it| !it.is_error_output),
            slot: cx.services.connections.cache(&reference).map_err(failed)?,
            encoder: layout.encoder()?,
            builder: Some(KeyedRowsBuilder::new(settings)),
            services: cx.services.clone(),
            layout,
        })
    }

    fn say(&self, severity: Severity, code: u32, text: String) {
        let message = Message {
            subcomponent: Some(self.component.clone()),
            ..Message::new(code, text)
        };
        self.services.events.raise(severity, message);
    }
}

impl RunningComponent for Running {
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        // A loop may fill the cache again and again; two transforms may not share it.
        let Some(other) = self
            .slot
            .rows()
            .filter(|rows| !rows.filled_by.is_empty() && rows.filled_by != self.own_path)
        else {
            return Ok(());
        };
        let text = format!(
            "cache `{}` has been filled by `{}` already, and only one Cache Transform of a package may write to it; give \"{}\" a cache of its own",
            self.layout.name, other.filled_by, self.component
        );
        Err(ComponentError::failed(codes::NO_CONNECTION, text))
    }

    fn process_input(
        &mut self,
        _input: usize,
        rows: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let count = rows.num_rows();
        let columns = self.positions.iter().zip(self.layout.schema.columns.iter());
        let arrays: Vec<ArrayRef> = columns
            .map(|(position, column)| match position {
                Some(position) => rows.column(*position).clone(),
                None => new_null_array(&arrow_type(column.data_type), count),
            })
            .collect();
        let schema = self.layout.schema.to_arrow();
        let kept = batch(schema, arrays, count).map_err(arrow_failure)?;
        let keys = self.encoder.keys(&kept)?;
        if let Some(builder) = &mut self.builder {
            builder.push(keys, kept, &vec![true; count])?;
        }
        match self.output {
            Some(output) => out.send(output, rows),
            None => Ok(()),
        }
    }

    fn post_execute(&mut self) -> Result<(), ComponentError> {
        let Some(builder) = self.builder.take() else {
            return Ok(());
        };
        let rows = Arc::new(builder.finish()?);
        if rows.has_duplicates() {
            let text = format!(
                "\"{}\" met rows with the same key while it filled cache `{}`; the first row of each key is kept",
                self.component, self.layout.name
            );
            if self.duplicates_fail {
                return Err(ComponentError::failed(codes::COMPONENT_EXCEPTION, text));
            }
            self.say(Severity::Warning, DUPLICATES, text);
        }
        if let Some(path) = &self.layout.file {
            save(path, &rows)?;
            self.services.events.output(OutputNote {
                component: self.component.clone(),
                target: path.display().to_string(),
            });
        }
        let text = format!(
            "\"{}\" has cached {} rows in total.",
            self.component,
            rows.count()
        );
        self.say(Severity::Information, codes::LOOKUP_CACHED, text);
        let filled_by = self.own_path.clone();
        self.slot.fill(CacheRows { filled_by, rows });
        Ok(())
    }
}
