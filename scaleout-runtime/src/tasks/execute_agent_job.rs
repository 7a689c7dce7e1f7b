//! Execute SQL Server Agent Job task: starts a job at the server that its connection names, and
//! succeeds when it was started. How the job ends is nobody's concern here, as in the original.

use scaleout_core::error::Explain;
use scaleout_core::package::{Executable, Task};
use uuid::Uuid;

use super::{TaskFailure, TaskKind, TaskSuccess, WRONG_SETTING};
use crate::connections::Dialect;
use crate::connections::target::target;
use crate::events::{Message, Severity};
use crate::services::Services;
use crate::settle::task_property::{Place, PropertyPlace};
use crate::validation::Problem;

/// `DTS_E_SQLTASK_ERROREXECUTINGTHEQUERY`
const QUERY_FAILED: u32 = 0xC002_F210;

const PROPERTIES: &[PropertyPlace] = &[
    ("Connection", Place::Attribute("Connection")),
    ("AgentJobID", Place::Attribute("AgentJobID")),
];

/// `Microsoft.DbMaintenanceExecuteAgentJobTask`
pub(super) struct ExecuteAgentJob;

impl TaskKind for ExecuteAgentJob {
    fn task_type(&self) -> &'static str {
        "Microsoft.DbMaintenanceExecuteAgentJobTask"
    }

    fn properties(&self) -> &'static [PropertyPlace] {
        PROPERTIES
    }

    fn validate(
        &self,
        executable: &Executable,
        task: &Task,
        services: &Services,
        connect: bool,
    ) -> Vec<Problem> {
        let path = format!("\\{}", executable.ref_id);
        let error = |code: &str, text: String| Problem::error(code, &path, &task.task_type, text);
        let mut problems = Vec::new();
        if let Err(reason) = statement(job(task)) {
            problems.push(error(WRONG_SETTING, reason));
        }
        let reference = connection(task);
        let found = services.connections.resolve(reference);
        let found = found.and_then(|manager| target(&manager, &services.settings));
        match found {
            Err(unknown) => problems.push(error(unknown.code(), unknown.explained())),
            Ok(found) if found.dialect() != Dialect::SqlServer => {
                problems.push(error(WRONG_SETTING, elsewhere(reference)));
            }
            Ok(_) if connect => {
                if let Err(refused) = services.connections.open(reference) {
                    problems.push(error(refused.code(), refused.explained()));
                }
            }
            Ok(_) => {}
        }
        problems
    }

    fn execute(
        &self,
        _executable: &Executable,
        task: &Task,
        services: &Services,
    ) -> Result<TaskSuccess, TaskFailure> {
        services.cancel.check()?;
        match run(task, services) {
            Ok(()) => Ok(TaskSuccess::plain()),
            Err(_) if services.cancel.is_canceled() => Err(TaskFailure::Canceled),
            Err(text) => {
                let message = Message::new(QUERY_FAILED, text);
                services.events.raise(Severity::Error, message);
                Err(TaskFailure::Failed)
            }
        }
    }
}

fn connection(task: &Task) -> &str {
    task.data.attribute("Connection").unwrap_or_default().trim()
}

fn job(task: &Task) -> &str {
    task.data.attribute("AgentJobID").unwrap_or_default()
}

/// The statement that starts the job. The id comes from a package, so it is read as one.
fn statement(job_id: &str) -> Result<String, String> {
    let text = job_id.trim();
    if text.is_empty() {
        return Err("no job is chosen: `AgentJobID` is empty".to_owned());
    }
    let id = Uuid::parse_str(text)
        .map_err(|_| format!("`AgentJobID` is `{text}`, which is no id of a job"))?;
    let id = id.to_string().to_uppercase();
    Ok(format!("EXEC msdb.dbo.sp_start_job @job_id = N'{id}'"))
}

/// Jobs are known by their ids at their own server only.
fn elsewhere(reference: &str) -> String {
    format!(
        "the task starts a job of SQL Server by its id, and connection `{reference}` leads to another \
         database; map its server to a SQL Server with `ConnectionMap`, or start a job of the catalog \
         after the package: `soctl job step add`"
    )
}

fn run(task: &Task, services: &Services) -> Result<(), String> {
    let sql = statement(job(task))?;
    let reference = connection(task);
    let manager = services.connections.resolve(reference);
    let manager = manager.map_err(|error| error.explained())?;
    let found = target(&manager, &services.settings).map_err(|error| error.explained())?;
    if found.dialect() != Dialect::SqlServer {
        return Err(elsewhere(reference));
    }
    let lease = services.connections.open(reference);
    let lease = lease.map_err(|error| error.explained())?;
    let mut connection = lease
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let started = connection.execute(&sql, &[]);
    started
        .map(drop)
        .map_err(|error| format!("the job could not be started: {}", error.reason()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_the_job_is_an_id_and_nothing_else() {
        assert_eq!(
            statement("{b0ba6cd0-1f2e-4e6a-9b3e-0d7c6d1a2b3c}").unwrap(),
            "EXEC msdb.dbo.sp_start_job @job_id = N'B0BA6CD0-1F2E-4E6A-9B3E-0D7C6D1A2B3C'"
        );
        for bad in ["", "nightly", "x'; DROP TABLE t --"] {
            assert!(statement(bad).is_err(), "{bad}");
        }
    }
}
