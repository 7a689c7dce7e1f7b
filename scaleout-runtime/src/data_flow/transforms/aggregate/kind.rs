//! What an Aggregate is to the engine.

use scaleout_core::package::pipeline::Component;

use super::running::Running;
use super::settings::Settings;
use crate::data_flow::component::{BuildContext, Built, ComponentError, ComponentKind};
use crate::data_flow::transforms::synchronous::{built, settings_problem};
use crate::validation::Problem;

/// `Microsoft.Aggregate`
pub struct Aggregate;

impl ComponentKind for Aggregate {
    fn component_type(&self) -> &'static str {
        "Microsoft.Aggregate"
    }

    fn validate(
        &self,
        component: &Component,
        cx: &BuildContext<'_>,
        _connect: bool,
    ) -> Vec<Problem> {
        let problem = settings_problem(component, cx, Settings::read);
        problem.into_iter().collect()
    }

    fn build(&self, component: &Component, cx: &BuildContext<'_>) -> Result<Built, ComponentError> {
        let settings = Settings::read(component, cx)?;
        let running = Running::new(settings, cx)?;
        Ok(built(running, component, cx))
    }
}
