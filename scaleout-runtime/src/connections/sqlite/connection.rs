//! A connection to a file or a folder of files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::{Batch, Connection as Database};

use super::database::{LastSign, attach_file, open_file, watch};
use super::insert::{SAVEPOINT, SqliteInsert, TRANSACTION, Target};
use super::layout::{Layout, Place};
use super::names::InFiles;
use super::read::SqliteReader;
use super::runner::{SqliteRows, SqliteRunner};
use super::table::Table;
use super::values::Bound;
use crate::cancel::CancelToken;
use crate::connections::dialect::{Script, Statement, StatementKind};
use crate::connections::load::Load;
use crate::connections::parameter::cell_of_parameter;
use crate::connections::sent::{LastTranslation, Sent};
use crate::connections::translated::{run_each, run_to_last, take};
use crate::connections::{
    BatchReader, BulkInsert, BulkOptions, Connection, ConnectionError, Dialect, TableName,
    TakeRows, TransactionStep, shortened,
};
use crate::data_flow::schema::{Column, Schema};
use crate::value::{DataType, TypedValue};

/// SQLite attaches no more files than this.
const MOST_ATTACHED: usize = 10;

/// A connection to SQLite.
pub struct SqliteConnection {
    name: String,
    database: Database,
    layout: Layout,
    attached: BTreeSet<String>,
    sent: Sent,
    last_translation: LastTranslation,
    /// How long a statement may be silent.
    limit: Option<Duration>,
    last_sign: LastSign,
    cancel: CancelToken,
}

impl SqliteConnection {
    /// Opens a file, or a folder in which each file is a schema.
    ///
    /// With `create` a missing file is made; otherwise it is an error, since it is most likely
    /// a typing error.
    ///
    /// # Errors
    /// [`ConnectionError::Invalid`] for what is not there, [`ConnectionError::Connect`] when it
    /// cannot be opened.
    pub fn open(
        name: &str,
        path: PathBuf,
        create: bool,
        cancel: CancelToken,
    ) -> Result<Self, ConnectionError> {
        let layout = Layout::of(path);
        if !create && !layout.path().exists() {
            return Err(ConnectionError::Invalid {
                name: name.to_owned(),
                reason: format!(
                    "`{}` does not exist; create it, or add `Mode=ReadWriteCreate` to the \
                     connection string",
                    layout.path().display()
                ),
            });
        }
        let file = layout.main_file();
        let in_memory = matches!(layout, Layout::Folder(_)) && !file.exists();
        let last_sign = LastSign::now();
        let opened = open_file(&file, in_memory, &cancel, &last_sign);
        let database = opened.map_err(|source| cannot_open(name, &file, source))?;
        let mut connection = Self {
            name: name.to_owned(),
            database,
            layout,
            attached: BTreeSet::new(),
            sent: Sent::default(),
            last_translation: LastTranslation::default(),
            limit: None,
            last_sign,
            cancel,
        };
        // All at once, since nothing can be attached inside a transaction.
        for schema in connection.layout.schemas().iter().take(MOST_ATTACHED) {
            connection.attach(Some(schema), false)?;
        }
        Ok(connection)
    }

    /// Makes the schema usable; gives its name in statements, `None` when it does not exist.
    fn attach(
        &mut self,
        schema: Option<&str>,
        create: bool,
    ) -> Result<Option<String>, ConnectionError> {
        match self.layout.place(schema) {
            Place::Nowhere => Err(self.no_schemas(schema.unwrap_or_default())),
            Place::Main => {
                let is_folder = matches!(self.layout, Layout::Folder(_));
                if create && is_folder && self.database.path().is_none_or(str::is_empty) {
                    self.make_main()?;
                }
                Ok(Some("main".to_owned()))
            }
            Place::Attached { alias, .. } if self.attached.contains(&alias) => Ok(Some(alias)),
            Place::Attached { file, .. } if !create && !file.exists() => Ok(None),
            Place::Attached { alias, file } => {
                let attached = attach_file(&self.database, &alias, &file);
                attached.map_err(|source| cannot_open(&self.name, &file, source))?;
                self.attached.insert(alias.clone());
                Ok(Some(alias))
            }
        }
    }

    /// A folder without `dbo.db` gets one when something is created in it.
    fn make_main(&mut self) -> Result<(), ConnectionError> {
        let file = self.layout.main_file();
        let opened = open_file(&file, false, &self.cancel, &self.last_sign);
        self.database = opened.map_err(|source| cannot_open(&self.name, &file, source))?;
        let attached = std::mem::take(&mut self.attached);
        for schema in attached {
            self.attach(Some(&schema), false)?;
        }
        Ok(())
    }

    fn no_schemas(&self, schema: &str) -> ConnectionError {
        ConnectionError::Invalid {
            name: self.name.clone(),
            reason: format!(
                "schema `{schema}` is named, but `{}` is a single SQLite file, which has only \
                 `dbo`; let `Data Source` be a folder: schema `{schema}` is then its file \
                 `{schema}.db`",
                self.layout.path().display()
            ),
        }
    }

    fn translate(&mut self, sql: &str) -> Result<Vec<Statement>, ConnectionError> {
        if let Some(statements) = self.last_translation.of(sql) {
            return Ok(statements);
        }
        let script = Script::parse(sql);
        let creates = script.creates();
        for table in script.tables().iter().filter(|table| !is_temporary(table)) {
            self.attach(table.schema.as_deref(), creates)?;
        }
        if !script.procedures().is_empty() {
            return Err(self.no_procedures());
        }
        let names = InFiles::of(self, &script)?;
        let statements = script.translate(Dialect::Sqlite, &names);
        for statement in &statements {
            if let Some(reason) = statement.refusal() {
                return Err(ConnectionError::in_statement(&statement.sql, reason));
            }
            if statement.kind == StatementKind::Procedure {
                return Err(self.no_procedures());
            }
        }
        self.sent.note(sql, &statements);
        self.last_translation.keep(sql, &statements);
        Ok(statements)
    }

    fn no_procedures(&self) -> ConnectionError {
        ConnectionError::Unsupported {
            name: self.name.clone(),
            reason: "SQLite has no stored procedures".to_owned(),
        }
    }

    /// What a statement failed on: the database, a stop, or the time limit.
    pub(super) fn failed(&self, sql: &str, source: rusqlite::Error) -> ConnectionError {
        let is_interrupted =
            source.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted);
        match (self.cancel.check(), self.limit) {
            (Err(canceled), _) if is_interrupted => canceled.into(),
            (Ok(()), Some(limit)) if is_interrupted => ConnectionError::TimedOut {
                context: format!("statement `{}` failed", shortened(sql)),
                limit,
            },
            _ => ConnectionError::in_statement(sql, source),
        }
    }

    pub(super) fn run(
        &self,
        statement: &Statement,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError> {
        let failed = |source| self.failed(&statement.sql, source);
        if parameters.is_empty() {
            let before = self.database.total_changes();
            self.database
                .execute_batch(&statement.sql)
                .map_err(failed)?;
            return Ok(self.changed_since(before, statement.kind));
        }
        let before = self.database.total_changes();
        let mut prepared = self.prepare(&statement.sql, parameters)?;
        let mut rows = prepared.raw_query();
        while rows.next().map_err(failed)?.is_some() {}
        drop(rows);
        Ok(self.changed_since(before, statement.kind))
    }

    fn changed_since(&self, before: u64, kind: StatementKind) -> Option<u64> {
        let changed = self.database.total_changes().saturating_sub(before);
        let counts = matches!(kind, StatementKind::Change | StatementKind::Other);
        counts.then_some(changed)
    }

    pub(super) fn prepare(
        &self,
        sql: &str,
        parameters: &[TypedValue],
    ) -> Result<rusqlite::Statement<'_>, ConnectionError> {
        let failed = |source: rusqlite::Error| ConnectionError::in_statement(sql, source);
        let mut prepared = self.database.prepare(sql).map_err(failed)?;
        let count = prepared.parameter_count();
        if parameters.len() < count {
            return Err(ConnectionError::in_statement(
                sql,
                format!(
                    "it has {count} parameters, and {} are given",
                    parameters.len()
                ),
            ));
        }
        for (at, value) in parameters.iter().take(count).enumerate() {
            let cell = cell_of_parameter(sql, at, value)?;
            let bound = prepared.raw_bind_parameter(at + 1, Bound(cell));
            bound.map_err(failed)?;
        }
        Ok(prepared)
    }

    /// Gives the rows of a statement, whose parameters are bound, to `take`; one without rows runs.
    fn give_rows(
        &self,
        mut prepared: rusqlite::Statement<'_>,
        sql: &str,
        batch_rows: usize,
        take: &mut TakeRows<'_>,
    ) -> Result<(), ConnectionError> {
        if prepared.column_count() == 0 {
            let failed = |source| self.failed(sql, source);
            let mut rows = prepared.raw_query();
            while rows.next().map_err(failed)?.is_some() {}
            return Ok(());
        }
        // SQLite makes all changes of a statement before its first row.
        let mut reader = self.reader(prepared, sql, batch_rows)?;
        take(&mut reader)
    }

    /// Runs a statement, or a text of several that was not translated, and gives its rows to `take`.
    pub(super) fn run_giving(
        &self,
        statement: &Statement,
        parameters: &[TypedValue],
        (batch_rows, take): (usize, &mut TakeRows<'_>),
    ) -> Result<(), ConnectionError> {
        let sql = &statement.sql;
        if !parameters.is_empty() {
            let prepared = self.prepare(sql, parameters)?;
            return self.give_rows(prepared, sql, batch_rows, take);
        }
        let mut parts = Batch::new(&self.database, sql);
        while let Some(prepared) = parts.next().map_err(|source| self.failed(sql, source))? {
            self.give_rows(prepared, sql, batch_rows, take)?;
        }
        Ok(())
    }

    fn reader<'c>(
        &self,
        prepared: rusqlite::Statement<'c>,
        sql: &str,
        batch_rows: usize,
    ) -> Result<SqliteReader<'c>, ConnectionError> {
        let signs = (self.cancel.clone(), self.last_sign.clone());
        SqliteReader::start(prepared, sql, batch_rows, signs)
    }

    pub(super) fn find_table(
        &mut self,
        table: &TableName,
    ) -> Result<Option<Table>, ConnectionError> {
        let schema = if is_temporary(table) {
            Some("temp".to_owned())
        } else {
            self.attach(table.schema.as_deref(), false)?
        };
        let Some(schema) = schema else {
            return Ok(None);
        };
        let read = Table::read(&self.database, &schema, &table.table);
        read.map_err(|source| ConnectionError::Statement {
            context: format!("reading the columns of table `{table}` failed"),
            source: source.into(),
        })
    }

    fn simple(&self, sql: &str) -> Result<(), ConnectionError> {
        let run = self.database.execute_batch(sql);
        run.map_err(|source| ConnectionError::in_statement(sql, source))
    }
}

impl Connection for SqliteConnection {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn execute(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
    ) -> Result<Option<u64>, ConnectionError> {
        self.cancel.check()?;
        self.last_sign.renew();
        let statements = self.translate(sql)?;
        let mut rest = parameters;
        run_each(&statements, &mut rest, &mut SqliteRunner(self))
    }

    fn query<'c>(
        &'c mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
    ) -> Result<Box<dyn BatchReader + 'c>, ConnectionError> {
        self.cancel.check()?;
        self.last_sign.renew();
        let statements = self.translate(sql)?;
        let mut rest = parameters;
        let last = run_to_last(statements, &mut rest, &mut SqliteRunner(self))?;
        let Some(last) = last.filter(|last| last.kind != StatementKind::Create) else {
            return Err(ConnectionError::in_statement(sql, "it gives no rows"));
        };
        let prepared = self.prepare(&last.sql, take(&last, &mut rest))?;
        if prepared.column_count() == 0 {
            return Err(ConnectionError::in_statement(sql, "it gives no rows"));
        }
        let reader = self.reader(prepared, &last.sql, batch_rows)?;
        Ok(Box::new(reader))
    }

    fn query_each(
        &mut self,
        sql: &str,
        parameters: &[TypedValue],
        batch_rows: usize,
        take: &mut TakeRows<'_>,
    ) -> Result<(), ConnectionError> {
        self.cancel.check()?;
        self.last_sign.renew();
        let statements = self.translate(sql)?;
        let mut rest = parameters;
        let mut runner = SqliteRows {
            connection: self,
            batch_rows,
            take,
        };
        run_each(&statements, &mut rest, &mut runner).map(|_| ())
    }

    fn table_schema(&mut self, table: &TableName) -> Result<Option<Schema>, ConnectionError> {
        let found = self.find_table(table)?;
        Ok(found.map(|found| {
            Schema::new(found.columns.iter().map(|column| Column {
                lineage_id: String::new(),
                name: column.name.clone(),
                data_type: column.data_type.unwrap_or(DataType::Ntext),
            }))
        }))
    }

    fn bulk_insert<'c>(
        &'c mut self,
        table: &TableName,
        columns: &[String],
        schema: &Schema,
        options: &BulkOptions,
    ) -> Result<Box<dyn BulkInsert + 'c>, ConnectionError> {
        self.cancel.check()?;
        let found = self.find_table(table)?;
        let found = found.ok_or_else(|| ConnectionError::MissingTable {
            table: table.to_string(),
            target: format!("`{}`", self.layout.path().display()),
        })?;
        let types = schema.columns.iter().map(|column| column.data_type);
        let target = Target {
            name: table,
            table: &found,
            columns,
            types: types.collect(),
        };
        let statements = if self.in_transaction() {
            SAVEPOINT
        } else {
            TRANSACTION
        };
        let insert = SqliteInsert::start(&self.database, target, options)?;
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
        let watched = watch(&self.database, &self.cancel, (&self.last_sign, limit));
        watched.map_err(|source| ConnectionError::in_statement("PRAGMA", source))
    }

    fn take_sent(&mut self) -> Vec<String> {
        self.sent.take()
    }

    fn in_transaction(&self) -> bool {
        !self.database.is_autocommit()
    }

    fn transact(&mut self, step: TransactionStep) -> Result<(), ConnectionError> {
        match TRANSACTION.of(step) {
            Some(sql) => self.simple(sql),
            None => Ok(()),
        }
    }
}

/// `#x`, which is the connection's own.
fn is_temporary(table: &TableName) -> bool {
    table.table.starts_with('#')
}

fn cannot_open(name: &str, file: &Path, source: rusqlite::Error) -> ConnectionError {
    ConnectionError::Connect {
        name: name.to_owned(),
        target: format!("`{}`", file.display()),
        source: source.into(),
    }
}
