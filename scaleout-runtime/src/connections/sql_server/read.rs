//! The rows of a query, streamed.

use arrow::record_batch::RecordBatch;
use futures_util::TryStreamExt;
use tiberius::{QueryItem, QueryStream, Row};

use super::connection::failed;
use super::values::cell_of;

use crate::connections::batch_builder::BatchBuilder;
use crate::connections::wait::Waiter;
use crate::connections::{BatchReader, ConnectionError};
use crate::data_flow::schema::Schema;

/// Reads the first result set of a query.
pub(super) struct SqlServerReader<'c> {
    waiter: &'c Waiter,
    rows: QueryStream<'c>,
    sql: String,
    builder: BatchBuilder,
    batch_rows: usize,
    ended: bool,
}

impl<'c> SqlServerReader<'c> {
    pub(super) fn new(
        waiter: &'c Waiter,
        rows: QueryStream<'c>,
        (sql, schema): (String, Schema),
        batch_rows: usize,
    ) -> Self {
        Self {
            waiter,
            rows,
            sql,
            builder: BatchBuilder::new(schema),
            batch_rows: batch_rows.max(1),
            ended: false,
        }
    }

    fn add(&mut self, row: &Row, at_row: usize) -> Result<(), ConnectionError> {
        let width = self.builder.schema().columns.len();
        for (at, (_, data)) in row.cells().take(width).enumerate() {
            let pushed = self.builder.push(at, cell_of(data));
            let place = (Some(at_row), at);
            pushed.map_err(|source| self.builder.misfit(&self.sql, place, source))?;
        }
        Ok(())
    }
}

impl BatchReader for SqlServerReader<'_> {
    fn schema(&self) -> &Schema {
        self.builder.schema()
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, ConnectionError> {
        self.waiter.cancel.check()?;
        let mut rows = 0;
        while rows < self.batch_rows && !self.ended {
            let next = self.waiter.wait(self.rows.try_next());
            match next.map_err(|error| failed(&self.sql, error))? {
                Some(QueryItem::Row(row)) if row.result_index() == 0 => {
                    self.add(&row, rows)?;
                    rows += 1;
                }
                Some(_) => {}
                None => self.ended = true,
            }
        }
        self.builder.finish(&self.sql, rows)
    }
}
