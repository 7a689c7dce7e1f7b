//! What an XPath says.

/// A whole expression: paths, whose nodes are taken together.
#[derive(Clone, Debug, PartialEq)]
pub struct XPath {
    pub(super) paths: Vec<Path>,
}

/// Steps from the document or from a node.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    pub(super) is_absolute: bool,
    pub(super) steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) axis: Axis,
    pub(super) test: Test,
    pub(super) predicates: Vec<Condition>,
}

/// Where a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    Child,
    /// The node and everything below it: what `//` stands for.
    Below,
    Itself,
    Parent,
    Attribute,
}

/// What a step takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Name(String),
    /// `*`
    AnyName,
    /// `text()`
    Text,
    /// `node()`
    Anything,
}

/// What a predicate asks.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    /// `[2]`, `[position() < 3]`
    Position(Comparison, f64),
    /// `[last()]`
    Last,
    /// `[@id]`
    Exists(Path),
    /// `[@id = '7']`
    Compare(Path, Comparison, Literal),
    /// `contains(path, 'text')`
    Contains(Path, String),
    /// `starts-with(path, 'text')`
    StartsWith(Path, String),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(super) fn holds(self, order: Option<std::cmp::Ordering>) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        match self {
            Self::Equal => order == Some(Equal),
            Self::NotEqual => order != Some(Equal),
            Self::Less => order == Some(Less),
            Self::LessOrEqual => matches!(order, Some(Less | Equal)),
            Self::Greater => order == Some(Greater),
            Self::GreaterOrEqual => matches!(order, Some(Greater | Equal)),
        }
    }
}

/// What a node is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Number(f64),
}
