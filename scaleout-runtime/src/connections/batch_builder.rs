//! Cells of the rows of a query into batches.

use arrow::record_batch::RecordBatch;

use super::cell::{Cell, CellBuilder, CellProblem};
use super::{ConnectionError, shortened};
use crate::data_flow::columns::batch;
use crate::data_flow::schema::Schema;

/// Collects one batch after another.
pub(super) struct BatchBuilder {
    schema: Schema,
    builders: Vec<CellBuilder>,
}

impl BatchBuilder {
    /// Without rows yet.
    pub(super) fn new(schema: Schema) -> Self {
        let columns = schema.columns.iter();
        let builders = columns
            .map(|column| CellBuilder::new(column.data_type))
            .collect();
        Self { schema, builders }
    }

    /// What the columns are.
    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Adds the next cell of a column.
    pub(super) fn push(&mut self, column: usize, cell: Cell<'_>) -> Result<(), CellProblem> {
        self.builders[column].push(cell)
    }

    /// A value of the query that does not fit its column.
    pub(super) fn misfit(
        &self,
        sql: &str,
        (row, column): (Option<usize>, usize),
        source: CellProblem,
    ) -> ConnectionError {
        ConnectionError::Value {
            table: shortened(sql),
            column: self.schema.columns[column].name.clone(),
            row: row.map(|row| row as u64),
            source,
        }
    }

    /// The batch of so many rows, which all columns have; `None` for no rows.
    pub(super) fn finish(
        &mut self,
        sql: &str,
        rows: usize,
    ) -> Result<Option<RecordBatch>, ConnectionError> {
        if rows == 0 {
            return Ok(None);
        }
        let arrays = self.builders.iter_mut().map(CellBuilder::finish).collect();
        let made = batch(self.schema.to_arrow(), arrays, rows);
        made.map(Some)
            .map_err(|source| ConnectionError::in_statement(sql, source))
    }
}
