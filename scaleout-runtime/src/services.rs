//! What the control flow gives to whatever it runs: variables, connections, events, stop, settings.
//!
//! Tasks and data flow components see only these traits, so that each can be
//! tested without a package around it.

use std::sync::Arc;

pub use scaleout_core::model::Clock;
use scaleout_core::package::ConnectionManager;
use scaleout_core::protocol::executor::RuntimeSettings;

use crate::cancel::CancelToken;
use crate::connections::{Connection, ConnectionError};
use crate::data_flow::cache::CacheSlot;
use crate::events::Events;
use crate::value::{TypedValue, Value};

/// Everything a task or component may use while it validates or runs.
#[derive(Clone)]
pub struct Services {
    /// Variables and parameters visible from here.
    pub variables: Arc<dyn Variables>,
    /// Connection managers visible from here.
    pub connections: Arc<dyn Connections>,
    /// Where to report; already knows which task is speaking.
    pub events: Arc<dyn Events>,
    /// Asked at every safe point.
    pub cancel: CancelToken,
    /// Path mappings, connection map, memory budget.
    pub settings: Arc<RuntimeSettings>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// LCID that applies here, such as 1033.
    pub locale_id: u32,
}

/// Variables and parameters, looked up from one scope outward.
pub trait Variables: Send + Sync {
    /// The value now (an expression variable is evaluated on every read).
    ///
    /// `name` is what a package writes: `User::X`, `System::PackageName`,
    /// `$Project::P`, `$Package::P`, or without a namespace.
    ///
    /// # Errors
    /// The variable is unknown, ambiguous, or its expression fails.
    fn get(&self, name: &str) -> Result<TypedValue, VariableError>;

    /// Sets a variable; the value is converted to the variable's type.
    ///
    /// # Errors
    /// Unknown, read-only (parameters are), or not convertible.
    fn set(&self, name: &str, value: TypedValue) -> Result<(), VariableError>;

    /// Sets a variable to what an enumerator gives. Unlike [`Variables::set`] it replaces the
    /// variable's own expression, if it has one, and says so.
    ///
    /// # Errors
    /// As [`Variables::set`].
    fn set_mapped(&self, name: &str, value: TypedValue) -> Result<Mapped, VariableError> {
        self.set(name, value).map(|()| Mapped::Plain)
    }
}

/// What a Foreach loop's mapping met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapped {
    /// A variable with a value.
    Plain,
    /// A variable with an expression, replaced just now.
    ReplacedExpression,
}

/// Why a variable could not be read or written.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VariableError {
    /// No such variable in any enclosing scope.
    #[error("variable `{name}` does not exist in this scope")]
    Unknown {
        /// As written.
        name: String,
    },
    /// Several namespaces have the name.
    #[error("variable `{name}` exists in several namespaces: {candidates}")]
    Ambiguous {
        /// As written.
        name: String,
        /// Full names.
        candidates: String,
    },
    /// It may not be written.
    #[error("variable `{name}` is read-only")]
    ReadOnly {
        /// Full name.
        name: String,
    },
    /// The value does not fit.
    #[error("variable `{name}` cannot take the value: {reason}")]
    NotConvertible {
        /// Full name.
        name: String,
        /// Why.
        reason: String,
    },
    /// The variable's own expression fails.
    #[error("expression of variable `{name}` failed: {reason}")]
    Expression {
        /// Full name.
        name: String,
        /// Message of the expression error.
        reason: String,
    },
}

impl VariableError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        let hint = match self {
            Self::Unknown { .. } => {
                "compare the name, whose case matters, and the container that declares it"
            }
            Self::Ambiguous { .. } => "write the full name, such as `User::Path`",
            Self::ReadOnly { .. } => {
                "clear `ReadOnly` of the variable in the package, or write to another one"
            }
            Self::NotConvertible { .. } => {
                "give a value of the variable's type, or change the type in the package"
            }
            Self::Expression { .. } => "correct the expression of that variable",
        };
        hint.to_owned()
    }
}

/// Connection managers of the package and the project.
pub trait Connections: Send + Sync {
    /// The connection manager with its property expressions evaluated now.
    ///
    /// `reference` is what a task or component writes: a refId, `{GUID}`,
    /// `{GUID}:external`, or a name.
    ///
    /// # Errors
    /// Unknown, or a property expression fails.
    fn resolve(&self, reference: &str) -> Result<Arc<ConnectionManager>, ConnectionError>;

    /// Opens the database behind a connection manager (one shared connection when
    /// `RetainSameConnection` is set).
    ///
    /// # Errors
    /// Unknown, not a database, or it cannot be reached.
    fn open(&self, reference: &str) -> Result<ConnectionLease, ConnectionError>;

    /// The rows that a Cache connection manager holds for everyone who names it.
    ///
    /// # Errors
    /// Unknown.
    fn cache(&self, reference: &str) -> Result<Arc<CacheSlot>, ConnectionError> {
        let reference = reference.to_owned();
        Err(ConnectionError::Unknown { reference })
    }

    /// The same for what only reads: inside a transaction, another database than the one that is
    /// written there is read outside of it.
    ///
    /// # Errors
    /// As [`Connections::open`].
    fn open_to_read(&self, reference: &str) -> Result<ConnectionLease, ConnectionError> {
        self.open(reference)
    }
}

/// An open connection, borrowed for one use: locked if it is a retained one.
pub type ConnectionLease = Arc<std::sync::Mutex<Box<dyn Connection>>>;

/// A value for a variable, when the type follows from the value's own.
#[must_use]
pub fn null_of(data_type: crate::value::DataType) -> TypedValue {
    TypedValue {
        data_type,
        value: Value::Null,
    }
}
