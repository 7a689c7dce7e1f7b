//! The T-SQL that calls procedures: what steps of jobs hold, and what SSMS writes when it scripts a
//! job. Calls, variables, and the frame around them; queries are for a database.

mod parse;
mod run;
mod token;

pub use parse::{Argument, Call, Condition, Operand, Statement, parse};
pub use run::{Interpreter, ResolvedCall, check};

use crate::error::{Blame, Explain};

/// Why a script cannot be run here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TsqlFault {
    /// A text, comment or name that does not end.
    #[error("line {line}: {what} is not closed")]
    Open {
        /// Where it begins.
        line: usize,
        /// What it is.
        what: &'static str,
    },
    /// Something that is no such statement.
    #[error("line {line}: `{text}` cannot be run here: {reason}")]
    Statement {
        /// Where.
        line: usize,
        /// How it begins.
        text: String,
        /// Why not.
        reason: &'static str,
    },
    /// A procedure that is not there.
    #[error("line {line}: there is no procedure `{name}` here")]
    Procedure {
        /// Where.
        line: usize,
        /// As written.
        name: String,
    },
    /// A variable that was not declared.
    #[error("line {line}: the variable `{name}` is not declared")]
    Variable {
        /// Where.
        line: usize,
        /// With its `@`.
        name: String,
    },
    /// More arguments than the procedure has parameters, or one without a name behind one with.
    #[error("line {line}: argument {position} of `{procedure}` has no parameter")]
    Position {
        /// Where.
        line: usize,
        /// The procedure.
        procedure: String,
        /// Counted from 1.
        position: usize,
    },
}

impl Explain for TsqlFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Open { .. } => "SO7441",
            Self::Statement { .. } => "SO7442",
            Self::Procedure { .. } => "SO7443",
            Self::Variable { .. } => "SO7444",
            Self::Position { .. } => "SO7445",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Caller
    }

    fn hint(&self) -> String {
        match self {
            Self::Open { .. } => "write its other half".to_owned(),
            Self::Statement { .. } => {
                "such a script calls procedures of the catalog and of msdb with EXEC; what asks a \
                 database belongs into a package, in an Execute SQL task"
                    .to_owned()
            }
            Self::Procedure { .. } => "`soctl proc --list` shows all procedures".to_owned(),
            Self::Variable { .. } => "declare it first: DECLARE @name type".to_owned(),
            Self::Position { procedure, .. } => {
                format!("name the parameters, as `soctl proc --list` shows them for {procedure}")
            }
        }
    }
}
