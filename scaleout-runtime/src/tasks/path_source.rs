//! Paths that a task names: through a file connection manager, or in a variable.

use std::path::PathBuf;

use crate::connections::ConnectionError;
use crate::paths::{self, PathError};
use crate::services::{Services, VariableError};
use crate::variables::typed;

/// One path of a task: where its text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathFrom<'x> {
    Connection(&'x str),
    Variable(&'x str),
}

/// Why there is no path.
#[derive(Debug, thiserror::Error)]
pub(super) enum PathProblem {
    #[error("no {what} is set")]
    NotSet { what: &'static str },
    #[error("connection `{name}` is not a file connection")]
    NotAFile { name: String },
    #[error("{}", .0.explained())]
    Connection(ConnectionError),
    #[error("{0}")]
    Variable(VariableError),
    #[error("{what} `{name}`: {}", .error.explained())]
    Unmapped {
        what: &'static str,
        name: String,
        error: PathError,
    },
}

impl<'x> PathFrom<'x> {
    /// By the flag that tells both apart.
    pub(super) fn new(is_variable: bool, reference: &'x str) -> Self {
        match is_variable {
            true => Self::Variable(reference),
            false => Self::Connection(reference),
        }
    }

    /// The reference as the task writes it.
    pub(super) fn reference(self) -> &'x str {
        match self {
            Self::Connection(reference) | Self::Variable(reference) => reference,
        }
    }

    /// What stands there, as the package has it.
    pub(super) fn text(
        self,
        what: &'static str,
        services: &Services,
    ) -> Result<String, PathProblem> {
        if self.reference().is_empty() {
            return Err(PathProblem::NotSet { what });
        }
        match self {
            Self::Variable(name) => {
                let value = services.variables.get(name);
                let value = value.map_err(PathProblem::Variable)?;
                Ok(typed::shown(&value).unwrap_or_default())
            }
            Self::Connection(reference) => {
                let manager = services.connections.resolve(reference);
                let manager = manager.map_err(PathProblem::Connection)?;
                match manager.creation_name.as_str() {
                    "FILE" => Ok(manager.connection_string().to_owned()),
                    _ => Err(PathProblem::NotAFile {
                        name: manager.name.clone(),
                    }),
                }
            }
        }
    }

    /// Where that lies on this machine.
    pub(super) fn local(
        self,
        what: &'static str,
        services: &Services,
    ) -> Result<PathBuf, PathProblem> {
        let text = self.text(what, services)?;
        let path = paths::resolve(&text, &services.settings);
        path.map_err(|error| PathProblem::Unmapped {
            what,
            name: self.name(services),
            error,
        })
    }

    /// What people call it: tasks refer to connections by id.
    fn name(self, services: &Services) -> String {
        let manager = match self {
            Self::Connection(reference) => services.connections.resolve(reference).ok(),
            Self::Variable(_) => None,
        };
        manager.map_or_else(
            || self.reference().to_owned(),
            |manager| manager.name.clone(),
        )
    }
}

/// A Boolean of a task's settings, as files and property expressions write it.
pub(super) fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || matches!(text, "1" | "-1")
}
