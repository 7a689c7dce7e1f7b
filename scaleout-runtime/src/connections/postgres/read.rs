//! The rows of a query, streamed.

use arrow::record_batch::RecordBatch;
use postgres::fallible_iterator::FallibleIterator;
use postgres::{Row, RowIter};

use super::decode::Raw;
use crate::cancel::CancelToken;
use crate::connections::batch_builder::BatchBuilder;
use crate::connections::cell::Cell;
use crate::connections::{BatchReader, ConnectionError};
use crate::data_flow::schema::Schema;

/// Reads the rows of a query.
pub(super) struct PostgresReader<'c> {
    rows: RowIter<'c>,
    sql: String,
    builder: BatchBuilder,
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
        Self {
            rows,
            sql,
            builder: BatchBuilder::new(schema),
            batch_rows: batch_rows.max(1),
            ended: false,
            cancel,
        }
    }

    fn add(&mut self, row: &Row, at_row: usize) -> Result<(), ConnectionError> {
        for at in 0..self.builder.schema().columns.len() {
            let raw: Option<Raw<'_>> = row
                .try_get(at)
                .map_err(|source| ConnectionError::in_statement(&self.sql, source))?;
            let cell = raw.map_or(Ok(Cell::Null), |raw| raw.cell());
            let pushed = cell.and_then(|cell| self.builder.push(at, cell));
            let place = (Some(at_row), at);
            pushed.map_err(|source| self.builder.misfit(&self.sql, place, source))?;
        }
        Ok(())
    }
}

impl BatchReader for PostgresReader<'_> {
    fn schema(&self) -> &Schema {
        self.builder.schema()
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
        self.builder.finish(&self.sql, rows)
    }
}
