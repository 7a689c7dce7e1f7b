//! Output rows, each put together from a row of either side or of both.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, new_null_array};
use arrow::compute::interleave;

use super::side::{Part, Row};
use crate::data_flow::columns::arrow_type;
use crate::data_flow::component::{ComponentError, Outputs};
use crate::data_flow::error_rows::arrow_failure;
use crate::data_flow::schema::Schema;
use crate::data_flow::transforms::synchronous::batch_of;

/// Batches of one side that a waiting output row may refer to: more would keep too much memory
/// for a few rows.
const MOST_PARTS: usize = 16;

/// For each side, the kept column that an output column takes its value from.
pub type OutputColumnSource = [Option<usize>; 2];

/// Collects rows for one output.
pub struct Gather {
    output: usize,
    schema: Schema,
    columns: Vec<OutputColumnSource>,
    batch_rows: usize,
    parts: [Vec<Arc<Part>>; 2],
    /// For each row and side, the part and the row there.
    rows: Vec<[Option<(usize, usize)>; 2]>,
}

impl Gather {
    /// For an output with these columns.
    pub fn new(
        output: usize,
        schema: Schema,
        columns: Vec<OutputColumnSource>,
        batch_rows: usize,
    ) -> Self {
        Self {
            output,
            schema,
            columns,
            batch_rows: batch_rows.max(1),
            parts: [Vec::new(), Vec::new()],
            rows: Vec::new(),
        }
    }

    /// Adds a row; columns of a side without a row become NULL.
    ///
    /// # Errors
    /// Whatever the receiver of a full batch says.
    pub fn push(
        &mut self,
        left: Option<&Row>,
        right: Option<&Row>,
        out: &mut dyn Outputs,
    ) -> Result<(), ComponentError> {
        let left = left.map(|row| (self.part(0, &row.part), row.row));
        let right = right.map(|row| (self.part(1, &row.part), row.row));
        self.rows.push([left, right]);
        let many_parts = self.parts.iter().any(|parts| MOST_PARTS <= parts.len());
        if self.batch_rows <= self.rows.len() || many_parts {
            self.flush(out)?;
        }
        Ok(())
    }

    /// Sends what is there.
    ///
    /// # Errors
    /// Whatever the receiver says.
    pub fn flush(&mut self, out: &mut dyn Outputs) -> Result<(), ComponentError> {
        let columns = self.columns.iter().enumerate();
        let arrays = columns.map(|(column, source)| self.array(column, *source));
        let arrays = arrays.collect::<Result<_, _>>()?;
        let batch = batch_of(&self.schema, arrays, self.rows.len(), None)?;
        self.rows.clear();
        self.parts.iter_mut().for_each(Vec::clear);
        out.send(self.output, batch)
    }

    fn part(&mut self, side: usize, part: &Arc<Part>) -> usize {
        let parts = &mut self.parts[side];
        let found = parts.iter().rposition(|other| Arc::ptr_eq(other, part));
        found.unwrap_or_else(|| {
            parts.push(Arc::clone(part));
            parts.len() - 1
        })
    }

    fn array(&self, column: usize, source: OutputColumnSource) -> Result<ArrayRef, ComponentError> {
        let null = new_null_array(&arrow_type(self.schema.columns[column].data_type), 1);
        let mut values: Vec<&dyn Array> = vec![null.as_ref()];
        let mut first_of_side = [0; 2];
        for side in 0..2 {
            first_of_side[side] = values.len();
            if let Some(kept) = source[side] {
                let parts = self.parts[side].iter();
                values.extend(parts.map(|part| part.batch.column(kept).as_ref()));
            }
        }
        let places = self.rows.iter().map(|row| {
            let sides = (0..2).filter(|side| source[*side].is_some());
            let mut found = sides.filter_map(|side| row[side].map(|it| (side, it)));
            found.next().map_or((0, 0), |(side, (part, number))| {
                (first_of_side[side] + part, number)
            })
        });
        let places: Vec<(usize, usize)> = places.collect();
        interleave(&values, &places).map_err(arrow_failure)
    }
}
