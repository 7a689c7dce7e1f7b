//! The rows of an Aggregate on their way.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use super::groups::{Groups, Room};
use super::settings::Settings;
use crate::data_flow::component::{BuildContext, ComponentError, Outputs, RunningComponent};
use crate::data_flow::external_sort::SorterSettings;
use crate::data_flow::spill::SpillFolder;

/// An Aggregate while it runs.
pub struct Running {
    groupings: Vec<Groups>,
    rows: u64,
}

impl Running {
    /// Without rows.
    ///
    /// # Errors
    /// None with types that columns have.
    pub fn new(settings: Settings, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let room = Room {
            sorting: SorterSettings::new(settings.arriving.clone(), false, cx),
            arriving: settings.arriving,
            pool: Arc::clone(cx.memory),
            folder: SpillFolder::of(&cx.services.settings),
            locale_id: settings.locale_id,
        };
        let groupings = settings.groupings.into_iter();
        let groupings = groupings.map(|grouping| Groups::new(grouping, room.clone(), 0));
        Ok(Self {
            groupings: groupings.collect::<Result<_, _>>()?,
            rows: 0,
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
        let end = self.rows + batch.num_rows() as u64;
        let numbers: Vec<u64> = (self.rows..end).collect();
        self.rows = end;
        let mut groupings = self.groupings.iter_mut();
        groupings.try_for_each(|groups| groups.add(&batch, &numbers))
    }

    fn end_of_input(&mut self, _input: usize, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        for groups in std::mem::take(&mut self.groupings) {
            let output = groups.output();
            groups.finish(&mut |batch| out.send(output, batch))?;
        }
        Ok(())
    }
}
