//! Executables: the package, containers, tasks, and event handler bodies.

use std::collections::BTreeMap;

use super::constraint::read_constraint;
use super::foreach::read_foreach;
use super::logging::read_logging_options;
use super::pipeline::read_pipeline;
use super::variable::{read_literal, read_variable};
use crate::package::VariableType;
use crate::package::error::PackageError;
use crate::package::model::{
    EventHandler, Executable, ExecutableKind, ForLoop, ForcedResult, Literal, PropertyExpression,
    Task, TransactionOption,
};
use crate::package::node::Node;
use crate::package::task_types::canonical_task_type;
use crate::package::xml::Element;

/// `IsolationLevel` where the file says nothing: serializable.
const SERIALIZABLE: i32 = 1_048_576;

/// The deepest nesting of executables: everything that walks a package walks it by recursion.
pub const MAX_NESTED_EXECUTABLES: usize = 40;

/// Properties with a field of their own in the model, and those that only serve the file.
const MODELLED: [&str; 45] = [
    "AssignExpression",
    "CreationDate",
    "CreationName",
    "CreatorComputerName",
    "CreatorName",
    "DTSID",
    "DelayValidation",
    "Description",
    "DisableEventHandlers",
    "Disabled",
    "EnableConfig",
    "EvalExpression",
    "EventID",
    "EventName",
    "ExecValue",
    "ExecutableType",
    "ExecutionAddress",
    "ExecutionLocation",
    "ExecutionValueVariable",
    "FailPackageOnFailure",
    "FailParentOnFailure",
    "ForceExecValue",
    "ForceExecutionResult",
    "ISOLevel",
    "InitExpression",
    "LocaleID",
    "MaxConcurrent",
    "MaxConcurrentExecutables",
    "MaxErrorCount",
    "ObjectName",
    "PackageFormatVersion",
    "ProtectionLevel",
    "TaskContact",
    "ThreadHint",
    "TransactionOption",
    "VersionBuild",
    "VersionComments",
    "VersionGUID",
    "VersionMajor",
    "VersionMinor",
    "refId",
    "ExecutableID",
    "IDREF",
    "IsFrom",
    "space",
];

/// The package itself.
pub(super) fn read_root(node: Node<'_>) -> Result<Executable, PackageError> {
    let locale_id = node.number("LocaleID", -1)?;
    let mut root = read_common(node, "Package".to_owned(), ExecutableKind::Package, 1)?;
    root.locale_id = locale_id;
    Ok(root)
}

fn read_child(node: Node<'_>, parent: &str, depth: usize) -> Result<Executable, PackageError> {
    let ref_id = match node.get("refId") {
        Some(ref_id) if !ref_id.is_empty() => ref_id.to_owned(),
        _ => format!("{parent}\\{}", node.text("ObjectName")),
    };
    let kind = read_kind(node)?;
    read_common(node, ref_id, kind, depth)
}

fn read_event_handler(
    node: Node<'_>,
    parent: &str,
    depth: usize,
) -> Result<EventHandler, PackageError> {
    let event_name = ["EventName", "CreationName", "ObjectName"]
        .iter()
        .find_map(|name| node.get(name).filter(|text| !text.is_empty()))
        .ok_or_else(|| node.missing("`EventName`"))?
        .to_owned();
    let ref_id = match node.get("refId") {
        Some(ref_id) if !ref_id.is_empty() => ref_id.to_owned(),
        _ => format!("{parent}.EventHandlers[{event_name}]"),
    };
    let mut body = read_common(node, ref_id, ExecutableKind::Sequence, depth)?;
    if body.name.is_empty() {
        body.name.clone_from(&event_name);
    }
    Ok(EventHandler { event_name, body })
}

/// What all executables have, children included.
fn read_common(
    node: Node<'_>,
    ref_id: String,
    kind: ExecutableKind,
    depth: usize,
) -> Result<Executable, PackageError> {
    if depth > MAX_NESTED_EXECUTABLES {
        return Err(PackageError::DocumentLimit {
            place: node.place(),
            limit: format!("{MAX_NESTED_EXECUTABLES} nested containers and tasks"),
        });
    }
    let executables = node
        .items("Executables", "Executable")
        .map(|child| read_child(child, &ref_id, depth + 1))
        .collect::<Result<Vec<_>, _>>()?;
    let precedence_constraints = node
        .items("PrecedenceConstraints", "PrecedenceConstraint")
        .map(|constraint| read_constraint(constraint, &executables))
        .collect::<Result<_, _>>()?;
    let event_handlers = node
        .items("EventHandlers", "EventHandler")
        .map(|handler| read_event_handler(handler, &ref_id, depth + 1))
        .collect::<Result<_, _>>()?;
    let variables = node
        .items("Variables", "Variable")
        .map(read_variable)
        .collect::<Result<_, _>>()?;
    let logging = node
        .child("LoggingOptions")
        .map(read_logging_options)
        .transpose()?;
    Ok(Executable {
        ref_id,
        id: node.text("DTSID"),
        name: node.text("ObjectName"),
        description: node.text("Description"),
        creation_name: written_type(node).to_owned(),
        line: node.element.line,
        kind,
        disabled: node.boolean("Disabled", false)?,
        delay_validation: node.boolean("DelayValidation", false)?,
        disable_event_handlers: node.boolean("DisableEventHandlers", false)?,
        fail_package_on_failure: node.boolean("FailPackageOnFailure", false)?,
        fail_parent_on_failure: node.boolean("FailParentOnFailure", false)?,
        maximum_error_count: read_maximum_error_count(node)?,
        force_execution_result: read_forced_result(node)?,
        force_execution_value: node.boolean("ForceExecValue", false)?,
        forced_execution_value: read_forced_value(node)?,
        execution_value_variable: node.text("ExecutionValueVariable"),
        transaction_option: read_transaction_option(node)?,
        isolation_level: node.number("ISOLevel", SERIALIZABLE)?,
        locale_id: node.number("LocaleID", -1)?,
        logging,
        variables,
        property_expressions: read_property_expressions(node),
        executables,
        precedence_constraints,
        event_handlers,
        other_properties: read_other_properties(node.element),
    })
}

/// Property expressions directly below an element.
pub(super) fn read_property_expressions(node: Node<'_>) -> Vec<PropertyExpression> {
    let expressions = node.children("PropertyExpression");
    expressions
        .map(|expression| PropertyExpression {
            property: expression.text("Name"),
            expression: expression.element.text.clone(),
        })
        .collect()
}

/// The first element inside `ObjectData`: a task's or an enumerator's own settings.
pub(super) fn object_data(node: Node<'_>) -> Option<&Element> {
    let data = node.child("ObjectData")?;
    data.element.children.first()
}

fn read_kind(node: Node<'_>) -> Result<ExecutableKind, PackageError> {
    let names = [node.get("CreationName"), node.get("ExecutableType")];
    let is = |name: &str| names.iter().flatten().any(|written| *written == name);
    if is("STOCK:SEQUENCE") {
        return Ok(ExecutableKind::Sequence);
    }
    if is("STOCK:FORLOOP") {
        return Ok(ExecutableKind::ForLoop(ForLoop {
            init: node.text("InitExpression"),
            eval: node.text("EvalExpression"),
            assign: node.text("AssignExpression"),
        }));
    }
    if is("STOCK:FOREACHLOOP") {
        return Ok(ExecutableKind::ForeachLoop(read_foreach(node)?));
    }
    let known = names
        .iter()
        .flatten()
        .find_map(|name| canonical_task_type(name));
    if known == Some("Microsoft.Pipeline") {
        return Ok(ExecutableKind::DataFlow(read_pipeline(node)?));
    }
    let written = written_type(node);
    if known.is_none() && written.is_empty() {
        return Err(node.missing("`CreationName` or `ExecutableType`"));
    }
    Ok(ExecutableKind::Task(Task {
        task_type: known.unwrap_or(written).to_owned(),
        data: object_data(node).cloned().unwrap_or_default(),
    }))
}

fn written_type(node: Node<'_>) -> &str {
    let creation_name = node.get("CreationName").filter(|name| !name.is_empty());
    creation_name
        .or_else(|| node.get("ExecutableType"))
        .unwrap_or_default()
}

/// Negative counts mean what 0 means: no limit.
fn read_maximum_error_count(node: Node<'_>) -> Result<u32, PackageError> {
    let count: i64 = node.number("MaxErrorCount", 1)?;
    Ok(u32::try_from(count.max(0)).unwrap_or(0))
}

fn read_forced_result(node: Node<'_>) -> Result<ForcedResult, PackageError> {
    node.choice(
        "ForceExecutionResult",
        &[
            ("-1", ForcedResult::None),
            ("0", ForcedResult::Success),
            ("1", ForcedResult::Failure),
            ("2", ForcedResult::Completion),
        ],
    )
}

fn read_transaction_option(node: Node<'_>) -> Result<TransactionOption, PackageError> {
    node.choice(
        "TransactionOption",
        &[
            ("0", TransactionOption::NotSupported),
            ("1", TransactionOption::Supported),
            ("2", TransactionOption::Required),
        ],
    )
}

/// `ExecValue` is an attribute without a type, or a child that has one.
fn read_forced_value(node: Node<'_>) -> Result<Option<Literal>, PackageError> {
    let typed = node
        .children("Property")
        .find(|child| child.get("Name") == Some("ExecValue"));
    if let Some(typed) = typed.or_else(|| node.child("ExecValue")) {
        return read_literal(typed).map(Some);
    }
    let text = node.element.attribute("ExecValue");
    Ok(text.map(|text| Literal {
        data_type: if text.parse::<i32>().is_ok() {
            VariableType::Int32
        } else {
            VariableType::String
        },
        text: text.to_owned(),
    }))
}

fn read_other_properties(element: &Element) -> BTreeMap<String, String> {
    let attributes = element
        .attributes
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let children = element.children_named("Property").filter_map(|property| {
        let name = property.attribute("Name")?;
        Some((name, property.text.as_str()))
    });
    attributes
        .chain(children)
        .filter(|(name, _)| !MODELLED.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
