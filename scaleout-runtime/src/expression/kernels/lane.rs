//! One operand of a loop: a value per row, or one for all rows.

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray};
use arrow::buffer::NullBuffer;

use super::super::cells::Cells;
use super::super::evaluation_error::Fault;
use super::Faults;
use crate::value::Value;

/// Native values of one operand.
pub(super) enum Lane<'a, N> {
    One(N),
    Many(&'a [N]),
}

impl<N: Copy> Lane<'_, N> {
    pub(super) fn at(&self, row: usize) -> N {
        match self {
            Self::One(value) => *value,
            Self::Many(values) => values[row],
        }
    }
}

/// The lane of an operand of that Arrow type; `None` when it is of another, or null.
pub(super) fn lane<'a, T: ArrowPrimitiveType>(
    cells: &'a Cells,
    constant: impl Fn(&Value) -> Option<T::Native>,
) -> Option<Lane<'a, T::Native>> {
    match cells {
        Cells::Constant(value) => constant(value).map(Lane::One),
        Cells::Array(array) => Some(Lane::Many(array.as_primitive_opt::<T>()?.values())),
    }
}

pub(super) fn nulls_of(cells: &Cells) -> Option<&NullBuffer> {
    match cells {
        Cells::Constant(_) => None,
        Cells::Array(array) => array.nulls(),
    }
}

/// Applies a function to two lanes wherever both have a value.
pub(super) fn map2<L: Copy, R: Copy, O: Default>(
    rows: usize,
    nulls: Option<&NullBuffer>,
    left: &Lane<'_, L>,
    right: &Lane<'_, R>,
    apply: impl Fn(L, R) -> Result<O, Fault> + Copy,
    faults: &mut Faults,
) -> Vec<O> {
    // One loop per shape, so that the compiler sees plain slices.
    match (left, right) {
        (Lane::Many(left), Lane::Many(right)) => {
            each(rows, nulls, |row| apply(left[row], right[row]), faults)
        }
        (Lane::Many(left), Lane::One(right)) => {
            each(rows, nulls, |row| apply(left[row], *right), faults)
        }
        (Lane::One(left), Lane::Many(right)) => {
            each(rows, nulls, |row| apply(*left, right[row]), faults)
        }
        (Lane::One(left), Lane::One(right)) => each(rows, nulls, |_| apply(*left, *right), faults),
    }
}

fn each<O: Default>(
    rows: usize,
    nulls: Option<&NullBuffer>,
    apply: impl Fn(usize) -> Result<O, Fault>,
    faults: &mut Faults,
) -> Vec<O> {
    let mut values = Vec::with_capacity(rows);
    for row in 0..rows {
        if nulls.is_some_and(|nulls| nulls.is_null(row)) {
            values.push(O::default());
            continue;
        }
        values.push(apply(row).unwrap_or_else(|fault| {
            faults.push((row, fault));
            O::default()
        }));
    }
    values
}

/// The nulls of the result: those of the operands, and the rows that failed.
pub(super) fn with_faults(
    rows: usize,
    nulls: Option<NullBuffer>,
    faults: &Faults,
) -> Option<NullBuffer> {
    if faults.is_empty() {
        return nulls;
    }
    let mut valid = vec![true; rows];
    for (row, _) in faults {
        valid[*row] = false;
    }
    NullBuffer::union(nulls.as_ref(), Some(&NullBuffer::from(valid)))
}

/// Is a constant operand null? Then so is every row, and no loop is needed.
pub(super) fn is_null(cells: &Cells) -> bool {
    matches!(cells, Cells::Constant(Value::Null))
}

/// An integer operand as 64-bit values.
pub(super) fn integers(cells: &Cells) -> Option<Vec<i64>> {
    use arrow::datatypes::{
        Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    };
    fn widened<T: ArrowPrimitiveType>(array: &ArrayRef) -> Option<Vec<i64>>
    where
        i64: From<T::Native>,
    {
        let values = array.as_primitive_opt::<T>()?.values();
        Some(values.iter().map(|value| i64::from(*value)).collect())
    }
    let Cells::Array(array) = cells else {
        return None;
    };
    widened::<Int32Type>(array)
        .or_else(|| widened::<Int64Type>(array))
        .or_else(|| widened::<Int16Type>(array))
        .or_else(|| widened::<UInt8Type>(array))
        .or_else(|| widened::<Int8Type>(array))
        .or_else(|| widened::<UInt16Type>(array))
        .or_else(|| widened::<UInt32Type>(array))
}
