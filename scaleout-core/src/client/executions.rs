//! Executions as the SDK sees them.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::error::ClientError;
use super::rows::Row;
use crate::model::{LoggingLevel, OperationStatus, ParameterScope};

/// What to run: the arguments of `create_execution` and of the calls that follow it.
#[derive(Clone, Debug, Default)]
pub struct NewExecution {
    /// Folder.
    pub folder: String,
    /// Project.
    pub project: String,
    /// Package, with `.dtsx`.
    pub package: String,
    /// Workers that may run it; empty means any.
    pub workers: Vec<Uuid>,
    /// Environment reference.
    pub reference_id: Option<i64>,
    /// Parameter values and execution options.
    pub parameters: Vec<ExecutionParameter>,
    /// Property overrides, in order.
    pub overrides: Vec<Override>,
    /// Logging level; the server's default when absent.
    pub logging_level: Option<LoggingLevel>,
}

impl NewExecution {
    /// A package on any worker, with the values it was designed or configured with.
    #[must_use]
    pub fn new(folder: &str, project: &str, package: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            project: project.to_owned(),
            package: package.to_owned(),
            ..Self::default()
        }
    }
}

/// A parameter value for one execution.
#[derive(Clone, PartialEq)]
pub struct ExecutionParameter {
    /// Whose parameter.
    pub scope: ParameterScope,
    /// Name.
    pub name: String,
    /// Value.
    pub value: Value,
}

/// Shows no value: whether it is sensitive is known to the catalog alone.
impl std::fmt::Debug for ExecutionParameter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}", self.scope, self.name)
    }
}

/// A property override.
#[derive(Clone, PartialEq, Eq)]
pub struct Override {
    /// Property path, such as `\Package.Variables[User::X].Value`.
    pub path: String,
    /// New value.
    pub value: String,
    /// Stored encrypted and never shown.
    pub sensitive: bool,
}

impl std::fmt::Debug for Override {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)
    }
}

/// A row of `catalog.executions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Execution {
    /// Its number.
    pub execution_id: i64,
    /// Folder.
    pub folder: String,
    /// Project.
    pub project: String,
    /// Package.
    pub package: String,
    /// State.
    pub status: OperationStatus,
    /// When it was created.
    pub created_time: Option<Timestamp>,
    /// When its first attempt started.
    pub start_time: Option<Timestamp>,
    /// When it ended.
    pub end_time: Option<Timestamp>,
    /// Who called `create_execution`.
    pub caller_name: Option<String>,
    /// Worker that has or had it.
    pub worker_agent_id: Option<Uuid>,
    /// Machine of that worker.
    pub machine_name: Option<String>,
    /// How often it was tried.
    pub executed_count: i64,
}

impl Execution {
    /// Reads a row of the view.
    ///
    /// # Errors
    /// A column without which an execution makes no sense is not there.
    pub fn from_row(row: Row<'_>) -> Result<Self, ClientError> {
        let lacking = |what: &str| ClientError::Incomplete {
            call: "executions".to_owned(),
            what: what.to_owned(),
        };
        let text = |column: &str| row.text(column).map(str::to_owned);
        Ok(Self {
            execution_id: row
                .integer("execution_id")
                .ok_or_else(|| lacking("execution_id"))?,
            folder: text("folder_name").ok_or_else(|| lacking("folder_name"))?,
            project: text("project_name").ok_or_else(|| lacking("project_name"))?,
            package: text("package_name").ok_or_else(|| lacking("package_name"))?,
            status: row
                .integer("status")
                .and_then(OperationStatus::from_number)
                .ok_or_else(|| lacking("status"))?,
            created_time: row.time("created_time"),
            start_time: row.time("start_time"),
            end_time: row.time("end_time"),
            caller_name: text("caller_name"),
            worker_agent_id: row.guid("worker_agent_id"),
            machine_name: text("machine_name"),
            executed_count: row.integer("executed_count").unwrap_or(0),
        })
    }
}
