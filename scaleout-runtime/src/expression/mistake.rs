//! The ways in which a text is not an expression.

mod hint;

use crate::services::VariableError;
use crate::value::DataType;

use super::evaluation_error::Fault;

/// What is wrong with an expression.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Mistake {
    /// Nothing but blanks.
    #[error("the expression is empty")]
    Empty,
    /// A character that starts no token.
    #[error("`{0}` is not part of the expression language")]
    Character(char),
    /// `'`.
    #[error("a single quotation mark does not quote; text stands in double ones")]
    SingleQuote,
    /// `=` outside an assignment.
    #[error("`=` is not an operator here; equality is `==`")]
    SingleEqual,
    /// A string literal or a bracketed name without its end.
    #[error("{0} is not closed")]
    Unclosed(&'static str),
    /// `\q`.
    #[error("`\\{0}` is not an escape sequence")]
    Escape(String),
    /// `\x00G1`.
    #[error("`\\x` needs exactly four hexadecimal digits, and not 0000")]
    HexEscape,
    /// A number with a suffix or an exponent that there is not.
    #[error("`{0}` is not a number literal")]
    Number(String),
    /// A literal that does not fit its type.
    #[error("literal `{text}` does not fit `{}`", data_type.name())]
    LiteralOverflow {
        /// As written.
        text: String,
        /// Type that its form gives it.
        data_type: DataType,
    },
    /// A token that cannot stand here.
    #[error("found {found} where {expected} should be")]
    Unexpected {
        /// What is there.
        found: String,
        /// What would be right.
        expected: &'static str,
    },
    /// Brackets, casts and conditionals nested too deep.
    #[error("the expression is nested more than {0} levels deep")]
    TooDeep(usize),
    /// No function of that name.
    #[error("function `{0}` is not known")]
    Function(String),
    /// A function has another number of parameters.
    #[error("function `{function}` takes {expected} parameters, not {found}")]
    ArgumentCount {
        /// Name.
        function: &'static str,
        /// How many it takes.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// No type of that name.
    #[error("`{0}` is not a data type")]
    TypeName(String),
    /// A type needs other parameters.
    #[error("type `{name}` needs {expected}")]
    TypeParameters {
        /// Name of the type.
        name: &'static str,
        /// The parameters it needs.
        expected: &'static str,
    },
    /// A parameter of a type is not a constant.
    #[error("a parameter of a type must be an integer literal")]
    TypeParameterNotStatic {
        /// Of `NULL()`, otherwise of a cast.
        of_null: bool,
    },
    /// A parameter of a type is out of range.
    #[error("{facet} {value} is out of range for `{name}`")]
    TypeParameter {
        /// Name of the type.
        name: &'static str,
        /// `length`, `precision`, `scale` or `code page`.
        facet: &'static str,
        /// As written.
        value: i64,
        /// Of `NULL()`, otherwise of a cast.
        of_null: bool,
    },
    /// Operands without a common type.
    #[error("types `{}` and `{}` do not go together for operator `{operator}`", left.name(), right.name())]
    BinaryTypes {
        /// Operator.
        operator: &'static str,
        /// Left operand.
        left: DataType,
        /// Right operand.
        right: DataType,
    },
    /// An operator that the type does not have.
    #[error("operator `{operator}` does not work on `{}`", data_type.name())]
    UnsupportedBinary {
        /// Operator.
        operator: &'static str,
        /// Type of the operands.
        data_type: DataType,
    },
    /// One signed and one unsigned operand.
    #[error("operator `{0}` needs both operands signed or both unsigned")]
    SignMismatch(&'static str),
    /// The result would need more than 38 digits.
    #[error("operator `{operator}` on `{}` and `{}` can need more than 38 digits", left.name(), right.name())]
    NumericOverflow {
        /// Operator.
        operator: &'static str,
        /// Left operand.
        left: DataType,
        /// Right operand.
        right: DataType,
    },
    /// An operator that the type does not have.
    #[error("operator `{operator}` does not work on `{}`", data_type.name())]
    Unary {
        /// Operator.
        operator: &'static str,
        /// Type of the operand.
        data_type: DataType,
    },
    /// A `DT_STR` that is neither a column nor a cast.
    #[error("a `DT_STR` operand must be a column or the result of a cast")]
    StrOperand {
        /// Of `?:`, otherwise of a binary operator.
        conditional: bool,
    },
    /// The condition of `?:` is no Boolean.
    #[error("the condition of `?:` is `{}`, not `DT_BOOL`", .0.name())]
    Condition(DataType),
    /// The branches of `?:` have no common type.
    #[error("the branches of `?:` are `{}` and `{}`, which have no common type", left.name(), right.name())]
    Branches {
        /// After `?`.
        left: DataType,
        /// After `:`.
        right: DataType,
    },
    /// Branches of type `DT_TEXT` with different code pages.
    #[error("the branches of `?:` are text in different code pages")]
    BranchCodePages,
    /// A cast that there is not.
    #[error("`{}` cannot be cast to `{}`", from.name(), to.name())]
    Cast {
        /// Type of the operand.
        from: DataType,
        /// Type of the cast.
        to: DataType,
    },
    /// A function does not take that type.
    #[error("parameter {parameter} of `{function}` cannot be `{}`; cast it", found.name())]
    ParameterType {
        /// Name of the function.
        function: &'static str,
        /// From 1.
        parameter: usize,
        /// Type of the argument.
        found: DataType,
    },
    /// A date part that is no string literal.
    #[error("the date part of `{0}` must be a string literal")]
    DatePartNotStatic(&'static str),
    /// No date part of that name.
    #[error("`{0}` is not a date part")]
    DatePart(String),
    /// DAY, MONTH and YEAR refuse a string literal cast to these types.
    #[error("`{function}` does not take a literal cast to `{}`", data_type.name())]
    DateLiteral {
        /// Name of the function.
        function: &'static str,
        /// Type of the cast.
        data_type: DataType,
    },
    /// A variable that cannot be read.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// A variable of a type that expressions do not have.
    #[error("variable `{0}` has a type that an expression cannot use")]
    VariableType(String),
    /// A column where there are none.
    #[error("`{0}` would be an input column, but there are none here")]
    NoColumns(String),
    /// No column of that name.
    #[error("input column `{0}` was not found")]
    Column(String),
    /// No column of that name on that component.
    #[error("input column `{column}` of component `{component}` was not found")]
    DottedColumn {
        /// Component.
        component: String,
        /// Column.
        column: String,
    },
    /// No column with that lineage id.
    #[error("no input column has the lineage id `{0}`")]
    Lineage(String),
    /// Several columns have the name.
    #[error("several components have an input column `{0}`")]
    AmbiguousColumn(String),
    /// A constant part fails whenever it is evaluated.
    #[error("{0}")]
    Constant(Fault),
    /// An assignment was asked for.
    #[error("an assignment `@Variable = expression` is needed here")]
    NotAnAssignment,
}

impl Mistake {
    /// Stable code.
    #[must_use]
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Empty
            | Self::Character(_)
            | Self::SingleQuote
            | Self::SingleEqual
            | Self::Unclosed(_)
            | Self::Escape(_)
            | Self::HexEscape
            | Self::Number(_)
            | Self::Unexpected { .. }
            | Self::NotAnAssignment => "SO3001",
            Self::Function(_) | Self::ArgumentCount { .. } => "SO3002",
            Self::TypeName(_)
            | Self::TypeParameters { .. }
            | Self::TypeParameterNotStatic { .. }
            | Self::TypeParameter { .. } => "SO3006",
            Self::Variable(_) | Self::VariableType(_) => "SO3004",
            Self::NoColumns(_)
            | Self::Column(_)
            | Self::DottedColumn { .. }
            | Self::Lineage(_)
            | Self::AmbiguousColumn(_) => "SO3005",
            Self::TooDeep(_) => "SO3007",
            Self::LiteralOverflow { .. } => "SO3008",
            Self::Constant(fault) => fault.code(),
            _ => "SO3003",
        }
    }

    /// SSIS's symbol; empty where it has none.
    #[must_use]
    pub fn ssis_symbol(&self) -> &'static str {
        match self {
            Self::Empty => "DTS_E_EXPREVALEXPRESSIONEMPTY",
            Self::Character(_) | Self::Unclosed(_) | Self::Number(_) => {
                "DTS_E_EXPREVALINVALIDTOKEN"
            }
            Self::SingleQuote => "DTS_E_EXPREVALINVALIDTOKENSINGLEQUOTE",
            Self::SingleEqual => "DTS_E_EXPREVALINVALIDTOKENSINGLEEQUAL",
            Self::Escape(_) => "DTS_E_EXPREVALILLEGALESCAPEINSTRINGLITERAL",
            Self::HexEscape => "DTS_E_EXPREVALILLEGALHEXESCAPEINSTRINGLITERAL",
            Self::Unexpected { .. } | Self::TooDeep(_) | Self::NotAnAssignment => {
                "DTS_E_EXPREVALINVALIDTOKENSTATE"
            }
            Self::LiteralOverflow { .. } => "DTS_E_EXPREVALLITERALOVERFLOW",
            Self::Function(_) => "DTS_E_EXPREVALINVALIDFUNCTION",
            Self::ArgumentCount {
                expected, found, ..
            } => argument_count_symbol(*expected, *found),
            Self::TypeName(_) | Self::TypeParameters { .. } => "DTS_E_EXPREVALINVALIDTOKENSTATE",
            Self::TypeParameterNotStatic { of_null: true } => "DTS_E_EXPREVALINVALIDNULLPARAM",
            Self::TypeParameterNotStatic { .. } => "DTS_E_EXPREVALINVALIDCASTPARAM",
            Self::TypeParameter { facet, of_null, .. } => type_parameter_symbol(facet, *of_null),
            Self::BinaryTypes { .. } => "DTS_E_EXPREVALBINARYTYPEMISMATCH",
            Self::UnsupportedBinary { .. } => "DTS_E_EXPREVALUNSUPPORTEDBINARYTYPE",
            Self::SignMismatch(_) => "DTS_E_EXPREVALBINARYSIGNMISMATCH",
            Self::NumericOverflow { .. } => "DTS_E_EXPREVALBINARYOPNUMERICOVERFLOW",
            Self::Unary { .. } => "DTS_E_EXPREVALUNSUPPORTEDUNNARYTYPE",
            Self::StrOperand { conditional: true } => {
                "DTS_E_EXPREVALCONDITIONALOPDTSTRNOTSUPPORTED"
            }
            Self::StrOperand { .. } => "DTS_E_EXPREVALBINARYOPDTSTRNOTSUPPORTED",
            Self::Condition(_) => "DTS_E_EXPREVALCONDITIONALOPINVALIDCONDITIONTYPE",
            Self::Branches { .. } => "DTS_E_EXPREVALCONDITIONALOPTYPEMISMATCH",
            Self::BranchCodePages => "DTS_E_EXPREVALCONDITIONALOPCODEPAGEMISMATCH",
            Self::Cast { .. } => "DTS_E_EXPREVALINVALIDCAST",
            Self::ParameterType { .. } | Self::DateLiteral { .. } => {
                "DTS_E_EXPREVALPARAMTYPEMISMATCH"
            }
            Self::DatePartNotStatic(_) => "DTS_E_EXPREVALINVALIDDATEPARTNODE",
            Self::DatePart(_) => "DTS_E_EXPREVALINVALIDDATEPART",
            Self::Variable(VariableError::Ambiguous { .. }) => {
                "DTS_E_EXPREVALAMBIGUOUSVARIABLENNAME"
            }
            Self::Variable(_) | Self::VariableType(_) => "DTS_E_EXPREVALVARIABLENOTFOUND",
            Self::NoColumns(name) if name.starts_with('#') => {
                "DTS_E_EXPREVALNOINPUTCOLUMNCOLLECTIONFORCOLUMNID"
            }
            Self::NoColumns(_) => "DTS_E_EXPREVALNOINPUTCOLUMNCOLLECTIONFORCOLUMNNAME",
            Self::Column(_) => "DTS_E_EXPREVALINPUTCOLUMNNAMENOTFOUND",
            Self::DottedColumn { .. } => "DTS_E_EXPREVALDOTTEDINPUTCOLUMNNAMENOTFOUND",
            Self::Lineage(_) => "DTS_E_EXPREVALINPUTCOLUMNIDNOTFOUND",
            Self::AmbiguousColumn(_) => "DTS_E_EXPREVALAMBIGUOUSINPUTCOLUMNNAME",
            Self::Constant(fault) => fault.ssis_symbol(),
        }
    }

    /// SSIS's number, where the message reference gives one.
    #[must_use]
    pub fn ssis_code(&self) -> Option<u32> {
        match self {
            Self::BinaryTypes { .. } => Some(0xC004_7080),
            Self::Function(_) => Some(0xC004_708A),
            Self::Cast { .. } => Some(0xC004_7095),
            Self::Column(_) => Some(0xC004_70A2),
            Self::Constant(fault) => fault.ssis_code(),
            _ => None,
        }
    }
}

fn argument_count_symbol(expected: usize, found: usize) -> &'static str {
    match (expected, found) {
        (1, _) => "DTS_E_EXPREVALINVALIDNUMBEROFPARAMSSINGULARPLURAL",
        (_, 1) => "DTS_E_EXPREVALINVALIDNUMBEROFPARAMSPLURALSINGULAR",
        _ => "DTS_E_EXPREVALINVALIDNUMBEROFPARAMSPLURALPLURAL",
    }
}

fn type_parameter_symbol(facet: &str, of_null: bool) -> &'static str {
    match (facet, of_null) {
        ("precision", false) => "DTS_E_EXPREVALINVALIDCASTPRECISION",
        ("scale", false) => "DTS_E_EXPREVALINVALIDCASTSCALE",
        ("code page", false) => "DTS_E_EXPREVALINVALIDCASTCODEPAGE",
        (_, false) => "DTS_E_EXPREVALINVALIDCASTLENGTH",
        ("precision", true) => "DTS_E_EXPREVALINVALIDNULLPRECISION",
        ("scale", true) => "DTS_E_EXPREVALINVALIDNULLSCALE",
        ("code page", true) => "DTS_E_EXPREVALINVALIDNULLCODEPAGE",
        (_, true) => "DTS_E_EXPREVALINVALIDNULLLENGTH",
    }
}
