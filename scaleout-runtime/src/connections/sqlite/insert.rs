//! Bulk inserts by one prepared statement.

use std::ops::Range;

use arrow::record_batch::RecordBatch;
use rusqlite::{Connection as Database, ErrorCode, Statement};

use super::table::{Table, TableColumn};
use super::values::{Bound, loses_digits};
use crate::connections::cell::{Cell, CellProblem, CellReader};
use crate::connections::load::{LoadDriver, reader_of};
use crate::connections::table_name::quoted;
use crate::connections::transaction::TransactionStatements;
use crate::connections::{BulkOptions, ConnectionError, TableName};
use crate::value::DataType;

/// A transaction. IMMEDIATE waits for another writer at the start, where waiting still helps.
pub(super) const TRANSACTION: TransactionStatements = TransactionStatements {
    begin: "BEGIN IMMEDIATE",
    commit: Some("COMMIT"),
    rollback: "ROLLBACK",
};
/// A part of somebody else's transaction.
pub(super) const SAVEPOINT: TransactionStatements = TransactionStatements {
    begin: "SAVEPOINT scaleout_load",
    commit: Some("RELEASE scaleout_load"),
    rollback: "ROLLBACK TO scaleout_load; RELEASE scaleout_load",
};

/// Puts rows into one table.
pub(super) struct SqliteInsert<'c> {
    database: &'c Database,
    statement: Statement<'c>,
    table: TableName,
    columns: Vec<TableColumn>,
    types: Vec<DataType>,
    keep_identity: bool,
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
    /// Prepares; no row yet.
    pub(super) fn start(
        database: &'c Database,
        target: Target<'_>,
        options: &BulkOptions,
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
            database,
            statement,
            table: target.name.clone(),
            columns,
            types: target.types,
            keep_identity: options.keep_identity,
        })
    }

    fn insert(&mut self, readers: &[CellReader<'_>], row: usize) -> Result<(), ConnectionError> {
        let counts_itself = !self.keep_identity;
        for (at, (reader, column)) in readers.iter().zip(&self.columns).enumerate() {
            let cell = if column.is_identity && counts_itself {
                Cell::Null
            } else {
                reader.cell(row)
            };
            if column.keeps_numbers && loses_digits(cell) {
                return Err(ConnectionError::misfit(
                    &self.table,
                    &column.name,
                    Some(row),
                    CellProblem::Truncation,
                ));
            }
            let bound = self.statement.raw_bind_parameter(at + 1, Bound(cell));
            bound.map_err(|source| self.refused(row, source))?;
        }
        let inserted = self.statement.raw_execute();
        inserted.map_err(|source| self.refused(row, source))?;
        Ok(())
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

impl LoadDriver for SqliteInsert<'_> {
    fn run(&mut self, sql: &str) -> Result<(), ConnectionError> {
        let run = self.database.execute_batch(sql);
        run.map_err(|source| ConnectionError::Statement {
            context: format!("writing to table `{}` failed", self.table),
            source: source.into(),
        })
    }

    fn readers<'b>(&self, batch: &'b RecordBatch) -> Result<Vec<CellReader<'b>>, ConnectionError> {
        let columns = self.types.iter().zip(&self.columns).enumerate();
        columns
            .map(|(at, (data_type, column))| {
                reader_of(batch, (at, *data_type), (&self.table, &column.name))
            })
            .collect()
    }

    fn send(
        &mut self,
        readers: &[CellReader<'_>],
        rows: Range<usize>,
    ) -> Result<(), ConnectionError> {
        for row in rows {
            self.insert(readers, row)?;
        }
        Ok(())
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
