//! Types of function calls.

use std::ops::Range;

use super::check::{Checker, as_wide, narrow};
use super::functions::{self, Function, Parameter};
use super::mistake::Mistake;
use super::plan::{Node, NodeKind};
use super::syntax::{Kind, Syntax};
use super::token::{Located, Misplaced};
use super::types;
use crate::convert::is_legal;
use crate::value::{DataType, Value};

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        name: &str,
        arguments: &[Syntax],
        syntax: &Syntax,
    ) -> Located<Node> {
        let start = syntax.span.start;
        let mut nodes = Vec::with_capacity(arguments.len());
        let overloads = functions::find(name);
        let Some(first) = overloads.first() else {
            return Err((Mistake::Function(name.to_owned()), start).into());
        };
        if first.parameters.len() != arguments.len() {
            let mistake = Mistake::ArgumentCount {
                function: first.name,
                expected: first.parameters.len(),
                found: arguments.len(),
            };
            return Err((mistake, start).into());
        }
        for argument in arguments {
            nodes.push(as_wide(self.check(argument)?));
        }
        let function = choose(overloads, &nodes)
            .map_err(|(mistake, index)| Misplaced::from((mistake, arguments[index].span.start)))?;
        refuse_date_literals(function, arguments)?;
        self.function(function, nodes, narrow(&syntax.span))
            .map_err(|mistake| Misplaced::from((mistake, start)))
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
            return Err((mistake, argument.span.start).into());
        }
    }
    Ok(())
}
