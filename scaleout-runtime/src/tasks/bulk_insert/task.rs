//! The task: one `BULK INSERT` on the connection.

use scaleout_core::error::Explain;
use scaleout_core::package::{Executable, Task};

use super::settings::{Format, PROPERTIES, Settings};
use super::statement::statement;
use crate::connections::Dialect;
use crate::connections::target::target;
use crate::events::{Message, Severity};
use crate::refusal::not_run_here;
use crate::services::Services;
use crate::settle::task_property::PropertyPlace;
use crate::tasks::{TaskFailure, TaskKind, TaskSuccess, WRONG_SETTING};
use crate::validation::Problem;
use crate::value::Value;

/// The server refused, or could not be asked.
const FAILED: u32 = 0xC002_9115;

/// `Microsoft.BulkInsertTask`
pub(in crate::tasks) struct BulkInsert;

impl TaskKind for BulkInsert {
    fn task_type(&self) -> &'static str {
        "Microsoft.BulkInsertTask"
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
        let settings = match Settings::read(&task.data) {
            Ok(settings) => settings,
            Err(reason) => return vec![error(WRONG_SETTING, reason)],
        };
        let mut problems = Vec::new();
        if let Err(reason) = server_path(settings.source, services) {
            problems.push(error(WRONG_SETTING, reason));
        }
        let found = services.connections.resolve(settings.destination);
        let found = found.and_then(|manager| target(&manager, &services.settings));
        match found {
            Err(unknown) => problems.push(error(unknown.code(), unknown.explained())),
            Ok(found) if found.dialect() != Dialect::SqlServer => {
                problems.push(error(WRONG_SETTING, elsewhere(&executable.name)));
            }
            Ok(_) if connect => {
                if let Err(refused) = services.connections.open(settings.destination) {
                    problems.push(error(refused.code(), refused.explained()));
                }
            }
            Ok(_) => {}
        }
        problems
    }

    fn execute(
        &self,
        executable: &Executable,
        task: &Task,
        services: &Services,
    ) -> Result<TaskSuccess, TaskFailure> {
        services.cancel.check()?;
        match run(&executable.name, task, services) {
            Ok(rows) => Ok(TaskSuccess {
                execution_value: rows
                    .and_then(|rows| i64::try_from(rows).ok())
                    .map_or(Value::Null, Value::I8),
            }),
            Err(_) if services.cancel.is_canceled() => Err(TaskFailure::Canceled),
            Err(text) => {
                let message = Message::new(FAILED, text);
                services.events.raise(Severity::Error, message);
                Err(TaskFailure::Failed)
            }
        }
    }
}

/// Only SQL Server reads files by itself.
fn elsewhere(task: &str) -> String {
    not_run_here(
        &format!("task `{task}` is a Bulk Insert task whose database is not SQL Server"),
        "load the file with a data flow: a flat file source and a destination",
    )
}

fn run(name: &str, task: &Task, services: &Services) -> Result<Option<u64>, String> {
    let settings = Settings::read(&task.data)?;
    let manager = services.connections.resolve(settings.destination);
    let manager = manager.map_err(|error| error.explained())?;
    let found = target(&manager, &services.settings).map_err(|error| error.explained())?;
    if found.dialect() != Dialect::SqlServer {
        return Err(elsewhere(name));
    }
    let file = server_path(settings.source, services)?;
    let format_file = match settings.format {
        Format::File(reference) => {
            server_path(reference, services).unwrap_or_else(|_| reference.to_owned())
        }
        Format::Terminators { .. } => String::new(),
    };
    let sql = statement(&settings, &file, &format_file);
    let events = &services.events;
    events.custom("DTSBulkInsertTaskBegin", "The bulk insert begins.");
    events.custom("DTSBulkInsertTaskInfos", &sql);
    let lease = services.connections.open(settings.destination);
    let lease = lease.map_err(|error| error.explained())?;
    let mut connection = lease
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let rows = connection
        .execute(&sql, &[])
        .map_err(|error| error.explained())?;
    events.custom("DTSBulkInsertTaskEnd", "The bulk insert has ended.");
    Ok(rows)
}

/// The path of a file connection, as it is: the database server reads it, not this machine.
fn server_path(reference: &str, services: &Services) -> Result<String, String> {
    let manager = services.connections.resolve(reference);
    let manager = manager.map_err(|error| error.explained())?;
    match manager.creation_name.as_str() {
        "FILE" | "FLATFILE" => Ok(manager.connection_string().to_owned()),
        _ => Err(format!(
            "connection `{}` is neither a file nor a flat file connection",
            manager.name
        )),
    }
}
