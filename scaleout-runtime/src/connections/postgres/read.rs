//! The rows of a query, streamed.

use std::cell::Cell as Counter;
use std::pin::Pin;

use arrow::record_batch::RecordBatch;
use futures_util::TryStreamExt;
use tokio_postgres::{Row, RowStream};

use super::decode::Raw;
use super::session::Session;
use crate::connections::batch_builder::BatchBuilder;
use crate::connections::cell::Cell;
use crate::connections::{BatchReader, ConnectionError};
use crate::data_flow::schema::Schema;

/// Reads the rows of a query.
pub(super) struct PostgresReader<'c> {
    session: &'c Session,
    rows: Pin<Box<RowStream>>,
    sql: String,
    builder: BatchBuilder,
    batch_rows: usize,
    /// Asking again after the end is an error of its own.
    ended: bool,
}

impl<'c> PostgresReader<'c> {
    pub(super) fn new(
        session: &'c Session,
        rows: RowStream,
        sql: String,
        schema: Schema,
        batch_rows: usize,
    ) -> Self {
        Self {
            session,
            rows: Box::pin(rows),
            sql,
            builder: BatchBuilder::new(schema),
            batch_rows: batch_rows.max(1),
            ended: false,
        }
    }

    /// The rows of the next batch; fewer than asked for at the end.
    fn receive(&mut self) -> Result<Vec<Row>, ConnectionError> {
        let (batch_rows, came) = (self.batch_rows, Counter::new(0));
        let mut received = Vec::with_capacity(batch_rows.min(10_000));
        let rows = &mut self.rows;
        let answer = async {
            while received.len() < batch_rows
                && let Some(row) = rows.try_next().await?
            {
                received.push(row);
                came.set(received.len());
            }
            Ok(())
        };
        let waited = self.session.wait_noting(&came, answer);
        waited.map_err(|error| error.in_statement(&self.sql))?;
        self.ended = received.len() < batch_rows;
        Ok(received)
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
        self.session.cancel().check()?;
        if self.ended {
            return Ok(None);
        }
        let received = self.receive()?;
        for (at, row) in received.iter().enumerate() {
            self.add(row, at)?;
        }
        self.builder.finish(&self.sql, received.len())
    }
}
