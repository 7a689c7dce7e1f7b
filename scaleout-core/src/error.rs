//! What every error of the workspace has: a stable code, who must act, and what to do next.

use serde::{Deserialize, Serialize};

/// Whose turn it is. HTTP statuses and exit codes derive from this alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// The caller sent something wrong (HTTP 400, exit code 6).
    Caller,
    /// The caller is not known (HTTP 401, exit code 6).
    Stranger,
    /// The caller may not do this (HTTP 403, exit code 6).
    Forbidden,
    /// What was named does not exist (HTTP 404, exit code 4).
    Missing,
    /// The state of the thing does not allow it (HTTP 409, exit code 6).
    Conflict,
    /// A package or project file cannot be loaded (HTTP 422, exit code 5).
    Unreadable,
    /// The other side cannot be reached (HTTP 503, exit code 7).
    Unreachable,
    /// Our fault (HTTP 500, exit code 1).
    Server,
}

impl Blame {
    /// The HTTP status that carries an error with this blame.
    #[must_use]
    pub fn http_status(self) -> u16 {
        match self {
            Self::Caller => 400,
            Self::Stranger => 401,
            Self::Forbidden => 403,
            Self::Missing => 404,
            Self::Conflict => 409,
            Self::Unreadable => 422,
            Self::Unreachable => 503,
            Self::Server => 500,
        }
    }

    /// The exit code of `soctl` for an error with this blame.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Server => 1,
            Self::Missing => 4,
            Self::Unreadable => 5,
            Self::Caller | Self::Stranger | Self::Forbidden | Self::Conflict => 6,
            Self::Unreachable => 7,
        }
    }
}

/// An error that can explain itself.
pub trait Explain: std::error::Error {
    /// Stable code such as `SO2001`, explained in `docs/errors/<code>.md`; never reused.
    ///
    /// Almost always `'static`; an error that came over the wire carries its own.
    fn code(&self) -> &str;
    /// Number of the same error in SSISDB, where it has one.
    fn number(&self) -> Option<i64> {
        None
    }
    /// Whose turn it is.
    fn blame(&self) -> Blame;
    /// What the reader does next; never empty. Whoever cannot mend the fault is told whom to ask and with what.
    fn hint(&self) -> String;
}

/// An error as it crosses the wire and as `--output json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// Stable code such as `SO7003`.
    pub code: String,
    /// What happened and where, sources included, in one line.
    pub message: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Whose turn it is.
    pub blame: Blame,
    /// SSISDB's own error number where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
}

impl ErrorBody {
    /// The wire form of an error, with the messages of all its sources.
    pub fn from_error(error: &(impl Explain + 'static)) -> Self {
        Self {
            code: error.code().to_owned(),
            message: with_sources(error),
            hint: Some(error.hint()),
            blame: error.blame(),
            number: error.number(),
        }
    }
}

/// The message of an error, those of its sources, and what to do next, in one line: for places that
/// hold only a text, such as the messages of a package.
#[must_use]
pub fn explained(error: &(impl Explain + 'static)) -> String {
    format!("{}; {}", with_sources(error), error.hint())
}

/// The message of an error followed by those of its sources: `a: b: c`.
#[must_use]
pub fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let more = inner.to_string();
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        source = inner.source();
    }
    text
}
