//! Loops over whole arrays for the common types. `None` means: row by row.

use arrow::array::ArrayRef;

use super::cells::Cells;
use super::evaluation_error::Fault;
use super::functions::Function;
use super::plan::Operation;
use crate::value::DataType;

/// Rows that failed.
pub(super) type Faults = Vec<(usize, Fault)>;

pub(super) fn binary(
    _operation: &Operation,
    _left: &Cells,
    _right: &Cells,
    _rows: usize,
    _locale_id: u32,
    _faults: &mut Faults,
) -> Option<ArrayRef> {
    None
}

pub(super) fn call(
    _function: &'static Function,
    _arguments: &[Cells],
    _types: &[DataType],
    _result: DataType,
    _rows: usize,
    _faults: &mut Faults,
) -> Option<ArrayRef> {
    None
}

pub(super) fn convert(_array: &ArrayRef, _from: DataType, _to: DataType) -> Option<ArrayRef> {
    None
}
