//! Bulk inserts: one prepared statement, many rows at a time.

use std::ops::Range;

use arrow::record_batch::RecordBatch;
use odbc_api::buffers::BufferDesc;
use odbc_api::handles::StatementImpl;
use odbc_api::{BindParamDesc, Connection as Driver, DataType as Odbc, Prepared};

use super::problem::refused;
use crate::connections::cell::{Cell, CellReader, cell_text};
use crate::connections::load::{LoadDriver, reader_of};
use crate::connections::transaction::TransactionStatements;
use crate::connections::{ConnectionError, TableName};
use crate::value::DataType;

/// Words for the steps of a transaction, which ODBC has calls for.
pub(super) const TRANSACTION: TransactionStatements = TransactionStatements {
    begin: "begin",
    commit: Some("commit"),
    rollback: "rollback",
};
/// Inside somebody else's transaction: that one ends it.
pub(super) const PART: TransactionStatements = TransactionStatements {
    begin: "",
    commit: None,
    rollback: "",
};

/// Rows that go to the driver at a time.
const ROWS: usize = 500;

/// Puts rows into one table.
pub(super) struct OdbcInsert<'c> {
    pub(super) driver: &'c Driver<'static>,
    pub(super) statement: Prepared<StatementImpl<'c>>,
    pub(super) table: TableName,
    /// Names, and what they are at the driver.
    pub(super) columns: Vec<(String, Odbc)>,
    pub(super) types: Vec<DataType>,
}

/// The values of one column of some rows.
enum Values {
    Text(Vec<Option<Vec<u16>>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

impl Values {
    fn of(reader: &CellReader<'_>, rows: Range<usize>, data_type: Odbc) -> Self {
        if is_binary(data_type) {
            let bytes = rows.map(|row| match reader.cell(row) {
                Cell::Bytes(bytes) => Some(bytes.to_vec()),
                other => cell_text(&other).map(|text| text.into_owned().into_bytes()),
            });
            return Self::Bytes(bytes.collect());
        }
        let texts = rows.map(|row| {
            let text = cell_text(&reader.cell(row));
            text.map(|text| text.encode_utf16().collect())
        });
        Self::Text(texts.collect())
    }

    fn description(&self, data_type: Odbc) -> BindParamDesc {
        let buffer_desc = match self {
            Self::Text(texts) => BufferDesc::WText {
                max_str_len: longest(texts),
            },
            Self::Bytes(bytes) => BufferDesc::Binary {
                max_bytes: longest(bytes),
            },
        };
        BindParamDesc {
            buffer_desc,
            data_type,
        }
    }
}

fn longest<T>(values: &[Option<Vec<T>>]) -> usize {
    let lengths = values.iter().flatten().map(Vec::len);
    lengths.max().unwrap_or(0).max(1)
}

/// Bytes stay bytes, also where a driver declares a column of them as text.
fn sent_as(declared: Odbc, own: DataType) -> Odbc {
    let holds_bytes = matches!(own, DataType::Bytes { .. } | DataType::Image);
    match holds_bytes && !is_binary(declared) {
        true => Odbc::LongVarbinary { length: None },
        false => declared,
    }
}

fn is_binary(data_type: Odbc) -> bool {
    matches!(
        data_type,
        Odbc::Binary { .. } | Odbc::Varbinary { .. } | Odbc::LongVarbinary { .. }
    )
}

impl OdbcInsert<'_> {
    fn insert(
        &mut self,
        readers: &[CellReader<'_>],
        rows: Range<usize>,
    ) -> Result<(), ConnectionError> {
        let columns = readers.iter().zip(&self.columns).zip(&self.types);
        let values = columns.map(|((reader, (_, declared)), own)| {
            let data_type = &sent_as(*declared, *own);
            let values = Values::of(reader, rows.clone(), *data_type);
            let description = values.description(*data_type);
            (values, description)
        });
        let values: Vec<(Values, BindParamDesc)> = values.collect();
        let failed = |error| refused(&self.table, error);
        let descriptions = values.iter().map(|(_, description)| *description);
        let bound = self.statement.column_inserter(rows.len(), descriptions);
        let mut bound = bound.map_err(failed)?;
        bound.set_num_rows(rows.len());
        for (at, (values, _)) in values.iter().enumerate() {
            let column = bound.column_mut(at);
            match values {
                Values::Text(texts) => {
                    let mut cells = column.as_wide_text().expect("bound as text");
                    for (row, text) in texts.iter().enumerate() {
                        cells.set_cell(row, text.as_deref());
                    }
                }
                Values::Bytes(bytes) => {
                    let mut cells = column.as_binary().expect("bound as bytes");
                    for (row, bytes) in bytes.iter().enumerate() {
                        cells.set_cell(row, bytes.as_deref());
                    }
                }
            }
        }
        bound.execute().map(|_| ()).map_err(failed)
    }
}

impl LoadDriver for OdbcInsert<'_> {
    fn run(&mut self, sql: &str) -> Result<(), ConnectionError> {
        let ran = match sql {
            "begin" => self.driver.set_autocommit(false),
            "commit" => self
                .driver
                .commit()
                .and_then(|()| self.driver.set_autocommit(true)),
            "rollback" => self
                .driver
                .rollback()
                .and_then(|()| self.driver.set_autocommit(true)),
            _ => Ok(()),
        };
        ran.map_err(|error| refused(&self.table, error))
    }

    fn readers<'b>(&self, batch: &'b RecordBatch) -> Result<Vec<CellReader<'b>>, ConnectionError> {
        let columns = self.types.iter().zip(&self.columns).enumerate();
        columns
            .map(|(at, (data_type, (name, _)))| {
                reader_of(batch, (at, *data_type), (&self.table, name))
            })
            .collect()
    }

    fn send(
        &mut self,
        readers: &[CellReader<'_>],
        rows: Range<usize>,
    ) -> Result<(), ConnectionError> {
        let mut next = rows.start;
        while next < rows.end {
            let end = rows.end.min(next + ROWS);
            self.insert(readers, next..end)?;
            next = end;
        }
        Ok(())
    }
}
