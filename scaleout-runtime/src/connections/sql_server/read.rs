//! The rows of a query, streamed.

use arrow::record_batch::RecordBatch;
use futures_util::TryStreamExt;
use tiberius::{QueryItem, QueryStream, Row};

use super::connection::failed;
use super::values::cell_of;
use super::wait::Waiter;
use crate::connections::cell::CellBuilder;
use crate::connections::{BatchReader, ConnectionError, shortened};
use crate::data_flow::columns::batch;
use crate::data_flow::schema::Schema;

/// Reads the first result set of a query.
pub(super) struct SqlServerReader<'c> {
    waiter: &'c Waiter,
    rows: QueryStream<'c>,
    sql: String,
    schema: Schema,
    builders: Vec<CellBuilder>,
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
        let columns = schema.columns.iter();
        let builders = columns
            .map(|column| CellBuilder::new(column.data_type))
            .collect();
        Self {
            waiter,
            rows,
            sql,
            builders,
            schema,
            batch_rows: batch_rows.max(1),
            ended: false,
        }
    }

    fn add(&mut self, row: &Row, at_row: usize) -> Result<(), ConnectionError> {
        for (at, (builder, (_, data))) in self.builders.iter_mut().zip(row.cells()).enumerate() {
            builder
                .push(cell_of(data))
                .map_err(|source| ConnectionError::Value {
                    table: shortened(&self.sql),
                    column: self.schema.columns[at].name.clone(),
                    row: Some(at_row as u64),
                    source,
                })?;
        }
        Ok(())
    }
}

impl BatchReader for SqlServerReader<'_> {
    fn schema(&self) -> &Schema {
        &self.schema
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
        if rows == 0 {
            return Ok(None);
        }
        let arrays = self.builders.iter_mut().map(CellBuilder::finish).collect();
        let batch = batch(self.schema.to_arrow(), arrays, rows)
            .map_err(|source| ConnectionError::in_statement(&self.sql, source))?;
        Ok(Some(batch))
    }
}
