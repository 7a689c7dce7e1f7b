//! Bulk inserts, one transaction per commit size.

use arrow::record_batch::RecordBatch;
use tiberius::{SqlBulkCopyOption, SqlBulkCopyOptions, TokenRow};

use super::connection::TdsClient;
use super::values::data_of;
use super::wait::{WaitError, Waiter};
use crate::connections::cell::{Cell, CellProblem, CellReader};
use crate::connections::{BulkInsert, BulkOptions, ConnectionError, TableName};
use crate::value::DataType;

/// Errors of SQL Server that say that a row breaks a constraint: NULL, check and foreign key,
/// unique index, primary key.
const CONSTRAINT_ERRORS: [u32; 4] = [515, 547, 2601, 2627];

/// A column that is filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BulkColumn {
    /// Position in the batches.
    pub(super) at: usize,
    /// Real name.
    pub(super) name: String,
    /// The type that comes.
    pub(super) from: DataType,
    /// Type of the column.
    pub(super) to: DataType,
    pub(super) is_nullable: bool,
}

/// A bulk insert into one table.
pub(super) struct SqlServerInsert<'c> {
    waiter: &'c Waiter,
    client: &'c mut TdsClient,
    table: TableName,
    columns: Vec<BulkColumn>,
    options: BulkOptions,
    /// The transaction is somebody else's: they commit.
    nested: bool,
    open: bool,
    pending: u64,
    committed: u64,
}

impl<'c> SqlServerInsert<'c> {
    pub(super) fn new(
        (waiter, client): (&'c Waiter, &'c mut TdsClient),
        table: TableName,
        columns: Vec<BulkColumn>,
        options: BulkOptions,
        nested: bool,
    ) -> Self {
        Self {
            waiter,
            client,
            table,
            columns,
            options,
            nested,
            open: false,
            pending: 0,
            committed: 0,
        }
    }

    fn write_rows(&mut self, batch: &RecordBatch) -> Result<(), ConnectionError> {
        let mut next = 0;
        while next < batch.num_rows() {
            self.waiter.cancel.check()?;
            if !self.open {
                self.begin()?;
            }
            let left = (batch.num_rows() - next) as u64;
            let room = match self.options.commit_size {
                0 => left,
                size => size - self.pending,
            };
            let count = usize::try_from(left.min(room)).unwrap_or(batch.num_rows() - next);
            let rows = self.rows(batch, next..next + count)?;
            self.send(rows)?;
            next += count;
            self.pending += count as u64;
            if self.options.commit_size != 0 && self.options.commit_size <= self.pending {
                self.commit()?;
            }
        }
        Ok(())
    }

    /// All values are made before the first is sent: the server takes no half rows back.
    fn rows(
        &self,
        batch: &RecordBatch,
        rows: std::ops::Range<usize>,
    ) -> Result<Vec<TokenRow<'static>>, ConnectionError> {
        let mut readers = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let array = batch.columns().get(column.at);
            let reader = array.and_then(|array| CellReader::new(array.as_ref(), column.from));
            readers.push(reader.ok_or_else(|| self.misfit(column, 0, CellProblem::Mismatch))?);
        }
        let made = rows.map(|row| {
            let mut made = TokenRow::new();
            for (column, reader) in self.columns.iter().zip(&readers) {
                let cell = reader.cell(row);
                if cell == Cell::Null && !column.is_nullable {
                    return Err(self.null_refused(column, row));
                }
                let data = data_of(cell, column.to);
                made.push(data.map_err(|problem| self.misfit(column, row, problem))?);
            }
            Ok(made)
        });
        made.collect()
    }

    fn send(&mut self, rows: Vec<TokenRow<'static>>) -> Result<(), ConnectionError> {
        let table = self.table.to_string();
        let names: Vec<&str> = self.columns.iter().map(|it| it.name.as_str()).collect();
        let options = bulk_options(&self.options);
        let client = &mut *self.client;
        let sent = self.waiter.wait(async {
            let mut request = client
                .bulk_insert_with_options(&table, &names, options, &[])
                .await?;
            for row in rows {
                request.send(row).await?;
            }
            request.finalize().await
        });
        sent.map(drop).map_err(|error| self.refused(error))
    }

    fn begin(&mut self) -> Result<(), ConnectionError> {
        self.run(if self.nested {
            "SAVE TRANSACTION scaleout_load"
        } else {
            "BEGIN TRANSACTION"
        })?;
        self.open = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), ConnectionError> {
        if self.open {
            // A savepoint has no end of its own: the transaction around it commits.
            if !self.nested {
                self.run("COMMIT TRANSACTION")?;
            }
            self.open = false;
            self.committed += self.pending;
            self.pending = 0;
        }
        Ok(())
    }

    fn rollback(&mut self) {
        if self.open {
            // A connection that is lost has rolled back by itself.
            let _ = self.run(if self.nested {
                "ROLLBACK TRANSACTION scaleout_load"
            } else {
                "ROLLBACK TRANSACTION"
            });
            self.open = false;
            self.pending = 0;
        }
    }

    fn run(&mut self, sql: &str) -> Result<(), ConnectionError> {
        let client = &mut *self.client;
        let ran = self
            .waiter
            .wait(async { client.simple_query(sql).await?.into_results().await });
        ran.map(drop).map_err(|error| self.refused(error))
    }

    fn refused(&self, error: WaitError) -> ConnectionError {
        let table = self.table.to_string();
        let code = match &error {
            WaitError::Canceled(canceled) => return ConnectionError::Canceled(*canceled),
            WaitError::Server(error) => error.code(),
            WaitError::TimedOut(_) => None,
        };
        if code.is_some_and(|code| CONSTRAINT_ERRORS.contains(&code)) {
            return ConnectionError::Constraint {
                table,
                column: None,
                row: None,
                source: error.into(),
            };
        }
        ConnectionError::Statement {
            context: format!("writing to table `{table}` failed"),
            source: error.into(),
        }
    }

    fn null_refused(&self, column: &BulkColumn, row: usize) -> ConnectionError {
        ConnectionError::Constraint {
            table: self.table.to_string(),
            column: Some(column.name.clone()),
            row: Some(row as u64),
            source: "the column does not allow NULL".into(),
        }
    }

    fn misfit(&self, column: &BulkColumn, row: usize, source: CellProblem) -> ConnectionError {
        ConnectionError::Value {
            table: self.table.to_string(),
            column: column.name.clone(),
            row: Some(row as u64),
            source,
        }
    }
}

impl BulkInsert for SqlServerInsert<'_> {
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

impl Drop for SqlServerInsert<'_> {
    fn drop(&mut self) {
        self.rollback();
    }
}

fn bulk_options(options: &BulkOptions) -> SqlBulkCopyOptions {
    let chosen = [
        (options.keep_identity, SqlBulkCopyOption::KeepIdentity),
        (options.keep_nulls, SqlBulkCopyOption::KeepNulls),
        (options.table_lock, SqlBulkCopyOption::TableLock),
        (
            options.check_constraints,
            SqlBulkCopyOption::CheckConstraints,
        ),
    ];
    chosen
        .into_iter()
        .filter(|(is_set, _)| *is_set)
        .map(|(_, option)| option)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_fast_load_are_those_of_the_server() {
        let options = BulkOptions {
            table_lock: true,
            keep_nulls: true,
            ..BulkOptions::default()
        };
        let chosen = bulk_options(&options);
        assert!(chosen.contains(SqlBulkCopyOption::TableLock));
        assert!(chosen.contains(SqlBulkCopyOption::KeepNulls));
        assert!(!chosen.contains(SqlBulkCopyOption::KeepIdentity));
        assert!(!chosen.contains(SqlBulkCopyOption::CheckConstraints));
    }
}
