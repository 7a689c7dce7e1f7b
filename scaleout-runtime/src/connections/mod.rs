//! Databases behind connection managers: one trait, one file per database.

mod batch_builder;
pub mod catalog;
pub mod cell;
pub mod declared_type;
pub mod dialect;
mod explain;
mod load;
#[cfg(feature = "odbc")]
pub mod odbc;
pub mod open;
mod parameter;
pub mod postgres;
mod sent;
pub mod sql_server;
pub mod sqlite;

pub mod table_name;
pub mod target;
#[cfg(test)]
pub(crate) mod test_manager;
#[cfg(test)]
mod test_rows;
mod transaction;
mod translated;
mod wait;

pub use explain::shortened;
pub use open::open;
pub use sent::report_sent;
pub use transaction::TransactionStep;

use arrow::record_batch::RecordBatch;

use crate::data_flow::schema::Schema;
use crate::value::TypedValue;

/// What SQL a connection speaks; packages speak T-SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Nothing is translated.
    SqlServer,
    /// Translated.
    Postgres,
    /// Translated.
    Sqlite,
    /// Whatever an ODBC driver reaches: nothing is translated but the quotes of names.
    Odbc,
}

/// A table, as a package names it: `[staging].[X]`, `dbo.X`, `X`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TableName {
    /// Database, if given.
    pub catalog: Option<String>,
    /// Schema, if given.
    pub schema: Option<String>,
    /// Table.
    pub table: String,
}

/// How a bulk insert behaves (OLE DB destination, fast load).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BulkOptions {
    /// Rows per transaction; 0 means all rows in one.
    pub commit_size: u64,
    /// `FastLoadKeepIdentity`
    pub keep_identity: bool,
    /// `FastLoadKeepNulls`: NULL stays NULL instead of the column's default.
    pub keep_nulls: bool,
    /// `TABLOCK`
    pub table_lock: bool,
    /// `CHECK_CONSTRAINTS`
    pub check_constraints: bool,
    /// `FIRE_TRIGGERS`; other databases than SQL Server always do.
    pub fire_triggers: bool,
}

/// An open database connection. Calls block; long ones ask the cancel token they were opened with.
pub trait Connection: Send {
    /// What it speaks.
    fn dialect(&self) -> Dialect;

    /// Runs a statement (or batch) and gives the rows affected, if the server says.
    ///
    /// # Errors
    /// [`ConnectionError`]
    fn execute(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError>;

    /// Runs a query; its rows come in batches of about `batch_rows`.
    ///
    /// # Errors
    /// [`ConnectionError`]
    fn query<'c>(
        &'c mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
    ) -> Result<Box<dyn BatchReader + 'c>, ConnectionError>;

    /// Runs a batch to its end, and gives `take` the rows of each statement that has some, one
    /// after the other. Rows that `take` leaves unread are left out; the statement ran all the same.
    ///
    /// # Errors
    /// [`ConnectionError`], of the batch or of `take`.
    fn query_each(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
        take: &mut TakeRows<'_>,
    ) -> Result<(), ConnectionError>;

    /// Columns of a table; `None` when it does not exist.
    ///
    /// # Errors
    /// [`ConnectionError`]
    fn table_schema(&mut self, table: &TableName) -> Result<Option<Schema>, ConnectionError>;

    /// Starts a bulk insert into `columns` of a table.
    ///
    /// # Errors
    /// [`ConnectionError`]
    fn bulk_insert<'c>(
        &'c mut self,
        table: &TableName,
        columns: &[String],
        schema: &Schema,
        options: &BulkOptions,
    ) -> Result<Box<dyn BulkInsert + 'c>, ConnectionError>;

    /// Limits how long each statement may run from now on; `None` is without limit.
    ///
    /// # Errors
    /// [`ConnectionError`]
    fn set_timeout(&mut self, _limit: Option<std::time::Duration>) -> Result<(), ConnectionError> {
        Ok(())
    }

    /// Statements that were sent since the last call in place of those that were given.
    fn take_sent(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Whether a transaction is open, begun by whomever.
    fn in_transaction(&self) -> bool {
        false
    }

    /// Takes a step of a transaction.
    ///
    /// # Errors
    /// [`ConnectionError`]
    fn transact(&mut self, step: TransactionStep) -> Result<(), ConnectionError>;

    /// Begins a transaction.
    ///
    /// # Errors
    /// [`ConnectionError`]
    fn begin(&mut self) -> Result<(), ConnectionError> {
        self.transact(TransactionStep::Begin)
    }

    /// Commits it.
    ///
    /// # Errors
    /// [`ConnectionError`]
    fn commit(&mut self) -> Result<(), ConnectionError> {
        self.transact(TransactionStep::Commit)
    }

    /// Rolls it back.
    ///
    /// # Errors
    /// [`ConnectionError`]
    fn rollback(&mut self) -> Result<(), ConnectionError> {
        self.transact(TransactionStep::Rollback)
    }
}

/// Takes the rows of one statement of a batch.
pub type TakeRows<'t> = dyn FnMut(&mut dyn BatchReader) -> Result<(), ConnectionError> + 't;

/// The rows of a query.
pub trait BatchReader {
    /// What the columns are.
    fn schema(&self) -> &Schema;

    /// The next batch; `None` at the end.
    ///
    /// # Errors
    /// [`ConnectionError`]
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, ConnectionError>;
}

/// A bulk insert under way.
pub trait BulkInsert {
    /// Adds rows. Columns are in the order that [`Connection::bulk_insert`] was given.
    ///
    /// # Errors
    /// [`ConnectionError`]; nothing after the last commit is in the table then.
    fn write(&mut self, batch: &RecordBatch) -> Result<(), ConnectionError>;

    /// Commits what is left and gives all rows committed.
    ///
    /// # Errors
    /// [`ConnectionError`]
    fn finish(self: Box<Self>) -> Result<u64, ConnectionError>;

    /// Rows that are committed so far.
    fn committed(&self) -> u64;
}

/// Why a connection failed. Messages never hold passwords.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// No connection manager answers to the reference.
    #[error("connection manager `{reference}` does not exist")]
    Unknown {
        /// As written.
        reference: String,
    },
    /// The kind or provider has no driver here.
    #[error("connection manager `{name}` cannot be opened: {reason}")]
    Unsupported {
        /// Connection manager.
        name: String,
        /// What it is and what would run it.
        reason: String,
    },
    /// A property expression fails or a setting is malformed.
    #[error("connection manager `{name}` is not valid: {reason}")]
    Invalid {
        /// Connection manager.
        name: String,
        /// Why.
        reason: String,
    },
    /// The database cannot be reached or refuses the login.
    #[error("connection manager `{name}` cannot connect to {target}")]
    Connect {
        /// Connection manager.
        name: String,
        /// Server and database, without secrets.
        target: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A statement failed.
    #[error("{context}")]
    Statement {
        /// What was being done: the statement (shortened) or the table.
        context: String,
        /// What the database says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server has not answered in time.
    #[error("{context}: the server has not answered within {} seconds", limit.as_secs())]
    TimedOut {
        /// What was being done: the statement (shortened) or the table.
        context: String,
        /// How long it had.
        limit: std::time::Duration,
    },
    /// The connection broke while something was done.
    #[error("{context}: the connection to the server is lost")]
    Lost {
        /// What was being done: the statement (shortened) or the table.
        context: String,
        /// What the network or the server says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A table that is named does not exist.
    #[error("table `{table}` does not exist in {target}")]
    MissingTable {
        /// As the package writes it.
        table: String,
        /// Database, without secrets.
        target: String,
    },
    /// A column that is named does not exist.
    #[error("table `{table}` has no column `{column}`")]
    MissingColumn {
        /// As the package writes it.
        table: String,
        /// Column.
        column: String,
    },
    /// A row breaks a constraint: NULL, key, foreign key, check.
    #[error("{} breaks a constraint of table `{table}`{}", row_text(*row), column_text(column.as_deref()))]
    Constraint {
        /// As the package writes it.
        table: String,
        /// Column, where the database says.
        column: Option<String>,
        /// Row in the batch that was written, from 0, where known.
        row: Option<u64>,
        /// What the database says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A value does not fit its column.
    #[error("{} does not fit into column `{column}` of `{table}`", row_text(*row))]
    Value {
        /// Table as the package writes it, or the query.
        table: String,
        /// Column.
        column: String,
        /// Row in the batch, from 0, where known.
        row: Option<u64>,
        /// Why.
        #[source]
        source: cell::CellProblem,
    },
    /// The catalog is named, and the package is no execution of one.
    #[error(
        "connection manager `{name}` names the catalog, which only tasks of its executions reach"
    )]
    NoCatalog {
        /// Connection manager.
        name: String,
    },
    /// The catalog is asked for something that packages do not do there.
    #[error(
        "connection manager `{name}` names the catalog, which only starts and stops jobs: {reason}"
    )]
    NotACall {
        /// Connection manager.
        name: String,
        /// What was asked for.
        reason: String,
    },
    /// The package is being stopped.
    #[error(transparent)]
    Canceled(#[from] crate::cancel::Canceled),
}

fn row_text(row: Option<u64>) -> String {
    row.map_or_else(
        || "a row".to_owned(),
        |row| format!("row {} of the batch", row + 1),
    )
}

fn column_text(column: Option<&str>) -> String {
    column.map_or_else(String::new, |column| format!(", column `{column}`"))
}
