//! Execute SQL Server Agent Job task: starts a job at the SQL Server that its connection names, or in
//! the catalog, and succeeds when it was started. How the job ends is nobody's concern here, as in the original.

use scaleout_core::error::Explain;
use scaleout_core::package::{Executable, Task};
use uuid::Uuid;

use super::{TaskFailure, TaskKind, TaskSuccess, WRONG_SETTING};
use crate::connections::Dialect;
use crate::connections::target::{Target, target};
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
        let reference = connection(task);
        let found = services.connections.resolve(reference);
        let found = found.and_then(|manager| target(&manager, &services.settings));
        if let Err(reason) = statement(job(task), matches!(found, Ok(Target::Catalog))) {
            problems.push(error(WRONG_SETTING, reason));
        }
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

/// The statement that starts the job. The id comes from a package, so it is read as one. In the
/// catalog a job that is no id is a name: jobs that were made anew have ids that no package knows.
fn statement(job: &str, in_catalog: bool) -> Result<String, String> {
    let text = job.trim();
    if text.is_empty() {
        return Err("no job is chosen: `AgentJobID` is empty".to_owned());
    }
    match Uuid::parse_str(text) {
        Ok(id) => {
            let id = id.to_string().to_uppercase();
            Ok(format!("EXEC msdb.dbo.sp_start_job @job_id = N'{id}'"))
        }
        Err(_) if in_catalog => {
            let name = text.replace('\'', "''");
            Ok(format!("EXEC msdb.dbo.sp_start_job @job_name = N'{name}'"))
        }
        Err(_) => Err(format!("`AgentJobID` is `{text}`, which is no id of a job")),
    }
}

fn elsewhere(reference: &str) -> String {
    format!(
        "the task starts a job, and connection `{reference}` leads to a database that has none; map \
         its server to a SQL Server, or to the jobs of this catalog (`Provider=ScaleOut`), with \
         `ConnectionMap`"
    )
}

fn run(task: &Task, services: &Services) -> Result<(), String> {
    let reference = connection(task);
    let manager = services.connections.resolve(reference);
    let manager = manager.map_err(|error| error.explained())?;
    let found = target(&manager, &services.settings).map_err(|error| error.explained())?;
    if found.dialect() != Dialect::SqlServer {
        return Err(elsewhere(reference));
    }
    let sql = statement(job(task), found == Target::Catalog)?;
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
    fn the_id_of_the_job_is_an_id_or_a_name_in_the_catalog_and_nothing_else() {
        for in_catalog in [false, true] {
            assert_eq!(
                statement("{b0ba6cd0-1f2e-4e6a-9b3e-0d7c6d1a2b3c}", in_catalog).unwrap(),
                "EXEC msdb.dbo.sp_start_job @job_id = N'B0BA6CD0-1F2E-4E6A-9B3E-0D7C6D1A2B3C'"
            );
            assert!(statement(" ", in_catalog).is_err());
        }
        for name in ["nightly", "x'; DROP TABLE t --"] {
            assert!(statement(name, false).is_err(), "{name}");
        }
        assert_eq!(
            statement("x'; DROP TABLE t --", true).unwrap(),
            "EXEC msdb.dbo.sp_start_job @job_name = N'x''; DROP TABLE t --'"
        );
    }
}
