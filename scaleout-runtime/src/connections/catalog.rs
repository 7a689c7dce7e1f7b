//! The catalog that a package is an execution of, as a connection: it starts and stops jobs.
//!
//! `Provider=ScaleOut` in a connection string, or in `ConnectionMap` for a server that packages
//! name, means it. There are no tables in it, and no other procedures than those of [`JobVerb`].

use std::sync::Arc;

use scaleout_core::package::connection_string::ConnectionString;
use scaleout_core::protocol::job::{JobOutcome, JobVerb};
use scaleout_core::registry::ProcedureResult;
use scaleout_core::tsql::{Interpreter, ResolvedCall};
use serde_json::Value;

use super::dialect::replace_marks;
use super::{
    BatchReader, BulkInsert, BulkOptions, Connection, ConnectionError, Dialect, TableName,
    TakeRows, TransactionStep,
};
use crate::cancel::CancelToken;
use crate::data_flow::schema::Schema;
use crate::job_caller::{Asked, JobCaller};
use crate::value::TypedValue;
use crate::variables::typed;

/// The catalog, as one task sees it.
pub struct CatalogConnection {
    name: String,
    path: String,
    jobs: Arc<dyn JobCaller>,
    cancel: CancelToken,
}

impl CatalogConnection {
    /// For the task at `path`, with its iterations.
    #[must_use]
    pub fn new(name: &str, path: &str, jobs: Arc<dyn JobCaller>, cancel: CancelToken) -> Self {
        Self {
            name: name.to_owned(),
            path: path.to_owned(),
            jobs,
            cancel,
        }
    }

    fn not_a_call(&self, reason: impl Into<String>) -> ConnectionError {
        ConnectionError::NotACall {
            name: self.name.clone(),
            reason: reason.into(),
        }
    }

    /// The next call of a script, if it is one that packages may make.
    fn next(
        &self,
        script: &mut Interpreter,
    ) -> Result<Option<(JobVerb, ResolvedCall)>, ConnectionError> {
        let call = script.next_call();
        let call = call.map_err(|fault| self.not_a_call(fault.to_string()))?;
        let Some(call) = call else { return Ok(None) };
        let verb = JobVerb::ALL
            .into_iter()
            .find(|verb| verb.procedure() == call.procedure);
        let Some(verb) = verb else {
            let reason = format!("packages do not call `{}` there", call.procedure);
            return Err(self.not_a_call(reason));
        };
        Ok(Some((verb, call)))
    }

    /// Goes through the script without calling anything.
    fn check(&self, script: &str) -> Result<(), ConnectionError> {
        let mut ahead = self.reader(script)?;
        let mut calls = 0;
        while let Some((_, call)) = self.next(&mut ahead)? {
            ahead.done(&call, &ProcedureResult::default());
            calls += 1;
        }
        match calls {
            0 => Err(self.not_a_call("it calls no procedure")),
            _ => Ok(()),
        }
    }

    fn reader(&self, script: &str) -> Result<Interpreter, ConnectionError> {
        Interpreter::new(script).map_err(|fault| self.not_a_call(fault.to_string()))
    }
}

/// Whether a connection string means the catalog that the package is an execution of, and no other.
pub(super) fn is_here(string: &ConnectionString) -> bool {
    let server = string.get("Data Source").unwrap_or_default().trim();
    ["", ".", "(local)", "localhost"]
        .iter()
        .any(|here| server.eq_ignore_ascii_case(here))
}

/// The statement with its parameters written into it.
fn with_values(sql: &str, parameters: &[TypedValue]) -> String {
    replace_marks(sql, |at| {
        let value = parameters.get(at)?;
        Some(match typed::shown(value) {
            Some(text) => format!("N'{}'", text.replace('\'', "''")),
            None => "NULL".to_owned(),
        })
    })
}

impl Connection for CatalogConnection {
    fn dialect(&self) -> Dialect {
        Dialect::SqlServer
    }

    /// Calls the procedures of a script, one after the other; nothing is called where any part of
    /// it is something else.
    fn execute(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError> {
        let text = with_values(sql, parameters);
        self.check(&text)?;
        let mut script = self.reader(&text)?;
        while let Some((verb, call)) = self.next(&mut script)? {
            let asked = Asked {
                path: self.path.clone(),
                verb,
                arguments: call.arguments.clone(),
            };
            let outputs = match self.jobs.call(asked, &self.cancel)? {
                JobOutcome::Done { run_id: Some(id) } => {
                    [("@run_id".to_owned(), Value::from(id))].into()
                }
                JobOutcome::Done { run_id: None } => [].into(),
                JobOutcome::Refused { reason } => {
                    return Err(ConnectionError::in_statement(sql, reason));
                }
                _ => {
                    let reason = "the answer is of a newer version than this executor";
                    return Err(ConnectionError::in_statement(sql, reason));
                }
            };
            let result = ProcedureResult {
                outputs,
                ..ProcedureResult::default()
            };
            script.done(&call, &result);
        }
        Ok(None)
    }

    fn query<'c>(
        &'c mut self,
        _sql: &str,
        _parameters: &[TypedValue],
        _batch_rows: usize,
    ) -> Result<Box<dyn BatchReader + 'c>, ConnectionError> {
        Err(self.not_a_call("there are no rows to read"))
    }

    fn query_each(
        &mut self,
        _sql: &str,
        _parameters: &[TypedValue],
        _batch_rows: usize,
        _take: &mut TakeRows<'_>,
    ) -> Result<(), ConnectionError> {
        Err(self.not_a_call("there are no rows to read"))
    }

    fn table_schema(&mut self, table: &TableName) -> Result<Option<Schema>, ConnectionError> {
        Err(self.not_a_call(format!("there is no table `{table}`")))
    }

    fn bulk_insert<'c>(
        &'c mut self,
        table: &TableName,
        _columns: &[String],
        _schema: &Schema,
        _options: &BulkOptions,
    ) -> Result<Box<dyn BulkInsert + 'c>, ConnectionError> {
        Err(self.not_a_call(format!("there is no table `{table}`")))
    }

    fn transact(&mut self, _step: TransactionStep) -> Result<(), ConnectionError> {
        Err(self.not_a_call("it takes no part in transactions"))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;

    use super::*;
    use crate::cancel::Canceled;
    use crate::value::{DataType, Value as Cell};

    /// Keeps what it is asked for.
    #[derive(Default)]
    struct Told(Mutex<Vec<(JobVerb, serde_json::Value)>>);

    impl JobCaller for Told {
        fn call(&self, asked: Asked, _: &CancelToken) -> Result<JobOutcome, Canceled> {
            let mut told = self.0.lock().unwrap();
            told.push((asked.verb, json!(asked.arguments)));
            Ok(match asked.arguments.get("@job_name") {
                Some(name) if name == "busy" => JobOutcome::Refused {
                    reason: "SO7417: the job `busy` runs already".to_owned(),
                },
                _ => JobOutcome::Done { run_id: Some(7) },
            })
        }
    }

    fn run(
        sql: &str,
        parameters: &[TypedValue],
    ) -> (Result<(), String>, Vec<(JobVerb, serde_json::Value)>) {
        let told = Arc::new(Told::default());
        let jobs = Arc::clone(&told) as Arc<dyn JobCaller>;
        let mut connection = CatalogConnection::new("Agent", r"\P\T", jobs, CancelToken::new());
        let ran = connection.execute(sql, parameters);
        let ran = ran.map(drop).map_err(|error| error.reason());
        let told = told.0.lock().unwrap().clone();
        (ran, told)
    }

    fn text(text: &str) -> TypedValue {
        TypedValue {
            data_type: DataType::Wstr { length: 0 },
            value: Cell::Str(text.into()),
        }
    }

    #[test]
    fn jobs_are_started_and_stopped_by_name_by_id_and_by_parameter() {
        let script = "USE msdb; EXEC dbo.sp_start_job N'a';
            DECLARE @n sysname = N'b';
            EXEC msdb.dbo.sp_stop_job @job_name = @n;
            EXEC sp_start_job ?, @step_name = ?";
        let null = TypedValue {
            value: Cell::Null,
            ..text("")
        };
        let (ran, told) = run(script, &[text("O'Neill ?"), null]);
        assert_eq!(ran, Ok(()));
        assert_eq!(
            told,
            [
                (JobVerb::Start, json!({"@job_name": "a"})),
                (JobVerb::Stop, json!({"@job_name": "b"})),
                (
                    JobVerb::Start,
                    json!({"@job_name": "O'Neill ?", "@step_name": null})
                ),
            ]
        );
    }

    #[test]
    fn nothing_is_called_where_a_part_is_no_call_that_packages_may_make() {
        for (script, part) in [
            ("EXEC sp_start_job 'a'; SELECT 1", "SELECT 1"),
            (
                "EXEC sp_start_job 'a'; EXEC sp_delete_job 'a'",
                "sp_delete_job",
            ),
            ("EXEC dbo.usp_Load", "usp_Load"),
            ("USE msdb", "no procedure"),
            ("EXEC sp_start_job 'a", "not closed"),
        ] {
            let (ran, told) = run(script, &[]);
            let reason = ran.unwrap_err();
            assert!(reason.contains(part), "{reason}");
            assert!(told.is_empty(), "{script}");
        }
    }

    #[test]
    fn a_refusal_is_told_as_the_catalog_says_it() {
        let (ran, told) = run("EXEC sp_start_job 'busy'; EXEC sp_start_job 'b'", &[]);
        assert_eq!(ran.unwrap_err(), "SO7417: the job `busy` runs already");
        assert_eq!(told.len(), 1);
    }
}
