//! Takes rows in any order and gives them back in that of their keys.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use super::held::Held;
use super::runs::Runs;
use crate::cancel::CancelToken;
use crate::data_flow::component::{BuildContext, ComponentError};
use crate::data_flow::memory::{MemoryPool, Reservation};
use crate::data_flow::row_keys::Keys;
use crate::data_flow::schema::Schema;
use crate::data_flow::spill::{RowCodec, SpillFolder};

/// What a sorter needs.
#[derive(Clone)]
pub struct SorterSettings {
    /// What the rows are.
    pub schema: Schema,
    /// Of rows with the same key only the first stays.
    pub distinct: bool,
    /// Rows in one batch.
    pub batch_rows: usize,
    /// Where memory comes from.
    pub memory: Arc<MemoryPool>,
    /// Where temporary files are made.
    pub folder: SpillFolder,
    /// Asked now and then whether to go on.
    pub cancel: CancelToken,
}

impl SorterSettings {
    /// With everything that a component brings along.
    #[must_use]
    pub fn new(schema: Schema, distinct: bool, cx: &BuildContext<'_>) -> Self {
        Self {
            schema,
            distinct,
            batch_rows: cx.batch_rows.max(1),
            memory: Arc::clone(cx.memory),
            folder: SpillFolder::of(&cx.services.settings),
            cancel: cx.services.cancel.clone(),
        }
    }
}

/// Rows on their way into order.
pub struct Sorter {
    settings: SorterSettings,
    codec: RowCodec,
    held: Held,
    memory: Reservation,
    runs: Runs,
}

impl Sorter {
    /// Without rows.
    ///
    /// # Errors
    /// None with types that columns have.
    pub fn new(settings: SorterSettings) -> Result<Self, ComponentError> {
        Ok(Self {
            codec: RowCodec::new(&settings.schema)?,
            held: Held::default(),
            memory: settings.memory.reservation(),
            runs: Runs::new(settings.folder.clone(), settings.distinct),
            settings,
        })
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &SorterSettings {
        &self.settings
    }

    /// Makes batches of the rows that [`Sorter::drain_runs`] gives.
    #[must_use]
    pub fn codec(&self) -> &RowCodec {
        &self.codec
    }

    /// Whether rows are on disk.
    #[must_use]
    pub fn has_spilled(&self) -> bool {
        !self.runs.is_empty()
    }

    /// Takes the rows of a batch with their keys.
    ///
    /// # Errors
    /// They do not fit into memory, and the disk does not take them.
    pub fn push(&mut self, keys: Keys, batch: RecordBatch) -> Result<(), ComponentError> {
        let size = Held::size_of(&keys, &batch);
        let mut fits = self.memory.try_grow(size);
        if !fits {
            self.spill()?;
            fits = self.memory.try_grow(size);
        }
        self.held.push(keys, batch);
        if !fits {
            // Others have taken the budget, or it is smaller than one batch.
            self.memory.grow_anyway(size);
            self.spill()?;
        }
        Ok(())
    }

    /// Writes what is in memory as a sorted run.
    ///
    /// # Errors
    /// The disk does not take it.
    pub fn spill(&mut self) -> Result<(), ComponentError> {
        if !self.held.is_empty() {
            let mut writer = self.runs.writer()?;
            let sorted = self.held.sorted(self.settings.distinct);
            for part in sorted.chunks(self.settings.batch_rows) {
                self.settings.cancel.check()?;
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

    /// Hands out all rows as batches, in order.
    ///
    /// # Errors
    /// The disk, or whoever takes them.
    pub fn drain(
        &mut self,
        mut take: impl FnMut(RecordBatch) -> Result<(), ComponentError>,
    ) -> Result<(), ComponentError> {
        if !self.has_spilled() {
            let sorted = self.held.sorted(self.settings.distinct);
            for part in sorted.chunks(self.settings.batch_rows) {
                take(self.held.batch(part, &self.settings.schema)?)?;
            }
            self.held.clear();
            self.memory.free();
            return Ok(());
        }
        let wanted = self.settings.batch_rows;
        let mut rows = Keys::default();
        self.spill()?;
        let Self { runs, codec, .. } = self;
        let mut send = |rows: &Keys| take(codec.batch((0..rows.len()).map(|row| rows.get(row)))?);
        runs.drain(|_, row| {
            rows.push(row);
            if rows.len() < wanted {
                return Ok(());
            }
            send(&std::mem::take(&mut rows))
        })?;
        send(&rows)
    }

    /// Hands out all rows in order as keys and bytes, through the disk.
    ///
    /// # Errors
    /// The disk, or whoever takes them.
    pub fn drain_runs(
        &mut self,
        mut take: impl FnMut(&[u8], &[u8]) -> Result<(), ComponentError>,
    ) -> Result<(), ComponentError> {
        self.spill()?;
        let Self { runs, settings, .. } = self;
        let mut rows = 0_usize;
        runs.drain(|key, row| {
            rows += 1;
            if rows.is_multiple_of(settings.batch_rows) {
                settings.cancel.check()?;
            }
            take(key, row)
        })
    }
}
