//! Bulk inserts: binary COPY, one transaction per commit size.

use std::collections::BTreeMap;
use std::io::Write;

use arrow::record_batch::RecordBatch;
use postgres::Client;
use postgres::error::DbError;
use postgres::types::Type;

use super::encode::encode;
use crate::cancel::CancelToken;
use crate::connections::cell::{Cell, CellProblem, CellReader};
use crate::connections::table_name::quoted;
use crate::connections::{BulkInsert, BulkOptions, ConnectionError, TableName};
use crate::value::DataType;

/// Starts every binary COPY: signature, flags, no header extension.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Bytes that are collected before they are sent.
const BUFFER: usize = 1 << 18;

/// A column that is filled.
#[derive(Clone, Debug)]
pub(super) struct CopyColumn {
    /// Position in the batches.
    pub(super) at: usize,
    /// Real name.
    pub(super) name: String,
    /// Its type in the table.
    pub(super) wanted: Type,
    /// The type that comes.
    pub(super) data_type: DataType,
    /// NULL is left out, so that the default of the column applies.
    pub(super) null_is_default: bool,
}

/// A bulk insert into one table.
pub(super) struct PostgresInsert<'c> {
    client: &'c mut Client,
    table: TableName,
    sql_name: String,
    columns: Vec<CopyColumn>,
    options: BulkOptions,
    /// The transaction is somebody else's: they commit.
    nested: bool,
    open: bool,
    pending: u64,
    committed: u64,
    cancel: CancelToken,
}

impl<'c> PostgresInsert<'c> {
    pub(super) fn new(
        client: &'c mut Client,
        (table, sql_name): (TableName, String),
        columns: Vec<CopyColumn>,
        options: BulkOptions,
        nested: bool,
        cancel: CancelToken,
    ) -> Self {
        Self {
            client,
            table,
            sql_name,
            columns,
            options,
            nested,
            open: false,
            pending: 0,
            committed: 0,
            cancel,
        }
    }

    fn write_rows(&mut self, batch: &RecordBatch) -> Result<(), ConnectionError> {
        let readers = self.readers(batch)?;
        let mut next = 0;
        while next < batch.num_rows() {
            self.cancel.check()?;
            if !self.open {
                self.begin()?;
            }
            let left = (batch.num_rows() - next) as u64;
            let room = match self.options.commit_size {
                0 => left,
                size => size - self.pending,
            };
            let count = usize::try_from(left.min(room)).unwrap_or(batch.num_rows() - next);
            self.copy_rows(&readers, next..next + count)?;
            next += count;
            self.pending += count as u64;
            if self.options.commit_size != 0 && self.options.commit_size <= self.pending {
                self.commit()?;
            }
        }
        Ok(())
    }

    fn readers<'b>(&self, batch: &'b RecordBatch) -> Result<Vec<CellReader<'b>>, ConnectionError> {
        let columns = self.columns.iter();
        columns
            .map(|column| {
                let array = batch.columns().get(column.at);
                array
                    .and_then(|array| CellReader::new(array.as_ref(), column.data_type))
                    .ok_or_else(|| self.misfit(&column.name, None, CellProblem::Mismatch))
            })
            .collect()
    }

    /// One COPY for each set of columns that are left to their defaults; mostly one in all.
    fn copy_rows(
        &mut self,
        readers: &[CellReader<'_>],
        rows: std::ops::Range<usize>,
    ) -> Result<(), ConnectionError> {
        if !self.columns.iter().any(|column| column.null_is_default) {
            let all: Vec<usize> = (0..readers.len()).collect();
            return self.copy(readers, &all, &rows.collect::<Vec<_>>());
        }
        let mut parts: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for row in rows {
            let given = self.columns.iter().zip(readers).enumerate();
            let given = given.filter(|(_, (column, reader))| {
                !column.null_is_default || reader.cell(row) != Cell::Null
            });
            let given = given.map(|(at, _)| at).collect();
            parts.entry(given).or_default().push(row);
        }
        for (given, rows) in parts {
            self.copy(readers, &given, &rows)?;
        }
        Ok(())
    }

    fn copy(
        &mut self,
        readers: &[CellReader<'_>],
        given: &[usize],
        rows: &[usize],
    ) -> Result<(), ConnectionError> {
        if given.is_empty() {
            return self.insert_defaults(rows);
        }
        let names: Vec<String> = given
            .iter()
            .map(|at| quoted(&self.columns[*at].name))
            .collect();
        let sql = format!(
            "COPY {} ({}) FROM STDIN (FORMAT binary)",
            self.sql_name,
            names.join(", ")
        );
        let (table, columns) = (&self.table, &self.columns);
        let refused = |error: postgres::Error| refused(table, rows, error);
        let mut writer = self.client.copy_in(&sql).map_err(refused)?;
        let mut buffer = Vec::with_capacity(BUFFER + 4096);
        buffer.extend(SIGNATURE);
        let count = i16::try_from(given.len()).unwrap_or(i16::MAX);
        for &row in rows {
            buffer.extend(count.to_be_bytes());
            for &at in given {
                let column = &columns[at];
                field(readers[at].cell(row), &column.wanted, &mut buffer).map_err(|source| {
                    ConnectionError::Value {
                        table: table.to_string(),
                        column: column.name.clone(),
                        row: Some(row as u64),
                        source,
                    }
                })?;
            }
            if BUFFER <= buffer.len() {
                writer
                    .write_all(&buffer)
                    .map_err(|source| lost(table, source))?;
                buffer.clear();
            }
        }
        buffer.extend((-1_i16).to_be_bytes());
        writer
            .write_all(&buffer)
            .map_err(|source| lost(table, source))?;
        writer.finish().map_err(refused)?;
        Ok(())
    }

    fn insert_defaults(&mut self, rows: &[usize]) -> Result<(), ConnectionError> {
        let sql = format!("INSERT INTO {} DEFAULT VALUES", self.sql_name);
        for row in rows {
            let inserted = self.client.execute(&sql, &[]);
            inserted.map_err(|error| refused(&self.table, &[*row], error))?;
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), ConnectionError> {
        self.run(if self.nested {
            "SAVEPOINT scaleout_load"
        } else {
            "BEGIN"
        })?;
        self.open = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), ConnectionError> {
        if self.open {
            self.run(if self.nested {
                "RELEASE SAVEPOINT scaleout_load"
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
                "ROLLBACK TO SAVEPOINT scaleout_load; RELEASE SAVEPOINT scaleout_load"
            } else {
                "ROLLBACK"
            };
            // A connection that is lost has rolled back by itself.
            let _ = self.client.batch_execute(undo);
            self.open = false;
            self.pending = 0;
        }
    }

    fn run(&mut self, sql: &str) -> Result<(), ConnectionError> {
        let run = self.client.batch_execute(sql);
        run.map_err(|error| refused(&self.table, &[], error))
    }

    fn misfit(&self, column: &str, row: Option<u64>, source: CellProblem) -> ConnectionError {
        ConnectionError::Value {
            table: self.table.to_string(),
            column: column.to_owned(),
            row,
            source,
        }
    }
}

impl BulkInsert for PostgresInsert<'_> {
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

impl Drop for PostgresInsert<'_> {
    fn drop(&mut self) {
        self.rollback();
    }
}

fn field(cell: Cell<'_>, wanted: &Type, out: &mut Vec<u8>) -> Result<(), CellProblem> {
    if cell == Cell::Null {
        out.extend((-1_i32).to_be_bytes());
        return Ok(());
    }
    let start = out.len();
    out.extend(0_i32.to_be_bytes());
    encode(cell, wanted, out)?;
    let length = i32::try_from(out.len() - start - 4).map_err(|_| CellProblem::Truncation)?;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    Ok(())
}

fn lost(table: &TableName, source: std::io::Error) -> ConnectionError {
    ConnectionError::Statement {
        context: format!("writing to table `{table}` failed"),
        source: source.into(),
    }
}

/// What the server says, with the row of the batch where it names one.
fn refused(table: &TableName, rows: &[usize], error: postgres::Error) -> ConnectionError {
    let Some(said) = error.as_db_error() else {
        return ConnectionError::Statement {
            context: format!("writing to table `{table}` failed"),
            source: error.into(),
        };
    };
    let row = line_of(said)
        .and_then(|line| rows.get(line - 1))
        .or(match rows {
            [only] => Some(only),
            _ => None,
        })
        .map(|row| *row as u64);
    let table = table.to_string();
    // Class 23: integrity constraint violation.
    if said.code().code().starts_with("23") {
        return ConnectionError::Constraint {
            table,
            column: said.column().map(str::to_owned),
            row,
            source: error.into(),
        };
    }
    let place = row.map_or_else(String::new, |row| {
        format!("row {} of the batch to ", row + 1)
    });
    ConnectionError::Statement {
        context: format!("writing {place}table `{table}` failed"),
        source: error.into(),
    }
}

/// The line in `COPY t, line 3, column b: …`.
fn line_of(said: &DbError) -> Option<usize> {
    let context = said.where_()?;
    let (_, rest) = context.split_once(", line ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|line| 0 < *line)
}
