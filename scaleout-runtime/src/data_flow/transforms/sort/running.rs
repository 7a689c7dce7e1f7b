//! The rows of a Sort on their way.

use arrow::record_batch::RecordBatch;

use super::settings::Settings;
use crate::data_flow::component::{BuildContext, ComponentError, Outputs, RunningComponent};
use crate::data_flow::external_sort::{Sorter, SorterSettings};
use crate::data_flow::row_keys::{KeyEncoder, Purpose};
use crate::data_flow::transforms::synchronous::batch_of;

/// A Sort while it runs.
pub struct Running {
    settings: Settings,
    encoder: KeyEncoder,
    sorter: Sorter,
}

impl Running {
    /// Without rows.
    ///
    /// # Errors
    /// None with types that columns have.
    pub fn new(settings: Settings, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let schema = settings.schema.clone();
        Ok(Self {
            encoder: KeyEncoder::new(settings.keys.clone(), Purpose::Order)?,
            sorter: Sorter::new(SorterSettings::new(
                schema,
                settings.eliminate_duplicates,
                cx,
            ))?,
            settings,
        })
    }
}

impl RunningComponent for Running {
    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        _out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let keys = self.encoder.keys(&batch)?;
        let columns = self.settings.columns.iter();
        let arrays = columns.map(|position| batch.column(*position).clone());
        let kept = batch_of(
            &self.settings.schema,
            arrays.collect(),
            batch.num_rows(),
            None,
        )?;
        self.sorter.push(keys, kept)
    }

    fn end_of_input(&mut self, _input: usize, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        let output = self.settings.output;
        self.sorter.drain(|batch| out.send(output, batch))
    }
}
