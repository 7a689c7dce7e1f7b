//! Execute Package task: runs another package, of the project or in a file, in the same process or as
//! an execution of its own.

use std::sync::Arc;

use scaleout_core::error::{Explain, explained};
use scaleout_core::package::project::{Project, ProjectPackage};
use scaleout_core::package::{Package, PackageError, PackagePassword, Task, dtsx, xml::Element};
use scaleout_core::protocol::task::{ParameterValue, TaskDescription};

use super::frame::Place;
use super::node::Node;
use super::outcome::Outcome;
use super::scaled_out;
use crate::events::{Events, Message, Severity};
use crate::executor::Redacted;
use crate::paths;
use crate::refusal::not_run_here;
use crate::run::{Caller, Host, Order, Reporter, Runtime, prepare, run};
use crate::services::{Connections, Services, Variables};
use crate::settle::parameters::Missing;
use crate::settle::task_property::{Place as In, PropertyPlace};
use crate::tasks::TaskFailure;
use crate::validation::Problem;
use crate::value::TypedValue;
use crate::variables::{PACKAGE_PARAMETERS, PROJECT_PARAMETERS, typed};

/// Canonical creation name.
pub(crate) const TASK_TYPE: &str = "Microsoft.ExecutePackageTask";

/// Properties by object-model name.
pub(crate) const PROPERTIES: &[PropertyPlace] = &[
    ("PackageName", In::Child("PackageName")),
    ("Connection", In::Child("Connection")),
    ("PackagePassword", In::Child("PackagePassword")),
    ("UseProjectReference", In::Child("UseProjectReference")),
    ("ExecuteOutOfProcess", In::Child("ExecuteOutOfProcess")),
    ("PackageID", In::Child("PackageID")),
    ("VersionID", In::Child("VersionID")),
];

/// `DTS_E_TKEXECPACKAGE_UNABLETOLOAD`
const UNABLE_TO_LOAD: u32 = 0xC002_20E4;
/// `DTS_E_TKEXECPACKAGE_UNABLETOLOADFILE`
const UNABLE_TO_LOAD_FILE: u32 = 0xC002_20DE;
/// Packages that may run inside each other: a package that runs itself must end.
const DEEPEST: usize = 16;

/// What is wrong with the settings of the task.
pub(crate) fn problems(node: &Node, task: &Task, services: &Services) -> Vec<Problem> {
    let path = &node.frame.package_path;
    let error = |code: &str, text: String| vec![Problem::error(code, path, TASK_TYPE, text)];
    if is_project_reference(&task.data) {
        return match package_name(&task.data) {
            "" => error("0xC00220DF", "no package is given".to_owned()),
            _ => Vec::new(),
        };
    }
    let connection = child_text(&task.data, "Connection");
    if connection.is_empty() {
        let text = "no package is given: the task names no file connection".to_owned();
        return error("0xC00220DF", text);
    }
    match services.connections.resolve(connection) {
        Err(unknown) => error(unknown.code(), unknown.explained()),
        Ok(manager) if manager.creation_name == "FILE" => Vec::new(),
        Ok(manager) => error("SO4013", elsewhere(&node.frame.name, &manager.name)),
    }
}

/// Why a package that is stored in a database does not run.
fn elsewhere(task: &str, connection: &str) -> String {
    not_run_here(
        &format!("task `{task}` runs a package that SQL Server stores (connection `{connection}`)"),
        "add that package to the project and set the task's ReferenceType to Project Reference, \
         or keep it in a file and use a file connection",
    )
}

/// Runs the child package. Its events bubble into this task and on.
pub(super) fn run_child(
    runtime: &Arc<Runtime>,
    node: &Node,
    task: &Task,
    place: &Place,
) -> Result<Option<TypedValue>, TaskFailure> {
    let reporter = Reporter::new(runtime, &node.frame, place);
    let not_loaded = |message: Message| {
        reporter.raise(Severity::Error, message);
        TaskFailure::Failed
    };
    let failed = |text: String| not_loaded(Message::new(UNABLE_TO_LOAD, text));
    let around = usize::try_from(runtime.task.depth).unwrap_or(DEEPEST);
    if DEEPEST <= runtime.depth() + around {
        return Err(failed(format!(
            "packages run inside each other more than {DEEPEST} deep"
        )));
    }
    let project = match is_project_reference(&task.data) {
        true => Arc::clone(&runtime.project),
        false => Arc::new(project_of_file(runtime, node, task).map_err(not_loaded)?),
    };
    let description = describe(runtime, &project, node, task).map_err(failed)?;
    if Arc::ptr_eq(&project, &runtime.project)
        && let Some(runner) = scaled_out::runner(runtime, task, place)
    {
        let child = (description.package_name, description.package_parameters);
        return scaled_out::run(runtime, &**runner, node, place, child, &reporter);
    }
    let host = host_of(runtime, &description, &project);
    let caller = Caller {
        runtime: Arc::clone(runtime),
        frame: Arc::clone(&node.frame),
        place: place.clone(),
    };
    let child = prepare(Order {
        project: &project,
        task: Arc::new(description),
        settings: Arc::clone(&runtime.settings),
        host,
        missing: Missing::Refused,
        reads_configurations: true,
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

/// The package of a file, as the only one of a project without parameters: a package outside the
/// project sees nothing of it.
fn project_of_file(runtime: &Runtime, node: &Node, task: &Task) -> Result<Project, Message> {
    let reference = child_text(&task.data, "Connection");
    let manager = runtime.connections.resolve(reference);
    let manager = manager.map_err(|error| Message::new(0xC001_000E, error.explained()))?;
    if manager.creation_name != "FILE" {
        let text = elsewhere(&node.frame.name, &manager.name);
        return Err(Message::new(UNABLE_TO_LOAD, text));
    }
    let written = manager.connection_string();
    let failed = |reason: String| {
        let text = format!(
            "loading package file `{written}` (connection `{}`) failed: {reason}",
            manager.name
        );
        Message::new(UNABLE_TO_LOAD_FILE, text)
    };
    let path = paths::resolve(written, &runtime.settings);
    let path = path.map_err(|error| failed(error.explained()))?;
    let bytes = std::fs::read(&path).map_err(|error| failed(error.to_string()))?;
    let package = read(&bytes, &path.display().to_string(), runtime, task);
    let package = package.map_err(|error| failed(explained(&error)))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(Project {
        name: package.root.name.clone(),
        id: String::new(),
        description: String::new(),
        version: package.version,
        format_version: 1,
        parameters: Vec::new(),
        connection_managers: Vec::new(),
        packages: vec![ProjectPackage {
            file_name: name.into_owned(),
            entry_point: true,
            manifest_parameters: Vec::new(),
            package: Arc::new(package),
        }],
        connection_parameters: Vec::new(),
        notes: Vec::new(),
    })
}

/// Reads a package with the password of the task; without one with that of the project, if it fits.
fn read(
    bytes: &[u8],
    origin: &str,
    runtime: &Runtime,
    task: &Task,
) -> Result<Package, PackageError> {
    let own = child_text(&task.data, "PackagePassword");
    if let Some(password) = PackagePassword::new(own) {
        runtime.host.sink.hide(own);
        return dtsx::read_with_password(bytes, origin, Some(&password));
    }
    let of_project = runtime.task.package_password.as_ref();
    dtsx::read_with_password(bytes, origin, of_project).or_else(|_| dtsx::read(bytes, origin))
}

/// The world around the child. The secrets of a package from a file are not known further out.
fn host_of(runtime: &Runtime, description: &TaskDescription, project: &Arc<Project>) -> Host {
    let mut host = runtime.host.clone();
    if !Arc::ptr_eq(project, &runtime.project) {
        host.sink = Arc::new(Redacted::new(
            host.sink,
            description,
            project,
            &runtime.settings,
        ));
    }
    host
}

fn describe(
    runtime: &Runtime,
    project: &Arc<Project>,
    node: &Node,
    task: &Task,
) -> Result<TaskDescription, String> {
    let is_other = !Arc::ptr_eq(project, &runtime.project);
    let packages = &project.packages;
    let name = match packages.as_slice() {
        [only] if is_other => only.file_name.as_str(),
        _ => package_name(&task.data),
    };
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
        if is_sensitive(runtime, source) && !declared.sensitive {
            return Err(format!(
                "parameter `{source}` is sensitive, and parameter `{parameter}` of package `{name}`, \
                 which is to take its value, is not; make it sensitive as well"
            ));
        }
        let value = node.scope.get(source).map_err(|error| error.to_string())?;
        values.push(ParameterValue {
            name: declared.name.clone(),
            data_type: declared.data_type,
            value: typed::shown(&value),
            sensitive: declared.sensitive,
        });
    }
    let of_project = match is_other {
        true => Vec::new(),
        false => runtime.task.project_parameters.clone(),
    };
    Ok(TaskDescription {
        package_name: package.file_name.clone(),
        project_parameters: of_project,
        package_parameters: values,
        property_overrides: Vec::new(),
        command_line_configurations: runtime.task.command_line_configurations.map(|_| 0),
        ..TaskDescription::clone(&runtime.task)
    })
}

/// Whether a name is that of a sensitive parameter of the project or of the package that runs.
fn is_sensitive(runtime: &Runtime, name: &str) -> bool {
    let Some((scope, name)) = name.split_once("::") else {
        return false;
    };
    let project = &runtime.project;
    let parameters = match scope {
        PROJECT_PARAMETERS => Some(&project.parameters),
        PACKAGE_PARAMETERS => {
            let mut packages = project.packages.iter();
            let own = packages.find(|one| one.file_name == runtime.package_name);
            own.map(|own| &own.package.parameters)
        }
        _ => None,
    };
    let mut parameters = parameters.into_iter().flatten();
    parameters.any(|one| one.name == name && one.sensitive)
}

fn is_project_reference(data: &Element) -> bool {
    let text = child_text(data, "UseProjectReference");
    text.eq_ignore_ascii_case("true") || text == "-1" || text == "1"
}

fn package_name(data: &Element) -> &str {
    child_text(data, "PackageName")
}

fn child_text<'d>(data: &'d Element, name: &str) -> &'d str {
    data.child(name).map_or("", |child| child.text.trim())
}
