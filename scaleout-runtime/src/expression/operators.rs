//! What operators do with two values: the element functions of both evaluators.

use std::cmp::Ordering;
use std::sync::Arc;

use super::arithmetic::{Checked, decimal};
use super::evaluation_error::Fault;
use super::plan::Operation;
use super::syntax::{Binary, Unary};
use crate::convert::{compare_decimals, compare_text, digits_of, moment_ticks};
use crate::value::{DataType, Value};

/// The value of a binary operator. Null with anything is null, but for `&&` and `||`.
pub(super) fn apply_binary(
    operation: &Operation,
    left: &Value,
    right: &Value,
    locale_id: u32,
) -> Result<Value, Fault> {
    match operation.operator {
        Binary::And => return Ok(logic(left, right, false)),
        Binary::Or => return Ok(logic(left, right, true)),
        _ => {}
    }
    if matches!(left, Value::Null) || matches!(right, Value::Null) {
        return Ok(Value::Null);
    }
    match operation.operator {
        Binary::Add if matches!(operation.result, DataType::Wstr { .. } | DataType::Image) => {
            concatenate(left, right)
        }
        Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Modulo => {
            arithmetic(operation, left, right)
        }
        Binary::BitAnd | Binary::BitOr | Binary::BitXor => arithmetic(operation, left, right),
        _ => Ok(compare_values(operation, left, right, locale_id).map_or(
            Value::Bool(operation.operator == Binary::NotEqual),
            |order| Value::Bool(holds(operation.operator, order)),
        )),
    }
}

/// The value of an operator before its operand.
pub(super) fn apply_unary(
    operator: Unary,
    value: &Value,
    data_type: DataType,
) -> Result<Value, Fault> {
    let overflow = || Fault::NegationOverflow(data_type);
    Ok(match (operator, value) {
        (_, Value::Null) => Value::Null,
        (Unary::Not, Value::Bool(value)) => Value::Bool(!value),
        (Unary::Negate, value) => match value {
            Value::I1(value) => Value::I1(value.checked_neg().ok_or_else(overflow)?),
            Value::I2(value) => Value::I2(value.checked_neg().ok_or_else(overflow)?),
            Value::I4(value) => Value::I4(value.checked_neg().ok_or_else(overflow)?),
            Value::I8(value) => Value::I8(value.checked_neg().ok_or_else(overflow)?),
            Value::R4(value) => Value::R4(-value),
            Value::R8(value) => Value::R8(-value),
            Value::Cy(value) => Value::Cy(value.checked_neg().ok_or_else(overflow)?),
            Value::Decimal(value) => Value::Decimal(value.checked_neg().ok_or_else(overflow)?),
            _ => return Err(MISLABELED),
        },
        (Unary::BitNot, value) => match value {
            Value::I1(value) => Value::I1(!value),
            Value::I2(value) => Value::I2(!value),
            Value::I4(value) => Value::I4(!value),
            Value::I8(value) => Value::I8(!value),
            Value::Ui1(value) => Value::Ui1(!value),
            Value::Ui2(value) => Value::Ui2(!value),
            Value::Ui4(value) => Value::Ui4(!value),
            Value::Ui8(value) => Value::Ui8(!value),
            _ => return Err(MISLABELED),
        },
        _ => return Err(MISLABELED),
    })
}

/// A value that is not of the type that the expression was compiled for.
pub(super) const MISLABELED: Fault = Fault::Context("a value is not of its declared type");

/// `&&` (absorbed by FALSE) and `||` (absorbed by TRUE).
fn logic(left: &Value, right: &Value, absorbing: bool) -> Value {
    let is = |value: &Value, what: bool| matches!(value, Value::Bool(found) if *found == what);
    if is(left, absorbing) || is(right, absorbing) {
        Value::Bool(absorbing)
    } else if is(left, !absorbing) && is(right, !absorbing) {
        Value::Bool(!absorbing)
    } else {
        Value::Null
    }
}

fn concatenate(left: &Value, right: &Value) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Str(left), Value::Str(right)) => {
            let mut text = String::with_capacity(left.len() + right.len());
            text.push_str(left);
            text.push_str(right);
            Ok(Value::Str(Arc::from(text)))
        }
        (Value::Bytes(left), Value::Bytes(right)) => {
            Ok(Value::Bytes(Arc::from([&**left, &**right].concat())))
        }
        _ => Err(MISLABELED),
    }
}

fn arithmetic(operation: &Operation, left: &Value, right: &Value) -> Result<Value, Fault> {
    let Operation {
        operator, result, ..
    } = *operation;
    match (left, right) {
        _ if matches!(result, DataType::Numeric { .. } | DataType::Cy) => {
            let left = digits_of(left, operation.left).ok_or(MISLABELED)?;
            let right = digits_of(right, operation.right).ok_or(MISLABELED)?;
            let digits = decimal(operator, left, right, result)?;
            match result {
                DataType::Cy => i64::try_from(digits)
                    .map(Value::Cy)
                    .map_err(|_| Fault::Overflow(result)),
                _ => Ok(Value::Decimal(digits)),
            }
        }
        (Value::I1(left), Value::I1(right)) => left.apply(operator, *right, result).map(Value::I1),
        (Value::I2(left), Value::I2(right)) => left.apply(operator, *right, result).map(Value::I2),
        (Value::I4(left), Value::I4(right)) => left.apply(operator, *right, result).map(Value::I4),
        (Value::I8(left), Value::I8(right)) => left.apply(operator, *right, result).map(Value::I8),
        (Value::Ui1(left), Value::Ui1(right)) => {
            left.apply(operator, *right, result).map(Value::Ui1)
        }
        (Value::Ui2(left), Value::Ui2(right)) => {
            left.apply(operator, *right, result).map(Value::Ui2)
        }
        (Value::Ui4(left), Value::Ui4(right)) => {
            left.apply(operator, *right, result).map(Value::Ui4)
        }
        (Value::Ui8(left), Value::Ui8(right)) => {
            left.apply(operator, *right, result).map(Value::Ui8)
        }
        (Value::R4(left), Value::R4(right)) => left.apply(operator, *right, result).map(Value::R4),
        (Value::R8(left), Value::R8(right)) => left.apply(operator, *right, result).map(Value::R8),
        _ => Err(MISLABELED),
    }
}

/// How two values of one family compare; `None` for NaN and for values that do not.
fn compare_values(
    operation: &Operation,
    left: &Value,
    right: &Value,
    locale_id: u32,
) -> Option<Ordering> {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Str(left), Value::Str(right)) => Some(compare_text(left, right, locale_id)),
        (Value::R4(left), Value::R4(right)) => left.partial_cmp(right),
        (Value::R8(left), Value::R8(right)) => left.partial_cmp(right),
        (Value::I4(left), Value::I4(right)) => Some(left.cmp(right)),
        (Value::I8(left), Value::I8(right)) => Some(left.cmp(right)),
        (Value::Guid(left), Value::Guid(right)) => Some(left.cmp(right)),
        (Value::Bytes(left), Value::Bytes(right)) => Some(left.cmp(right)),
        _ => match (
            digits_of(left, operation.left),
            digits_of(right, operation.right),
        ) {
            (Some((left, left_scale)), Some((right, right_scale))) => {
                Some(compare_decimals(left, left_scale, right, right_scale))
            }
            _ => Some(moment_ticks(left)?.cmp(&moment_ticks(right)?)),
        },
    }
}

/// Does the comparison hold for that order?
pub(super) fn holds(operator: Binary, order: Ordering) -> bool {
    match operator {
        Binary::Equal => order.is_eq(),
        Binary::NotEqual => order.is_ne(),
        Binary::Less => order.is_lt(),
        Binary::LessOrEqual => order.is_le(),
        Binary::Greater => order.is_gt(),
        _ => order.is_ge(),
    }
}
