//! One run of one executable: its properties, its events, its result.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use scaleout_core::package::{Executable, ExecutableKind};

use super::frame::Place;
use super::node::Node;
use super::outcome::{Outcome, Verdict, judge};
use super::work::{Worked, work};
use crate::events::{Events, Message, Severity};
use crate::run::{Depth, Reporter, Runtime, messages, validate};
use crate::services::Services;
use crate::settle::expressions;
use crate::value::TypedValue;
use crate::variables::typed;

/// `DTS_W_MAXIMUMERRORCOUNTREACHED`
const MAXIMUM_ERROR_COUNT_REACHED: u32 = 0x8001_9002;
/// `DTS_E_TASKVALIDATIONERROR`
const TASK_VALIDATION_ERROR: u32 = 0xC002_4107;

/// How one run of an executable ended, as its container sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What constraints see.
    pub outcome: Outcome,
    /// The container fails with it, at once.
    pub takes_parent: bool,
}

impl Ended {
    fn quietly(outcome: Outcome) -> Self {
        Self {
            outcome,
            takes_parent: false,
        }
    }
}

/// Runs an executable to its end. Disabled ones count as a success and say nothing.
pub fn run(runtime: &Arc<Runtime>, node: &Node, place: &Place) -> Ended {
    let applied = expressions::apply(&node.executable, &*node.scope, node.scope.context());
    let (executable, failures) = match applied {
        Ok(executable) => (executable, Vec::new()),
        Err(failures) => (Cow::Borrowed(&node.executable), failures),
    };
    if executable.disabled {
        return Ended::quietly(Outcome::Success);
    }
    if runtime.host.cancel.is_canceled() {
        return Ended::quietly(Outcome::Canceled);
    }
    let reporter = Reporter::new(runtime, &node.frame, place);
    let start = runtime.host.clock.now();
    node.frame.begin();
    let scope = &node.scope;
    scope.set_system("ContainerStartTime", typed::moment(start));
    reporter.say(&messages::pre_execute(start));
    for failure in &failures {
        reporter.raise(Severity::Error, failure.message());
    }
    let worked = match failures.is_empty() {
        true => validate_and_work(runtime, node, &executable, place, &reporter),
        false => Worked::failed(),
    };
    raise_notices(node, &reporter);
    let services = runtime.services(node, place);
    let value = keep_execution_value(&executable, worked.value, &services);
    let verdict = judge(&executable, worked.outcome, node.frame.errors());
    finish(
        runtime,
        &executable,
        &reporter,
        start,
        verdict,
        value.as_ref(),
    );
    let failed = verdict.outcome == Outcome::Failure;
    if failed && executable.fail_package_on_failure {
        runtime.fail_package();
    }
    Ended {
        outcome: verdict.outcome,
        takes_parent: failed && executable.fail_parent_on_failure,
    }
}

/// What was not validated with the package, and data flows always, is validated now.
fn validate_and_work(
    runtime: &Arc<Runtime>,
    node: &Node,
    executable: &Executable,
    place: &Place,
    reporter: &Reporter,
) -> Worked {
    let is_data_flow = matches!(executable.kind, ExecutableKind::DataFlow(_));
    if executable.delay_validation || is_data_flow {
        let problems = validate(runtime, node, place, Depth::Now);
        if problems.iter().any(crate::validation::Problem::is_error) {
            let text = "there were errors during task validation";
            reporter.raise(Severity::Error, Message::new(TASK_VALIDATION_ERROR, text));
            return Worked::failed();
        }
    }
    work(runtime, node, executable, place)
}

fn raise_notices(node: &Node, reporter: &Reporter) {
    for notice in node.scope.context().take_notices() {
        reporter.raise(Severity::Warning, Message::new(0, notice));
    }
}

/// Forces the execution value where asked, and stores it where asked.
fn keep_execution_value(
    executable: &Executable,
    worked: Option<TypedValue>,
    services: &Services,
) -> Option<TypedValue> {
    let forced = executable
        .forced_execution_value
        .as_ref()
        .filter(|_| executable.force_execution_value)
        .and_then(|literal| typed::literal(literal).ok());
    let value = forced.or(worked);
    let variable = executable.execution_value_variable.trim();
    if let (false, Some(value)) = (variable.is_empty(), &value)
        && let Err(error) = services.variables.set(variable, value.clone())
    {
        let text = format!("the execution value cannot be stored: {error}");
        services
            .events
            .raise(Severity::Error, Message::new(0xC001_F009, text));
    }
    value
}

fn finish(
    runtime: &Arc<Runtime>,
    executable: &Executable,
    reporter: &Reporter,
    start: Timestamp,
    verdict: Verdict,
    value: Option<&TypedValue>,
) {
    if verdict.too_many_errors {
        reporter.raise(Severity::Warning, too_many_errors(executable));
    }
    let is_task = matches!(
        executable.kind,
        ExecutableKind::Task(_) | ExecutableKind::DataFlow(_)
    );
    if is_task && verdict.outcome == Outcome::Failure {
        reporter.say(&messages::task_failed());
    }
    let end = runtime.host.clock.now();
    let mut statistics = reporter.statistics((start, end));
    statistics.execution_result = verdict.outcome.number();
    statistics.execution_value = value.and_then(typed::shown);
    reporter.ended(statistics);
    reporter.say(&messages::post_execute(start, end));
}

fn too_many_errors(executable: &Executable) -> Message {
    let text = format!(
        "SSIS Warning Code DTS_W_MAXIMUMERRORCOUNTREACHED.  `{}` finished its work, but the errors \
         raised reached the maximum allowed ({}), so its result is failure; change \
         MaximumErrorCount or fix the errors",
        executable.name, executable.maximum_error_count
    );
    Message::new(MAXIMUM_ERROR_COUNT_REACHED, text)
}
