//! A connection through a driver. Statements go to it as they are.

use std::time::Duration;

use odbc_api::handles::StatementImpl;
use odbc_api::{
    Connection as Driver, ConnectionOptions, Cursor, CursorImpl, DataType as Odbc, environment,
};

use super::insert::{OdbcInsert, PART, TRANSACTION};
use super::names::{self, requoted};
use super::parameters::bind;
use super::problem::{DriverError, failed};
use super::read::{OdbcReader, columns};
use super::string::odbc_string;
use crate::cancel::CancelToken;
use crate::connections::load::Load;
use crate::connections::{
    BatchReader, BulkInsert, BulkOptions, Connection, ConnectionError, Dialect, TableName,
    TakeRows, TransactionStep,
};
use crate::data_flow::schema::{Column, Schema};
use crate::value::TypedValue;

/// Seconds to wait for a server when the connection string says nothing.
const LOGIN_SECONDS: u32 = 15;

/// A connection to whatever a driver reaches.
pub struct OdbcConnection {
    name: String,
    driver: Driver<'static>,
    /// What goes around names; `None` where the driver has nothing.
    quote: Option<char>,
    in_transaction: bool,
    limit: Option<Duration>,
    cancel: CancelToken,
}

impl OdbcConnection {
    /// Connects, with the connection string of an ODBC connection manager, or of one for OLE DB's
    /// provider of ODBC drivers.
    ///
    /// # Errors
    /// [`ConnectionError::Connect`] when there is no driver manager, driver, data source or server,
    /// or the login is refused.
    pub fn open(name: &str, written: &str, cancel: CancelToken) -> Result<Self, ConnectionError> {
        cancel.check()?;
        let cannot = |error: odbc_api::Error| ConnectionError::Connect {
            name: name.to_owned(),
            target: "its ODBC data source".to_owned(),
            source: DriverError::from(error).into(),
        };
        let options = ConnectionOptions {
            login_timeout_sec: Some(LOGIN_SECONDS),
            ..ConnectionOptions::default()
        };
        let manager = environment().map_err(cannot)?;
        let string = odbc_string(written);
        let driver = manager.connect_with_connection_string(&string, options);
        let driver = driver.map_err(cannot)?;
        let quote = driver.identifier_quote_char().map_err(cannot)?;
        Ok(Self {
            name: name.to_owned(),
            driver,
            quote: quote.filter(|quote| !quote.is_whitespace()),
            in_transaction: false,
            limit: None,
            cancel,
        })
    }

    /// Runs a statement; gives its rows, if it has some.
    fn run(
        &self,
        sql: &str,
        values: &[TypedValue],
    ) -> Result<Option<CursorImpl<StatementImpl<'_>>>, ConnectionError> {
        self.cancel.check()?;
        let values = bind(sql, values)?;
        let failed = |error| failed(sql, self.limit, error);
        let seconds = self.limit.map(|limit| limit.as_secs());
        let seconds = seconds.and_then(|seconds| usize::try_from(seconds).ok());
        let mut statement = self.driver.preallocate().map_err(failed)?;
        if let Some(seconds) = seconds {
            // Some drivers have no time limits.
            let _ = statement.set_query_timeout_sec(seconds);
        }
        statement
            .into_cursor(sql, values.as_slice())
            .map_err(failed)
    }

    fn reader<'c>(
        &self,
        cursor: CursorImpl<StatementImpl<'c>>,
        sql: &str,
        batch_rows: usize,
    ) -> Result<OdbcReader<'c>, ConnectionError> {
        OdbcReader::start(cursor, sql, batch_rows, self.cancel.clone())
    }

    /// The columns of a table; `None` when it does not exist.
    fn columns_of(
        &self,
        table: &TableName,
        wanted: &str,
    ) -> Result<Option<Vec<(Column, Odbc)>>, ConnectionError> {
        let table_name = names::table(table, self.quote);
        let sql = format!("SELECT {wanted} FROM {table_name} WHERE 1 = 0");
        let found = self.driver.execute(&sql, (), None);
        let found = found.and_then(|cursor| match cursor {
            Some(mut cursor) => columns(&mut cursor),
            None => Ok(Vec::new()),
        });
        match found {
            Ok(found) => Ok(Some(found)),
            Err(error) => {
                let problem = DriverError::from(error);
                let is_missing =
                    problem.has_state(&["42S02", "42P01"]) || problem.says("no such table");
                match is_missing {
                    true => Ok(None),
                    false => Err(ConnectionError::in_statement(&sql, problem)),
                }
            }
        }
    }
}

impl Connection for OdbcConnection {
    fn dialect(&self) -> Dialect {
        Dialect::Odbc
    }

    fn execute(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError> {
        self.cancel.check()?;
        let sql = requoted(sql, self.quote);
        let values = bind(&sql, parameters)?;
        let failed = |error| failed(&sql, self.limit, error);
        let mut statement = self.driver.preallocate().map_err(failed)?;
        if let Some(seconds) = self
            .limit
            .and_then(|limit| usize::try_from(limit.as_secs()).ok())
        {
            // Some drivers have no time limits.
            let _ = statement.set_query_timeout_sec(seconds);
        }
        let gives_rows = statement
            .execute(&sql, values.as_slice())
            .map_err(failed)?
            .is_some();
        if gives_rows {
            return Ok(None);
        }
        let rows = statement.row_count().map_err(failed)?;
        Ok(rows.map(|rows| rows as u64))
    }

    fn query<'c>(
        &'c mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
    ) -> Result<Box<dyn BatchReader + 'c>, ConnectionError> {
        let sql = requoted(sql, self.quote);
        let Some(cursor) = self.run(&sql, parameters)? else {
            return Err(ConnectionError::in_statement(&sql, "it gives no rows"));
        };
        Ok(Box::new(self.reader(cursor, &sql, batch_rows)?))
    }

    fn query_each(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
        take: &mut TakeRows<'_>,
    ) -> Result<(), ConnectionError> {
        let sql = requoted(sql, self.quote);
        let mut next = self.run(&sql, parameters)?;
        while let Some(cursor) = next {
            let mut reader = self.reader(cursor, &sql, batch_rows)?;
            if !reader.schema().columns.is_empty() {
                take(&mut reader)?;
            }
            let cursor = reader.into_cursor();
            next = cursor
                .more_results()
                .map_err(|error| failed(&sql, self.limit, error))?;
        }
        Ok(())
    }

    fn table_schema(&mut self, table: &TableName) -> Result<Option<Schema>, ConnectionError> {
        let found = self.columns_of(table, "*")?;
        Ok(found.map(|found| Schema::new(found.into_iter().map(|(column, _)| column))))
    }

    fn bulk_insert<'c>(
        &'c mut self,
        table: &TableName,
        columns: &[String],
        schema: &Schema,
        options: &BulkOptions,
    ) -> Result<Box<dyn BulkInsert + 'c>, ConnectionError> {
        self.cancel.check()?;
        let found = self.columns_of(table, "*")?;
        let found = found.ok_or_else(|| ConnectionError::MissingTable {
            table: table.to_string(),
            target: format!("the ODBC data source of `{}`", self.name),
        })?;
        let mut wanted = Vec::with_capacity(columns.len());
        for name in columns {
            let mut known = found.iter();
            let known = known.find(|(column, _)| column.name.eq_ignore_ascii_case(name));
            let (column, data_type) = known.ok_or_else(|| ConnectionError::MissingColumn {
                table: table.to_string(),
                column: name.clone(),
            })?;
            wanted.push((column.name.clone(), *data_type));
        }
        let names = wanted.iter().map(|(name, _)| names::name(name, self.quote));
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({})",
            names::table(table, self.quote),
            names.collect::<Vec<_>>().join(", "),
            vec!["?"; wanted.len()].join(", ")
        );
        let statement = self.driver.prepare(&sql);
        let statement = statement.map_err(|error| failed(&sql, None, error))?;
        let insert = OdbcInsert {
            driver: &self.driver,
            statement,
            table: table.clone(),
            columns: wanted,
            types: schema
                .columns
                .iter()
                .map(|column| column.data_type)
                .collect(),
        };
        let statements = if self.in_transaction {
            PART
        } else {
            TRANSACTION
        };
        let cancel = self.cancel.clone();
        Ok(Box::new(Load::new(
            insert,
            statements,
            options.commit_size,
            cancel,
        )))
    }

    fn set_timeout(&mut self, limit: Option<Duration>) -> Result<(), ConnectionError> {
        self.limit = limit;
        Ok(())
    }

    fn in_transaction(&self) -> bool {
        self.in_transaction
    }

    fn transact(&mut self, step: TransactionStep) -> Result<(), ConnectionError> {
        let ended = |ended: Result<(), odbc_api::Error>| {
            ended.and_then(|()| self.driver.set_autocommit(true))
        };
        let done = match step {
            TransactionStep::Begin => self.driver.set_autocommit(false),
            TransactionStep::Commit => ended(self.driver.commit()),
            TransactionStep::Rollback => ended(self.driver.rollback()),
        };
        done.map_err(|error| failed("a step of a transaction", None, error))?;
        self.in_transaction = step.leaves_open();
        Ok(())
    }
}
