//! Multicast: every row to every output. Arrays are shared, never changed in place.

use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::Component;

use super::synchronous::built;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::validation::Problem;

/// `Microsoft.Multicast`
pub struct Multicast;

impl ComponentKind for Multicast {
    fn component_type(&self) -> &'static str {
        "Microsoft.Multicast"
    }

    fn validate(&self, _: &Component, _: &BuildContext<'_>, _connect: bool) -> Vec<Problem> {
        Vec::new()
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let attached = cx.attached.iter().enumerate();
        let outputs = attached
            .filter(|(_, attached)| **attached)
            .map(|(index, _)| index);
        let running = Running {
            outputs: outputs.collect(),
        };
        Ok(built(running, component, cx))
    }
}

struct Running {
    outputs: Vec<usize>,
}

impl RunningComponent for Running {
    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        for output in &self.outputs {
            out.send(*output, batch.clone())?;
        }
        Ok(())
    }
}
