//! The kind: checks and builds a Lookup.

use scaleout_core::package::pipeline::Component;

use super::running::Running;
use super::settings::Settings;
use crate::data_flow::component::{BuildContext, Built, ComponentError, ComponentKind};
use crate::data_flow::error_rows::lost_rows_warning;
use crate::data_flow::graph::component_path;
use crate::data_flow::transforms::synchronous::{built, problems_with_error_rows};
use crate::refusal::not_run_here;
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
        let Some(mode) = unsupported_mode(component) else {
            return problems_with_error_rows(component, cx, Settings::read);
        };
        let text = not_run_here(
            &format!("component `{}` is a Lookup {mode}", component.name),
            "set it to full cache over a database connection, or disable its data flow",
        );
        let path = component_path(cx.task_path, component);
        let unsupported = Problem::error("SO5002", &path, self.component_type(), text);
        let lost = lost_rows_warning(component, cx);
        lost.into_iter().chain([unsupported]).collect()
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let settings = Settings::read(component, cx)?;
        let running = Running::new(component, settings, cx);
        Ok(built(running, component, cx))
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
