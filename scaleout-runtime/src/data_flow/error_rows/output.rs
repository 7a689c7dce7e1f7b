//! The error output: its rows are those of the input, with code and column of the error.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, UInt64Array, new_null_array};
use arrow::compute::take;
use arrow::record_batch::RecordBatch;
use scaleout_core::package::pipeline::OutputColumn;

use super::arrow_failure;
use crate::data_flow::codes;
use crate::data_flow::columns::{self, arrow_type};
use crate::data_flow::component::ComponentError;
use crate::data_flow::schema::Schema;

/// `specialFlags` of the column that carries the error code.
const ERROR_CODE: u8 = 1;
/// `specialFlags` of the column that says which column had the error.
const ERROR_COLUMN: u8 = 2;

/// An error output that something is attached to.
pub(super) struct ErrorOutput {
    pub(super) index: usize,
    pub(super) schema: Schema,
    pub(super) own: Vec<OutputColumn>,
}

impl ErrorOutput {
    /// The batch of the rows of `input` that are redirected, with code and column.
    pub(super) fn batch(
        &self,
        input: &RecordBatch,
        redirected: &[(usize, u32, i32)],
    ) -> Result<RecordBatch, ComponentError> {
        let rows = redirected.iter().map(|(row, _, _)| *row as u64);
        let rows: UInt64Array = rows.collect();
        let kept = self.schema.columns.len() - self.own.len();
        let mut arrays = Vec::with_capacity(self.schema.columns.len());
        for array in &input.columns()[..kept.min(input.num_columns())] {
            arrays.push(take(array, &rows, None).map_err(arrow_failure)?);
        }
        let pairs: Vec<(u32, i32)> = redirected
            .iter()
            .map(|(_, code, column)| (*code, *column))
            .collect();
        let own = error_columns(&self.own, &pairs);
        for (column, array) in self.own.iter().zip(own) {
            arrays.push(match repeated(column, input) {
                Some(found) => take(found, &rows, None).map_err(arrow_failure)?,
                None => array,
            });
        }
        columns::batch(self.schema.to_arrow(), arrays, redirected.len()).map_err(arrow_failure)
    }
}

/// The error output of a source repeats the columns of its rows, by name.
fn repeated<'b>(column: &OutputColumn, input: &'b RecordBatch) -> Option<&'b ArrayRef> {
    let found = input.column_by_name(&column.name)?;
    let same_type = *found.data_type() == arrow_type(column.data_type);
    (column.special_flags == 0 && same_type).then_some(found)
}

/// The own columns of an error output: code and column where they belong, NULL elsewhere.
#[must_use]
pub fn error_columns(own: &[OutputColumn], faults: &[(u32, i32)]) -> Vec<ArrayRef> {
    let own = own.iter();
    own.map(|column| match column.special_flags {
        ERROR_CODE => {
            let codes = faults.iter().map(|(code, _)| codes::signed(*code));
            Arc::new(Int32Array::from_iter_values(codes)) as ArrayRef
        }
        ERROR_COLUMN => {
            let columns = faults.iter().map(|(_, column)| *column);
            Arc::new(Int32Array::from_iter_values(columns)) as ArrayRef
        }
        _ => new_null_array(&arrow_type(column.data_type), faults.len()),
    })
    .collect()
}
