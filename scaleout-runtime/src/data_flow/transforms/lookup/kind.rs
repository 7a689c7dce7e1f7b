//! The kind: checks and builds a Lookup.

use scaleout_core::error::Explain;
use scaleout_core::package::pipeline::Component;

use super::running::Running;
use super::settings::{Settings, connections};
use crate::connections::ConnectionError;
use crate::connections::target::target;
use crate::data_flow::component::{BuildContext, Built, ComponentError, ComponentKind};
use crate::data_flow::graph::component_path;
use crate::data_flow::transforms::synchronous::{built, problems_with_error_rows};
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
        let over_cache = component.property("ConnectionType").map(str::trim) == Some("1");
        let mut problems = problems_with_error_rows(component, cx, Settings::read);
        if !over_cache && let Err(error) = database(component, cx) {
            let path = component_path(cx.task_path, component);
            let text = error.explained();
            problems.push(Problem::error(
                error.code(),
                &path,
                self.component_type(),
                text,
            ));
        }
        problems
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let settings = Settings::read(component, cx)?;
        let running = Running::new(component, settings, cx);
        Ok(built(running, component, cx))
    }
}

/// Whether the connection manager is there and is a database that has a driver.
fn database(component: &Component, cx: &BuildContext<'_>) -> Result<(), ConnectionError> {
    let mut failed = ConnectionError::Unknown {
        reference: String::new(),
    };
    for reference in connections(component) {
        match cx.services.connections.resolve(&reference) {
            Ok(manager) => return target(&manager, &cx.services.settings).map(|_| ()),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}
