//! Property overrides: follows a property path through a package and sets what it leads to.

use scaleout_core::package::property_path::{Level, PropertyPath, Target};
use scaleout_core::package::{
    ConnectionManager, ConstraintValue, EvalOp, Executable, ExecutableKind, Package,
    PrecedenceConstraint, Variable,
};

use super::error::{PropertyError, SettleError};
use super::value::PropertyValue;
use super::{connection_property, executable_property};
use crate::control_flow::enumerators;
use crate::variables::typed;

/// Applies one override. Connection managers of the project can be reached like the package's.
///
/// # Errors
/// [`SettleError`] naming the path, and what was not found or does not take the value.
pub fn apply(
    package: &mut Package,
    project_connections: &mut [ConnectionManager],
    path: &str,
    text: &str,
) -> Result<(), SettleError> {
    let parsed = PropertyPath::parse(path).map_err(SettleError::Path)?;
    let value = PropertyValue::from_text(text);
    let followed = follow(package, project_connections, &parsed, &value);
    followed.map_err(|source| SettleError::Override {
        path: path.to_owned(),
        source,
    })
}

fn follow(
    package: &mut Package,
    project_connections: &mut [ConnectionManager],
    path: &PropertyPath,
    value: &PropertyValue,
) -> Result<(), PropertyError> {
    match &path.target {
        Target::Connection { name, property } => {
            let of_package = package.connection_managers.iter_mut();
            let mut managers = of_package.chain(project_connections);
            let found = managers.find(|manager| manager.name == *name);
            let found = found
                .ok_or_else(|| PropertyError::missing("the package", "connection manager", name))?;
            connection_property::set(found, property, value)
        }
        Target::LogProvider { name, property } => {
            let mut providers = package.log_providers.iter_mut();
            let found = providers.find(|provider| provider.name == *name);
            let found =
                found.ok_or_else(|| PropertyError::missing("the package", "log provider", name))?;
            if property != "ConfigString" {
                return Err(PropertyError::unknown(
                    &format!("log provider `{name}`"),
                    property,
                ));
            }
            value.text().clone_into(&mut found.config_string);
            Ok(())
        }
        Target::Executable { property }
            if path.levels.is_empty() && property == "MaxConcurrentExecutables" =>
        {
            package.max_concurrent_executables = value.integer(property)?;
            Ok(())
        }
        target => in_executable(owner(&mut package.root, &path.levels)?, target, value),
    }
}

/// The executable that the levels of a path lead to.
fn owner<'e>(
    root: &'e mut Executable,
    levels: &[Level],
) -> Result<&'e mut Executable, PropertyError> {
    let mut at = root;
    for level in levels {
        let here = format!("`{}`", at.name);
        at = match level {
            Level::Executable(name) => {
                let mut children = at.executables.iter_mut();
                let child = children.find(|child| child.name == *name);
                child.ok_or_else(|| PropertyError::missing(&here, "executable", name))?
            }
            Level::EventHandler(event) => {
                let mut handlers = at.event_handlers.iter_mut();
                let handler = handlers.find(|handler| handler.event_name == *event);
                let handler =
                    handler.ok_or_else(|| PropertyError::missing(&here, "event handler", event))?;
                &mut handler.body
            }
        };
    }
    Ok(at)
}

fn in_executable(
    executable: &mut Executable,
    target: &Target,
    value: &PropertyValue,
) -> Result<(), PropertyError> {
    let here = format!("`{}`", executable.name);
    match target {
        Target::Executable { property } => executable_property::set(executable, property, value),
        Target::Component {
            component,
            property,
        } => {
            let inside = format!("[{component}].[{property}]");
            executable_property::set(executable, &inside, value)
        }
        Target::Variable {
            namespace,
            name,
            property,
        } => {
            let variables = &mut executable.variables;
            let variable = find_variable(variables, namespace.as_deref(), name)
                .ok_or_else(|| PropertyError::missing(&here, "variable", name))?;
            set_variable(variable, property, value)
        }
        Target::ForEachEnumerator { property } => match &mut executable.kind {
            ExecutableKind::ForeachLoop(own) => enumerators::set_property(own, property, value),
            _ => Err(PropertyError::missing(
                &here,
                "enumerator",
                "ForEachEnumerator",
            )),
        },
        Target::PrecedenceConstraint { name, property } => {
            let mut constraints = executable.precedence_constraints.iter_mut();
            let found = constraints.find(|constraint| constraint.name == *name);
            let found = found
                .ok_or_else(|| PropertyError::missing(&here, "precedence constraint", name))?;
            set_constraint(found, property, value)
        }
        Target::Connection { name, .. } | Target::LogProvider { name, .. } => {
            Err(PropertyError::missing(&here, "item", name))
        }
    }
}

/// Exactly, or by the name alone where the path gives no namespace and it is unique.
fn find_variable<'v>(
    variables: &'v mut [Variable],
    namespace: Option<&str>,
    name: &str,
) -> Option<&'v mut Variable> {
    let matches = |variable: &Variable| {
        variable.name == name && namespace.is_none_or(|namespace| variable.namespace == namespace)
    };
    let mut found = variables.iter_mut().filter(|variable| matches(variable));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn set_variable(
    variable: &mut Variable,
    property: &str,
    value: &PropertyValue,
) -> Result<(), PropertyError> {
    match property {
        "Value" => {
            let mut literal = variable.value.clone();
            value.text().clone_into(&mut literal.text);
            typed::literal(&literal).map_err(|reason| {
                let wanted = literal.data_type.name();
                PropertyError::not_accepted("Value", format!("the variable is {wanted}, {reason}"))
            })?;
            variable.value = literal;
        }
        "Expression" => value.text().clone_into(&mut variable.expression),
        "EvaluateAsExpression" => variable.evaluate_as_expression = value.boolean(property)?,
        "ReadOnly" => variable.read_only = value.boolean(property)?,
        "RaiseChangedEvent" => variable.raise_changed_event = value.boolean(property)?,
        "Description" => value.text().clone_into(&mut variable.description),
        _ => {
            return Err(PropertyError::unknown(
                &format!("variable `{}`", variable.name),
                property,
            ));
        }
    }
    Ok(())
}

fn set_constraint(
    constraint: &mut PrecedenceConstraint,
    property: &str,
    value: &PropertyValue,
) -> Result<(), PropertyError> {
    let outside = || PropertyError::not_accepted(property, "it is outside the enumeration");
    match property {
        "Expression" => constraint.expression = value.text().to_owned(),
        "LogicalAnd" => constraint.logical_and = value.boolean(property)?,
        "Value" => {
            constraint.value = match value.integer(property)? {
                0_i32 => ConstraintValue::Success,
                1 => ConstraintValue::Failure,
                2 => ConstraintValue::Completion,
                3 => ConstraintValue::Canceled,
                _ => return Err(outside()),
            };
        }
        "EvalOp" => {
            constraint.eval_op = match value.integer(property)? {
                1_i32 => EvalOp::Expression,
                2 => EvalOp::Constraint,
                3 => EvalOp::ExpressionAndConstraint,
                4 => EvalOp::ExpressionOrConstraint,
                _ => return Err(outside()),
            };
        }
        _ => {
            let object = format!("precedence constraint `{}`", constraint.name);
            return Err(PropertyError::unknown(&object, property));
        }
    }
    Ok(())
}
