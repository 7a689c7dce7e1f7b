//! Execute Package task whose child is an execution of its own, on any worker that may run it.
//!
//! A child is scaled out when the task says `ExecuteOutOfProcess`, or the execution says so for all
//! its children (`SCALE_OUT_CHILD_PACKAGES`). In the transaction of its parent it runs in the process
//! of the parent all the same: no transaction goes over several machines.

use std::sync::Arc;

use scaleout_core::package::Task;
use scaleout_core::protocol::child::{ChildEnd, ChildOutcome, ChildPackage, ParentVariable};
use scaleout_core::protocol::event::PackageResult;
use scaleout_core::protocol::task::ParameterValue;

use super::frame::Place;
use super::node::Node;
use crate::children::ChildRunner;
use crate::events::{Events, Message, Severity};
use crate::run::{Reporter, Runtime};
use crate::tasks::TaskFailure;
use crate::value::TypedValue;
use crate::variables::typed;

/// `DTS_E_TKEXECPACKAGE_UNABLETOEXECUTE` has no text of its own; the package failed.
const CHILD_FAILED: u32 = 0xC001_0014;
/// `DTS_E_TKEXECPACKAGE_UNABLETOLOAD`
const UNABLE_TO_LOAD: u32 = 0xC002_20E4;

/// Who runs the child elsewhere; `None` where it runs in this process.
pub(super) fn runner<'r>(
    runtime: &'r Runtime,
    task: &Task,
    place: &Place,
) -> Option<&'r Arc<dyn ChildRunner>> {
    let wanted = runtime.task.scale_out_children || is_out_of_process(task);
    let runner = runtime.host.children.as_ref()?;
    (wanted && place.transaction().is_none()).then_some(runner)
}

/// `ExecuteOutOfProcess` of the task.
fn is_out_of_process(task: &Task) -> bool {
    let text = task.data.child("ExecuteOutOfProcess");
    let text = text.map_or("", |child| child.text.trim());
    text.eq_ignore_ascii_case("true") || text == "-1" || text == "1"
}

/// Runs a child elsewhere and says what came of it.
pub(super) fn run(
    runtime: &Runtime,
    runner: &dyn ChildRunner,
    node: &Node,
    place: &Place,
    (package_name, parameters): (String, Vec<ParameterValue>),
    reporter: &Reporter,
) -> Result<Option<TypedValue>, TaskFailure> {
    let path = place.execution_path.clone();
    let child = ChildPackage {
        occurrence: runner.occurrence(&path),
        path,
        package_name,
        parameters,
        variables: variables(node),
    };
    let name = child.package_name.clone();
    let ran = runner.run(child, &runtime.host.cancel);
    match ran.map_err(|_canceled| TaskFailure::Canceled)? {
        ChildOutcome::Ended(end) => tell(&name, &end, reporter),
        ChildOutcome::Refused { reason } => {
            let text =
                format!("package `{name}` was not started as an execution of its own: {reason}");
            reporter.raise(Severity::Error, Message::new(UNABLE_TO_LOAD, text));
            Err(TaskFailure::Failed)
        }
        _ => {
            let text = format!("package `{name}` ended in a way that this executor does not know");
            reporter.raise(Severity::Error, Message::new(CHILD_FAILED, text));
            Err(TaskFailure::Failed)
        }
    }
}

/// What the child has done becomes an event of the task; its errors count like those of a child
/// in this process.
fn tell(
    name: &str,
    end: &ChildEnd,
    reporter: &Reporter,
) -> Result<Option<TypedValue>, TaskFailure> {
    let id = end.execution_id;
    let by = match end.worker.as_str() {
        "" => String::new(),
        worker => format!(" on worker `{worker}`"),
    };
    let error = |code: u32, text: String| reporter.raise(Severity::Error, Message::new(code, text));
    for one in &end.errors {
        let text = format!("`{name}` (execution {id}{by}): {}", one.message);
        error(one.code.cast_unsigned(), text);
    }
    match end.result {
        PackageResult::Success => {
            let text = format!(
                "package `{name}` ran as execution {id}{by} and sent {} rows to its destinations",
                end.rows
            );
            reporter.raise(Severity::Information, Message::new(0, text));
            Ok(None)
        }
        PackageResult::Failure => {
            let more = match end.more_errors {
                0 => String::new(),
                more => format!(", with {more} errors more than are told here"),
            };
            let text = format!(
                "package `{name}` failed as execution {id}{by}{more}: `soctl executions show {id}` says why"
            );
            error(CHILD_FAILED, text);
            Err(TaskFailure::Failed)
        }
        PackageResult::Canceled => {
            let text = format!("package `{name}` was stopped as execution {id}{by}");
            error(CHILD_FAILED, text);
            Err(TaskFailure::Failed)
        }
    }
}

/// The variables that the task sees, with the values that they have now. Objects stay: they are no
/// text. So does what has no value at all, as its expression fails.
fn variables(node: &Node) -> Vec<ParentVariable> {
    let scope = &node.scope;
    scope
        .visible_variables()
        .into_iter()
        .filter_map(|cell| {
            use crate::services::Variables as _;
            let value = scope.get(&cell.full_name()).ok()?;
            Some(ParentVariable {
                namespace: cell.namespace.clone(),
                name: cell.name.clone(),
                data_type: cell.variable_type(),
                value: typed::shown(&value),
            })
        })
        .collect()
}
