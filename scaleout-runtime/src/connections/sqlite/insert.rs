//! Bulk inserts: one prepared statement, one transaction per commit size.

use arrow::record_batch::RecordBatch;
use rusqlite::{Connection as Database, ErrorCode, Statement};

use super::table::{Table, TableColumn};
use super::values::{Bound, loses_digits};
use crate::cancel::CancelToken;
use crate::connections::cell::{Cell, CellProblem, CellReader};
use crate::connections::table_name::quoted;
use crate::connections::{BulkInsert, BulkOptions, ConnectionError, TableName};
use crate::value::DataType;

/// A bulk insert into one table.
pub(super) struct SqliteInsert<'c> {
    database: &'c Database,
    statement: Statement<'c>,
    table: TableName,
    columns: Vec<TableColumn>,
    types: Vec<DataType>,
    options: BulkOptions,
    /// The transaction is somebody else's: they commit.
    nested: bool,
    open: bool,
    pending: u64,
    committed: u64,
    cancel: CancelToken,
}

/// Where the rows go.
pub(super) struct Target<'a> {
    /// As the package names it.
    pub(super) name: &'a TableName,
    /// As the database has it.
    pub(super) table: &'a Table,
    /// Columns to fill, as the package names them.
    pub(super) columns: &'a [String],
    /// Types of the columns that will come.
    pub(super) types: Vec<DataType>,
}

impl<'c> SqliteInsert<'c> {
    /// Prepares; no row and no transaction yet.
    pub(super) fn start(
        database: &'c Database,
        target: Target<'_>,
        options: &BulkOptions,
        cancel: CancelToken,
    ) -> Result<Self, ConnectionError> {
        let mut columns = Vec::with_capacity(target.columns.len());
        for name in target.columns {
            let column = target.table.column(name);
            let column = column.ok_or_else(|| ConnectionError::MissingColumn {
                table: target.name.to_string(),
                column: name.clone(),
            })?;
            columns.push(column.clone());
        }
        let sql = insert_sql(&target.table.sql_name, &columns, options);
        let statement = database
            .prepare(&sql)
            .map_err(|source| ConnectionError::in_statement(&sql, source))?;
        Ok(Self {
            nested: !database.is_autocommit(),
            database,
            statement,
            table: target.name.clone(),
            columns,
            types: target.types,
            options: options.clone(),
            open: false,
            pending: 0,
            committed: 0,
            cancel,
        })
    }

    fn write_rows(&mut self, batch: &RecordBatch) -> Result<(), ConnectionError> {
        let readers = self.readers(batch)?;
        for row in 0..batch.num_rows() {
            if !self.open {
                self.begin()?;
            }
            self.insert(&readers, row)?;
            self.pending += 1;
            if self.options.commit_size != 0 && self.options.commit_size <= self.pending {
                self.commit()?;
            }
        }
        Ok(())
    }

    fn readers<'b>(&self, batch: &'b RecordBatch) -> Result<Vec<CellReader<'b>>, ConnectionError> {
        let arrays = batch.columns().iter().zip(&self.types).zip(&self.columns);
        arrays
            .map(|((array, data_type), column)| {
                let reader = CellReader::new(array.as_ref(), *data_type);
                reader.ok_or_else(|| self.misfit(&column.name, None, CellProblem::Mismatch))
            })
            .collect()
    }

    fn insert(&mut self, readers: &[CellReader<'_>], row: usize) -> Result<(), ConnectionError> {
        let counts_itself = !self.options.keep_identity;
        for (at, (reader, column)) in readers.iter().zip(&self.columns).enumerate() {
            let cell = if column.is_identity && counts_itself {
                Cell::Null
            } else {
                reader.cell(row)
            };
            if column.keeps_numbers && loses_digits(cell) {
                return Err(self.misfit(&column.name, Some(row), CellProblem::Truncation));
            }
            let bound = self.statement.raw_bind_parameter(at + 1, Bound(cell));
            bound.map_err(|source| self.refused(row, source))?;
        }
        let inserted = self.statement.raw_execute();
        inserted.map_err(|source| self.refused(row, source))?;
        Ok(())
    }

    fn begin(&mut self) -> Result<(), ConnectionError> {
        self.cancel.check()?;
        // IMMEDIATE waits for another writer here, where waiting still helps.
        self.run(if self.nested {
            "SAVEPOINT scaleout_load"
        } else {
            "BEGIN IMMEDIATE"
        })?;
        self.open = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), ConnectionError> {
        if self.open {
            self.run(if self.nested {
                "RELEASE scaleout_load"
            } else {
                "COMMIT"
            })?;
            self.open = false;
            self.committed += self.pending;
            self.pending = 0;
        }
        Ok(())
    }

    fn rollback(&mut self) {
        if self.open {
            let undo = if self.nested {
                "ROLLBACK TO scaleout_load; RELEASE scaleout_load"
            } else {
                "ROLLBACK"
            };
            // Some errors have rolled back already; then there is nothing to undo.
            let _ = self.database.execute_batch(undo);
            self.open = false;
            self.pending = 0;
        }
    }

    fn run(&self, sql: &str) -> Result<(), ConnectionError> {
        let run = self.database.execute_batch(sql);
        run.map_err(|source| ConnectionError::Statement {
            context: format!("writing to table `{}` failed", self.table),
            source: source.into(),
        })
    }

    fn misfit(&self, column: &str, row: Option<usize>, source: CellProblem) -> ConnectionError {
        ConnectionError::Value {
            table: self.table.to_string(),
            column: column.to_owned(),
            row: row.map(|row| row as u64),
            source,
        }
    }

    fn refused(&self, row: usize, source: rusqlite::Error) -> ConnectionError {
        let table = self.table.to_string();
        if source.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
            return ConnectionError::Constraint {
                column: column_in(&source),
                table,
                row: Some(row as u64),
                source: source.into(),
            };
        }
        ConnectionError::Statement {
            context: format!(
                "writing row {} of the batch to table `{table}` failed",
                row + 1
            ),
            source: source.into(),
        }
    }
}

impl BulkInsert for SqliteInsert<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), ConnectionError> {
        let written = self.write_rows(batch);
        if written.is_err() {
            self.rollback();
        }
        written
    }

    fn finish(mut self: Box<Self>) -> Result<u64, ConnectionError> {
        let finished = self.commit();
        if finished.is_err() {
            self.rollback();
        }
        finished.map(|()| self.committed)
    }

    fn committed(&self) -> u64 {
        self.committed
    }
}

impl Drop for SqliteInsert<'_> {
    fn drop(&mut self) {
        self.rollback();
    }
}

/// Where NULL is not kept, it becomes the default of a column that has one.
fn insert_sql(table: &str, columns: &[TableColumn], options: &BulkOptions) -> String {
    let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
    let values = columns
        .iter()
        .enumerate()
        .map(|(at, column)| match &column.default {
            Some(default) if !options.keep_nulls => format!("coalesce(?{}, ({default}))", at + 1),
            _ => format!("?{}", at + 1),
        });
    let values: Vec<String> = values.collect();
    format!(
        "INSERT INTO {table} ({}) VALUES ({})",
        names.join(", "),
        values.join(", ")
    )
}

/// The column in `NOT NULL constraint failed: T.c`.
fn column_in(source: &rusqlite::Error) -> Option<String> {
    let text = source.to_string();
    let (_, names) = text.rsplit_once("constraint failed: ")?;
    let single = !names.contains(',');
    let (_, column) = names.rsplit_once('.')?;
    single.then(|| column.to_owned())
}
