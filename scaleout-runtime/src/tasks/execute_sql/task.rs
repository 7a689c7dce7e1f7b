//! The task: checks, then runs batch by batch.

use scaleout_core::error::Explain;
use scaleout_core::package::{Executable, Task};

use super::bindings::{Bound, Style, bind};
use super::results;
use super::settings::{PROPERTIES, ResultType, Settings};
use super::source::statement;
use crate::connections::dialect::{count_marks, split_batches};
use crate::connections::target::{Target, target};
use crate::connections::{Connection, ConnectionError, shortened};
use crate::events::{Message, Severity};
use crate::services::{Services, VariableError};
use crate::settle::task_property::PropertyPlace;
use crate::tasks::{TaskFailure, TaskKind, TaskSuccess};
use crate::validation::Problem;
use crate::value::{TypedValue, Value};

/// `DTS_E_SQLTASK_FAILEDTOACQUIRECONNECTION`
const CANNOT_ACQUIRE: u32 = 0xC002_91EC;
/// `DTS_E_SQLTASK_ERROREXECUTINGTHEQUERY`
const QUERY_FAILED: u32 = 0xC002_F210;
/// The task is set to something that does not run here.
const WRONG_SETTING: &str = "SO4020";

/// `Microsoft.ExecuteSQLTask`
pub(in crate::tasks) struct ExecuteSql;

impl TaskKind for ExecuteSql {
    fn task_type(&self) -> &'static str {
        "Microsoft.ExecuteSQLTask"
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
        let problem = |code: &str, text: String| Problem::error(code, &path, &task.task_type, text);
        let settings = match Settings::read(&task.data) {
            Ok(settings) => settings,
            Err(reason) => return vec![problem(WRONG_SETTING, reason)],
        };
        let mut problems = Vec::new();
        match found_target(&settings, services) {
            Err(error) => problems.push(problem(error.code(), error.explained())),
            Ok(found) => {
                if let Some(reason) = procedure_elsewhere(&settings, &found) {
                    problems.push(problem(WRONG_SETTING, reason));
                }
                if connect && let Err(error) = services.connections.open(&settings.connection) {
                    problems.push(problem(error.code(), error.explained()));
                }
            }
        }
        for name in unknown_variables(&settings, services) {
            let text = format!("variable `{name}`, which a parameter or result names, is unknown");
            problems.push(problem("0xC0010001", text));
        }
        problems
    }

    fn execute(
        &self,
        _: &Executable,
        task: &Task,
        services: &Services,
    ) -> Result<TaskSuccess, TaskFailure> {
        services.cancel.check()?;
        match run(task, services) {
            Ok(affected) => Ok(TaskSuccess {
                execution_value: affected.map_or(Value::Null, rows_value),
            }),
            Err(_) if services.cancel.is_canceled() => Err(TaskFailure::Canceled),
            Err(failure) => {
                let message = Message::new(failure.code, failure.text);
                services.events.raise(Severity::Error, message);
                Err(TaskFailure::Failed)
            }
        }
    }
}

struct Failure {
    code: u32,
    text: String,
}

fn run(task: &Task, services: &Services) -> Result<Option<u64>, Failure> {
    let wrong = |text| Failure {
        code: QUERY_FAILED,
        text,
    };
    let settings = Settings::read(&task.data).map_err(wrong)?;
    let sql = statement(&settings, services).map_err(wrong)?;
    let not_acquired = |error: ConnectionError| Failure {
        code: CANNOT_ACQUIRE,
        text: format!(
            "connection `{}` could not be acquired: {}",
            settings.connection,
            error.explained()
        ),
    };
    let manager = services.connections.resolve(&settings.connection);
    let manager = manager.map_err(not_acquired)?;
    let found = target(&manager, &services.settings).map_err(not_acquired)?;
    if let Some(reason) = procedure_elsewhere(&settings, &found) {
        return Err(wrong(reason));
    }
    let failed = |reason: String| Failure {
        code: QUERY_FAILED,
        text: format!(
            "executing the query \"{}\" failed: \"{reason}\". Possible causes: the query, the \
             result set setting, parameters, or the connection",
            shortened(&sql)
        ),
    };
    let sql = procedure_call(&settings, &sql).unwrap_or_else(|| sql.clone());
    let style = Style::of(&manager.creation_name);
    let bound = bind(&sql, &settings.parameters, style, &*services.variables).map_err(failed)?;
    services
        .events
        .custom("ExecuteSQLExecutingQuery", &shortened(&sql));
    let lease = services.connections.open(&settings.connection);
    let lease = lease.map_err(not_acquired)?;
    let mut connection = lease
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    connection
        .set_timeout(settings.timeout)
        .map_err(|error| failed(error.explained()))?;
    let ran = run_batches(&mut **connection, &bound, &settings, services);
    if settings.timeout.is_some() {
        lift_limit(&mut **connection, &settings.connection, services);
    }
    ran.map_err(failed)
}

/// A retained connection goes on without this task's limit. The statement has run, so that a
/// limit that stays is a warning to those who use the connection next.
fn lift_limit(connection: &mut dyn Connection, name: &str, services: &Services) {
    if let Err(error) = connection.set_timeout(None) {
        let text = format!(
            "the time limit of this task stays on connection `{name}`: {}",
            error.explained()
        );
        let warning = Message::new(0, text);
        services.events.raise(Severity::Warning, warning);
    }
}

/// Runs all batches; the result set is that of the last one.
fn run_batches(
    connection: &mut dyn Connection,
    bound: &Bound,
    settings: &Settings,
    services: &Services,
) -> Result<Option<u64>, String> {
    let batches = split_batches(&bound.sql);
    let mut rest = bound.values.as_slice();
    let mut affected = None;
    // The caller's message names the query: only one of several batches needs naming again.
    let refused = |error: ConnectionError| match batches.len() {
        1 => error.reason(),
        _ => error.explained(),
    };
    for (at, batch) in batches.iter().enumerate() {
        let own = match batches.len() {
            1 => rest,
            _ => take(&mut rest, count_marks(batch.sql)),
        };
        let gives_result = at + 1 == batches.len() && settings.result_type != ResultType::None;
        for _ in 0..batch.times {
            services.cancel.check().map_err(|error| error.to_string())?;
            if gives_result {
                let rows = results::batch_rows(settings.result_type);
                let mut reader = connection.query(batch.sql, own, rows).map_err(refused)?;
                let (kind, bindings) = (settings.result_type, &settings.results);
                results::assign(&mut *reader, kind, bindings, &*services.variables)?;
            } else {
                let rows = connection.execute(batch.sql, own).map_err(refused)?;
                affected = sum(affected, rows);
            }
        }
    }
    Ok(affected)
}

fn take<'v>(rest: &mut &'v [TypedValue], count: usize) -> &'v [TypedValue] {
    let (own, others) = rest.split_at(count.min(rest.len()));
    *rest = others;
    own
}

fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one + other),
        (known, None) | (None, known) => known,
    }
}

/// Rows affected, as the task's execution value.
fn rows_value(rows: u64) -> Value {
    i32::try_from(rows).map_or_else(
        |_| Value::I8(i64::try_from(rows).unwrap_or(i64::MAX)),
        Value::I4,
    )
}

fn found_target(settings: &Settings, services: &Services) -> Result<Target, ConnectionError> {
    let manager = services.connections.resolve(&settings.connection)?;
    target(&manager, &services.settings)
}

fn procedure_elsewhere(settings: &Settings, found: &Target) -> Option<String> {
    let elsewhere = settings.is_procedure && !matches!(found, Target::SqlServer(_));
    elsewhere.then(|| {
        "`IsStoredProcedure` is set, but only SQL Server has the stored procedures of a package; \
         write the statements into the task"
            .to_owned()
    })
}

/// With `IsStoredProcedure` the statement is only a name.
fn procedure_call(settings: &Settings, sql: &str) -> Option<String> {
    let is_name = !sql.trim_start().to_ascii_lowercase().starts_with("exec");
    (settings.is_procedure && is_name).then(|| {
        let parameters = settings.parameters.iter().map(|parameter| {
            let name = parameter.name.as_str();
            match name.starts_with('@') {
                true => format!("{name} = ?"),
                false => "?".to_owned(),
            }
        });
        let parameters: Vec<String> = parameters.collect();
        format!("EXEC {} {}", sql.trim(), parameters.join(", "))
    })
}

fn unknown_variables<'s>(settings: &'s Settings, services: &Services) -> Vec<&'s str> {
    let parameters = settings.parameters.iter().map(|it| it.variable.as_str());
    let results = settings.results.iter().map(|it| it.variable.as_str());
    let is_unknown = |name: &&str| {
        let value = services.variables.get(name);
        matches!(value, Err(VariableError::Unknown { .. }))
    };
    parameters.chain(results).filter(is_unknown).collect()
}
