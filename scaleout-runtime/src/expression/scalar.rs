//! Evaluation of one row, or of an expression without columns.

use std::sync::Arc;

use super::environment::Environment;
use super::evaluation_error::{EvaluationError, Fault};
use super::functions::{self, Others};
use super::operators::{MISLABELED, apply_binary, apply_unary};
use super::plan::{Node, NodeKind, Step};
use super::scope::VariableValues;
use super::syntax::Binary;
use super::types;
use super::words::Words;
use crate::convert::{convert, convert_on, text_form};
use crate::value::{DataType, Value};

/// A variable that an expression reads, with the type it was compiled for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct VariableSlot {
    pub name: String,
    pub data_type: DataType,
}

/// One evaluation.
pub(super) struct Run<'a> {
    text: &'a Arc<str>,
    slots: &'a [VariableSlot],
    variables: Option<&'a dyn VariableValues>,
    columns: Option<&'a [Value]>,
    environment: &'a Environment,
    /// The first thing that was cut off.
    pub truncation: Option<EvaluationError>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        text: &'a Arc<str>,
        slots: &'a [VariableSlot],
        variables: Option<&'a dyn VariableValues>,
        columns: Option<&'a [Value]>,
        environment: &'a Environment,
    ) -> Self {
        Self {
            text,
            slots,
            variables,
            columns,
            environment,
            truncation: None,
        }
    }

    /// The value of a node.
    pub(super) fn value(&mut self, node: &Node) -> Result<Value, EvaluationError> {
        match &node.kind {
            NodeKind::Constant(value) => Ok(value.clone()),
            NodeKind::Column(index) => {
                let value = self
                    .columns
                    .and_then(|columns| columns.get(*index))
                    .cloned();
                value
                    .ok_or_else(|| self.fault(node, Fault::Context("the expression needs columns")))
            }
            NodeKind::Variable(index) => self.variable(*index, node),
            NodeKind::Convert { operand, to } => {
                let value = self.value(operand)?;
                self.convert(&value, operand.data_type, *to, node)
            }
            NodeKind::Unary { operator, operand } => {
                let value = self.value(operand)?;
                apply_unary(*operator, &value, node.data_type)
                    .map_err(|fault| self.fault(node, fault))
            }
            NodeKind::Chain { steps, .. } if steps.iter().all(Step::concatenates) => {
                self.text_value(node)
            }
            NodeKind::Call { function, .. } if function.body.makes_text_of_text() => {
                self.text_value(node)
            }
            NodeKind::Chain { first, steps } => {
                let mut left = self.value(first)?;
                for step in steps {
                    left = self.step(&left, step)?;
                }
                Ok(left)
            }
            NodeKind::Conditional { condition, yes, no } => match self.value(condition)? {
                Value::Bool(true) => self.value(yes),
                Value::Bool(false) => self.value(no),
                _ => Ok(Value::Null),
            },
            NodeKind::Call {
                function,
                arguments,
                types,
            } => {
                let mut values = [Value::Null, Value::Null, Value::Null];
                for (value, argument) in values.iter_mut().zip(arguments) {
                    *value = self.value(argument)?;
                }
                let values = &values[..arguments.len().min(3)];
                functions::apply(function, values, types, node.data_type, self.environment)
                    .map_err(|fault| self.fault(node, fault))
            }
        }
    }

    fn text_value(&mut self, node: &Node) -> Result<Value, EvaluationError> {
        Ok(self.words(node)?.map_or(Value::Null, Words::into_value))
    }

    /// The text that a node is, without making a value of it; `None` for null.
    fn words<'n>(&mut self, node: &'n Node) -> Result<Option<Words<'n>>, EvaluationError> {
        match &node.kind {
            NodeKind::Constant(Value::Str(text)) => Ok(Some(Words::constant(text))),
            NodeKind::Chain { first, steps } if steps.iter().all(Step::concatenates) => {
                let mut left = self.words(first)?;
                for step in steps {
                    let right = self.words(&step.right)?;
                    left = match (left, right) {
                        (Some(left), Some(right)) => Some(left.followed_by(right.as_str())),
                        _ => None,
                    };
                }
                Ok(left)
            }
            NodeKind::Call {
                function,
                arguments,
                types,
            } if function.body.makes_text_of_text() => {
                let Some((first, others)) = arguments.split_first() else {
                    return Err(self.fault(node, MISLABELED));
                };
                let text = self.words(first)?;
                let mut values = [Value::Null, Value::Null];
                for (value, other) in values.iter_mut().zip(others) {
                    *value = self.value(other)?;
                }
                let values = &values[..others.len().min(2)];
                let Some(text) = text.filter(|_| !values.iter().any(is_null)) else {
                    return Ok(None);
                };
                let others = Others {
                    values,
                    types: types.get(1..).unwrap_or_default(),
                };
                functions::apply_to_words(function, text, &others)
                    .map(Some)
                    .map_err(|fault| self.fault(node, fault))
            }
            NodeKind::Convert { operand, to }
                if types::is_numeric(operand.data_type) && types::is_string(*to) =>
            {
                let value = self.value(operand)?;
                if is_null(&value) {
                    return Ok(None);
                }
                let locale_id = self.environment.locale_id;
                let (text, is_cut) = text_form(&value, operand.data_type, *to, locale_id)
                    .map_err(|error| self.fault(node, error.into()))?;
                self.note_truncation(is_cut, *to, node);
                Ok(Some(Words::made(text)))
            }
            _ => match self.value(node)? {
                Value::Str(text) => Ok(Some(Words::shared(text))),
                Value::Null => Ok(None),
                _ => Err(self.fault(node, MISLABELED)),
            },
        }
    }

    fn step(&mut self, left: &Value, step: &Step) -> Result<Value, EvaluationError> {
        match (step.operation.operator, left) {
            (Binary::And, Value::Bool(false)) => return Ok(Value::Bool(false)),
            (Binary::Or, Value::Bool(true)) => return Ok(Value::Bool(true)),
            _ => {}
        }
        let right = self.value(&step.right)?;
        apply_binary(&step.operation, left, &right, self.environment.locale_id)
            .map_err(|fault| EvaluationError::new(fault, self.text, step.span.clone()))
    }

    fn convert(
        &mut self,
        value: &Value,
        from: DataType,
        to: DataType,
        node: &Node,
    ) -> Result<Value, EvaluationError> {
        let converted = convert_value(value, from, to, self.environment)
            .map_err(|fault| self.fault(node, fault))?;
        self.note_truncation(converted.1, to, node);
        Ok(converted.0)
    }

    fn note_truncation(&mut self, is_cut: bool, to: DataType, node: &Node) {
        if is_cut && self.truncation.is_none() {
            self.truncation = Some(self.fault(node, Fault::Truncated(to)));
        }
    }

    fn variable(&mut self, index: usize, node: &Node) -> Result<Value, EvaluationError> {
        read_variable(
            self.slots,
            index,
            self.variables,
            self.environment.locale_id,
        )
        .map_err(|fault| self.fault(node, fault))
    }

    fn fault(&self, node: &Node, fault: Fault) -> EvaluationError {
        EvaluationError::new(fault, self.text, node.span.clone())
    }
}

fn is_null(value: &Value) -> bool {
    matches!(value, Value::Null)
}

/// The value in its new type, and whether something was cut off.
pub(super) fn convert_value(
    value: &Value,
    from: DataType,
    to: DataType,
    environment: &Environment,
) -> Result<(Value, bool), Fault> {
    let locale_id = environment.locale_id;
    let converted = match value {
        // Only a time of day needs to know the date.
        Value::Time(_) => convert_on(value, from, to, locale_id, environment.today()),
        _ => convert(value, from, to, locale_id),
    }?;
    Ok((converted.value, converted.truncated))
}

/// The value of a variable, in the type that the expression was compiled for.
pub(super) fn read_variable(
    slots: &[VariableSlot],
    index: usize,
    variables: Option<&dyn VariableValues>,
    locale_id: u32,
) -> Result<Value, Fault> {
    let (Some(slot), Some(variables)) = (slots.get(index), variables) else {
        return Err(Fault::Context("the expression needs variables"));
    };
    let typed = variables
        .value(&slot.name)
        .map_err(|error| Fault::Variable(Arc::new(error)))?;
    let same = std::mem::discriminant(&typed.data_type) == std::mem::discriminant(&slot.data_type);
    let exact = matches!(
        slot.data_type,
        DataType::Decimal { .. } | DataType::Numeric { .. }
    );
    if typed.data_type == slot.data_type || (same && !exact) {
        return Ok(typed.value);
    }
    Ok(convert(&typed.value, typed.data_type, slot.data_type, locale_id)?.value)
}
