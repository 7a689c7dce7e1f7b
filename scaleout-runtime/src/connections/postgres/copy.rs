//! Bulk inserts by binary COPY.

use std::cell::Cell as Counter;
use std::collections::BTreeMap;
use std::ops::Range;

use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use futures_util::SinkExt;
use tokio_postgres::error::DbError;
use tokio_postgres::types::Type;

use super::encode::encode;
use super::session::{Session, SessionError};
use crate::connections::cell::{Cell, CellProblem, CellReader};
use crate::connections::load::{LoadDriver, reader_of};
use crate::connections::table_name::quoted;
use crate::connections::transaction::TransactionStatements;
use crate::connections::wait::WaitError;
use crate::connections::{ConnectionError, TableName};
use crate::value::DataType;

/// Starts every binary COPY: signature, flags, no header extension.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Bytes that are collected before they are sent.
const BUFFER: usize = 1 << 18;

/// A transaction.
pub(super) const TRANSACTION: TransactionStatements = TransactionStatements {
    begin: "BEGIN",
    commit: Some("COMMIT"),
    rollback: "ROLLBACK",
};
/// A part of somebody else's transaction.
pub(super) const SAVEPOINT: TransactionStatements = TransactionStatements {
    begin: "SAVEPOINT scaleout_load",
    commit: Some("RELEASE SAVEPOINT scaleout_load"),
    rollback: "ROLLBACK TO SAVEPOINT scaleout_load; RELEASE SAVEPOINT scaleout_load",
};

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

/// Puts rows into one table.
pub(super) struct PostgresInsert<'c> {
    pub(super) session: &'c Session,
    /// As the package names it.
    pub(super) table: TableName,
    /// As statements name it.
    pub(super) sql_name: String,
    pub(super) columns: Vec<CopyColumn>,
}

impl LoadDriver for PostgresInsert<'_> {
    fn run(&mut self, sql: &str) -> Result<(), ConnectionError> {
        let run = self.session.client().batch_execute(sql);
        let ran = self.session.wait(run);
        ran.map_err(|error| refused(&self.table, &[], error))
    }

    fn readers<'b>(&self, batch: &'b RecordBatch) -> Result<Vec<CellReader<'b>>, ConnectionError> {
        let columns = self.columns.iter();
        columns
            .map(|it| reader_of(batch, (it.at, it.data_type), (&self.table, &it.name)))
            .collect()
    }

    /// One COPY for each set of columns that are left to their defaults; mostly one in all.
    fn send(
        &mut self,
        readers: &[CellReader<'_>],
        rows: Range<usize>,
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
}

impl PostgresInsert<'_> {
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
        let (session, sent) = (self.session, Counter::new(0));
        let count = i16::try_from(given.len()).unwrap_or(i16::MAX);
        let copied = session.wait_noting(&sent, async {
            let sink = session.client().copy_in::<_, Bytes>(&sql).await?;
            let mut sink = std::pin::pin!(sink);
            let mut buffer = Vec::with_capacity(BUFFER + 4096);
            buffer.extend(SIGNATURE);
            for &row in rows {
                buffer.extend(count.to_be_bytes());
                for &at in given {
                    if let Err(misfit) = self.field(readers, (row, at), &mut buffer) {
                        // The unfinished copy is given up when the sink is dropped.
                        return Ok(Err(misfit));
                    }
                }
                if BUFFER <= buffer.len() {
                    let full = std::mem::replace(&mut buffer, Vec::with_capacity(BUFFER + 4096));
                    sink.send(full.into()).await?;
                    sent.set(sent.get() + 1);
                }
            }
            buffer.extend((-1_i16).to_be_bytes());
            sink.send(buffer.into()).await?;
            sink.finish().await.map(Ok)
        });
        copied
            .map_err(|error| refused(&self.table, rows, error))?
            .map(drop)
    }

    fn field(
        &self,
        readers: &[CellReader<'_>],
        (row, at): (usize, usize),
        out: &mut Vec<u8>,
    ) -> Result<(), ConnectionError> {
        let column = &self.columns[at];
        let written = field(readers[at].cell(row), &column.wanted, out);
        written
            .map_err(|source| ConnectionError::misfit(&self.table, &column.name, Some(row), source))
    }

    fn insert_defaults(&mut self, rows: &[usize]) -> Result<(), ConnectionError> {
        let sql = format!("INSERT INTO {} DEFAULT VALUES", self.sql_name);
        for row in rows {
            let inserted = self.session.wait(self.session.client().execute(&sql, &[]));
            inserted.map_err(|error| refused(&self.table, &[*row], error))?;
        }
        Ok(())
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

/// What the server says, with the row of the batch where it names one.
fn refused(table: &TableName, rows: &[usize], error: SessionError) -> ConnectionError {
    let doing = || format!("writing to table `{table}` failed");
    let error = match error {
        SessionError::Wait(WaitError::Server(error)) if error.as_db_error().is_some() => error,
        other => return other.while_doing(doing()),
    };
    let Some(said) = error.as_db_error() else {
        return SessionError::from(WaitError::Server(error)).while_doing(doing());
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
