//! One check: what was looked at, what was found, and the cure.

use scaleout_core::error::{Explain, with_sources};
use serde::Serialize;

use crate::error::CliError;
use crate::output::Cell;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// Not as it should be.
    Failed,
    /// It could not be looked at; `found` says why.
    Skipped,
}

impl State {
    /// Coloured.
    pub fn cell(self) -> Cell {
        let (text, good) = match self {
            Self::Ok => ("ok", Some(true)),
            Self::Failed => ("FAILED", Some(false)),
            Self::Skipped => ("skipped", None),
        };
        Cell::State {
            text: text.to_owned(),
            good,
        }
    }
}

/// One check.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it ended.
    pub state: State,
    /// What was found; for a failure, the cause.
    pub found: String,
    /// What cures it; empty where nothing is to be cured.
    pub cure: String,
}

impl Check {
    /// As it should be.
    pub fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Ok,
            found: found.into(),
            cure: String::new(),
        }
    }

    /// Not as it should be.
    pub fn failed(name: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Failed,
            found: found.into(),
            cure: cure.into(),
        }
    }

    /// Not looked at.
    pub fn skipped(name: &'static str, why: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Skipped,
            found: why.into(),
            cure: String::new(),
        }
    }

    /// Not as it should be, in the words of an error.
    pub fn of_error(name: &'static str, error: &(impl Explain + 'static)) -> Self {
        Self::failed(name, with_sources(error), error.hint())
    }

    /// The same, for an error that is ready to be shown.
    pub fn of_cli(name: &'static str, error: CliError) -> Self {
        Self::failed(
            name,
            error.body.message,
            error.body.hint.unwrap_or_default(),
        )
    }
}
