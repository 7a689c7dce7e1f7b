//! One run of one executable: its properties, its events, its result.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use scaleout_core::package::{Executable, ExecutableKind};

use super::frame::Place;
use super::node::Node;
use super::outcome::{Outcome, Verdict, judge};
use super::work::{Worked, work};
use crate::checkpoints;
use crate::events::{Events, Message, Severity};
use crate::run::{Depth, Reporter, Runtime, messages, validate};
use crate::services::Services;
use crate::settle::expressions;
use crate::transactions::{self, Standing};
use crate::value::TypedValue;
use crate::variables::typed;

/// `DTS_W_MAXIMUMERRORCOUNTREACHED`
const MAXIMUM_ERROR_COUNT_REACHED: u32 = 0x8001_9002;
/// `DTS_E_TASKVALIDATIONERROR`
const TASK_VALIDATION_ERROR: u32 = 0xC002_4107;
/// `DTS_W_FAILURENOTRESTARTABLE`
const FAILURE_NOT_RESTARTABLE: u32 = 0x8001_4058;
/// `DTS_I_CHECKPOINTFILEDELETED`
const CHECKPOINT_FILE_DELETED: u32 = 0x4001_6048;
/// `DTS_E_OPENCHECKPOINTFILE`
pub(super) const CHECKPOINT_FILE: u32 = 0xC001_604C;

/// How one run of an executable ended, as its container sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What constraints see.
    pub outcome: Outcome,
    /// The container fails with it, at once.
    pub takes_parent: bool,
    /// It ran and said so.
    pub ran: bool,
}

impl Ended {
    /// It did not run, and counts as this.
    pub(super) fn quietly(outcome: Outcome) -> Self {
        Self {
            outcome,
            takes_parent: false,
            ran: false,
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
    let observer = &runtime.host.observer;
    let _running = observer.enter(&runtime.package_name, &node.frame, place, start);
    let scope = &node.scope;
    scope.set_system("ContainerStartTime", typed::moment(start));
    reporter.say(&messages::pre_execute(start));
    for failure in &failures {
        reporter.raise(Severity::Error, failure.message());
    }
    let standing = transactions::enter(runtime, node, &executable, place, &reporter);
    let worked = match failures.is_empty() {
        true => validate_and_work(runtime, node, &executable, &standing.place, &reporter),
        false => Worked::failed(),
    };
    raise_notices(node, &reporter);
    let services = runtime.services(node, place);
    let value = keep_execution_value(&executable, worked.value, &services);
    let verdict = conclude(
        runtime,
        node,
        &executable,
        worked.outcome,
        standing,
        &reporter,
    );
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
        ran: true,
    }
}

/// The result: what the work returned, the errors counted, and how the transaction ended.
fn conclude(
    runtime: &Arc<Runtime>,
    node: &Node,
    executable: &Executable,
    worked: Outcome,
    standing: Standing,
    reporter: &Reporter,
) -> Verdict {
    let is_package = node.frame.outer.is_none();
    let is_in_handler = standing.place.inside.is_some();
    let before = judge(executable, worked, node.frame.errors());
    let after = standing.leave(before.outcome, reporter);
    if is_package {
        // Only now: a log in the database of the transaction waits for its end.
        reporter.logs_failed(runtime.logs.settle());
    }
    let worked = match after == before.outcome {
        true => worked,
        false => after,
    };
    let verdict = judge(executable, worked, node.frame.errors());
    let has_failed = verdict.outcome == Outcome::Failure;
    if is_package && !has_failed && verdict.outcome != Outcome::Canceled {
        remove_checkpoints(runtime, reporter);
    }
    let saves = runtime.checkpoints.saves() && !is_package && !is_in_handler;
    if saves && has_failed && !executable.fail_package_on_failure {
        let text = "this task or container failed, and the package goes on, because its \
                    FailPackageOnFailure is False; a restart of the package from its checkpoint \
                    file runs it again, and what depends on it";
        reporter.raise(
            Severity::Warning,
            Message::new(FAILURE_NOT_RESTARTABLE, text),
        );
    }
    verdict
}

fn remove_checkpoints(runtime: &Runtime, reporter: &Reporter) {
    match runtime.checkpoints.delete() {
        Ok(None) => {}
        Ok(Some(file)) => {
            let text =
                format!("checkpoint file `{file}` was deleted because the package succeeded");
            let message = Message::new(CHECKPOINT_FILE_DELETED, text);
            reporter.raise(Severity::Information, message);
        }
        Err((file, reason)) => {
            let text = format!(
                "checkpoint file `{file}` could not be deleted ({reason}): remove it, or the next \
                 run goes on from it"
            );
            reporter.raise(Severity::Warning, Message::new(CHECKPOINT_FILE, text));
        }
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
    if node.frame.outer.is_none() {
        let settings = checkpoints::Settings::of(executable);
        if let Err(message) = checkpoints::start(runtime, &settings, reporter) {
            reporter.raise(Severity::Error, message);
            return Worked::failed();
        }
    }
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
