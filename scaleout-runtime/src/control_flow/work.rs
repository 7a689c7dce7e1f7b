//! What an executable does between its start and its end, by kind.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use scaleout_core::package::{Executable, ExecutableKind, Task};

use super::frame::Place;
use super::node::Node;
use super::outcome::Outcome;
use super::{container, execute_package, for_loop, foreach_loop};
use crate::data_flow;
use crate::events::{Message, Severity};
use crate::run::Runtime;
use crate::services::Services;
use crate::tasks::{TaskFailure, TaskSuccess, kinds};
use crate::value::{DataType, TypedValue, Value};

/// What the work returned.
#[derive(Clone, Debug)]
pub struct Worked {
    /// How it ended, before errors are counted.
    pub outcome: Outcome,
    /// `ExecutionValue`.
    pub value: Option<TypedValue>,
}

impl Worked {
    /// It failed.
    #[must_use]
    pub fn failed() -> Self {
        Outcome::Failure.into()
    }
}

impl From<Outcome> for Worked {
    fn from(outcome: Outcome) -> Self {
        let value = None;
        Self { outcome, value }
    }
}

/// Does the work of an executable whose property expressions are applied.
pub fn work(runtime: &Arc<Runtime>, node: &Node, executable: &Executable, place: &Place) -> Worked {
    match &executable.kind {
        ExecutableKind::Package | ExecutableKind::Sequence => {
            container::run(runtime, node, place).into()
        }
        ExecutableKind::ForLoop(own) => for_loop::run(runtime, node, own, place).into(),
        ExecutableKind::ForeachLoop(own) => foreach_loop::run(runtime, node, own, place).into(),
        ExecutableKind::DataFlow(pipeline) => in_a_slot(runtime, node, place, |services| {
            let path = node.frame.package_path.as_str();
            data_flow::run(pipeline, path, services).map(|_outcome| None)
        }),
        ExecutableKind::Task(task) if task.task_type == execute_package::TASK_TYPE => {
            // The child takes places of its own; holding one here could starve it.
            guarded(&runtime.services(node, place), || {
                execute_package::run_child(runtime, node, task, place)
            })
        }
        ExecutableKind::Task(task) => in_a_slot(runtime, node, place, |services| {
            execute(executable, task, services)
        }),
    }
}

type Returned = Result<Option<TypedValue>, TaskFailure>;

fn execute(executable: &Executable, task: &Task, services: &Services) -> Returned {
    let Some(kind) = kinds::kind(&task.task_type) else {
        let text = kinds::refusal(&executable.name, &task.task_type);
        services
            .events
            .raise(Severity::Error, Message::new(0xC001_0026, text));
        return Err(TaskFailure::Failed);
    };
    let TaskSuccess { execution_value } = kind.execute(executable, task, services)?;
    Ok(type_of(&execution_value).map(|data_type| TypedValue {
        data_type,
        value: execution_value,
    }))
}

/// The type of an execution value, which comes without one.
fn type_of(value: &Value) -> Option<DataType> {
    Some(match value {
        Value::Bool(_) => DataType::Bool,
        Value::I4(_) => DataType::I4,
        Value::I8(_) => DataType::I8,
        Value::R8(_) => DataType::R8,
        Value::Str(_) => DataType::Wstr { length: 0 },
        _ => return None,
    })
}

fn in_a_slot(
    runtime: &Arc<Runtime>,
    node: &Node,
    place: &Place,
    run: impl FnOnce(&Services) -> Returned,
) -> Worked {
    let services = runtime.services(node, place);
    // A handler runs while its raiser keeps a place: another one could never come free.
    let free = place.inside.is_some();
    let slot = match free {
        true => None,
        false => match runtime.slots.acquire(&services.cancel) {
            Ok(slot) => Some(slot),
            Err(_canceled) => return Outcome::Canceled.into(),
        },
    };
    let worked = guarded(&services, || run(&services));
    drop(slot);
    worked
}

/// Turns a panic into an error of the task: a defect in one task must not hang a package.
fn guarded(services: &Services, run: impl FnOnce() -> Returned) -> Worked {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(value)) => Worked {
            outcome: Outcome::Success,
            value,
        },
        Ok(Err(_)) if services.cancel.is_canceled() => Outcome::Canceled.into(),
        Ok(Err(TaskFailure::Canceled)) => Outcome::Canceled.into(),
        Ok(Err(TaskFailure::Failed)) => Worked::failed(),
        Err(panic) => {
            let what = panic_text(&*panic);
            let text =
                format!("the task crashed, which is a defect of the program (SO4002): {what}");
            services
                .events
                .raise(Severity::Error, Message::new(0xC002_4104, text));
            Worked::failed()
        }
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given")
}
