//! Rows that are redirected into nothing.

use scaleout_core::package::pipeline::{Component, Disposition};

use crate::data_flow::codes;
use crate::data_flow::component::BuildContext;
use crate::data_flow::graph::component_path;
use crate::validation::Problem;

/// The warning for rows that are redirected into nothing.
#[must_use]
pub fn lost_rows_warning(component: &Component, cx: &BuildContext<'_>) -> Option<Problem> {
    let outputs = component.outputs.iter().enumerate();
    let mut error_outputs = outputs
        .filter(|(_, output)| output.is_error_output)
        .peekable();
    error_outputs.peek()?;
    let attached = |index: usize| cx.attached.get(index).copied().unwrap_or(false);
    if error_outputs.any(|(index, _)| attached(index)) || !redirects(component) {
        return None;
    }
    let text = format!(
        "rows that component `{}` sends to its error output are lost: nothing is attached there",
        component.name
    );
    let path = component_path(cx.task_path, component);
    Some(Problem::warning(
        codes::REDIRECT_WITHOUT_PATH,
        &path,
        &component.component_type,
        text,
    ))
}

fn redirects(component: &Component) -> bool {
    let inputs = component.inputs.iter();
    let in_inputs = inputs.flat_map(|input| {
        let columns = input.columns.iter();
        let own = [
            input.error_row_disposition,
            input.truncation_row_disposition,
        ];
        let columns =
            columns.flat_map(|it| [it.error_row_disposition, it.truncation_row_disposition]);
        columns.chain(own)
    });
    let outputs = component.outputs.iter();
    let in_outputs = outputs.flat_map(|output| {
        let columns = output.columns.iter();
        let own = [
            output.error_row_disposition,
            output.truncation_row_disposition,
        ];
        let columns =
            columns.flat_map(|it| [it.error_row_disposition, it.truncation_row_disposition]);
        columns.chain(own)
    });
    in_inputs
        .chain(in_outputs)
        .any(|it| it == Disposition::RedirectRow)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::data_flow::memory::MemoryPool;
    use crate::data_flow::testing::pipelines::{component, error_output};
    use crate::data_flow::testing::services::{Recorder, services};

    #[test]
    fn redirection_into_nothing_is_a_warning() {
        let recorder = Arc::new(Recorder::default());
        let services = services(&recorder, &Arc::default());
        let mut transform = component("t", vec![error_output("t", "")]);
        transform.outputs[0].columns[0].error_row_disposition = Disposition::RedirectRow;
        let warn = |attached: &[bool]| {
            let cx = BuildContext {
                services: &services,
                task_path: "\\P\\D",
                inputs: &[],
                orders: &[],
                attached,
                memory: &MemoryPool::of(&services.settings),
                is_used: &|_| true,
                lineage_number: &|_| 0,
                batch_rows: 10,
            };
            lost_rows_warning(&transform, &cx).map(|problem| problem.code)
        };
        assert_eq!(warn(&[true]), None);
        assert_eq!(warn(&[false]).as_deref(), Some("0x80208386"));
    }
}
