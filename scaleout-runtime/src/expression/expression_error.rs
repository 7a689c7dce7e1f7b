//! Why a text is not an expression, and where in it.

use scaleout_core::error::{Blame, Explain};

use super::mistake::Mistake;

/// Why a text does not compile.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{mistake} (at character {position})")]
pub struct ExpressionError {
    /// What is wrong.
    pub mistake: Mistake,
    /// The character that it is about, counted from 0.
    pub position: usize,
}

impl ExpressionError {
    /// SSIS's symbol, such as `DTS_E_EXPREVALINVALIDTOKEN`; empty where it has none.
    #[must_use]
    pub fn ssis_symbol(&self) -> &'static str {
        self.mistake.ssis_symbol()
    }

    /// SSIS's number, where the message reference gives one.
    #[must_use]
    pub fn ssis_code(&self) -> Option<u32> {
        self.mistake.ssis_code()
    }
}

impl Explain for ExpressionError {
    fn code(&self) -> &'static str {
        self.mistake.code()
    }

    fn blame(&self) -> Blame {
        Blame::Caller
    }

    fn hint(&self) -> String {
        self.mistake.hint()
    }
}
