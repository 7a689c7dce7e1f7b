//! The rows of an Aggregate on their way.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use super::groups::Groups;
use super::settings::Settings;
use crate::data_flow::component::{BuildContext, ComponentError, Outputs, RunningComponent};
use crate::data_flow::memory::{MemoryPool, Reservation, over_budget};
use crate::data_flow::schema::Schema;

/// An Aggregate while it runs.
pub struct Running {
    component: String,
    arriving: Schema,
    groupings: Vec<Groups>,
    pool: Arc<MemoryPool>,
    memory: Reservation,
    batch_rows: usize,
    locale_id: u32,
}

impl Running {
    /// Without rows.
    ///
    /// # Errors
    /// None with types that columns have.
    pub fn new(
        component: &str,
        settings: Settings,
        cx: &BuildContext<'_>,
    ) -> Result<Self, ComponentError> {
        let groupings = settings.groupings.into_iter().map(Groups::new);
        Ok(Self {
            component: component.to_owned(),
            arriving: settings.arriving,
            groupings: groupings.collect::<Result<_, _>>()?,
            pool: Arc::clone(cx.memory),
            memory: cx.memory.reservation(),
            batch_rows: cx.batch_rows.max(1),
            locale_id: settings.locale_id,
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
        for groups in &mut self.groupings {
            let bytes = groups.add(&batch)?;
            if !self.memory.try_grow(bytes) {
                let what = format!(
                    "has found {} groups, which with what is kept of each do not fit",
                    groups.len()
                );
                let instead = "group by fewer columns, count fewer distinct values";
                return Err(over_budget(&self.pool, &self.component, &what, instead));
            }
        }
        Ok(())
    }

    fn end_of_input(&mut self, _input: usize, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        let empty = RecordBatch::new_empty(self.arriving.to_arrow());
        for groups in &mut self.groupings {
            groups.finish(&empty)?;
            for start in (0..groups.len()).step_by(self.batch_rows) {
                let end = groups.len().min(start + self.batch_rows);
                out.send(groups.output(), groups.batch(start..end, self.locale_id)?)?;
            }
        }
        self.groupings.clear();
        self.memory.free();
        Ok(())
    }
}
