//! The expression as written, before anything is known about types.

use std::ops::Range;

use crate::value::{DataType, Value};

/// A part of an expression and where it stands, in bytes.
#[derive(Clone, Debug)]
pub(super) struct Syntax {
    pub kind: Kind,
    pub span: Range<usize>,
}

/// What a part is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Literal(Value, DataType),
    /// `NULL(type)`.
    Null(DataType),
    Variable(String),
    Column(ColumnName),
    Call {
        name: String,
        arguments: Vec<Syntax>,
    },
    Cast {
        to: DataType,
        operand: Box<Syntax>,
    },
    Unary {
        operator: Unary,
        operand: Box<Syntax>,
    },
    /// Operators of one level, from left to right. Flat, so that a long sum is not a deep one.
    Chain {
        level: u8,
        first: Box<Syntax>,
        rest: Vec<(Binary, Syntax)>,
    },
    Conditional {
        condition: Box<Syntax>,
        yes: Box<Syntax>,
        no: Box<Syntax>,
    },
}

/// How a column is named.
#[derive(Clone, Debug)]
pub(super) enum ColumnName {
    Bare(String),
    Dotted { component: String, column: String },
    Lineage(String),
}

/// Operators before their operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    Negate,
    Not,
    BitNot,
}

impl Unary {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Negate => "-",
            Self::Not => "!",
            Self::BitNot => "~",
        }
    }
}

/// Operators between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Multiply,
    Divide,
    Modulo,
    Add,
    Subtract,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
    Equal,
    NotEqual,
    BitAnd,
    BitXor,
    BitOr,
    And,
    Or,
}

/// Sign, operator and how tightly it binds.
const BINARY: [(&str, Binary, u8); 16] = [
    ("*", Binary::Multiply, 9),
    ("/", Binary::Divide, 9),
    ("%", Binary::Modulo, 9),
    ("+", Binary::Add, 8),
    ("-", Binary::Subtract, 8),
    ("<", Binary::Less, 7),
    (">", Binary::Greater, 7),
    ("<=", Binary::LessOrEqual, 7),
    (">=", Binary::GreaterOrEqual, 7),
    ("==", Binary::Equal, 6),
    ("!=", Binary::NotEqual, 6),
    ("&", Binary::BitAnd, 5),
    ("^", Binary::BitXor, 4),
    ("|", Binary::BitOr, 3),
    ("&&", Binary::And, 2),
    ("||", Binary::Or, 1),
];

impl Binary {
    /// The operator with that sign, and how tightly it binds.
    pub(super) fn from_sign(sign: &str) -> Option<(Self, u8)> {
        BINARY
            .iter()
            .find(|(known, ..)| *known == sign)
            .map(|(_, operator, level)| (*operator, *level))
    }

    pub(super) fn sign(self) -> &'static str {
        BINARY
            .iter()
            .find(|(_, operator, _)| *operator == self)
            .map_or("", |(sign, ..)| sign)
    }
}
