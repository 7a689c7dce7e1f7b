//! The rows of a query.

use arrow::record_batch::RecordBatch;
use odbc_api::handles::StatementImpl;
use odbc_api::{Cursor, CursorImpl, CursorRow, DataType as Odbc, Nullable, ResultSetMetadata};

use super::problem::failed;
use super::types::data_type;
use crate::cancel::CancelToken;
use crate::connections::batch_builder::BatchBuilder;
use crate::connections::cell::Cell;
use crate::connections::{BatchReader, ConnectionError};
use crate::data_flow::schema::{Column, Schema};

/// How a column is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Integer,
    Float,
    Bytes,
    /// Everything else: what a driver gives as text becomes a value like any other text.
    Text,
}

/// Reads row by row, since rows may be of any length.
pub(super) struct OdbcReader<'c> {
    cursor: CursorImpl<StatementImpl<'c>>,
    sql: String,
    builder: BatchBuilder,
    ways: Vec<Way>,
    batch_rows: usize,
    cancel: CancelToken,
    ended: bool,
}

/// Columns of a result set, with their types at the driver.
pub(super) fn columns(
    result: &mut impl ResultSetMetadata,
) -> Result<Vec<(Column, Odbc)>, odbc_api::Error> {
    let count = u16::try_from(result.num_result_cols()?).unwrap_or(0);
    let columns = (1..=count).map(|at| {
        let found = result.col_data_type(at)?;
        let is_unsigned = found == Odbc::TinyInt && result.column_is_unsigned(at)?;
        let column = Column {
            lineage_id: String::new(),
            name: result.col_name(at)?,
            data_type: data_type(found, is_unsigned),
        };
        Ok((column, found))
    });
    columns.collect()
}

impl<'c> OdbcReader<'c> {
    /// Starts; `None` for what has no columns.
    pub(super) fn start(
        mut cursor: CursorImpl<StatementImpl<'c>>,
        sql: &str,
        batch_rows: usize,
        cancel: CancelToken,
    ) -> Result<Self, ConnectionError> {
        let found = columns(&mut cursor).map_err(|error| failed(sql, None, error))?;
        let ways = found.iter().map(|(_, odbc)| way(*odbc)).collect();
        let columns = found.into_iter().map(|(column, _)| column);
        Ok(Self {
            cursor,
            sql: sql.to_owned(),
            builder: BatchBuilder::new(Schema::new(columns)),
            ways,
            batch_rows: batch_rows.max(1),
            cancel,
            ended: false,
        })
    }

    /// What is behind the rows.
    pub(super) fn into_cursor(self) -> CursorImpl<StatementImpl<'c>> {
        self.cursor
    }
}

impl BatchReader for OdbcReader<'_> {
    fn schema(&self) -> &Schema {
        self.builder.schema()
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, ConnectionError> {
        self.cancel.check()?;
        let mut rows = 0;
        let mut space = Space::default();
        while rows < self.batch_rows && !self.ended {
            let row = self.cursor.next_row();
            let Some(mut row) = row.map_err(|error| failed(&self.sql, None, error))? else {
                self.ended = true;
                break;
            };
            for (at, way) in self.ways.iter().enumerate() {
                let cell = space.cell(&mut row, at, *way);
                let cell = cell.map_err(|error| failed(&self.sql, None, error))?;
                if let Err(problem) = self.builder.push(at, cell) {
                    return Err(self.builder.misfit(&self.sql, (Some(rows), at), problem));
                }
            }
            rows += 1;
        }
        self.builder.finish(&self.sql, rows)
    }
}

fn way(found: Odbc) -> Way {
    match found {
        Odbc::TinyInt | Odbc::SmallInt | Odbc::Integer | Odbc::BigInt | Odbc::Bit => Way::Integer,
        Odbc::Real | Odbc::Float { .. } | Odbc::Double => Way::Float,
        Odbc::Binary { .. } | Odbc::Varbinary { .. } | Odbc::LongVarbinary { .. } => Way::Bytes,
        _ => Way::Text,
    }
}

/// Where values are put before they become cells.
#[derive(Default)]
struct Space {
    wide: Vec<u16>,
    text: String,
    bytes: Vec<u8>,
}

impl Space {
    fn cell(
        &mut self,
        row: &mut CursorRow<'_>,
        at: usize,
        way: Way,
    ) -> Result<Cell<'_>, odbc_api::Error> {
        let number = u16::try_from(at + 1).unwrap_or(u16::MAX);
        Ok(match way {
            Way::Integer => {
                let mut value = Nullable::<i64>::null();
                row.get_data(number, &mut value)?;
                value.into_opt().map_or(Cell::Null, Cell::Int)
            }
            Way::Float => {
                let mut value = Nullable::<f64>::null();
                row.get_data(number, &mut value)?;
                value.into_opt().map_or(Cell::Null, Cell::Float)
            }
            Way::Bytes => match row.get_binary(number, &mut self.bytes)? {
                true => Cell::Bytes(&self.bytes),
                false => Cell::Null,
            },
            Way::Text => match row.get_wide_text(number, &mut self.wide)? {
                true => {
                    self.text = String::from_utf16_lossy(&self.wide);
                    Cell::Str(&self.text)
                }
                false => Cell::Null,
            },
        })
    }
}
