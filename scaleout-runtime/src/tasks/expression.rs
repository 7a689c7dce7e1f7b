//! Expression task: one assignment to a variable.

use scaleout_core::package::{Executable, Task};

use super::{TaskFailure, TaskKind, TaskSuccess};
use crate::events::{Message, Severity};
use crate::services::Services;
use crate::settle::task_property::{Place, PropertyPlace};
use crate::validation::Problem;
use crate::variables::{Context, expressions};

/// `DTS_E_EXPREVALASSIGNMENTVARIABLELOCKFORWRITEFAILED`
const ASSIGNMENT_FAILED: u32 = 0xC001_F188;

/// `Microsoft.ExpressionTask`
pub(super) struct ExpressionTask;

impl TaskKind for ExpressionTask {
    fn task_type(&self) -> &'static str {
        "Microsoft.ExpressionTask"
    }

    fn properties(&self) -> &'static [PropertyPlace] {
        &[("Expression", Place::Attribute("Expression"))]
    }

    fn validate(
        &self,
        executable: &Executable,
        task: &Task,
        services: &Services,
        _connect: bool,
    ) -> Vec<Problem> {
        let path = format!("\\{}", executable.ref_id);
        let text = task.data.attribute("Expression").unwrap_or_default();
        let context = context(services);
        match expressions::check_assignment(text, &*services.variables, &context) {
            Ok(()) => Vec::new(),
            Err(failure) => {
                let text = format!("expression `{text}`: {}", failure.message);
                vec![Problem::error("0xC001F188", &path, "expression", text)]
            }
        }
    }

    fn execute(
        &self,
        _executable: &Executable,
        task: &Task,
        services: &Services,
    ) -> Result<TaskSuccess, TaskFailure> {
        let text = task.data.attribute("Expression").unwrap_or_default();
        match expressions::assign(text, &*services.variables, &context(services)) {
            Ok(value) => Ok(TaskSuccess {
                execution_value: value.value,
            }),
            Err(failure) => {
                let text = format!("expression `{text}` failed: {}", failure.message);
                let message = Message::new(ASSIGNMENT_FAILED, text);
                services.events.raise(Severity::Error, message);
                Err(TaskFailure::Failed)
            }
        }
    }
}

fn context(services: &Services) -> Context {
    Context::new(std::sync::Arc::clone(&services.clock), services.locale_id)
}
