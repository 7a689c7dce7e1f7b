//! Percentage Sampling: each row is selected with the same chance.

use arrow::array::BooleanArray;
use arrow::compute::{filter_record_batch, not};
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::Component;

use super::random::Random;
use super::{outputs, random, sampling_value};
use crate::data_flow::codes;
use crate::data_flow::component::{
    BuildContext, Built, ComponentError, ComponentKind, Outputs, RunningComponent,
};
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::transforms::settings::refused;
use crate::data_flow::transforms::synchronous::{built, settings_problem};
use crate::validation::Problem;

/// `Microsoft.PctSampling`
pub struct PercentageSampling;

impl ComponentKind for PercentageSampling {
    fn component_type(&self) -> &'static str {
        "Microsoft.PctSampling"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        settings_problem(component, cx, Running::new)
            .into_iter()
            .collect()
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        Ok(built(Running::new(component, cx)?, component, cx))
    }
}

struct Running {
    percent: u32,
    random: Random,
    selected: Option<usize>,
    other: Option<usize>,
}

impl Running {
    fn new(component: &Component, cx: &BuildContext<'_>) -> Result<Self, ComponentError> {
        let percent = sampling_value(component)?;
        if 100 < percent {
            let what = format!("selects {percent} percent of the rows; SamplingValue is 0 to 100");
            return Err(refused(component, codes::WRONG_PROPERTY, &what));
        }
        let (selected, other) = outputs(component);
        Ok(Self {
            percent,
            random: random(component, cx)?,
            selected,
            other,
        })
    }
}

impl RunningComponent for Running {
    fn process_input(
        &mut self,
        _input: usize,
        batch: RecordBatch,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let limit = u64::from(self.percent);
        let chosen: BooleanArray = (0..batch.num_rows())
            .map(|_| Some(self.random.below(100) < limit))
            .collect();
        if let Some(selected) = self.selected {
            let rows = filter_record_batch(&batch, &chosen).map_err(arrow_failure)?;
            out.send(selected, rows)?;
        }
        if let Some(other) = self.other {
            let left = not(&chosen).map_err(arrow_failure)?;
            out.send(
                other,
                filter_record_batch(&batch, &left).map_err(arrow_failure)?,
            )?;
        }
        Ok(())
    }
}
