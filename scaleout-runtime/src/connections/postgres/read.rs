//! The rows of a query, streamed.

use arrow::record_batch::RecordBatch;
use postgres::fallible_iterator::FallibleIterator;
use postgres::{Row, RowIter};

use super::decode::Raw;
use crate::cancel::CancelToken;
use crate::connections::cell::{Cell, CellBuilder, CellProblem};
use crate::connections::{BatchReader, ConnectionError, shortened};
use crate::data_flow::columns::batch;
use crate::data_flow::schema::Schema;

/// Reads the rows of a query.
pub(super) struct PostgresReader<'c> {
    rows: RowIter<'c>,
    sql: String,
    schema: Schema,
    builders: Vec<CellBuilder>,
    batch_rows: usize,
    /// Asking again after the end is an error of its own.
    ended: bool,
    cancel: CancelToken,
}

impl<'c> PostgresReader<'c> {
    pub(super) fn new(
        rows: RowIter<'c>,
        sql: String,
        schema: Schema,
        batch_rows: usize,
        cancel: CancelToken,
    ) -> Self {
        let columns = schema.columns.iter();
        let builders = columns
            .map(|column| CellBuilder::new(column.data_type))
            .collect();
        Self {
            rows,
            sql,
            builders,
            schema,
            batch_rows: batch_rows.max(1),
            ended: false,
            cancel,
        }
    }

    fn add(&mut self, row: &Row, at_row: usize) -> Result<(), ConnectionError> {
        for (at, builder) in self.builders.iter_mut().enumerate() {
            let raw: Option<Raw<'_>> = row
                .try_get(at)
                .map_err(|source| ConnectionError::in_statement(&self.sql, source))?;
            let cell = raw.map_or(Ok(Cell::Null), |raw| raw.cell());
            let pushed = cell.and_then(|cell| builder.push(cell));
            pushed.map_err(|source: CellProblem| ConnectionError::Value {
                table: shortened(&self.sql),
                column: self.schema.columns[at].name.clone(),
                row: Some(at_row as u64),
                source,
            })?;
        }
        Ok(())
    }
}

impl BatchReader for PostgresReader<'_> {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, ConnectionError> {
        self.cancel.check()?;
        let mut rows = 0;
        while rows < self.batch_rows && !self.ended {
            let next = self.rows.next();
            match next.map_err(|source| ConnectionError::in_statement(&self.sql, source))? {
                Some(row) => self.add(&row, rows)?,
                None => self.ended = true,
            }
            rows += usize::from(!self.ended);
        }
        if rows == 0 {
            return Ok(None);
        }
        let arrays = self.builders.iter_mut().map(CellBuilder::finish).collect();
        let batch = batch(self.schema.to_arrow(), arrays, rows)
            .map_err(|source| ConnectionError::in_statement(&self.sql, source))?;
        Ok(Some(batch))
    }
}
