//! Validation of the executables of a package, top-down, as events and as a list of problems.

use std::borrow::Cow;
use std::sync::Arc;

use scaleout_core::package::{Executable, ExecutableKind, ForLoop, ForeachLoop};

use super::messages;
use super::reporter::Reporter;
use super::runtime::Runtime;
use crate::control_flow::frame::Place;
use crate::control_flow::{enumerators, execute_package, node::Node};
use crate::data_flow;
use crate::data_flow::component_numbers::ComponentNumbers;
use crate::events::{Events, Message, Severity};
use crate::log_providers;
use crate::services::Services;
use crate::settle::expressions;
use crate::tasks::{WRONG_SETTING, kinds};
use crate::validation::{Problem, ProblemSeverity};
use crate::{transactions, variables};

/// How far a validation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// With the package, before it runs: what delays its validation is left for later.
    Package,
    /// Just before the executable runs: itself even if it delays, connections opened.
    Now,
    /// Without a run: everything that is enabled; connections only if the flag says so.
    Survey {
        /// Open connections and look at files.
        connect: bool,
    },
}

impl Depth {
    fn connects(self) -> bool {
        !matches!(self, Self::Survey { connect: false })
    }

    fn of_children(self) -> Self {
        match self {
            Self::Now => Self::Package,
            other => other,
        }
    }
}

/// Validates an executable and everything in it. Problems are raised as they are found.
pub fn validate(runtime: &Arc<Runtime>, node: &Node, place: &Place, depth: Depth) -> Vec<Problem> {
    let applied = expressions::apply(&node.executable, &*node.scope, node.scope.context());
    let executable = match &applied {
        Ok(executable) => Cow::Borrowed(&**executable),
        Err(_) => Cow::Borrowed(&node.executable),
    };
    if executable.disabled {
        return Vec::new();
    }
    if executable.delay_validation && depth == Depth::Package {
        return unsupported(node, place, runtime);
    }
    let reporter = Reporter::new(runtime, &node.frame, place);
    reporter.say(&messages::pre_validate());
    let services = runtime.services(node, place);
    let mut problems = own_problems(runtime, node, &executable, &services, depth);
    // What an expression gives now says nothing about an object that waits for its values.
    let later = executable.delay_validation && depth != Depth::Now;
    if let (Err(failures), false) = (&applied, later) {
        let path = &node.frame.package_path;
        problems.extend(failures.iter().map(|failure| {
            let code = format!("0x{:08X}", failure.code);
            Problem::error(&code, path, "expression", &failure.text)
        }));
    }
    raise(&reporter, &executable, &problems);
    for child in &node.children {
        let place = place.child(&child.executable.name);
        problems.extend(validate(runtime, child, &place, depth.of_children()));
    }
    for handler in runtime
        .plan
        .handlers
        .get(&node.frame.package_path)
        .into_iter()
        .flatten()
    {
        let at = format!(
            "{}.EventHandlers[{}]",
            place.execution_path, handler.event_name
        );
        let place = place.handler(&handler.node.frame.package_path, at);
        problems.extend(validate(
            runtime,
            &handler.node,
            &place,
            depth.of_children(),
        ));
    }
    reporter.say(&messages::post_validate());
    problems
}

fn raise(reporter: &Reporter, executable: &Executable, problems: &[Problem]) {
    let numbers = match &executable.kind {
        ExecutableKind::DataFlow(pipeline) => ComponentNumbers::of(pipeline),
        _ => ComponentNumbers::default(),
    };
    for problem in problems {
        let severity = match problem.severity {
            ProblemSeverity::Error => Severity::Error,
            ProblemSeverity::Warning => Severity::Warning,
        };
        let mut message = message(problem);
        let part = reporter.part_of(&problem.path);
        message.subcomponent = part.map(|name| numbers.named(name));
        reporter.raise(severity, message);
    }
}

fn message(problem: &Problem) -> Message {
    coded(&problem.code, &problem.message)
}

/// SSIS's codes travel as numbers; ours have no place there and go into the text.
pub(super) fn coded(code: &str, text: &str) -> Message {
    let hex = code.strip_prefix("0x");
    match hex.and_then(|hex| u32::from_str_radix(hex, 16).ok()) {
        Some(number) => Message::new(number, text.to_owned()),
        None => Message::new(of_the_original(code), format!("{text} ({code})")),
    }
}

/// What the original says in the same case; 0 where it has no such case.
fn of_the_original(code: &str) -> u32 {
    match code {
        // `DTS_E_TASKISEMPTY`: a task that is not installed.
        "SO4001" => 0xC001_0026,
        // `DTS_E_CONNECTIONNOTFOUND`
        "SO6001" => 0xC001_000E,
        _ => 0,
    }
}

fn own_problems(
    runtime: &Arc<Runtime>,
    node: &Node,
    executable: &Executable,
    services: &Services,
    depth: Depth,
) -> Vec<Problem> {
    let path = node.frame.package_path.as_str();
    let mut problems = graph_problems(node);
    match &executable.kind {
        ExecutableKind::Package => {
            problems.extend(wrong_concurrency(runtime.max_concurrent, path));
            problems.extend(log_providers::problems(runtime));
            problems.extend(transactions::problems(runtime));
        }
        ExecutableKind::Sequence => {}
        ExecutableKind::ForLoop(own) => problems.extend(for_problems(node, own, services)),
        ExecutableKind::ForeachLoop(own) => problems.extend(foreach_problems(node, own)),
        ExecutableKind::DataFlow(pipeline) => {
            problems.extend(data_flow::validate(
                pipeline,
                path,
                services,
                depth.connects(),
            ));
        }
        ExecutableKind::Task(task) if task.task_type == execute_package::TASK_TYPE => {
            problems.extend(execute_package::problems(node, task, services));
        }
        ExecutableKind::Task(task) => match kinds::kind(&task.task_type) {
            Some(kind) => {
                problems.extend(kind.validate(executable, task, services, depth.connects()));
            }
            None => problems.push(unknown_task(node, &task.task_type)),
        },
    }
    problems
}

/// `MaxConcurrentExecutables` is a number of executables, or -1 for processors + 2.
fn wrong_concurrency(setting: i32, path: &str) -> Option<Problem> {
    if setting == -1 || 0 < setting {
        return None;
    }
    let text = format!(
        "`MaxConcurrentExecutables` is {setting}: nothing could ever run; set it to -1 for the \
         number of processors and 2 more, or to a number from 1"
    );
    Some(Problem::error(
        WRONG_SETTING,
        path,
        "Microsoft.Package",
        text,
    ))
}

/// What can be said of executables whose validation waits: whether they run here at all.
fn unsupported(node: &Node, place: &Place, runtime: &Arc<Runtime>) -> Vec<Problem> {
    let mut problems = match &node.executable.kind {
        ExecutableKind::Task(task)
            if task.task_type != execute_package::TASK_TYPE
                && kinds::kind(&task.task_type).is_none() =>
        {
            vec![unknown_task(node, &task.task_type)]
        }
        ExecutableKind::ForeachLoop(own) if !enumerators::is_known(own) => {
            foreach_problems(node, own)
        }
        _ => Vec::new(),
    };
    let reporter = Reporter::new(runtime, &node.frame, place);
    raise(&reporter, &node.executable, &problems);
    for child in node
        .children
        .iter()
        .filter(|child| !child.executable.disabled)
    {
        let place = place.child(&child.executable.name);
        problems.extend(unsupported(child, &place, runtime));
    }
    problems
}

fn unknown_task(node: &Node, task_type: &str) -> Problem {
    let text = kinds::refusal(&node.frame.name, task_type);
    Problem::error("SO4001", &node.frame.package_path, task_type, text)
}

fn graph_problems(node: &Node) -> Vec<Problem> {
    let path = &node.frame.package_path;
    let mut problems = Vec::new();
    if let Err(error) = &node.graph {
        problems.push(Problem::error(
            "SO4008",
            path,
            "precedence constraint",
            error.to_string(),
        ));
    }
    for constraint in &node.executable.precedence_constraints {
        let scope = &*node.scope;
        let uses = constraint.eval_op != scaleout_core::package::EvalOp::Constraint;
        if !uses {
            continue;
        }
        let checked = variables::expressions::check(&constraint.expression, scope, scope.context());
        if let Err(failure) = checked {
            let text = format!(
                "precedence constraint `{}` from `{}` to `{}` is in error: {}",
                constraint.name, constraint.from, constraint.to, failure.message
            );
            let kind = "precedence constraint";
            problems.push(Problem::error("0xC0014021", path, kind, text));
        }
    }
    problems
}

fn for_problems(node: &Node, own: &ForLoop, services: &Services) -> Vec<Problem> {
    let path = &node.frame.package_path;
    let context = node.scope.context();
    let variables = &*services.variables;
    let mut problems = Vec::new();
    let mut add = |code: &str, text: String| {
        problems.push(Problem::error(code, path, "expression", text));
    };
    if own.eval.trim().is_empty() {
        let name = &node.frame.name;
        add(
            "0xC001F185",
            format!("the evaluation expression of loop `{name}` is empty; a Boolean is required"),
        );
    } else if let Err(failure) = variables::expressions::check(&own.eval, variables, context) {
        add("0xC0017005", failure.message);
    }
    for (code, text) in [("0xC0017009", &own.init), ("0xC0017008", &own.assign)] {
        if text.trim().is_empty() {
            continue;
        }
        if let Err(failure) = variables::expressions::check_assignment(text, variables, context) {
            add(code, failure.message);
        }
    }
    problems
}

fn foreach_problems(node: &Node, own: &ForeachLoop) -> Vec<Problem> {
    let path = &node.frame.package_path;
    let mut problems = Vec::new();
    if let Some(reason) = enumerators::check(own) {
        let code = match enumerators::is_known(own) {
            true => "0xC0014023",
            false => "SO4009",
        };
        let text = format!("loop `{}`: {reason}", node.frame.name);
        problems.push(Problem::error(code, path, &own.enumerator, text));
    }
    for (variable, _) in &own.variable_mappings {
        let text = match node.scope.find(variable) {
            Err(error) => error.to_string(),
            Ok(cell) if cell.is_read_only() => format!("variable `{variable}` is read-only"),
            Ok(_) => continue,
        };
        let text = format!("variable mapping of loop `{}`: {text}", node.frame.name);
        problems.push(Problem::error("0xC001C012", path, "variable", text));
    }
    problems
}
