//! The rows of a Sort on their way.

use arrow::record_batch::RecordBatch;

use super::held::Held;
use super::runs::Runs;
use super::settings::Settings;
use crate::cancel::CancelToken;
use crate::data_flow::component::{BuildContext, ComponentError, Outputs, RunningComponent};
use crate::data_flow::memory::Reservation;
use crate::data_flow::row_keys::{KeyEncoder, Keys, Purpose};
use crate::data_flow::spill::{RowCodec, SpillFolder};
use crate::data_flow::transforms::synchronous::batch_of;

/// A Sort while it runs.
pub struct Running {
    settings: Settings,
    encoder: KeyEncoder,
    codec: RowCodec,
    held: Held,
    memory: Reservation,
    runs: Runs,
    cancel: CancelToken,
    batch_rows: usize,
}

impl Running {
    /// Without rows.
    ///
    /// # Errors
    /// None with types that columns have.
    pub fn new(settings: Settings, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let folder = SpillFolder::of(&cx.services.settings);
        Ok(Self {
            encoder: KeyEncoder::new(settings.keys.clone(), Purpose::Order)?,
            codec: RowCodec::new(&settings.schema)?,
            held: Held::default(),
            memory: cx.memory.reservation(),
            runs: Runs::new(folder, settings.eliminate_duplicates),
            cancel: cx.services.cancel.clone(),
            batch_rows: cx.batch_rows.max(1),
            settings,
        })
    }

    /// Writes what is in memory as a sorted run.
    fn spill(&mut self) -> Result<(), ComponentError> {
        if !self.held.is_empty() {
            let mut writer = self.runs.writer()?;
            let sorted = self.held.sorted(self.settings.eliminate_duplicates);
            for part in sorted.chunks(self.batch_rows) {
                self.cancel.check()?;
                let batch = self.held.batch(part, &self.settings.schema)?;
                let rows = self.codec.rows(&batch)?;
                for (number, entry) in part.iter().enumerate() {
                    writer.push(self.held.key(*entry), rows.get(number))?;
                }
            }
            self.held.clear();
            self.runs.push(writer.finish()?)?;
        }
        self.memory.free();
        Ok(())
    }

    fn send_held(&mut self, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        let sorted = self.held.sorted(self.settings.eliminate_duplicates);
        for part in sorted.chunks(self.batch_rows) {
            let batch = self.held.batch(part, &self.settings.schema)?;
            out.send(self.settings.output, batch)?;
        }
        self.held.clear();
        self.memory.free();
        Ok(())
    }

    fn send_runs(&mut self, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        let Self {
            runs,
            codec,
            settings,
            batch_rows,
            ..
        } = self;
        let mut rows = Keys::default();
        let mut send = |rows: &Keys| {
            let batch = codec.batch((0..rows.len()).map(|row| rows.get(row)))?;
            out.send(settings.output, batch)
        };
        runs.drain(|_, row| {
            rows.push(row);
            if rows.len() < *batch_rows {
                return Ok(());
            }
            send(&std::mem::take(&mut rows))
        })?;
        send(&rows)
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
        let size = Held::size_of(&keys, &kept);
        let mut fits = self.memory.try_grow(size);
        if !fits {
            self.spill()?;
            fits = self.memory.try_grow(size);
        }
        self.held.push(keys, kept);
        if !fits {
            // Others have taken the budget, or it is smaller than one batch.
            self.memory.grow_anyway(size);
            self.spill()?;
        }
        Ok(())
    }

    fn end_of_input(&mut self, _input: usize, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        if self.runs.is_empty() {
            return self.send_held(out);
        }
        self.spill()?;
        self.send_runs(out)
    }
}
