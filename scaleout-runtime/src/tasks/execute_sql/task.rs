//! The task: checks, then runs batch by batch.

use scaleout_core::error::Explain;
use scaleout_core::package::{Executable, Task};

use super::assigned::Assigned;
use super::bindings;
use super::prepare::{Outputs, Prepared, Step, Way, nothing_comes_out, prepare};
use super::results::{self, Trouble};
use super::settings::{Direction, PROPERTIES, ResultType, Settings};
use super::style::Style;
use crate::connections::target::{Target, target};
use crate::connections::{
    BatchReader, Connection, ConnectionError, Dialect, report_sent, shortened,
};
use crate::events::{Message, Severity};
use crate::services::{Services, VariableError};
use crate::settle::task_property::PropertyPlace;
use crate::tasks::text_source;
use crate::tasks::{TaskFailure, TaskKind, TaskSuccess, WRONG_SETTING};
use crate::validation::Problem;
use crate::value::{DataType, TypedValue, Value};

/// `DTS_E_SQLTASK_FAILEDTOACQUIRECONNECTION`
const CANNOT_ACQUIRE: u32 = 0xC002_91EC;
/// `DTS_E_SQLTASK_ERROREXECUTINGTHEQUERY`
const QUERY_FAILED: u32 = 0xC002_F210;
/// `DTS_E_SQLTASK_ERRORASSIGINGVALUETOVAR`
const NOT_ASSIGNED: u32 = 0xC002_F309;

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
        if let Err((code, text)) = check(&settings) {
            problems.push(problem(&format!("{code:#010X}"), text));
        }
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
    check(&settings).map_err(|(code, text)| Failure { code, text })?;
    let sql = text_source::read(
        settings.source_type,
        &settings.source,
        settings.code_page,
        services,
    );
    let sql = sql.map_err(wrong)?;
    if sql.trim().is_empty() {
        return Err(wrong("the statement is empty".to_owned()));
    }
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
    let failed = |reason: String| Failure {
        code: QUERY_FAILED,
        text: format!(
            "executing the query \"{}\" failed: \"{reason}\". Possible causes: the query, the \
             result set setting, parameters, or the connection",
            shortened(&sql)
        ),
    };
    let style = Style::of(&manager.creation_name);
    let values = bindings::values(&settings.parameters, style, &*services.variables);
    let values = values.map_err(failed)?;
    let types: Vec<DataType> = values.iter().map(|value| value.data_type).collect();
    let prepared = prepare(&sql, &settings, style, found.dialect(), &types).map_err(failed)?;
    let phase = |text: &str| services.events.custom("ExecuteSQLExecutingQuery", text);
    let lease = services.connections.open(&settings.connection);
    let lease = lease.map_err(not_acquired)?;
    phase(&format!("The connection \"{}\" is acquired.", manager.name));
    let mut connection = lease
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    connection
        .set_timeout(settings.timeout)
        .map_err(|error| failed(error.explained()))?;
    let assigned = Assigned::to(&*services.variables);
    let job = Job {
        settings: &settings,
        style,
        values: &values,
        variables: &assigned,
        services,
    };
    phase(&format!("Executing query \"{}\".", shortened(&sql)));
    let ran = job.run(&mut **connection, &prepared);
    phase(match &ran {
        Ok(_) => "The query has been executed.",
        Err(_) => "The query failed.",
    });
    report_sent(&mut **connection, &manager.name, &*services.events);
    // A retained connection goes on without this task's limit.
    let lifted = match settings.timeout {
        Some(_) => connection.set_timeout(None),
        None => Ok(()),
    };
    // Handlers of what follows may use the connection.
    drop(connection);
    if let Err(error) = lifted {
        limit_stays(&error, &settings.connection, services);
    }
    let rows = ran.map_err(|trouble| match trouble {
        Trouble::Query(reason) => failed(reason),
        Trouble::Variable { name, reason } => not_assigned(&name, &reason),
    })?;
    let handed = assigned.hand_over();
    handed.map_err(|(name, error)| not_assigned(&name, &error.to_string()))?;
    Ok(rows)
}

fn not_assigned(name: &str, reason: &str) -> Failure {
    Failure {
        code: NOT_ASSIGNED,
        text: format!("assigning a value to variable `{name}` failed: {reason}"),
    }
}

/// The statement has run, so that a limit that stays is a warning to those who use the connection
/// next.
fn limit_stays(error: &ConnectionError, name: &str, services: &Services) {
    let text = format!(
        "the time limit of this task stays on connection `{name}`: {}",
        error.explained()
    );
    let warning = Message::new(0, text);
    services.events.raise(Severity::Warning, warning);
}

/// One run on an open connection.
struct Job<'j> {
    settings: &'j Settings,
    style: Style,
    values: &'j [TypedValue],
    variables: &'j Assigned<'j>,
    services: &'j Services,
}

impl Job<'_> {
    /// Runs all batches; the result set is that of the last one.
    fn run(
        &self,
        connection: &mut dyn Connection,
        prepared: &Prepared,
    ) -> Result<Option<u64>, Trouble> {
        let Some(outputs) = &prepared.outputs else {
            return self.batches(connection, prepared);
        };
        match &outputs.way {
            Way::Row => {
                for step in &prepared.steps {
                    let values = self.values_of(step);
                    let reader = connection.query(&step.sql, &values, 1);
                    let mut reader = reader.map_err(|error| error.reason())?;
                    self.take_outputs(&mut *reader, outputs)?;
                }
            }
            Way::Table {
                create,
                read,
                remove,
            } => {
                let said = |error: ConnectionError| error.explained();
                connection.execute(create, &[]).map_err(said)?;
                self.batches(connection, prepared)?;
                let mut reader = connection.query(read, &[], 1).map_err(said)?;
                let taken = self.take_outputs(&mut *reader, outputs);
                drop(reader);
                connection.execute(remove, &[]).map_err(said)?;
                taken?;
            }
        }
        Ok(None)
    }

    fn take_outputs(&self, reader: &mut dyn BatchReader, outputs: &Outputs) -> Result<(), String> {
        let bindings = outputs.bindings.iter();
        let bindings: Vec<_> = bindings.map(|at| &self.settings.parameters[*at]).collect();
        results::assign_outputs(reader, &bindings, self.variables)
    }

    fn values_of(&self, step: &Step) -> Vec<TypedValue> {
        let inputs = step.inputs.iter();
        inputs.map(|at| self.values[*at].clone()).collect()
    }

    fn batches(
        &self,
        connection: &mut dyn Connection,
        prepared: &Prepared,
    ) -> Result<Option<u64>, Trouble> {
        let steps = &prepared.steps;
        let mut affected = None;
        // The caller's message names the query: only one of several batches needs naming again.
        let refused = |error: ConnectionError| match steps.len() {
            1 => error.reason(),
            _ => error.explained(),
        };
        for (at, step) in steps.iter().enumerate() {
            let own = self.values_of(step);
            let result_type = self.settings.result_type;
            let gives_result = at + 1 == steps.len() && result_type != ResultType::None;
            for _ in 0..step.times {
                let canceled = self.services.cancel.check();
                canceled.map_err(|error| error.to_string())?;
                if gives_result && keeps_data_set(result_type, self.style) {
                    let found = results::data_set(connection, &step.sql, &own);
                    let found = found.map_err(refused)?;
                    results::assign_data_set(found, &self.settings.results, self.variables)?;
                } else if gives_result {
                    self.first_result(connection, &step.sql, &own, &refused)?;
                } else {
                    let rows = connection.execute(&step.sql, &own).map_err(refused)?;
                    affected = sum(affected, rows);
                }
            }
        }
        Ok(affected)
    }

    /// Runs a batch, and takes the first result set that it gives to the variables.
    fn first_result(
        &self,
        connection: &mut dyn Connection,
        sql: &str,
        parameters: &[TypedValue],
        refused: &dyn Fn(ConnectionError) -> String,
    ) -> Result<(), Trouble> {
        let kind = (self.settings.result_type, self.style);
        let rows = results::batch_rows(kind.0);
        let bindings = &self.settings.results;
        if connection.dialect() == Dialect::SqlServer && only_first_counts(self.style) {
            let mut reader = connection.query(sql, parameters, rows).map_err(refused)?;
            return results::assign(&mut *reader, kind, bindings, self.variables);
        }
        let mut assigned = None;
        let mut take = |reader: &mut dyn BatchReader| {
            if assigned.is_none() {
                assigned = Some(results::assign(reader, kind, bindings, self.variables));
            }
            Ok(())
        };
        let ran = connection.query_each(sql, parameters, rows, &mut take);
        match (assigned, ran) {
            (None, Ok(())) => {
                let none = ConnectionError::in_statement(sql, "it gives no rows");
                Err(refused(none).into())
            }
            (Some(Err(reason)), _) => Err(reason),
            (Some(Ok(())), Ok(())) => Ok(()),
            (Some(Ok(())), Err(error)) if self.may_fail_later(&error, connection) => {
                self.failed_later(&error);
                Ok(())
            }
            (_, Err(error)) => Err(refused(error).into()),
        }
    }

    /// A transaction that a statement has failed in may be good for nothing but a rollback.
    fn may_fail_later(&self, error: &ConnectionError, connection: &dyn Connection) -> bool {
        let is_of_statement = matches!(error, ConnectionError::Statement { .. });
        only_first_counts(self.style) && is_of_statement && !connection.in_transaction()
    }

    fn failed_later(&self, error: &ConnectionError) {
        let text = format!(
            "the task has its result, but a statement behind it failed: {}. Over OLE DB and ADO \
             that fails no task",
            error.explained()
        );
        let warning = Message::new(0, text);
        self.services.events.raise(Severity::Warning, warning);
    }
}

/// Whether what follows the first result set may fail: so it is over ODBC and ADO.NET, while OLE DB
/// and ADO look at nothing else.
fn only_first_counts(style: Style) -> bool {
    style == Style::OleDb
}

fn check(settings: &Settings) -> Result<(), (u32, String)> {
    results::check_bindings(settings.result_type, &settings.results)
}

/// Over ADO.NET a full result set is a data set with all tables; elsewhere it is a recordset, which
/// has one.
fn keeps_data_set(result_type: ResultType, style: Style) -> bool {
    result_type == ResultType::Rowset && style == Style::AdoNet
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

/// Whether the task asks for what its database does not have.
fn procedure_elsewhere(settings: &Settings, found: &Target) -> Option<String> {
    let mut parameters = settings.parameters.iter();
    let comes_back = settings.is_procedure
        || parameters.any(|parameter| parameter.direction != Direction::Input);
    (comes_back && found.dialect() == Dialect::Sqlite).then(nothing_comes_out)
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
