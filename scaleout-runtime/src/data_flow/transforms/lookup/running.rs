//! A Lookup while it runs.

use arrow::array::BooleanArray;
use arrow::compute::{and, filter_record_batch, not};
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::Component;

use super::answers::{Answers, Opening};
use super::matches::Matches;
use super::settings::{NoMatch, Settings};
use crate::convert::ConvertError;
use crate::data_flow::codes;
use crate::data_flow::component::{BuildContext, ComponentError, Outputs, RunningComponent};
use crate::data_flow::error_rows::{BatchFaults, ErrorRows, FaultKind, arrow_failure};
use crate::data_flow::transforms::convert_column::add_faults;
use crate::data_flow::transforms::synchronous::batch_of;
use crate::events::{Message, Severity};
use crate::services::Services;

/// See [`super`].
pub struct Running {
    name: String,
    settings: Settings,
    services: Services,
    errors: ErrorRows,
    opening: Opening,
    answers: Option<Answers>,
}

impl Running {
    /// Before anything is loaded.
    pub fn new(component: &Component, settings: Settings, cx: &BuildContext<'_>) -> Self {
        Self {
            name: component.name.clone(),
            settings,
            services: cx.services.clone(),
            errors: ErrorRows::new(component, cx),
            opening: Opening::new(&component.name, cx),
            answers: None,
        }
    }

    fn say(&self, severity: Severity, code: u32, text: String) {
        let mut message = Message::new(code, text);
        message.subcomponent = Some(self.name.clone());
        self.services.events.raise(severity, message);
    }

    fn say_what_is_loaded(&self, answers: &Answers) -> Result<(), ComponentError> {
        let (rows, has_duplicates) = match answers {
            Answers::Asked(_) => return Ok(()),
            Answers::Cache(cache) => (cache.count(), false),
            Answers::Loaded(reference) => (reference.rows.count(), reference.rows.has_duplicates()),
        };
        let text = format!("\"{}\" has cached {rows} rows in total.", self.name);
        self.say(Severity::Information, codes::LOOKUP_CACHED, text);
        if has_duplicates {
            let text = format!(
                "\"{}\" met duplicate reference keys while caching; the first row wins",
                self.name
            );
            if self.settings.duplicates_fail {
                return Err(ComponentError::failed(codes::COMPONENT_EXCEPTION, text));
            }
            self.say(Severity::Warning, codes::LOOKUP_DUPLICATES, text);
        }
        Ok(())
    }

    fn judge(&self, matches: &Matches, faults: &mut BatchFaults) {
        if let NoMatch::Error(rule) = &self.settings.no_match {
            let rows = 0..matches.matched.len();
            for row in rows.filter(|row| !matches.matched.value(*row)) {
                faults.add(rule, row, FaultKind::Error, codes::NO_MATCH, || {
                    "the row has no match in the reference of the lookup".to_owned()
                });
            }
        }
        let code = |error: Option<&ConvertError>| {
            error.map_or(codes::FAILED_ON_TRUNCATION, ConvertError::ssis_code)
        };
        for (copy, converted) in self.settings.copies.iter().zip(&matches.columns) {
            add_faults(faults, &copy.rule, converted, code, copy.data_type);
        }
    }
}

impl RunningComponent for Running {
    fn pre_execute(&mut self) -> Result<(), ComponentError> {
        let answers = self.opening.open(&self.settings)?;
        self.say_what_is_loaded(&answers)?;
        self.answers = Some(answers);
        Ok(())
    }

    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let mut faults = self.errors.begin(batch.num_rows());
        let Some(answers) = &mut self.answers else {
            let text = "the reference was not loaded";
            return Err(ComponentError::failed(codes::COMPONENT_EXCEPTION, text));
        };
        let matches = answers.find(&self.settings, &batch)?;
        self.judge(&matches, &mut faults);
        let mut arrays = batch.columns().to_vec();
        for (copy, converted) in self.settings.copies.iter().zip(matches.columns) {
            match arrays.get_mut(copy.position) {
                Some(array) => *array = converted.array,
                None => arrays.push(converted.array),
            }
        }
        let mut stays = self.errors.settle(faults, &batch, out)?;
        if let NoMatch::Send(output) = self.settings.no_match
            && matches.matched.true_count() < matches.matched.len()
        {
            let lost = not(&matches.matched).map_err(arrow_failure)?;
            if let Some(output) = output {
                let lost = filter_record_batch(&batch, &lost).map_err(arrow_failure)?;
                out.send(output, lost)?;
            }
            stays = Some(combined(stays, &matches.matched)?);
        }
        let rows = batch.num_rows();
        let matched = batch_of(&self.settings.schema, arrays, rows, stays.as_ref())?;
        out.send(self.settings.match_output, matched)
    }

    fn post_execute(&mut self) -> Result<(), ComponentError> {
        if let Some(Answers::Asked(asked)) = &self.answers {
            let text = format!(
                "\"{}\" asked its reference query {} times.",
                self.name,
                asked.asked()
            );
            self.say(Severity::Information, 0, text);
        }
        Ok(())
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
