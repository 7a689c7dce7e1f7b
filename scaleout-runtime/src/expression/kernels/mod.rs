//! Loops over whole arrays for the common types.
//!
//! Each applies the element function that one row would get, without a
//! [`crate::value::Value`] per row. `None` means that there is no such loop: the caller goes
//! row by row.

mod arithmetic;
mod compare;
mod convert;
mod function;
mod lane;
mod text;

pub(super) use convert::convert;
pub(super) use function::call;
pub(super) use text::concatenate;

use arrow::array::ArrayRef;

use super::cells::Cells;
use super::evaluation_error::Fault;
use super::plan::Operation;
use super::syntax::Binary;

/// Rows that failed.
pub(super) type Faults = Vec<(usize, Fault)>;

/// A binary operator; concatenation is [`concatenate`].
pub(super) fn binary(
    operation: &Operation,
    left: &Cells,
    right: &Cells,
    rows: usize,
    locale_id: u32,
    faults: &mut Faults,
) -> Option<ArrayRef> {
    if let (Cells::Constant(_), Cells::Constant(_)) = (left, right) {
        return None;
    }
    match operation.operator {
        Binary::And | Binary::Or => compare::logical(operation.operator, left, right, rows),
        Binary::Equal
        | Binary::NotEqual
        | Binary::Less
        | Binary::LessOrEqual
        | Binary::Greater
        | Binary::GreaterOrEqual => compare::compare(operation, left, right, rows, locale_id),
        _ => arithmetic::arithmetic(operation, left, right, rows, faults),
    }
}
