//! Property expressions: evaluated at validation and before each execution of their object.

use std::borrow::Cow;
use std::sync::Arc;

use scaleout_core::package::{ConnectionManager, Executable, ExecutableKind, PropertyExpression};

use super::error::PropertyError;
use super::value::PropertyValue;
use super::{connection_property, executable_property};
use crate::control_flow::enumerators;
use crate::events::Message;
use crate::services::Variables;
use crate::variables::{Context, expressions};

/// `DTS_E_PROPERTYEXPRESSIONEVAL`
const DOES_NOT_EVALUATE: u32 = 0xC001_7003;
/// `DTS_E_PROPERTYEXPRESSIONSET`
const CANNOT_BE_SET: u32 = 0xC001_7004;

/// A property expression that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionProblem {
    /// SSIS code.
    pub code: u32,
    /// What happened.
    pub text: String,
}

impl ExpressionProblem {
    /// As a message of the object that has the expression.
    #[must_use]
    pub fn message(&self) -> Message {
        Message::new(self.code, self.text.clone())
    }
}

/// The executable with its property expressions evaluated now.
///
/// # Errors
/// Every expression that fails.
pub fn apply<'e>(
    executable: &'e Executable,
    variables: &dyn Variables,
    context: &Context,
) -> Result<Cow<'e, Executable>, Vec<ExpressionProblem>> {
    let of_enumerator = match &executable.kind {
        ExecutableKind::ForeachLoop(own) => own.property_expressions.as_slice(),
        _ => &[],
    };
    if executable.property_expressions.is_empty() && of_enumerator.is_empty() {
        return Ok(Cow::Borrowed(executable));
    }
    let mut changed = executable.clone();
    let mut problems = each(
        &executable.property_expressions,
        variables,
        context,
        |property, value| executable_property::set(&mut changed, property, value),
    );
    if let ExecutableKind::ForeachLoop(own) = &mut changed.kind {
        problems.extend(each(
            of_enumerator,
            variables,
            context,
            |property, value| enumerators::set_property(own, property, value),
        ));
    }
    match problems.is_empty() {
        true => Ok(Cow::Owned(changed)),
        false => Err(problems),
    }
}

/// The connection manager with its property expressions evaluated now.
///
/// # Errors
/// Every expression that fails.
pub fn apply_to_connection(
    manager: &Arc<ConnectionManager>,
    variables: &dyn Variables,
    context: &Context,
) -> Result<Arc<ConnectionManager>, Vec<ExpressionProblem>> {
    if manager.property_expressions.is_empty() {
        return Ok(Arc::clone(manager));
    }
    let mut changed = ConnectionManager::clone(manager);
    let problems = each(
        &manager.property_expressions,
        variables,
        context,
        |property, value| connection_property::set(&mut changed, property, value),
    );
    match problems.is_empty() {
        true => Ok(Arc::new(changed)),
        false => Err(problems),
    }
}

fn each(
    property_expressions: &[PropertyExpression],
    variables: &dyn Variables,
    context: &Context,
    mut set: impl FnMut(&str, &PropertyValue) -> Result<(), PropertyError>,
) -> Vec<ExpressionProblem> {
    let mut problems = Vec::new();
    for PropertyExpression {
        property,
        expression,
    } in property_expressions
    {
        let value = match expressions::evaluate(expression, variables, context) {
            Ok(value) => value,
            Err(failure) => {
                let text = format!(
                    "expression `{expression}` on property `{property}` cannot be evaluated: {}",
                    failure.message
                );
                problems.push(ExpressionProblem {
                    code: DOES_NOT_EVALUATE,
                    text,
                });
                continue;
            }
        };
        let set_now =
            PropertyValue::from_typed(property, &value).and_then(|value| set(property, &value));
        if let Err(error) = set_now {
            let text = format!(
                "the result of expression `{expression}` cannot be written to property \
                 `{property}`: {error}"
            );
            problems.push(ExpressionProblem {
                code: CANNOT_BE_SET,
                text,
            });
        }
    }
    problems
}
