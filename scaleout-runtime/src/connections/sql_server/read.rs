//! The rows of a query, streamed.

use arrow::record_batch::RecordBatch;
use futures_util::TryStreamExt;
use tiberius::{Column, QueryItem, QueryStream, Row};

use super::connection::{failed, wire_schema};
use super::values::cell_of;

use crate::connections::batch_builder::BatchBuilder;
use crate::connections::wait::Waiter;
use crate::connections::{BatchReader, ConnectionError, TakeRows};
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
}

fn add(
    builder: &mut BatchBuilder,
    sql: &str,
    row: &Row,
    at_row: usize,
) -> Result<(), ConnectionError> {
    let width = builder.schema().columns.len();
    for (at, (_, data)) in row.cells().take(width).enumerate() {
        let pushed = builder.push(at, cell_of(data));
        let place = (Some(at_row), at);
        pushed.map_err(|source| builder.misfit(sql, place, source))?;
    }
    Ok(())
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
                    add(&mut self.builder, &self.sql, &row, rows)?;
                    rows += 1;
                }
                Some(_) => {}
                None => self.ended = true,
            }
        }
        self.builder.finish(&self.sql, rows)
    }
}

/// Reads every result set of a batch. `described` is what the server says of the first one.
pub(super) fn read_each(
    waiter: &Waiter,
    mut rows: QueryStream<'_>,
    (sql, mut described): (&str, Option<Schema>),
    batch_rows: usize,
    take: &mut TakeRows<'_>,
) -> Result<(), ConnectionError> {
    let mut next = first_columns(waiter, &mut rows, sql)?;
    while let Some(columns) = next {
        let same_width = |schema: &Schema| schema.columns.len() == columns.len();
        let schema = match described.take().filter(same_width) {
            Some(schema) => schema,
            None => wire_schema(sql, &columns)?,
        };
        let mut reader = SetReader {
            waiter,
            rows: &mut rows,
            sql,
            builder: BatchBuilder::new(schema),
            batch_rows: batch_rows.max(1),
            end: None,
        };
        take(&mut reader)?;
        while reader.next_batch()?.is_some() {}
        next = reader.end.flatten();
    }
    Ok(())
}

fn first_columns(
    waiter: &Waiter,
    rows: &mut QueryStream<'_>,
    sql: &str,
) -> Result<Option<Vec<Column>>, ConnectionError> {
    loop {
        let item = waiter.wait(rows.try_next());
        match item.map_err(|error| failed(sql, error))? {
            Some(QueryItem::Metadata(found)) => return Ok(Some(found.columns().to_vec())),
            Some(QueryItem::Row(_)) => {}
            None => return Ok(None),
        }
    }
}

/// Reads one result set of several.
struct SetReader<'r, 'c> {
    waiter: &'r Waiter,
    rows: &'r mut QueryStream<'c>,
    sql: &'r str,
    builder: BatchBuilder,
    batch_rows: usize,
    /// Where the set has ended: the columns of the next one, if there is one.
    end: Option<Option<Vec<Column>>>,
}

impl BatchReader for SetReader<'_, '_> {
    fn schema(&self) -> &Schema {
        self.builder.schema()
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, ConnectionError> {
        self.waiter.cancel.check()?;
        let mut rows = 0;
        while rows < self.batch_rows && self.end.is_none() {
            let next = self.waiter.wait(self.rows.try_next());
            match next.map_err(|error| failed(self.sql, error))? {
                Some(QueryItem::Row(row)) => {
                    add(&mut self.builder, self.sql, &row, rows)?;
                    rows += 1;
                }
                Some(QueryItem::Metadata(next)) => self.end = Some(Some(next.columns().to_vec())),
                None => self.end = Some(None),
            }
        }
        self.builder.finish(self.sql, rows)
    }
}
