//! Execute T-SQL Statement task: the text of a maintenance plan, without parameters or results.

use scaleout_core::error::Explain;
use scaleout_core::package::{Executable, Task};

use super::{TaskFailure, TaskKind, TaskSuccess, WRONG_SETTING};
use crate::connections::dialect::split_batches;
use crate::connections::shortened;
use crate::connections::target::target;
use crate::events::{Message, Severity};
use crate::services::Services;
use crate::settle::task_property::{Place, PropertyPlace};
use crate::validation::Problem;

/// `DTS_E_SQLTASK_ERROREXECUTINGTHEQUERY`
const QUERY_FAILED: u32 = 0xC002_F210;

const PROPERTIES: &[PropertyPlace] = &[
    ("Connection", Place::Attribute("Connection")),
    ("SqlStatementSource", Place::Attribute("SqlStatementSource")),
];

/// `Microsoft.DbMaintenanceTSQLExecuteTask`
pub(super) struct ExecuteTSql;

impl TaskKind for ExecuteTSql {
    fn task_type(&self) -> &'static str {
        "Microsoft.DbMaintenanceTSQLExecuteTask"
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
        let (reference, sql) = settings(task);
        let mut problems = Vec::new();
        if sql.trim().is_empty() {
            problems.push(error(WRONG_SETTING, "the statement is empty".to_owned()));
        }
        let found = services.connections.resolve(reference);
        let found = found.and_then(|manager| target(&manager, &services.settings));
        match found {
            Err(unknown) => problems.push(error(unknown.code(), unknown.explained())),
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

fn settings(task: &Task) -> (&str, &str) {
    let text = |name| task.data.attribute(name).unwrap_or_default();
    (text("Connection").trim(), text("SqlStatementSource"))
}

fn run(task: &Task, services: &Services) -> Result<(), String> {
    let (reference, sql) = settings(task);
    let lease = services.connections.open(reference);
    let lease = lease.map_err(|error| error.explained())?;
    let mut connection = lease
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    for batch in split_batches(sql) {
        for _ in 0..batch.times {
            let stopped = services.cancel.check();
            stopped.map_err(|canceled| canceled.to_string())?;
            let ran = connection.execute(batch.sql, &[]);
            ran.map_err(|error| {
                format!(
                    "executing the query \"{}\" failed: {}",
                    shortened(batch.sql),
                    error.reason()
                )
            })?;
        }
    }
    Ok(())
}
