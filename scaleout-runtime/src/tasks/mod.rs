//! One file per task: its settings, its run, its tests.

mod background;
mod bulk_insert;
mod execute_agent_job;
mod execute_process;
mod execute_sql;
mod execute_t_sql;
mod expression;
mod file_system;
mod ftp;
pub mod kinds;
mod path_source;
mod send_mail;
mod text_source;

use scaleout_core::package::{Executable, Task};

use crate::cancel::Canceled;
use crate::services::Services;
use crate::settle::task_property::PropertyPlace;
use crate::validation::Problem;
use crate::value::Value;

/// The task is set to something that cannot be.
pub(crate) const WRONG_SETTING: &str = "SO4020";

/// What a task is, apart from any package.
pub trait TaskKind: Send + Sync {
    /// Canonical creation name, such as `Microsoft.ExecuteSQLTask`.
    fn task_type(&self) -> &'static str;

    /// Properties that expressions and overrides may set, and where each sits in [`Task::data`].
    /// Empty means: the attributes and children that the file already has, by their names.
    fn properties(&self) -> &'static [PropertyPlace] {
        &[]
    }

    /// Checks the settings without running: property expressions are already applied to `task.data`.
    /// With `connect` false no connection is opened and no file is looked at.
    fn validate(
        &self,
        executable: &Executable,
        task: &Task,
        services: &Services,
        connect: bool,
    ) -> Vec<Problem>;

    /// Runs it. Errors were already raised as events; the result says only how it ended.
    ///
    /// # Errors
    /// [`TaskFailure`] when the task failed or was stopped.
    fn execute(
        &self,
        executable: &Executable,
        task: &Task,
        services: &Services,
    ) -> Result<TaskSuccess, TaskFailure>;
}

/// A task that succeeded.
#[derive(Clone, Debug)]
pub struct TaskSuccess {
    /// `ExecutionValue`: what the task gives back.
    pub execution_value: Value,
}

impl TaskSuccess {
    /// A success without an execution value.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            execution_value: Value::Null,
        }
    }
}

/// A task that did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskFailure {
    /// It failed, and said why in events.
    Failed,
    /// It was stopped.
    Canceled,
}

impl From<Canceled> for TaskFailure {
    fn from(_: Canceled) -> Self {
        Self::Canceled
    }
}
