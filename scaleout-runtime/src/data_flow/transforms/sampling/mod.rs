//! Row Sampling and Percentage Sampling: a random part of the rows, the same for the same seed.

mod percentage;
mod random;
mod rows;
#[cfg(test)]
mod tests;

pub use percentage::PercentageSampling;
pub use rows::RowSampling;

use scaleout_core::package::pipeline::{Component, property};

use super::settings::{is_true, number_in, refused};
use crate::data_flow::codes;
use crate::data_flow::component::{BuildContext, ComponentError};
use random::Random;

/// `SamplingValue`: rows, or percent.
fn sampling_value(component: &Component) -> Result<u32, ComponentError> {
    let value = number_in(component, &component.properties, "SamplingValue")?;
    let value = value.and_then(|value| u32::try_from(value).ok());
    value.ok_or_else(|| {
        let what = "has no SamplingValue; set how many rows, or percent of them, are selected";
        refused(component, codes::WRONG_PROPERTY, what)
    })
}

/// The choice of `SamplingSeed`; 0 is another one in each run.
fn random(component: &Component, cx: &BuildContext<'_>) -> Result<Random, ComponentError> {
    let seed = number_in(component, &component.properties, "SamplingSeed")?.unwrap_or(0);
    Ok(Random::new(match seed {
        0 => cx.services.clock.now().as_nanosecond().cast_unsigned() as u64,
        seed => u64::from(seed.cast_unsigned()),
    }))
}

/// The outputs of selected and of other rows; a file may leave out either.
fn outputs(component: &Component) -> (Option<usize>, Option<usize>) {
    let outputs = component.outputs.iter().enumerate();
    let outputs: Vec<usize> = outputs
        .filter(|(_, output)| !output.is_error_output)
        .map(|(index, _)| index)
        .collect();
    let is_marked =
        |index: &usize| is_true(property(&component.outputs[*index].properties, "Selected"));
    let selected = outputs.iter().copied().find(is_marked);
    let selected = selected.or(outputs.first().copied());
    let other = outputs
        .iter()
        .copied()
        .find(|index| Some(*index) != selected);
    (selected, other)
}
