//! Running translated statements on SQLite.

use super::connection::SqliteConnection;
use crate::connections::dialect::Statement;
use crate::connections::translated::Runner;
use crate::connections::{ConnectionError, TakeRows};
use crate::value::TypedValue;

/// Runs translated statements.
pub(super) struct SqliteRunner<'c>(pub(super) &'c SqliteConnection);

impl Runner for SqliteRunner<'_> {
    fn run(
        &mut self,
        statement: &Statement,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError> {
        self.0.run(statement, parameters)
    }

    fn ask(
        &mut self,
        question: &Statement,
        parameters: &[TypedValue],
    ) -> Result<bool, ConnectionError> {
        let failed = |source| self.0.failed(&question.sql, source);
        let mut prepared = self.0.prepare(&question.sql, parameters)?;
        let mut rows = prepared.raw_query();
        let row = rows.next().map_err(failed)?;
        let answer = row.map(|row| row.get::<_, i64>(0)).transpose();
        answer.map(|answer| answer == Some(1)).map_err(failed)
    }
}

/// Runs translated statements, and gives away the rows of those that have some.
pub(super) struct SqliteRows<'c, 't> {
    pub(super) connection: &'c SqliteConnection,
    pub(super) batch_rows: usize,
    pub(super) take: &'c mut TakeRows<'t>,
}

impl Runner for SqliteRows<'_, '_> {
    fn run(
        &mut self,
        statement: &Statement,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError> {
        let rows = (self.batch_rows, &mut *self.take);
        let ran = self.connection.run_giving(statement, parameters, rows);
        ran.map(|()| None)
    }

    fn ask(
        &mut self,
        question: &Statement,
        parameters: &[TypedValue],
    ) -> Result<bool, ConnectionError> {
        SqliteRunner(self.connection).ask(question, parameters)
    }
}
