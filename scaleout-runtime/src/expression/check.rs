//! Syntax to plan: names are looked up, types inferred, constants evaluated.

use std::ops::Range;
use std::sync::Arc;

use super::check_name::find_column;
use super::environment::Environment;
use super::mistake::Mistake;
use super::plan::{Node, NodeKind};
use super::scalar::{Run, VariableSlot};
use super::scope::Scope;
use super::syntax::{ColumnName, Kind, Syntax, Unary};
use super::token::{Located, Misplaced};
use super::types;
use crate::convert::is_legal;
use crate::value::{DataType, Value};

/// Types one expression.
pub(super) struct Checker<'a> {
    scope: &'a Scope<'a>,
    text: Arc<str>,
    pub variables: Vec<VariableSlot>,
    pub columns: Vec<usize>,
    /// How many branches enclose the part in hand: there a constant that fails is not yet a
    /// mistake, for it may never be evaluated.
    pub(super) guards: usize,
}

impl<'a> Checker<'a> {
    pub(super) fn new(text: Arc<str>, scope: &'a Scope<'a>) -> Self {
        Self {
            scope,
            text,
            variables: Vec::new(),
            columns: Vec::new(),
            guards: 0,
        }
    }

    /// Types the whole expression. A `DT_STR` column becomes `DT_WSTR`, a cast to it stays.
    pub(super) fn root(&mut self, syntax: &Syntax) -> Located<Node> {
        let node = self.check(syntax)?;
        Ok(match node.kind {
            NodeKind::Column(_) => as_wide(node),
            _ => node,
        })
    }

    // Small, for every level of nesting has a frame of it on the stack.
    pub(super) fn check(&mut self, syntax: &Syntax) -> Located<Node> {
        match &syntax.kind {
            Kind::Call { name, arguments } => self.call(name, arguments, syntax),
            Kind::Cast { operand, .. } | Kind::Unary { operand, .. } => {
                self.prefixed(syntax, operand)
            }
            Kind::Chain { first, rest, .. } => self.chain(first, rest),
            Kind::Conditional { condition, yes, no } => {
                self.conditional(condition, yes, no, narrow(&syntax.span))
            }
            _ => self.leaf(syntax),
        }
    }

    fn prefixed(&mut self, syntax: &Syntax, operand: &Syntax) -> Located<Node> {
        let operand = self.check(operand)?;
        let span = narrow(&syntax.span);
        let node = match syntax.kind {
            Kind::Unary { operator, .. } => self.unary(operator, operand, span),
            Kind::Cast { to, .. } => self.cast(operand, to, span),
            _ => Ok(operand),
        };
        node.map_err(|mistake| Misplaced::from((mistake, syntax.span.start)))
    }

    fn leaf(&mut self, syntax: &Syntax) -> Located<Node> {
        let span = narrow(&syntax.span);
        let node = match &syntax.kind {
            Kind::Literal(value, data_type) => Ok(constant(value.clone(), *data_type, span)),
            Kind::Null(data_type) => Ok(constant(Value::Null, *data_type, span)),
            Kind::Variable(name) => self.variable(name, span),
            Kind::Column(name) => self.column(name, span),
            _ => Err(Mistake::Empty),
        };
        node.map_err(|mistake| Misplaced::from((mistake, syntax.span.start)))
    }

    fn column(&mut self, name: &ColumnName, span: Range<u32>) -> Result<Node, Mistake> {
        let (index, data_type) = find_column(name, self.scope.columns)?;
        if !self.columns.contains(&index) {
            self.columns.push(index);
        }
        Ok(leaf(NodeKind::Column(index), data_type, span))
    }

    fn variable(&mut self, name: &str, span: Range<u32>) -> Result<Node, Mistake> {
        let Some(types) = self.scope.variables else {
            let name = name.to_owned();
            return Err(crate::services::VariableError::Unknown { name }.into());
        };
        let data_type = match types.data_type(name)? {
            DataType::Wstr { length: 0 } | DataType::Str { length: 0, .. } => DataType::Wstr {
                length: types::MAX_WSTR,
            },
            DataType::Str { length, .. } => DataType::Wstr { length },
            DataType::Text { .. } | DataType::Ntext | DataType::Image | DataType::Bytes { .. } => {
                return Err(Mistake::VariableType(name.to_owned()));
            }
            other => other,
        };
        let known = self.variables.iter().position(|slot| &*slot.name == name);
        let index = known.unwrap_or_else(|| {
            let name = name.to_owned();
            self.variables.push(VariableSlot { name, data_type });
            self.variables.len() - 1
        });
        Ok(leaf(NodeKind::Variable(index), data_type, span))
    }

    pub(super) fn cast(
        &mut self,
        operand: Node,
        to: DataType,
        span: Range<u32>,
    ) -> Result<Node, Mistake> {
        let from = operand.data_type;
        if !is_legal(from, to) {
            return Err(Mistake::Cast { from, to });
        }
        let volatile = types::is_clock(from) && !types::is_clock(to) && types::is_temporal(to);
        let foldable = operand.constant().is_some() && !volatile;
        let kind = NodeKind::Convert {
            operand: Box::new(operand),
            to,
        };
        let node = Node {
            kind,
            data_type: to,
            span,
            fallible: true,
        };
        if foldable { self.fold(node) } else { Ok(node) }
    }

    fn unary(&mut self, operator: Unary, operand: Node, span: Range<u32>) -> Result<Node, Mistake> {
        let data_type = operand.data_type;
        let accepts = match operator {
            Unary::Not => data_type == DataType::Bool,
            Unary::BitNot => types::is_integer(data_type),
            Unary::Negate => types::is_numeric(data_type) && !types::is_unsigned(data_type),
        };
        if !accepts {
            return Err(Mistake::Unary {
                operator: operator.sign(),
                data_type,
            });
        }
        let foldable = operand.constant().is_some();
        let node = Node {
            fallible: operand.fallible || operator == Unary::Negate,
            kind: NodeKind::Unary {
                operator,
                operand: Box::new(operand),
            },
            data_type,
            span,
        };
        if foldable { self.fold(node) } else { Ok(node) }
    }

    fn conditional(
        &mut self,
        condition: &Syntax,
        yes: &Syntax,
        no: &Syntax,
        span: Range<u32>,
    ) -> Located<Node> {
        let test = Box::new(self.check(condition)?);
        if test.data_type != DataType::Bool {
            return Err((Mistake::Condition(test.data_type), condition.span.start).into());
        }
        self.guards += 1;
        let left = Box::new(self.check(yes)?);
        let right = Box::new(self.check(no)?);
        self.guards -= 1;
        for branch in [yes, no] {
            if is_null_str(branch) {
                let mistake = Mistake::StrOperand { conditional: true };
                return Err((mistake, branch.span.start).into());
            }
        }
        self.choose(test, *left, *right, span)
            .map_err(|mistake| Misplaced::from((mistake, yes.span.start)))
    }

    /// The branches in their common type; only one of them where the condition is constant.
    fn choose(
        &mut self,
        condition: Box<Node>,
        yes: Node,
        no: Node,
        span: Range<u32>,
    ) -> Result<Node, Mistake> {
        let (yes, no) = (as_wide(yes), as_wide(no));
        let data_type = types::branches(yes.data_type, no.data_type)?;
        self.guards += 1;
        let yes = self.implicit(yes, data_type)?;
        let no = self.implicit(no, data_type)?;
        self.guards -= 1;
        Ok(match condition.constant() {
            Some(Value::Bool(true)) => yes,
            Some(Value::Bool(false)) => no,
            Some(_) => constant(Value::Null, data_type, span),
            None => Node {
                fallible: condition.fallible || yes.fallible || no.fallible,
                kind: NodeKind::Conditional {
                    condition,
                    yes: Box::new(yes),
                    no: Box::new(no),
                },
                data_type,
                span,
            },
        })
    }

    /// The node as the constant that it always gives; itself when evaluation cuts something
    /// off, which has to be reported each time.
    pub(super) fn fold(&self, node: Node) -> Result<Node, Mistake> {
        let environment = Environment::constant(self.scope.locale_id);
        let mut run = Run::new(&self.text, &[], None, None, &environment);
        match run.value(&node) {
            Ok(value) if run.truncation.is_none() => Ok(Node {
                kind: NodeKind::Constant(value),
                data_type: node.data_type,
                span: node.span,
                fallible: false,
            }),
            Err(error) if self.guards == 0 => Err(Mistake::Constant(error.fault().clone())),
            _ => Ok(node),
        }
    }
}

pub(super) fn is_null_str(syntax: &Syntax) -> bool {
    matches!(syntax.kind, Kind::Null(DataType::Str { .. }))
}

/// Inside an expression a `DT_STR` is a `DT_WSTR`.
pub(super) fn as_wide(node: Node) -> Node {
    match node.data_type {
        DataType::Str { length, .. } => Node {
            data_type: DataType::Wstr {
                length: length.min(types::MAX_WSTR),
            },
            ..node
        },
        _ => node,
    }
}

fn constant(value: Value, data_type: DataType, span: Range<u32>) -> Node {
    leaf(NodeKind::Constant(value), data_type, span)
}

fn leaf(kind: NodeKind, data_type: DataType, span: Range<u32>) -> Node {
    Node {
        kind,
        data_type,
        span,
        fallible: false,
    }
}

pub(super) fn narrow(span: &Range<usize>) -> Range<u32> {
    let small = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    small(span.start)..small(span.end)
}
