//! Execute Package task: runs another package of the project, in the same process.

use std::sync::Arc;

use scaleout_core::error::explained;
use scaleout_core::package::{Task, xml::Element};
use scaleout_core::protocol::task::{ParameterValue, TaskDescription};

use super::frame::Place;
use super::node::Node;
use super::outcome::Outcome;
use crate::events::{Events, Message, Severity};
use crate::refusal::not_run_here;
use crate::run::{Caller, Order, Reporter, Runtime, prepare, run};
use crate::services::Variables;
use crate::settle::parameters::Missing;
use crate::tasks::TaskFailure;
use crate::validation::Problem;
use crate::value::TypedValue;
use crate::variables::typed;

/// Canonical creation name.
pub(crate) const TASK_TYPE: &str = "Microsoft.ExecutePackageTask";

/// `DTS_E_TKEXECPACKAGE_UNABLETOLOAD`
const UNABLE_TO_LOAD: u32 = 0xC002_20E4;
/// Packages that may run inside each other: a package that runs itself must end.
const DEEPEST: usize = 16;

/// What is wrong with the settings of the task.
pub(crate) fn problems(node: &Node, task: &Task) -> Vec<Problem> {
    let path = &node.frame.package_path;
    let error = |code: &str, text: String| vec![Problem::error(code, path, TASK_TYPE, text)];
    if !is_project_reference(&task.data) {
        let text = not_run_here(
            &format!(
                "task `{}` runs a package outside the project",
                node.frame.name
            ),
            "add that package to the project and set the task's ReferenceType to Project \
             Reference, or disable the task",
        );
        return error("SO4013", text);
    }
    match package_name(&task.data) {
        "" => error("0xC00220DF", "no package is given".to_owned()),
        _ => Vec::new(),
    }
}

/// Runs the child package. Its events bubble into this task and on.
pub(super) fn run_child(
    runtime: &Arc<Runtime>,
    node: &Node,
    task: &Task,
    place: &Place,
) -> Result<Option<TypedValue>, TaskFailure> {
    let reporter = Reporter::new(runtime, &node.frame, place);
    let failed = |text: String| {
        reporter.raise(Severity::Error, Message::new(UNABLE_TO_LOAD, text));
        TaskFailure::Failed
    };
    if DEEPEST <= depth(runtime) {
        return Err(failed(format!(
            "packages run inside each other more than {DEEPEST} deep"
        )));
    }
    let description = describe(runtime, node, task).map_err(failed)?;
    let caller = Caller {
        runtime: Arc::clone(runtime),
        frame: Arc::clone(&node.frame),
        place: place.clone(),
    };
    let child = prepare(Order {
        project: &runtime.project,
        task: Arc::new(description),
        settings: Arc::clone(&runtime.settings),
        host: runtime.host.clone(),
        missing: Missing::Refused,
        caller: Some((caller, Arc::clone(&node.scope))),
    });
    let child = child.map_err(|error| failed(explained(&error)))?;
    match run(&child) {
        Outcome::Success | Outcome::Completion => Ok(None),
        Outcome::Canceled => Err(TaskFailure::Canceled),
        Outcome::Failure => {
            let text = format!("package `{}` failed", child.package_name);
            reporter.raise(Severity::Error, Message::new(0xC001_0014, text));
            Err(TaskFailure::Failed)
        }
    }
}

fn depth(runtime: &Arc<Runtime>) -> usize {
    let mut depth = 0;
    let mut at = runtime.caller.as_ref();
    while let Some(caller) = at {
        depth += 1;
        at = caller.runtime.caller.as_ref();
    }
    depth
}

fn describe(runtime: &Runtime, node: &Node, task: &Task) -> Result<TaskDescription, String> {
    let name = package_name(&task.data);
    let packages = &runtime.project.packages;
    let found = packages
        .iter()
        .find(|package| package.file_name.eq_ignore_ascii_case(name));
    let package = found.ok_or_else(|| format!("the project has no package `{name}`"))?;
    let mut values = Vec::new();
    for assignment in task.data.children_named("ParameterAssignment") {
        let text = |name: &str| assignment.child(name).map_or("", |child| child.text.trim());
        let (parameter, source) = (text("ParameterName"), text("BindedVariableOrParameterName"));
        let mut declared = package.package.parameters.iter();
        let declared = declared
            .find(|one| one.name == parameter)
            .ok_or_else(|| format!("package `{name}` has no parameter `{parameter}`"))?;
        let value = node.scope.get(source).map_err(|error| error.to_string())?;
        values.push(ParameterValue {
            name: declared.name.clone(),
            data_type: declared.data_type,
            value: typed::shown(&value),
            sensitive: declared.sensitive,
        });
    }
    Ok(TaskDescription {
        package_name: package.file_name.clone(),
        package_parameters: values,
        property_overrides: Vec::new(),
        ..TaskDescription::clone(&runtime.task)
    })
}

fn is_project_reference(data: &Element) -> bool {
    let text = data
        .child("UseProjectReference")
        .map(|child| child.text.trim());
    text.is_some_and(|text| text.eq_ignore_ascii_case("true") || text == "-1" || text == "1")
}

fn package_name(data: &Element) -> &str {
    data.child("PackageName")
        .map_or("", |child| child.text.trim())
}
