//! What is wrong with a package before it runs.

use serde::{Deserialize, Serialize};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemSeverity {
    /// The package runs, but not quite as written.
    Warning,
    /// The package cannot run.
    Error,
}

/// One thing that is wrong, or not supported, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable code: ours (`SO4001`) or SSIS's (`0xC0047062`).
    pub code: String,
    /// How bad.
    pub severity: ProblemSeverity,
    /// Where: `\Package\Task`, then `\Component` inside a data flow.
    pub path: String,
    /// What kind of object: `Microsoft.ScriptTask`, `Microsoft.Lookup`, `connection`, `expression`, …
    pub kind: String,
    /// What, why, and what would help.
    pub message: String,
}

impl Problem {
    /// A problem that stops the package.
    pub fn error(code: &str, path: &str, kind: &str, message: impl Into<String>) -> Self {
        Self::new(ProblemSeverity::Error, code, path, kind, message)
    }

    /// A problem that does not stop the package.
    pub fn warning(code: &str, path: &str, kind: &str, message: impl Into<String>) -> Self {
        Self::new(ProblemSeverity::Warning, code, path, kind, message)
    }

    fn new(
        severity: ProblemSeverity,
        code: &str,
        path: &str,
        kind: &str,
        message: impl Into<String>,
    ) -> Self {
        let (code, path, kind) = (code.to_owned(), path.to_owned(), kind.to_owned());
        Self {
            code,
            severity,
            path,
            kind,
            message: message.into(),
        }
    }
}
