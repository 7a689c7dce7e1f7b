//! Types of binary operators, and the conversions that they imply.

use std::ops::Range;

use super::check::{Checker, as_wide, is_null_str, narrow};
use super::mistake::Mistake;
use super::plan::{Node, NodeKind, Operation, Step};
use super::syntax::{Binary, Syntax};
use super::token::{Located, Misplaced};
use super::types;
use crate::value::DataType;

impl Checker<'_> {
    pub(super) fn chain(&mut self, first: &Syntax, rest: &[(Binary, Syntax)]) -> Located<Node> {
        let mut left = self.check(first)?;
        let mut left_is_null_str = is_null_str(first);
        for (operator, syntax) in rest {
            let logical = matches!(operator, Binary::And | Binary::Or);
            self.guards += usize::from(logical);
            let right = self.check(syntax)?;
            self.guards -= usize::from(logical);
            if left_is_null_str || is_null_str(syntax) {
                let mistake = Mistake::StrOperand { conditional: false };
                return Err((mistake, first.span.start).into());
            }
            left_is_null_str = false;
            let span = narrow(&(first.span.start..syntax.span.end));
            left = self
                .binary(*operator, left, right, span)
                .map_err(|mistake| Misplaced::from((mistake, first.span.start)))?;
        }
        Ok(left)
    }

    fn binary(
        &mut self,
        operator: Binary,
        left: Node,
        right: Node,
        span: Range<u32>,
    ) -> Result<Node, Mistake> {
        let (left, right) = (as_wide(left), as_wide(right));
        let (from, with) = (left.data_type, right.data_type);
        let (operands, result) = operand_types(operator, from, with)?;
        let left = self.operand(left, operands)?;
        let right = self.operand(right, operands)?;
        let operation = Operation {
            operator,
            left: left.data_type,
            right: right.data_type,
            result,
        };
        let fallible = left.fallible || right.fallible || can_fail(operator, result);
        let foldable = left.constant().is_some() && right.constant().is_some();
        let step = Step {
            operation,
            right,
            span: span.clone(),
        };
        let kind = match left.kind {
            NodeKind::Chain { first, mut steps } => {
                steps.push(step);
                NodeKind::Chain { first, steps }
            }
            _ => NodeKind::Chain {
                first: Box::new(left),
                steps: vec![step],
            },
        };
        let node = Node {
            kind,
            data_type: result,
            span,
            fallible,
        };
        if foldable { self.fold(node) } else { Ok(node) }
    }

    /// The operand as the type that the operator works on. Decimals stay as they are: their
    /// arithmetic takes any scale.
    fn operand(&mut self, node: Node, to: DataType) -> Result<Node, Mistake> {
        let keep = matches!(to, DataType::Numeric { .. }) || !types::is_numeric(to);
        if keep || node.data_type == to {
            return Ok(node);
        }
        self.implicit(node, to)
    }

    pub(super) fn implicit(&mut self, node: Node, to: DataType) -> Result<Node, Mistake> {
        let from = node.data_type;
        if from == to || (types::is_character(from) && types::is_character(to)) {
            return Ok(Node {
                data_type: to,
                ..node
            });
        }
        let (span, fallible) = (node.span.clone(), node.fallible);
        let node = self.cast(node, to, span)?;
        Ok(Node {
            fallible: fallible || !types::holds_every_integer(from, to),
            ..node
        })
    }
}

/// The type of the operands and of the result.
fn operand_types(
    operator: Binary,
    left: DataType,
    right: DataType,
) -> Result<(DataType, DataType), Mistake> {
    match operator {
        Binary::Add if is_text_operand(left) || is_text_operand(right) => {
            let result = types::concatenation(left, right)?;
            Ok((result, result))
        }
        Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Modulo => {
            let result = types::arithmetic(operator, left, right)?;
            Ok((result, result))
        }
        Binary::BitAnd | Binary::BitOr | Binary::BitXor => {
            let result = types::bitwise(operator, left, right)?;
            Ok((result, result))
        }
        Binary::And | Binary::Or => {
            let wrong = [left, right].into_iter().find(|t| *t != DataType::Bool);
            match wrong {
                None => Ok((DataType::Bool, DataType::Bool)),
                Some(data_type) => Err(Mistake::UnsupportedBinary {
                    operator: operator.sign(),
                    data_type,
                }),
            }
        }
        _ => Ok((types::comparison(operator, left, right)?, DataType::Bool)),
    }
}

fn is_text_operand(data_type: DataType) -> bool {
    types::is_character(data_type) || data_type == DataType::Image
}

fn can_fail(operator: Binary, result: DataType) -> bool {
    match operator {
        Binary::Add => !matches!(result, DataType::Wstr { .. } | DataType::Image),
        Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Modulo => true,
        _ => false,
    }
}
