//! Why a value cannot be settled.

use scaleout_core::error::{Blame, Explain};
use scaleout_core::package::property_path::PropertyPathError;

/// Why a property cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PropertyError {
    /// The object has no such property, or it cannot be set.
    #[error("{object} has no property `{property}` that can be set")]
    Unknown {
        /// What it was asked of, such as `task `Copy``.
        object: String,
        /// Name as written.
        property: String,
    },
    /// A part of a data flow, a loop, a collection is missing.
    #[error("{object} has no {what} `{name}`")]
    Missing {
        /// Where it was looked for.
        object: String,
        /// `component`, `variable`, `connection manager`, ….
        what: &'static str,
        /// Name as written.
        name: String,
    },
    /// The property does not take the value.
    #[error("property `{property}` does not take the value: {reason}")]
    NotAccepted {
        /// Name.
        property: String,
        /// Why; never the value, which may be a secret.
        reason: String,
    },
}

impl PropertyError {
    pub(super) fn unknown(object: &str, property: &str) -> Self {
        Self::Unknown {
            object: object.to_owned(),
            property: property.to_owned(),
        }
    }

    pub(super) fn missing(object: &str, what: &'static str, name: &str) -> Self {
        Self::Missing {
            object: object.to_owned(),
            what,
            name: name.to_owned(),
        }
    }

    pub(super) fn not_accepted(property: &str, reason: impl Into<String>) -> Self {
        Self::NotAccepted {
            property: property.to_owned(),
            reason: reason.into(),
        }
    }
}

/// Why the values of an execution cannot be applied to its package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettleError {
    /// A required parameter has no value.
    #[error("parameter `{name}` is required and has no value")]
    RequiredParameter {
        /// `$Project::P` or `$Package::P`.
        name: String,
    },
    /// A value was given for a parameter that does not exist.
    #[error("parameter `{name}` does not exist")]
    UnknownParameter {
        /// `$Project::P`, `$Package::P` or `CM.X.Y`.
        name: String,
    },
    /// A value does not fit its parameter or variable.
    #[error("the value of `{name}` does not fit: {reason}")]
    Value {
        /// Parameter or variable.
        name: String,
        /// Why; never the value.
        reason: String,
    },
    /// A `CM.<connection>.<property>` parameter cannot be applied.
    #[error("parameter `{name}` cannot be applied")]
    ConnectionParameter {
        /// As written.
        name: String,
        /// Why.
        #[source]
        source: PropertyError,
    },
    /// A property override leads nowhere.
    #[error("property override `{path}` cannot be applied")]
    Override {
        /// As written.
        path: String,
        /// What was not found, or does not take the value.
        #[source]
        source: PropertyError,
    },
    /// A property override is no property path.
    #[error(transparent)]
    Path(PropertyPathError),
}

impl Explain for SettleError {
    fn code(&self) -> &str {
        match self {
            Self::RequiredParameter { .. } => "SO4003",
            Self::UnknownParameter { .. } => "SO4004",
            Self::Value { .. } => "SO4005",
            Self::ConnectionParameter { .. } => "SO4006",
            Self::Override { .. } => "SO4007",
            Self::Path(error) => error.code(),
        }
    }

    fn blame(&self) -> Blame {
        Blame::Caller
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::RequiredParameter { .. } => "set a value for the execution, or a server default",
            Self::UnknownParameter { .. } => "compare the name with `catalog.object_parameters`",
            Self::Value { .. } => "give a value of the parameter's type",
            Self::ConnectionParameter { .. } => {
                "the name is `CM.<connection manager>.<property>`, such as `CM.Sales.ConnectionString`"
            }
            Self::Path(error) => return error.hint(),
            Self::Override {
                source: PropertyError::NotAccepted { .. },
                ..
            } => {
                "give a value that the property takes; numbers, dates and Booleans are read as in \
                 US English"
            }
            Self::Override { .. } => {
                "use the names that the designer shows, such as \
                 `\\Package\\Container\\Task.Properties[Disable]` or \
                 `\\Package.Variables[User::Name].Value`"
            }
        };
        hint.to_owned()
    }
}
