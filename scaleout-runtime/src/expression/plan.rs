//! The typed form of an expression, which both evaluators walk.

use std::ops::Range;

use super::functions::Function;
use super::syntax::{Binary, Unary};
use crate::value::{DataType, Value};

/// A typed part of an expression.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub kind: NodeKind,
    /// Type of its value.
    pub data_type: DataType,
    /// Where it stands in the text, in bytes.
    pub span: Range<u32>,
    /// Can it fail, or cut something off, for some row? Then it must not be evaluated for rows
    /// that do not need it.
    pub fallible: bool,
}

/// What a part does.
#[derive(Clone, Debug)]
pub(super) enum NodeKind {
    Constant(Value),
    /// Position in the scope's columns.
    Column(usize),
    /// Position in the expression's own list of variables.
    Variable(usize),
    /// A cast, written or implied.
    Convert {
        operand: Box<Node>,
        to: DataType,
    },
    Unary {
        operator: Unary,
        operand: Box<Node>,
    },
    /// Binary operators, applied from left to right.
    Chain {
        first: Box<Node>,
        steps: Vec<Step>,
    },
    Conditional {
        condition: Box<Node>,
        yes: Box<Node>,
        no: Box<Node>,
    },
    Call {
        function: &'static Function,
        arguments: Vec<Node>,
        types: Box<[DataType]>,
    },
}

/// One operator of a chain with its right operand.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub operation: Operation,
    pub right: Node,
    /// From the start of the chain to the end of the right operand.
    pub span: Range<u32>,
}

impl Step {
    /// Does it join two texts?
    pub(super) fn concatenates(&self) -> bool {
        self.operation.operator == Binary::Add
            && matches!(self.operation.result, DataType::Wstr { .. })
    }
}

/// An operator with the types that it works on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    pub operator: Binary,
    pub left: DataType,
    pub right: DataType,
    pub result: DataType,
}

impl Node {
    /// Its value if it is a constant.
    pub(super) fn constant(&self) -> Option<&Value> {
        match &self.kind {
            NodeKind::Constant(value) => Some(value),
            _ => None,
        }
    }
}
