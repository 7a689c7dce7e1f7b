//! A Lookup while it runs.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow::compute::{and, filter_record_batch, is_not_null, is_null, take};
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::Component;

use super::reference::{Loading, Reference};
use super::settings::{NoMatch, Settings};
use crate::connections::ConnectionError;
use crate::convert::ConvertError;
use crate::data_flow::codes;
use crate::data_flow::component::{BuildContext, ComponentError, Outputs, RunningComponent};
use crate::data_flow::error_rows::{BatchFaults, ErrorRows, FaultKind, arrow_failure};
use crate::data_flow::memory::MemoryPool;
use crate::data_flow::transforms::convert_column::{Circumstances, add_faults, convert_column};
use crate::data_flow::transforms::synchronous::batch_of;
use crate::events::{Message, Severity};
use crate::services::{ConnectionLease, Services};

/// See [`super`].
pub struct Running {
    name: String,
    settings: Settings,
    services: Services,
    errors: ErrorRows,
    memory: Arc<MemoryPool>,
    reference: Option<Reference>,
}

impl Running {
    /// Before anything is loaded.
    pub fn new(component: &Component, settings: Settings, cx: &BuildContext<'_>) -> Self {
        Self {
            name: component.name.clone(),
            settings,
            services: cx.services.clone(),
            errors: ErrorRows::new(component, cx),
            memory: Arc::clone(cx.memory),
            reference: None,
        }
    }

    fn load(&self) -> Result<Reference, ComponentError> {
        let lease = self.open()?;
        // A poisoned lock means that another user of the connection broke down: do not trust it.
        let mut connection = lease.lock().map_err(|_| {
            ComponentError::failed(
                codes::NO_CONNECTION,
                "the shared connection broke down earlier",
            )
        })?;
        let cancel = &self.services.cancel;
        let loading = Loading {
            settings: &self.settings,
            memory: &self.memory,
            go_on: &|| cancel.check().map_err(ComponentError::from),
        };
        Reference::load(&loading, connection.as_mut())
    }

    fn open(&self) -> Result<ConnectionLease, ComponentError> {
        let mut last = None;
        for reference in &self.settings.connections {
            match self.services.connections.open(reference) {
                Err(ConnectionError::Canceled(canceled)) => return Err(canceled.into()),
                Err(error @ ConnectionError::Unknown { .. }) => last = Some(error),
                Err(error) => {
                    last = Some(error);
                    break;
                }
                Ok(lease) => return Ok(lease),
            }
        }
        let why = last.map_or_else(
            || format!("component `{}` has no connection", self.name),
            |error| error.explained(),
        );
        Err(ComponentError::failed(codes::NO_CONNECTION, why))
    }

    fn say(&self, severity: Severity, code: u32, text: String) {
        let mut message = Message::new(code, text);
        message.subcomponent = Some(self.name.clone());
        self.services.events.raise(severity, message);
    }

    /// The arrays behind the component; faults of copied values are added.
    fn copied(
        &self,
        reference: &Reference,
        batch: &RecordBatch,
        found: &UInt32Array,
        faults: &mut BatchFaults,
    ) -> Result<Vec<ArrayRef>, ComponentError> {
        let at = Circumstances {
            locale_id: self.settings.locale_id,
            today: 0,
        };
        let code = |error: Option<&ConvertError>| {
            error.map_or(codes::FAILED_ON_TRUNCATION, ConvertError::ssis_code)
        };
        let mut arrays = batch.columns().to_vec();
        for (copy, (data_type, column)) in self.settings.copies.iter().zip(&reference.columns) {
            let taken = take(column, found, None).map_err(arrow_failure)?;
            let converted = convert_column(&taken, *data_type, copy.data_type, at)?;
            add_faults(faults, &copy.rule, &converted, code, copy.data_type);
            match arrays.get_mut(copy.position) {
                Some(array) => *array = converted.array,
                None => arrays.push(converted.array),
            }
        }
        Ok(arrays)
    }
}

impl RunningComponent for Running {
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        let reference = self.load()?;
        let rows = reference.count;
        let text = format!("\"{}\" has cached {rows} rows in total.", self.name);
        self.say(Severity::Information, codes::LOOKUP_CACHED, text);
        if reference.has_duplicates {
            let text = format!(
                "\"{}\" met duplicate reference keys while caching; the first row wins",
                self.name
            );
            if self.settings.duplicates_fail {
                return Err(ComponentError::failed(codes::COMPONENT_EXCEPTION, text));
            }
            self.say(Severity::Warning, codes::LOOKUP_DUPLICATES, text);
        }
        self.reference = Some(reference);
        Ok(())
    }

    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let mut faults = self.errors.begin(batch.num_rows());
        let Some(reference) = &self.reference else {
            let text = "the reference was not loaded";
            return Err(ComponentError::failed(codes::COMPONENT_EXCEPTION, text));
        };
        let keys = self
            .settings
            .joins
            .iter()
            .map(|join| batch.column(join.position).clone());
        let found = reference.find(&keys.collect::<Vec<_>>())?;
        if let NoMatch::Error(rule) = &self.settings.no_match {
            for row in (0..found.len()).filter(|row| found.is_null(*row)) {
                faults.add(rule, row, FaultKind::Error, codes::NO_MATCH, || {
                    "the row has no match in the reference of the lookup".to_owned()
                });
            }
        }
        let arrays = self.copied(reference, &batch, &found, &mut faults)?;
        let mut stays = self.errors.settle(faults, &batch, out)?;
        if let NoMatch::Send(output) = self.settings.no_match
            && 0 < found.null_count()
        {
            let lost = is_null(&found).map_err(arrow_failure)?;
            if let Some(output) = output {
                out.send(
                    output,
                    filter_record_batch(&batch, &lost).map_err(arrow_failure)?,
                )?;
            }
            stays = Some(combined(
                stays,
                &is_not_null(&found).map_err(arrow_failure)?,
            )?);
        }
        let rows = batch.num_rows();
        let matched = batch_of(&self.settings.schema, arrays, rows, stays.as_ref())?;
        out.send(self.settings.match_output, matched)
    }
}

fn combined(
    stays: Option<BooleanArray>,
    matched: &BooleanArray,
) -> Result<BooleanArray, ComponentError> {
    match stays {
        None => Ok(matched.clone()),
        Some(stays) => and(&stays, matched).map_err(arrow_failure),
    }
}
