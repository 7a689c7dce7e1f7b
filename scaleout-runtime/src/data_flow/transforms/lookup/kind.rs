//! The kind: checks and builds a Lookup.

use scaleout_core::package::pipeline::Component;

use super::running::Running;
use super::settings::Settings;
use crate::data_flow::component::{BuildContext, Built, ComponentError, ComponentKind};
use crate::data_flow::error_rows::lost_rows_warning;
use crate::data_flow::graph::component_path;
use crate::data_flow::transforms::synchronous::{declared_outputs, problem_of};
use crate::validation::Problem;

/// `Microsoft.Lookup`
pub struct Lookup;

impl ComponentKind for Lookup {
    fn component_type(&self) -> &'static str {
        "Microsoft.Lookup"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        let mut problems: Vec<Problem> = lost_rows_warning(component, cx).into_iter().collect();
        if let Some(mode) = unsupported_mode(component) {
            let text = format!(
                "component `{}` is a Lookup {mode}, which does not run here: only the full cache over a database connection does; change the cache mode, or use a worker with an external dtexec",
                component.name
            );
            let path = component_path(cx.task_path, component);
            problems.push(Problem::error("SO5002", &path, self.component_type(), text));
            return problems;
        }
        if cx.inputs.iter().any(Option::is_some) {
            let error = Settings::read(component, cx).err();
            problems.extend(error.and_then(|error| problem_of(component, cx, error)));
        }
        problems
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let settings = Settings::read(component, cx)?;
        Ok(Built {
            component: Box::new(Running::new(component, settings, cx)),
            outputs: declared_outputs(component, cx),
            is_destination: false,
        })
    }
}

fn unsupported_mode(component: &Component) -> Option<&'static str> {
    let value = |name| component.property(name).map(str::trim);
    match (value("ConnectionType"), value("CacheType")) {
        (Some("1"), _) => Some("over a cache connection"),
        (_, Some("1")) => Some("with a partial cache"),
        (_, Some("2")) => Some("without a cache"),
        _ => None,
    }
}
