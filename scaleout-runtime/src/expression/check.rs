//! Syntax to plan: names are looked up, types inferred, constants evaluated.

use std::ops::Range;
use std::sync::Arc;

use super::check_name::{ColumnMistake, find_column};
use super::environment::Environment;
use super::functions::{self, Function, Parameter};
use super::mistake::Mistake;
use super::plan::{Node, NodeKind, Operation, Step};
use super::scalar::{Run, VariableSlot};
use super::scope::Scope;
use super::syntax::{Binary, Kind, Syntax, Unary};
use super::token::Located;
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
    guards: usize,
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

    fn check(&mut self, syntax: &Syntax) -> Located<Node> {
        let here = |mistake| (mistake, syntax.span.start);
        let span = narrow(&syntax.span);
        match &syntax.kind {
            Kind::Literal(value, data_type) => Ok(constant(value.clone(), *data_type, span)),
            Kind::Null(data_type) => Ok(constant(Value::Null, *data_type, span)),
            Kind::Variable(name) => self.variable(name, span).map_err(here),
            Kind::Column(name) => {
                let (index, data_type) =
                    find_column(name, self.scope.columns).map_err(|ColumnMistake(m)| here(m))?;
                if !self.columns.contains(&index) {
                    self.columns.push(index);
                }
                Ok(leaf(NodeKind::Column(index), data_type, span))
            }
            Kind::Call { name, arguments } => self.call(name, arguments, syntax),
            Kind::Cast { to, operand } => {
                let operand = self.check(operand)?;
                self.cast(operand, *to, span).map_err(here)
            }
            Kind::Unary { operator, operand } => {
                let operand = self.check(operand)?;
                self.unary(*operator, operand, span).map_err(here)
            }
            Kind::Chain { first, rest, .. } => self.chain(first, rest),
            Kind::Conditional { condition, yes, no } => self.conditional(condition, yes, no, span),
        }
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

    fn cast(&mut self, operand: Node, to: DataType, span: Range<u32>) -> Result<Node, Mistake> {
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

    fn chain(&mut self, first: &Syntax, rest: &[(Binary, Syntax)]) -> Located<Node> {
        let mut left = self.check(first)?;
        let mut left_is_null_str = is_null_str(first);
        for (operator, syntax) in rest {
            let logical = matches!(operator, Binary::And | Binary::Or);
            self.guards += usize::from(logical);
            let right = self.check(syntax)?;
            self.guards -= usize::from(logical);
            if left_is_null_str || is_null_str(syntax) {
                let mistake = Mistake::StrOperand { conditional: false };
                return Err((mistake, first.span.start));
            }
            left_is_null_str = false;
            let span = narrow(&(first.span.start..syntax.span.end));
            left = self
                .binary(*operator, left, right, span)
                .map_err(|mistake| (mistake, first.span.start))?;
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

    fn implicit(&mut self, node: Node, to: DataType) -> Result<Node, Mistake> {
        let from = node.data_type;
        if from == to || (types::is_character(from) && types::is_character(to)) {
            return Ok(Node {
                data_type: to,
                ..node
            });
        }
        let (span, fallible) = (node.span.clone(), node.fallible);
        let widens = types::is_integer(from) && !types::is_exact_decimal(to);
        let node = self.cast(node, to, span)?;
        Ok(Node {
            fallible: fallible || !widens,
            ..node
        })
    }

    fn conditional(
        &mut self,
        condition: &Syntax,
        yes: &Syntax,
        no: &Syntax,
        span: Range<u32>,
    ) -> Located<Node> {
        let start = condition.span.start;
        let test = self.check(condition)?;
        if test.data_type != DataType::Bool {
            return Err((Mistake::Condition(test.data_type), start));
        }
        self.guards += 1;
        let left = self.check(yes)?;
        let right = self.check(no)?;
        for branch in [yes, no] {
            if is_null_str(branch) {
                let mistake = Mistake::StrOperand { conditional: true };
                return Err((mistake, branch.span.start));
            }
        }
        let (left, right) = (as_wide(left), as_wide(right));
        let here = |mistake| (mistake, yes.span.start);
        let data_type = types::branches(left.data_type, right.data_type).map_err(here)?;
        let left = self.implicit(left, data_type).map_err(here)?;
        let right = self.implicit(right, data_type).map_err(here)?;
        self.guards -= 1;
        let chosen = match test.constant() {
            Some(Value::Bool(true)) => Some(left.clone()),
            Some(Value::Bool(false)) => Some(right.clone()),
            Some(_) => Some(constant(Value::Null, data_type, span.clone())),
            None => None,
        };
        Ok(chosen.unwrap_or_else(|| Node {
            fallible: test.fallible || left.fallible || right.fallible,
            kind: NodeKind::Conditional {
                condition: Box::new(test),
                yes: Box::new(left),
                no: Box::new(right),
            },
            data_type,
            span,
        }))
    }

    fn call(&mut self, name: &str, arguments: &[Syntax], syntax: &Syntax) -> Located<Node> {
        let start = syntax.span.start;
        let mut nodes = Vec::with_capacity(arguments.len());
        let overloads = functions::find(name);
        let Some(first) = overloads.first() else {
            return Err((Mistake::Function(name.to_owned()), start));
        };
        if first.parameters.len() != arguments.len() {
            let mistake = Mistake::ArgumentCount {
                function: first.name,
                expected: first.parameters.len(),
                found: arguments.len(),
            };
            return Err((mistake, start));
        }
        for argument in arguments {
            nodes.push(as_wide(self.check(argument)?));
        }
        let function = choose(overloads, &nodes)
            .map_err(|(mistake, index)| (mistake, arguments[index].span.start))?;
        refuse_date_literals(function, arguments)?;
        self.function(function, nodes, narrow(&syntax.span))
            .map_err(|mistake| (mistake, start))
    }

    fn function(
        &mut self,
        function: &'static Function,
        arguments: Vec<Node>,
        span: Range<u32>,
    ) -> Result<Node, Mistake> {
        let data_type = (function.result)(&arguments)?;
        let mut arguments = arguments;
        if function.converts_second {
            let second = arguments.remove(1);
            let target = arguments[0].data_type;
            if !types::is_string(target) && !is_legal(second.data_type, target) {
                return Err(Mistake::Cast {
                    from: second.data_type,
                    to: target,
                });
            }
            let second = self.implicit(second, target)?;
            arguments.push(second);
        }
        let foldable = !function.volatile
            && arguments
                .iter()
                .all(|argument| argument.constant().is_some());
        let types = arguments
            .iter()
            .map(|argument| argument.data_type)
            .collect();
        let node = Node {
            fallible: function.can_fail() || arguments.iter().any(|argument| argument.fallible),
            kind: NodeKind::Call {
                function,
                arguments,
                types,
            },
            data_type,
            span,
        };
        if foldable { self.fold(node) } else { Ok(node) }
    }

    /// The node as the constant that it always gives; itself when evaluation cuts something
    /// off, which has to be reported each time.
    fn fold(&self, node: Node) -> Result<Node, Mistake> {
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

/// The overload that takes the arguments, or what is wrong with which one.
fn choose(
    overloads: &'static [Function],
    arguments: &[Node],
) -> Result<&'static Function, (Mistake, usize)> {
    let mut first_mistake = None;
    for function in overloads {
        let wrong = function
            .parameters
            .iter()
            .zip(arguments)
            .position(|(parameter, argument)| !parameter.accepts(argument.data_type));
        let Some(index) = wrong else {
            return check_date_part(function, arguments).map_err(|mistake| (mistake, 0));
        };
        first_mistake.get_or_insert_with(|| {
            let found = arguments[index].data_type;
            let mistake = match function.parameters[index] {
                Parameter::DatePart => Mistake::DatePartNotStatic(function.name),
                _ => Mistake::ParameterType {
                    function: function.name,
                    parameter: index + 1,
                    found,
                },
            };
            (mistake, index)
        });
    }
    Err(first_mistake.unwrap_or((Mistake::Empty, 0)))
}

fn check_date_part(
    function: &'static Function,
    arguments: &[Node],
) -> Result<&'static Function, Mistake> {
    if !matches!(function.parameters.first(), Some(Parameter::DatePart)) {
        return Ok(function);
    }
    match arguments[0].constant() {
        Some(Value::Str(name)) if functions::is_date_part(name) => Ok(function),
        Some(Value::Str(name)) => Err(Mistake::DatePart(name.to_string())),
        _ => Err(Mistake::DatePartNotStatic(function.name)),
    }
}

/// DAY, MONTH and YEAR refuse a string literal cast to the newer date types.
fn refuse_date_literals(function: &Function, arguments: &[Syntax]) -> Located<()> {
    if !function.refuses_date_literals {
        return Ok(());
    }
    for argument in arguments {
        if let Kind::Cast {
            to: data_type @ (DataType::DbTimestamp2 { .. } | DataType::DbTimestampOffset { .. }),
            operand,
        } = &argument.kind
            && matches!(operand.kind, Kind::Literal(Value::Str(_), _))
        {
            let mistake = Mistake::DateLiteral {
                function: function.name,
                data_type: *data_type,
            };
            return Err((mistake, argument.span.start));
        }
    }
    Ok(())
}

fn is_null_str(syntax: &Syntax) -> bool {
    matches!(syntax.kind, Kind::Null(DataType::Str { .. }))
}

/// Inside an expression a `DT_STR` is a `DT_WSTR`.
fn as_wide(node: Node) -> Node {
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

fn narrow(span: &Range<usize>) -> Range<u32> {
    let small = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    small(span.start)..small(span.end)
}
