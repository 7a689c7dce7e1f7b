//! The package as data: the JSON contract of `soctl inspect`.

use scaleout_core::package::component_types::component_display_name;
use scaleout_core::package::connection_string::ConnectionString;
use scaleout_core::package::pipeline::Pipeline;
use scaleout_core::package::project::{Project, ProjectPackage};
use scaleout_core::package::task_types::{enumerator_display_name, task_display_name};
use scaleout_core::package::{
    ConnectionManager, ConstraintValue, EvalOp, Executable, ExecutableKind, Parameter,
    PrecedenceConstraint,
};
use scaleout_runtime::tasks::kinds;
use serde::Serialize;

/// Everything that is shown of a package.
#[derive(Debug, Serialize)]
pub struct Contents {
    /// File name.
    pub package: String,
    /// Project.
    pub project: String,
    /// `PackageFormatVersion`
    pub format_version: u8,
    /// Major, minor, build.
    pub version: String,
    /// `ProtectionLevel`
    pub protection_level: &'static str,
    /// Parameters of project and package.
    pub parameters: Vec<ParameterLine>,
    /// Connection managers of package and project.
    pub connections: Vec<ConnectionLine>,
    /// The package as an executable.
    pub root: Node,
}

/// A parameter.
#[derive(Debug, Serialize)]
pub struct ParameterLine {
    /// `$Project::P`
    pub name: String,
    /// Type.
    pub data_type: String,
    /// Must have a value.
    pub required: bool,
    /// Is a secret.
    pub sensitive: bool,
    /// Design value, unless it is a secret.
    pub value: Option<String>,
}

/// A connection manager.
#[derive(Debug, Serialize)]
pub struct ConnectionLine {
    /// Name.
    pub name: String,
    /// `OLEDB`, `FLATFILE`, ….
    pub kind: String,
    /// `package` or `project`.
    pub owner: &'static str,
    /// Connection string without secrets.
    pub connection_string: String,
    /// Properties that expressions give.
    pub expressions: Vec<String>,
}

/// An executable.
#[derive(Debug, Serialize)]
pub struct Node {
    /// Name.
    pub name: String,
    /// What people call it: `Execute SQL task`.
    pub kind: String,
    /// Path inside the package.
    pub path: String,
    /// Left out when the package runs.
    pub disabled: bool,
    /// This version runs it.
    pub runs_here: bool,
    /// Variables of its scope, as `User::X`.
    pub variables: Vec<String>,
    /// Properties that expressions give.
    pub expressions: Vec<String>,
    /// Children.
    pub children: Vec<Node>,
    /// What children wait for.
    pub constraints: Vec<ConstraintLine>,
    /// Components, if it is a data flow.
    pub components: Vec<ComponentLine>,
    /// Event handlers that hold anything.
    pub event_handlers: Vec<HandlerLine>,
}

/// A precedence constraint.
#[derive(Debug, Serialize)]
pub struct ConstraintLine {
    /// Name of the executable that ends.
    pub from: String,
    /// Name of the executable that waits.
    pub to: String,
    /// Path of the first.
    pub from_path: String,
    /// Path of the second.
    pub to_path: String,
    /// `success`, `failure and @[User::X] > 1`, ….
    pub condition: String,
    /// One of several that is enough.
    pub or: bool,
}

/// A component of a data flow.
#[derive(Debug, Serialize)]
pub struct ComponentLine {
    /// Name.
    pub name: String,
    /// What people call it: `Flat File Source`.
    pub kind: String,
    /// Names of the components that get its rows.
    pub to: Vec<String>,
}

/// An event handler.
#[derive(Debug, Serialize)]
pub struct HandlerLine {
    /// `OnError`, ….
    pub event: String,
    /// Its body.
    pub body: Node,
}

impl Contents {
    /// Everything of a package.
    pub fn of(project: &Project, entry: &ProjectPackage) -> Self {
        let package = &entry.package;
        let (major, minor, build) = package.version;
        let of_project = project.parameters.iter();
        let of_project = of_project.map(|one| parameter("$Project", one));
        let of_package = package.parameters.iter();
        let of_package = of_package.map(|one| parameter("$Package", one));
        let own = package.connection_managers.iter();
        let own = own.map(|one| connection("package", one));
        let shared = project.connection_managers.iter();
        let shared = shared.map(|one| connection("project", one));
        Self {
            package: entry.file_name.clone(),
            project: project.name.clone(),
            format_version: package.format_version,
            version: format!("{major}.{minor}.{build}"),
            protection_level: package.protection_level.word(),
            parameters: of_project.chain(of_package).collect(),
            connections: own.chain(shared).collect(),
            root: node(&package.root),
        }
    }
}

fn parameter(scope: &str, one: &Parameter) -> ParameterLine {
    ParameterLine {
        name: format!("{scope}::{}", one.name),
        data_type: format!("{:?}", one.data_type),
        required: one.required,
        sensitive: one.sensitive,
        value: one
            .value
            .as_deref()
            .filter(|_| !one.sensitive)
            .map(without_secrets),
    }
}

/// Many a parameter holds a connection string; what is none has no secrets to be known by.
fn without_secrets(text: &str) -> String {
    let Ok(string) = ConnectionString::parse(text) else {
        return text.to_owned();
    };
    let redacted = string.redacted();
    match redacted == string.to_string() {
        true => text.to_owned(),
        false => redacted,
    }
}

fn connection(owner: &'static str, one: &ConnectionManager) -> ConnectionLine {
    ConnectionLine {
        name: one.name.clone(),
        kind: one.creation_name.clone(),
        owner,
        connection_string: without_secrets(one.connection_string()),
        expressions: one
            .property_expressions
            .iter()
            .map(|it| format!("{} = {}", it.property, it.expression))
            .collect(),
    }
}

fn node(executable: &Executable) -> Node {
    let variables = executable.variables.iter();
    let expressions = executable.property_expressions.iter();
    let constraints = executable.precedence_constraints.iter();
    let handlers = executable.event_handlers.iter();
    let filled = handlers.filter(|handler| !handler.body.executables.is_empty());
    let components = match &executable.kind {
        ExecutableKind::DataFlow(pipeline) => components(pipeline),
        _ => Vec::new(),
    };
    Node {
        name: executable.name.clone(),
        kind: kind(executable),
        path: executable.ref_id.clone(),
        disabled: executable.disabled,
        runs_here: runs_here(executable),
        variables: variables
            .map(|one| format!("{}::{}", one.namespace, one.name))
            .collect(),
        expressions: expressions
            .map(|one| format!("{} = {}", one.property, one.expression))
            .collect(),
        children: executable.executables.iter().map(node).collect(),
        constraints: constraints.map(|one| constraint(executable, one)).collect(),
        components,
        event_handlers: filled
            .map(|handler| HandlerLine {
                event: handler.event_name.clone(),
                body: node(&handler.body),
            })
            .collect(),
    }
}

fn kind(executable: &Executable) -> String {
    match &executable.kind {
        ExecutableKind::Package => "package".to_owned(),
        ExecutableKind::Sequence => "Sequence container".to_owned(),
        ExecutableKind::ForLoop(own) => format!("For loop while {}", own.eval),
        ExecutableKind::ForeachLoop(own) => {
            let name = enumerator_display_name(&own.enumerator);
            format!("Foreach loop ({})", name.unwrap_or(&own.enumerator))
        }
        ExecutableKind::DataFlow(_) => "Data Flow task".to_owned(),
        ExecutableKind::Task(task) => task_display_name(&task.task_type)
            .unwrap_or(&task.task_type)
            .to_owned(),
    }
}

fn runs_here(executable: &Executable) -> bool {
    const RUN_BY_CONTROL_FLOW: &str = "Microsoft.ExecutePackageTask";
    match &executable.kind {
        ExecutableKind::Task(task) => {
            task.task_type == RUN_BY_CONTROL_FLOW || kinds::kind(&task.task_type).is_some()
        }
        _ => true,
    }
}

fn constraint(owner: &Executable, one: &PrecedenceConstraint) -> ConstraintLine {
    let name_of = |path: &str| {
        let mut children = owner.executables.iter();
        let found = children.find(|child| child.ref_id == path);
        found.map_or_else(|| path.to_owned(), |child| child.name.clone())
    };
    let value = match one.value {
        ConstraintValue::Success => "success",
        ConstraintValue::Failure => "failure",
        ConstraintValue::Completion => "completion",
        ConstraintValue::Canceled => "cancel",
    };
    let condition = match one.eval_op {
        EvalOp::Constraint => value.to_owned(),
        EvalOp::Expression => one.expression.clone(),
        EvalOp::ExpressionAndConstraint => format!("{value} and {}", one.expression),
        EvalOp::ExpressionOrConstraint => format!("{value} or {}", one.expression),
    };
    ConstraintLine {
        from: name_of(&one.from),
        to: name_of(&one.to),
        from_path: one.from.clone(),
        to_path: one.to.clone(),
        condition,
        or: !one.logical_and,
    }
}

fn components(pipeline: &Pipeline) -> Vec<ComponentLine> {
    let receiver = |input_id: &str| {
        let mut all = pipeline.components.iter();
        let found = all.find(|one| one.inputs.iter().any(|input| input.id == input_id));
        found.map_or_else(|| input_id.to_owned(), |one| one.name.clone())
    };
    let line = |one: &scaleout_core::package::pipeline::Component| {
        let paths = pipeline.paths.iter();
        let own = paths.filter(|path| one.outputs.iter().any(|output| output.id == path.start));
        let kind = component_display_name(&one.component_type);
        ComponentLine {
            name: one.name.clone(),
            kind: kind.unwrap_or(&one.component_type).to_owned(),
            to: own.map(|path| receiver(&path.end)).collect(),
        }
    };
    pipeline.components.iter().map(line).collect()
}
