//! Expressions of the control flow: no columns, variables of one scope.

use jiff::tz::TimeZone;

use super::scope::Context;
use crate::expression::{self, Compiled, Evaluation, Mistake, VariableTypes, VariableValues};
use crate::services::Variables;
use crate::value::{TypedValue, Value};

/// Why an expression gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionFailure {
    /// What happened, for a message.
    pub message: String,
}

/// The value of an expression now.
///
/// # Errors
/// It does not compile, or not evaluate.
pub fn evaluate(
    text: &str,
    variables: &dyn Variables,
    context: &Context,
) -> Result<TypedValue, ExpressionFailure> {
    evaluate_with(text, &variables, variables, context)
}

/// The value of an expression now, with the types of variables from elsewhere.
///
/// # Errors
/// It does not compile, or not evaluate.
pub fn evaluate_with(
    text: &str,
    types: &dyn VariableTypes,
    variables: &dyn Variables,
    context: &Context,
) -> Result<TypedValue, ExpressionFailure> {
    let compiled = compile(text, types, context)?;
    value_of(&compiled, &variables, context)
}

/// The value of an expression that must be a Boolean.
///
/// # Errors
/// It does not compile, not evaluate, or is no Boolean, or null.
pub fn boolean(
    text: &str,
    variables: &dyn Variables,
    context: &Context,
) -> Result<bool, ExpressionFailure> {
    if text.trim().is_empty() {
        return Err(failure("the expression is empty"));
    }
    match evaluate(text, variables, context)?.value {
        Value::Bool(value) => Ok(value),
        Value::Null => Err(failure(format!("expression `{text}` is null"))),
        _ => Err(failure(format!(
            "expression `{text}` must give True or False"
        ))),
    }
}

/// Evaluates `@Variable = expression` and stores the value; an expression without an
/// assignment is evaluated and discarded, as in the original.
///
/// # Errors
/// It does not compile or evaluate, or the variable does not take the value.
pub fn assign(
    text: &str,
    variables: &dyn Variables,
    context: &Context,
) -> Result<TypedValue, ExpressionFailure> {
    let (target, compiled) = match expression::compile_assignment(text, &scope(&variables, context))
    {
        Ok(compiled) => compiled,
        Err(error) if matches!(error.mistake, Mistake::NotAnAssignment) => {
            return evaluate(text, variables, context);
        }
        Err(error) => return Err(failure(error.to_string())),
    };
    let mut value = value_of(&compiled, &variables, context)?;
    if matches!(value.value, Value::Null) {
        let before = variables.get(&target);
        let before = before.map_err(|error| failure(error.to_string()))?;
        value = super::typed::empty_like(&before);
    }
    let set = variables.set(&target, value.clone());
    set.map_err(|error| failure(error.to_string()))?;
    Ok(value)
}

/// Whether an assignment compiles, and its target exists.
///
/// # Errors
/// Why not.
pub fn check_assignment(
    text: &str,
    variables: &dyn Variables,
    context: &Context,
) -> Result<(), ExpressionFailure> {
    match expression::compile_assignment(text, &scope(&variables, context)) {
        Ok((target, _)) => match variables.get(&target) {
            Ok(_) => Ok(()),
            Err(error) => Err(failure(error.to_string())),
        },
        Err(error) if matches!(error.mistake, Mistake::NotAnAssignment) => {
            compile(text, &variables, context).map(|_| ())
        }
        Err(error) => Err(failure(error.to_string())),
    }
}

/// Whether an expression compiles.
///
/// # Errors
/// Why not.
pub fn check(
    text: &str,
    variables: &dyn Variables,
    context: &Context,
) -> Result<(), ExpressionFailure> {
    compile(text, &variables, context).map(|_| ())
}

fn scope<'a>(types: &'a dyn VariableTypes, context: &Context) -> expression::Scope<'a> {
    expression::Scope {
        variables: Some(types),
        columns: &[],
        locale_id: context.locale_id,
    }
}

fn compile(
    text: &str,
    types: &dyn VariableTypes,
    context: &Context,
) -> Result<Compiled, ExpressionFailure> {
    expression::compile(text, &scope(types, context)).map_err(|error| failure(error.to_string()))
}

fn value_of(
    compiled: &Compiled,
    values: &dyn VariableValues,
    context: &Context,
) -> Result<TypedValue, ExpressionFailure> {
    let evaluation = Evaluation::at(context.clock.now())
        .with_variables(values)
        .in_time_zone(TimeZone::system());
    let value = compiled.evaluate(&evaluation);
    Ok(TypedValue {
        data_type: compiled.data_type(),
        value: value.map_err(|error| failure(error.to_string()))?,
    })
}

fn failure(message: impl Into<String>) -> ExpressionFailure {
    ExpressionFailure {
        message: message.into(),
    }
}
