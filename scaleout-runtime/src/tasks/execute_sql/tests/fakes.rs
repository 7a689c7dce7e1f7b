//! Connections that do what no SQLite file does.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::connections::{
    BatchReader, BulkInsert, BulkOptions, Connection, ConnectionError, Dialect, TableName,
    TakeRows, TransactionStep,
};
use crate::data_flow::schema::Schema;
use crate::value::TypedValue;

/// What connections were asked.
pub(super) type Asked = Arc<Mutex<Vec<String>>>;

/// A connection that keeps a limit once it has one.
pub(super) struct Limited {
    pub(super) inner: Box<dyn Connection>,
    pub(super) has_limit: bool,
}

impl Connection for Limited {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    fn execute(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError> {
        self.inner.execute(sql, parameters)
    }

    fn query<'c>(
        &'c mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
    ) -> Result<Box<dyn BatchReader + 'c>, ConnectionError> {
        self.inner.query(sql, parameters, batch_rows)
    }

    fn query_each(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
        take: &mut TakeRows<'_>,
    ) -> Result<(), ConnectionError> {
        take(&mut *self.query(sql, parameters, batch_rows)?)
    }

    fn table_schema(&mut self, table: &TableName) -> Result<Option<Schema>, ConnectionError> {
        self.inner.table_schema(table)
    }

    fn bulk_insert<'c>(
        &'c mut self,
        table: &TableName,
        columns: &[String],
        schema: &Schema,
        options: &BulkOptions,
    ) -> Result<Box<dyn BulkInsert + 'c>, ConnectionError> {
        self.inner.bulk_insert(table, columns, schema, options)
    }

    fn set_timeout(&mut self, limit: Option<Duration>) -> Result<(), ConnectionError> {
        if limit.is_none() && self.has_limit {
            return Err(ConnectionError::in_statement("SET", "the server is gone"));
        }
        self.has_limit = limit.is_some();
        Ok(())
    }

    fn transact(&mut self, step: TransactionStep) -> Result<(), ConnectionError> {
        self.inner.transact(step)
    }
}

/// Says that it is SQL Server, writes down what it is asked, and gives one row for every query.
pub(super) struct Spied {
    pub(super) inner: Box<dyn Connection>,
    pub(super) asked: Asked,
}

impl Spied {
    fn note(&self, sql: &str, parameters: &[TypedValue]) {
        let values: Vec<String> = parameters
            .iter()
            .map(|value| format!("{:?}", value.value))
            .collect();
        let mut asked = self.asked.lock().unwrap();
        asked.push(format!("{sql} <- {}", values.join(", ")));
    }
}

impl Connection for Spied {
    fn dialect(&self) -> Dialect {
        Dialect::SqlServer
    }

    fn execute(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError> {
        self.note(sql, parameters);
        Ok(Some(1))
    }

    fn query<'c>(
        &'c mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
    ) -> Result<Box<dyn BatchReader + 'c>, ConnectionError> {
        self.note(sql, parameters);
        self.inner
            .query("SELECT 5 AS o0, 'five' AS o1", &[], batch_rows)
    }

    fn query_each(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
        take: &mut TakeRows<'_>,
    ) -> Result<(), ConnectionError> {
        take(&mut *self.query(sql, parameters, batch_rows)?)
    }

    fn table_schema(&mut self, table: &TableName) -> Result<Option<Schema>, ConnectionError> {
        self.inner.table_schema(table)
    }

    fn bulk_insert<'c>(
        &'c mut self,
        table: &TableName,
        columns: &[String],
        schema: &Schema,
        options: &BulkOptions,
    ) -> Result<Box<dyn BulkInsert + 'c>, ConnectionError> {
        self.inner.bulk_insert(table, columns, schema, options)
    }

    fn transact(&mut self, step: TransactionStep) -> Result<(), ConnectionError> {
        self.inner.transact(step)
    }
}
