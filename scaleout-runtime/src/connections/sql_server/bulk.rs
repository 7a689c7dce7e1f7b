//! Bulk inserts by the bulk load of the protocol.

use std::ops::Range;

use arrow::record_batch::RecordBatch;
use tiberius::{SqlBulkCopyOption, SqlBulkCopyOptions, TokenRow};

use super::WaitError;
use super::connection::gave_up;
use super::login::TdsClient;
use super::values::data_of;

use crate::connections::cell::{Cell, CellReader};
use crate::connections::load::{LoadDriver, reader_of};
use crate::connections::transaction::TransactionStatements;
use crate::connections::wait::Waiter;
use crate::connections::{BulkOptions, ConnectionError, TableName};
use crate::value::DataType;

/// Errors of SQL Server that say that a row breaks a constraint: NULL, check and foreign key,
/// unique index, primary key.
const CONSTRAINT_ERRORS: [u32; 4] = [515, 547, 2601, 2627];

/// A transaction.
pub(super) const TRANSACTION: TransactionStatements = TransactionStatements {
    begin: "BEGIN TRANSACTION",
    commit: Some("COMMIT TRANSACTION"),
    rollback: "ROLLBACK TRANSACTION",
};
/// A part of somebody else's transaction, whose commit is its only end.
pub(super) const SAVEPOINT: TransactionStatements = TransactionStatements {
    begin: "SAVE TRANSACTION scaleout_load",
    commit: None,
    rollback: "ROLLBACK TRANSACTION scaleout_load",
};

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

/// Puts rows into one table.
pub(super) struct SqlServerInsert<'c> {
    pub(super) waiter: &'c Waiter,
    pub(super) client: &'c mut TdsClient,
    /// As the package names it.
    pub(super) table: TableName,
    pub(super) columns: Vec<BulkColumn>,
    pub(super) options: BulkOptions,
}

impl LoadDriver for SqlServerInsert<'_> {
    fn run(&mut self, sql: &str) -> Result<(), ConnectionError> {
        let client = &mut *self.client;
        let ran = self
            .waiter
            .wait(async { client.simple_query(sql).await?.into_results().await });
        ran.map(drop).map_err(|error| self.refused(error))
    }

    fn readers<'b>(&self, batch: &'b RecordBatch) -> Result<Vec<CellReader<'b>>, ConnectionError> {
        let columns = self.columns.iter();
        columns
            .map(|it| reader_of(batch, (it.at, it.from), (&self.table, &it.name)))
            .collect()
    }

    fn send(
        &mut self,
        readers: &[CellReader<'_>],
        rows: Range<usize>,
    ) -> Result<(), ConnectionError> {
        let rows = self.rows(readers, rows)?;
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
}

impl SqlServerInsert<'_> {
    /// All values are made before the first is sent: the server takes no half rows back.
    fn rows(
        &self,
        readers: &[CellReader<'_>],
        rows: Range<usize>,
    ) -> Result<Vec<TokenRow<'static>>, ConnectionError> {
        let made = rows.map(|row| {
            let mut made = TokenRow::new();
            for (column, reader) in self.columns.iter().zip(readers) {
                let cell = reader.cell(row);
                if cell == Cell::Null && !column.is_nullable {
                    return Err(self.null_refused(column, row));
                }
                let data = data_of(cell, column.to);
                made.push(data.map_err(|problem| {
                    ConnectionError::misfit(&self.table, &column.name, Some(row), problem)
                })?);
            }
            Ok(made)
        });
        made.collect()
    }

    fn refused(&self, error: WaitError) -> ConnectionError {
        let table = self.table.to_string();
        let code = match &error {
            WaitError::Server(error) => error.code(),
            WaitError::Canceled(_) | WaitError::TimedOut(_) => None,
        };
        if code.is_some_and(|code| CONSTRAINT_ERRORS.contains(&code)) {
            return ConnectionError::Constraint {
                table,
                column: None,
                row: None,
                source: error.into(),
            };
        }
        gave_up(format!("writing to table `{table}` failed"), error)
    }

    fn null_refused(&self, column: &BulkColumn, row: usize) -> ConnectionError {
        ConnectionError::Constraint {
            table: self.table.to_string(),
            column: Some(column.name.clone()),
            row: Some(row as u64),
            source: "the column does not allow NULL".into(),
        }
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
        (options.fire_triggers, SqlBulkCopyOption::FireTriggers),
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
