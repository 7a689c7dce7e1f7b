//! What the synchronous transforms have in common.

use arrow::array::{ArrayRef, BooleanArray};
use arrow::compute::filter_record_batch;
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::{Component, Input};

use crate::data_flow::codes;
use crate::data_flow::columns;
use crate::data_flow::component::{BuildContext, Built, ComponentError, RunningComponent};
use crate::data_flow::error_rows::{arrow_failure, lost_rows_warning};
use crate::data_flow::graph::component_path;
use crate::data_flow::schema::Schema;
use crate::data_flow::static_schema::output_schema;
use crate::validation::Problem;

/// The one input of a transform with the schema that arrives there.
pub fn only_input<'c>(
    component: &'c Component,
    cx: &BuildContext<'_>,
) -> Result<(&'c Input, Schema), ComponentError> {
    let input = component.inputs.first();
    let schema = cx.inputs.first().cloned().flatten();
    input.zip(schema).ok_or_else(|| {
        let text = format!("component \"{}\" has no input with a path", component.name);
        ComponentError::failed(codes::COMPONENT_EXCEPTION, text)
    })
}

/// The first output that is not for errors.
pub fn main_output(component: &Component) -> Result<usize, ComponentError> {
    let found = component
        .outputs
        .iter()
        .position(|output| !output.is_error_output);
    found.ok_or_else(|| {
        let text = format!("component \"{}\" has no output", component.name);
        ComponentError::failed(codes::COMPONENT_EXCEPTION, text)
    })
}

/// The schemas of all outputs as the file has them.
fn declared_outputs(component: &Component, cx: &BuildContext<'_>) -> Vec<Schema> {
    let outputs = component.outputs.iter();
    outputs
        .map(|output| output_schema(component, output, cx.inputs))
        .collect()
}

/// A batch of the given columns, without the rows that do not stay.
pub fn batch_of(
    schema: &Schema,
    arrays: Vec<ArrayRef>,
    rows: usize,
    stays: Option<&BooleanArray>,
) -> Result<RecordBatch, ComponentError> {
    let batch = columns::batch(schema.to_arrow(), arrays, rows).map_err(arrow_failure)?;
    match stays {
        None => Ok(batch),
        Some(stays) => filter_record_batch(&batch, stays).map_err(arrow_failure),
    }
}

/// The problems of a transform whose rows may go to an error output.
///
/// `read` is how the build reads the settings.
pub fn problems_with_error_rows<T>(
    component: &Component,
    cx: &BuildContext<'_>,
    read: impl FnOnce(&Component, &BuildContext<'_>) -> Result<T, ComponentError>,
) -> Vec<Problem> {
    let lost = lost_rows_warning(component, cx);
    lost.into_iter()
        .chain(settings_problem(component, cx, read))
        .collect()
}

/// The problem of the settings, if any: they are checked by the same code that the build reads them
/// with, and only where rows arrive, since they speak of the columns of the input.
pub fn settings_problem<T>(
    component: &Component,
    cx: &BuildContext<'_>,
    read: impl FnOnce(&Component, &BuildContext<'_>) -> Result<T, ComponentError>,
) -> Option<Problem> {
    if cx.inputs.iter().all(Option::is_none) {
        return None;
    }
    problem_of(component, cx, read(component, cx).err()?)
}

/// A transform that is built, with outputs as the file has them.
pub fn built(
    running: impl RunningComponent + 'static,
    component: &Component,
    cx: &BuildContext<'_>,
) -> Built {
    Built {
        component: Box::new(running),
        outputs: declared_outputs(component, cx),
        is_destination: false,
    }
}

/// A build error as a problem of validation.
pub fn problem_of(
    component: &Component,
    cx: &BuildContext<'_>,
    error: ComponentError,
) -> Option<Problem> {
    let ComponentError::Failed(message) = error else {
        return None;
    };
    let code = format!("0x{:08X}", message.code);
    let path = component_path(cx.task_path, component);
    Some(Problem::error(
        &code,
        &path,
        &component.component_type,
        message.text,
    ))
}
