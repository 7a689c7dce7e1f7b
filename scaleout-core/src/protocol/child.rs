//! A child package that runs as an execution of its own: the executor of the parent asks its worker,
//! the worker asks the master.
//!
//! `POST start_child` and `POST await_child` name the attempt of the parent, which must be the one
//! in force and held by the worker that asks. A child is known by the place of its task, so that a
//! parent that runs again after the loss of its worker finds the children that it has started.

use serde::{Deserialize, Serialize};

use super::event::PackageResult;
use super::task::ParameterValue;
use super::worker::AttemptKey;
use crate::package::VariableType;

/// What an Execute Package task asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildCall {
    /// Number of the call in this run of the parent; the answer names it.
    pub call: u64,
    /// What to run.
    pub child: ChildPackage,
}

/// A child package with everything that it gets from its parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildPackage {
    /// Path of the task with iterations: `\Package\Loop[2]\Run`.
    pub path: String,
    /// How often the task has run at that path in this attempt, this time included: event handlers
    /// run at one path again and again.
    pub occurrence: u32,
    /// Package file name in the project of the parent.
    pub package_name: String,
    /// Values of the bound parameters.
    pub parameters: Vec<ParameterValue>,
    /// Variables that the task sees, each name once.
    pub variables: Vec<ParentVariable>,
}

/// A variable of the parent, as it is when the child starts. The child may read it; what it writes
/// stays with the child.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentVariable {
    /// Namespace, such as `User`.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Type.
    pub data_type: VariableType,
    /// Value as text; `None` for an empty one.
    pub value: Option<String>,
}

/// Shows no value: nobody says of a variable that it is a secret, and many are.
impl std::fmt::Debug for ParentVariable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}::{}: {:?}", self.namespace, self.name, self.data_type)
    }
}

/// What the executor of the parent hears of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildAnswer {
    /// Which call.
    pub call: u64,
    /// How it went.
    pub outcome: ChildOutcome,
}

/// How a child went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChildOutcome {
    /// It ran.
    Ended(ChildEnd),
    /// The master did not start it.
    Refused {
        /// Why, and what to do.
        reason: String,
    },
}

/// A child that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildEnd {
    /// Its execution.
    pub execution_id: i64,
    /// Its result; an execution that ended unexpectedly has failed.
    pub result: PackageResult,
    /// Name of the worker that had it last; empty when none had.
    pub worker: String,
    /// Rows that reached its destinations.
    pub rows: u64,
    /// Its first errors.
    pub errors: Vec<ChildError>,
    /// Errors beyond those.
    pub more_errors: u32,
}

/// An error of a child.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildError {
    /// SSIS message code as a signed number; 0 when none.
    pub code: i32,
    /// The text, with its source.
    pub message: String,
}

/// `POST start_child`: starts a child, or finds the one that was started for the same place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartChild {
    /// The attempt of the parent.
    pub attempt: AttemptKey,
    /// What to run.
    pub child: ChildPackage,
}

/// Answer to [`StartChild`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildStarted {
    /// The child's execution.
    pub execution_id: i64,
}

/// `POST await_child`: waits for the end of a child; the master holds the request until then or
/// until the wait is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwaitChild {
    /// The attempt of the parent.
    pub attempt: AttemptKey,
    /// The child's execution.
    pub execution_id: i64,
    /// Longest wait, milliseconds; the master caps it at 60,000.
    pub wait_ms: u64,
}

/// Answer to [`AwaitChild`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwaitChildReply {
    /// How it ended; `None` while it runs.
    pub ended: Option<ChildEnd>,
}
