//! Why an expression that compiled gave no value.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use scaleout_core::error::{Blame, Explain};

use crate::convert::ConvertError;
use crate::services::VariableError;
use crate::value::DataType;

/// Why an evaluation failed, and in which part of the expression.
#[derive(Clone, Debug)]
pub struct EvaluationError {
    fault: Fault,
    expression: Arc<str>,
    span: Range<u32>,
}

/// What went wrong in an evaluation.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The right operand of `/` or `%` is zero.
    #[error("division by zero")]
    DivisionByZero,
    /// The result of an operator does not fit its type.
    #[error("the result overflows `{}`", .0.name())]
    Overflow(DataType),
    /// The result of a negation does not fit its type.
    #[error("the negated value overflows `{}`", .0.name())]
    NegationOverflow(DataType),
    /// The result of a function does not fit its type.
    #[error("the result of `{function}` overflows `{}`", data_type.name())]
    FunctionOverflow {
        /// Name of the function.
        function: &'static str,
        /// Type of the result.
        data_type: DataType,
    },
    /// A function does not accept the value of an argument.
    #[error("`{function}`: {reason}")]
    Argument {
        /// Name of the function.
        function: &'static str,
        /// What the value must be.
        reason: &'static str,
        /// SSIS's symbol for the case; empty where it has none of its own.
        symbol: &'static str,
    },
    /// A cast or an implicit conversion failed.
    #[error(transparent)]
    Conversion(#[from] ConvertError),
    /// Part of the value was cut off by a cast. The evaluation itself goes on with what is left.
    #[error("the value was truncated to fit `{}`", .0.name())]
    Truncated(DataType),
    /// A variable could not be read.
    #[error(transparent)]
    Variable(#[from] Arc<VariableError>),
    /// The caller gave no variables, no columns, or a column of another type.
    #[error("{0}")]
    Context(&'static str),
}

impl Fault {
    /// SSIS's symbol for the fault, such as `DTS_E_EXPREVALDIVBYZERO`.
    #[must_use]
    pub fn ssis_symbol(&self) -> &'static str {
        match self {
            Self::DivisionByZero => "DTS_E_EXPREVALDIVBYZERO",
            Self::Overflow(_) => "DTS_E_EXPREVALBINARYOPOVERFLOW",
            Self::NegationOverflow(_) => "DTS_E_EXPREVALUNARYOPOVERFLOW",
            Self::FunctionOverflow { .. } => "DTS_E_EXPREVALFUNCTIONOVERFLOW",
            Self::Argument { symbol, .. } if !symbol.is_empty() => symbol,
            Self::Argument { .. } => "DTS_E_EXPREVALPARAMTYPEMISMATCH",
            Self::Conversion(ConvertError::Overflow { .. }) => {
                "DTS_E_EXPREVALDATACONVERSIONOVERFLOW"
            }
            Self::Conversion(ConvertError::NotSupported { .. }) => {
                "DTS_E_EXPREVALDATACONVERSIONNOTSUPPORTED"
            }
            Self::Conversion(_) => "DTS_E_EXPREVALCASTFAILED",
            Self::Truncated(_) => "DTS_E_EXPREVALTRUNCATIONASERROR",
            Self::Variable(_) => "DTS_E_EXPREVALVARIABLENOTFOUND",
            Self::Context(_) => "DTS_E_EXPREVALINVALIDTOKENSTATE",
        }
    }

    /// SSIS's number, where the message reference gives one.
    #[must_use]
    pub fn ssis_code(&self) -> Option<u32> {
        match self {
            Self::DivisionByZero => Some(0xC004_707B),
            Self::Truncated(_) => Some(0xC001_700E),
            Self::Conversion(ConvertError::Overflow { .. }) => Some(0xC004_70C0),
            Self::Conversion(ConvertError::NotSupported { .. }) => Some(0xC004_70C1),
            _ => None,
        }
    }

    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::DivisionByZero => "SO3010",
            Self::Overflow(_) | Self::NegationOverflow(_) | Self::FunctionOverflow { .. } => {
                "SO3011"
            }
            Self::Argument { .. } => "SO3012",
            Self::Conversion(error) => error.stable_code(),
            Self::Variable(_) => "SO3004",
            Self::Context(_) => "SO3013",
            Self::Truncated(_) => "SO3014",
        }
    }

    pub(super) fn hint(&self) -> String {
        let hint = match self {
            Self::DivisionByZero => "test the divisor first: `d == 0 ? NULL(DT_I4) : n / d`",
            Self::Overflow(_) | Self::NegationOverflow(_) | Self::FunctionOverflow { .. } => {
                "cast an operand to a larger type, such as DT_I8 or DT_R8"
            }
            Self::Argument { .. } => {
                "test the value first, such as `LEN(x) > 3 ? SUBSTRING(x, 4, 5) : \"\"`"
            }
            Self::Conversion(error) => return error.hint(),
            Self::Truncated(_) => "cast to a longer type",
            Self::Variable(error) => return error.hint(),
            Self::Context(_) => {
                "report it with the package and this message: it is a defect of the program"
            }
        };
        hint.to_owned()
    }
}

impl EvaluationError {
    pub(super) fn new(fault: Fault, expression: &Arc<str>, span: Range<u32>) -> Self {
        Self {
            fault,
            expression: Arc::clone(expression),
            span,
        }
    }

    /// What went wrong.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// The part of the expression that failed.
    #[must_use]
    pub fn fragment(&self) -> &str {
        let start = usize::try_from(self.span.start).unwrap_or(0);
        let end = usize::try_from(self.span.end).unwrap_or(usize::MAX);
        self.expression
            .get(start..end.min(self.expression.len()))
            .unwrap_or(&self.expression)
    }

    /// SSIS's symbol for the fault.
    #[must_use]
    pub fn ssis_symbol(&self) -> &'static str {
        self.fault.ssis_symbol()
    }

    /// SSIS's number, where the message reference gives one.
    #[must_use]
    pub fn ssis_code(&self) -> Option<u32> {
        self.fault.ssis_code()
    }
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} in `{}`", self.fault, self.fragment())
    }
}

impl std::error::Error for EvaluationError {}

impl Explain for EvaluationError {
    fn code(&self) -> &'static str {
        self.fault.code()
    }

    fn blame(&self) -> Blame {
        match self.fault {
            Fault::Context(_) => Blame::Server,
            _ => Blame::Caller,
        }
    }

    fn hint(&self) -> String {
        self.fault.hint()
    }
}
