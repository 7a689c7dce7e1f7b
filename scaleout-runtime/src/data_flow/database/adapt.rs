//! Columns of one type as columns of another: the conversion between provider and buffer.

use arrow::array::{Array, ArrayRef};

use crate::connections::cell::{Cell, CellBuilder, CellProblem, CellReader};
use crate::data_flow::columns::arrow_type;
use crate::value::DataType;

/// A row whose value did not fit; its value in the new column is NULL, or cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// Row in the batch, from 0.
    pub(super) row: usize,
    /// Why.
    pub(super) problem: CellProblem,
}

/// The column in the type wanted. With `cut`, text that is too long is cut, and still reported.
pub(super) fn adapt(
    array: &ArrayRef,
    from: DataType,
    to: DataType,
    cut: bool,
) -> (ArrayRef, Vec<Misfit>) {
    if fits_unseen(from, to) && array.data_type() == &arrow_type(to) {
        return (ArrayRef::clone(array), Vec::new());
    }
    let mut builder = CellBuilder::new(to);
    let mut misfits = Vec::new();
    let reader = CellReader::new(array.as_ref(), from);
    for row in 0..array.len() {
        let cell = reader
            .as_ref()
            .map_or(Cell::Null, |reader| reader.cell(row));
        let Err(problem) = builder.push(cell) else {
            continue;
        };
        misfits.push(Misfit { row, problem });
        let kept = cut && problem == CellProblem::Truncation && builder.push_cut(cell).is_ok();
        if !kept {
            builder.push_null();
        }
    }
    (builder.finish(), misfits)
}

/// Whether every value of one type is a value of the other, in the same array.
fn fits_unseen(from: DataType, to: DataType) -> bool {
    if from == to {
        return true;
    }
    match (from, to) {
        (
            DataType::Str { .. } | DataType::Wstr { .. } | DataType::Text { .. } | DataType::Ntext,
            DataType::Ntext | DataType::Text { .. },
        )
        | (DataType::Bytes { .. }, DataType::Image)
        | (DataType::DbTime, DataType::DbTime2 { .. })
        | (DataType::DbTimestamp | DataType::Date, DataType::DbTimestamp2 { scale: 7 }) => true,
        (DataType::Wstr { length: from }, DataType::Wstr { length: to })
        | (DataType::Bytes { length: from }, DataType::Bytes { length: to }) => {
            to == 0 || (from != 0 && from <= to)
        }
        (
            DataType::Str {
                length: from,
                code_page: one,
            },
            DataType::Str {
                length: to,
                code_page: other,
            },
        ) => one == other && (to == 0 || (from != 0 && from <= to)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::StringArray;

    use super::*;

    const WSTR_2: DataType = DataType::Wstr { length: 2 };

    #[test]
    fn misfits_are_null_or_cut() {
        let array: ArrayRef = Arc::new(StringArray::from(vec![Some("abc"), None, Some("7")]));
        let from = DataType::Ntext;
        let misfit = |row, problem| Misfit { row, problem };
        let text =
            |array: &ArrayRef| format!("{:?}", CellReader::new(array, WSTR_2).unwrap().cell(0));
        let (cut, misfits) = adapt(&array, from, WSTR_2, true);
        assert_eq!(misfits, [misfit(0, CellProblem::Truncation)]);
        assert_eq!(text(&cut), "Str(\"ab\")");
        let (dropped, _) = adapt(&array, from, WSTR_2, false);
        assert_eq!(text(&dropped), "Null");
        let (_, misfits) = adapt(&array, from, DataType::I4, true);
        assert_eq!(misfits, [misfit(0, CellProblem::Mismatch)]);
    }

    #[test]
    fn what_always_fits_is_not_looked_at() {
        assert!(fits_unseen(WSTR_2, DataType::Ntext));
        assert!(fits_unseen(WSTR_2, DataType::Wstr { length: 3 }));
        assert!(!fits_unseen(WSTR_2, DataType::Wstr { length: 1 }));
        assert!(!fits_unseen(DataType::Wstr { length: 0 }, WSTR_2));
        assert!(!fits_unseen(DataType::I4, DataType::I8));
    }
}
