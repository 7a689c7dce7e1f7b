//! Property paths: `\Package\Load.Properties[Disable]`, in overrides and configurations.
//!
//! Names are those of the designer, not `refId`s. Reading does not look at a
//! package: whether the path leads anywhere is for whoever applies it.

mod parser;

use std::fmt;
use std::str::FromStr;

use crate::error::{Blame, Explain};

/// A property of something in a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyPath {
    /// From below the package down to the owner; empty for the package itself.
    pub levels: Vec<Level>,
    /// The property, and the part of the owner that has it.
    pub target: Target,
}

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Level {
    /// `\Name`: a child executable.
    Executable(String),
    /// `.EventHandlers[OnError]`: the handler's body.
    EventHandler(String),
}

/// What has the property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `.Properties[Disable]` of the owner itself.
    Executable {
        /// Object model name.
        property: String,
    },
    /// `.Properties[[OLE DB Source].[SqlCommand]]` of a data flow task.
    Component {
        /// Component name.
        component: String,
        /// Custom property name.
        property: String,
    },
    /// `.Variables[User::v].Value` or `.Properties[Value]`, parameters included.
    Variable {
        /// `User`, `$Package`, `$Project`, …; `None` when not given.
        namespace: Option<String>,
        /// Variable name.
        name: String,
        /// `Value` mostly.
        property: String,
    },
    /// `.Connections[Name].Properties[ConnectionString]`.
    Connection {
        /// Connection manager name.
        name: String,
        /// Object model name.
        property: String,
    },
    /// `.ForEachEnumerator.Properties[Directory]`.
    ForEachEnumerator {
        /// Enumerator property.
        property: String,
    },
    /// `.LogProviders[Name].Properties[ConfigString]`.
    LogProvider {
        /// Log provider name.
        name: String,
        /// Object model name.
        property: String,
    },
    /// `.PrecedenceConstraints[Name].Properties[Expression]`.
    PrecedenceConstraint {
        /// Constraint name.
        name: String,
        /// Object model name.
        property: String,
    },
}

/// A text that is no property path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("property path `{text}` cannot be read at character {position}: expected {expected}")]
pub struct PropertyPathError {
    /// The whole text.
    pub text: String,
    /// Character, from 1, at which reading stopped.
    pub position: usize,
    /// What would have been right there.
    pub expected: &'static str,
}

impl Explain for PropertyPathError {
    fn code(&self) -> &'static str {
        "SO2030"
    }

    fn blame(&self) -> Blame {
        Blame::Caller
    }

    fn hint(&self) -> String {
        r"write a path such as `\Package\Task.Properties[Disable]` or `\Package.Variables[User::Name].Value`".to_owned()
    }
}

impl PropertyPath {
    /// Reads a path.
    ///
    /// # Errors
    ///
    /// When the text follows none of the known forms, with the position.
    pub fn parse(text: &str) -> Result<Self, PropertyPathError> {
        parser::parse(text)
    }
}

impl FromStr for PropertyPath {
    type Err = PropertyPathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for PropertyPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("\\Package")?;
        for level in &self.levels {
            match level {
                Level::Executable(name) => write!(out, "\\{name}")?,
                Level::EventHandler(event) => write!(out, ".EventHandlers[{event}]")?,
            }
        }
        self.target.fmt(out)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Executable { property } => write!(out, ".Properties[{property}]"),
            Self::Component {
                component,
                property,
            } => write!(out, ".Properties[[{component}].[{property}]]"),
            Self::Variable {
                namespace,
                name,
                property,
            } => {
                let separator = if namespace.is_some() { "::" } else { "" };
                let namespace = namespace.as_deref().unwrap_or_default();
                write!(
                    out,
                    ".Variables[{namespace}{separator}{name}].Properties[{property}]"
                )
            }
            Self::Connection { name, property } => {
                write!(out, ".Connections[{name}].Properties[{property}]")
            }
            Self::ForEachEnumerator { property } => {
                write!(out, ".ForEachEnumerator.Properties[{property}]")
            }
            Self::LogProvider { name, property } => {
                write!(out, ".LogProviders[{name}].Properties[{property}]")
            }
            Self::PrecedenceConstraint { name, property } => {
                write!(out, ".PrecedenceConstraints[{name}].Properties[{property}]")
            }
        }
    }
}
