//! Values of many rows: an array, or one value for all of them.

use std::sync::Arc;

use arrow::array::{ArrayRef, UInt32Array, new_null_array};
use arrow::compute::take;

use super::evaluation_error::Fault;
use super::operators::MISLABELED;
use crate::convert::{ColumnReader, array_of, arrow_type};
use crate::value::{DataType, Value};

/// Values of many rows.
#[derive(Clone, Debug)]
pub(super) enum Cells {
    /// The same for every row.
    Constant(Value),
    /// One per row.
    Array(ArrayRef),
}

impl Cells {
    /// As an array of that many rows.
    pub(super) fn into_array(self, rows: usize, data_type: DataType) -> Result<ArrayRef, Fault> {
        match self {
            Self::Array(array) => Ok(array),
            Self::Constant(Value::Null) => Ok(new_null_array(&arrow_type(data_type), rows)),
            Self::Constant(value) => {
                let one = array_of(&[value], data_type).map_err(|_| MISLABELED)?;
                let zeros = UInt32Array::from(vec![0; rows]);
                taken(&one, &zeros)
            }
        }
    }
}

/// The rows at those positions.
pub(super) fn taken(array: &ArrayRef, rows: &UInt32Array) -> Result<ArrayRef, Fault> {
    take(array.as_ref(), rows, None)
        .map_err(|_| Fault::Context("a row is beyond the end of the batch"))
}

/// Reads the value of a row.
pub(super) enum CellReader<'a> {
    Constant(&'a Value),
    Array(ColumnReader<'a>),
}

impl<'a> CellReader<'a> {
    pub(super) fn new(cells: &'a Cells, data_type: DataType) -> Self {
        match cells {
            Cells::Constant(value) => Self::Constant(value),
            Cells::Array(array) => Self::Array(ColumnReader::new(array.as_ref(), data_type)),
        }
    }

    pub(super) fn value(&self, row: usize) -> Value {
        match self {
            Self::Constant(value) => (*value).clone(),
            Self::Array(reader) => reader.value(row),
        }
    }
}

/// The rows that a part is evaluated for.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    /// How many.
    pub rows: usize,
    /// Their positions in the batch; `None` for all of them.
    pub positions: Option<Arc<UInt32Array>>,
}

impl Selection {
    pub(super) fn all(rows: usize) -> Self {
        Self {
            rows,
            positions: None,
        }
    }

    /// Those of its rows for which the test holds, and where they are in this selection.
    pub(super) fn only(&self, test: impl Fn(usize) -> bool) -> (Self, UInt32Array) {
        let chosen: UInt32Array = (0..self.rows)
            .filter(|row| test(*row))
            .map(|row| u32::try_from(row).unwrap_or(u32::MAX))
            .collect();
        let positions: UInt32Array = chosen
            .values()
            .iter()
            .map(|row| {
                u32::try_from(self.position(usize::try_from(*row).unwrap_or(0))).unwrap_or(u32::MAX)
            })
            .collect();
        let selection = Self {
            rows: chosen.len(),
            positions: Some(Arc::new(positions)),
        };
        (selection, chosen)
    }

    /// Where a row of the selection is in the batch.
    pub(super) fn position(&self, row: usize) -> usize {
        match &self.positions {
            Some(positions) => usize::try_from(positions.value(row)).unwrap_or(usize::MAX),
            None => row,
        }
    }
}
