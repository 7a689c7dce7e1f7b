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

/// What becomes of values that are not simply taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    /// Values of a database in the buffer. With `cut`, text that is too long is cut, and still
    /// reported.
    Reading {
        /// Whether text is cut.
        cut: bool,
    },
    /// Values of the buffer in a database. Text without a character in it is 0 in a column of
    /// integers, floating-point numbers or money, as it is for SQL Server (`CAST('' AS bigint)`):
    /// staging tables hold the empty fields of files as empty text, and are loaded into columns of
    /// numbers with nothing between. It stays an error in columns of `decimal`, as it is there.
    Writing,
}

impl Rules {
    fn cuts(self) -> bool {
        self == Self::Reading { cut: true }
    }

    fn cell(self, cell: Cell<'_>, to: DataType) -> Cell<'_> {
        match cell {
            Cell::Str(text) if self == Self::Writing && is_blank(text) && takes_blanks(to) => {
                Cell::Int(0)
            }
            cell => cell,
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte == b' ')
}

fn takes_blanks(data_type: DataType) -> bool {
    matches!(
        data_type,
        DataType::I1
            | DataType::I2
            | DataType::I4
            | DataType::I8
            | DataType::Ui1
            | DataType::Ui2
            | DataType::Ui4
            | DataType::Ui8
            | DataType::R4
            | DataType::R8
            | DataType::Cy
    )
}

/// The column in the type wanted.
pub(super) fn adapt(
    array: &ArrayRef,
    from: DataType,
    to: DataType,
    rules: Rules,
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
            .map_or(Cell::Null, |reader| rules.cell(reader.cell(row), to));
        let Err(problem) = builder.push(cell) else {
            continue;
        };
        misfits.push(Misfit { row, problem });
        let kept =
            rules.cuts() && problem == CellProblem::Truncation && builder.push_cut(cell).is_ok();
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
        let (cut, misfits) = adapt(&array, from, WSTR_2, Rules::Reading { cut: true });
        assert_eq!(misfits, [misfit(0, CellProblem::Truncation)]);
        assert_eq!(text(&cut), "Str(\"ab\")");
        let (dropped, _) = adapt(&array, from, WSTR_2, Rules::Reading { cut: false });
        assert_eq!(text(&dropped), "Null");
        let (_, misfits) = adapt(&array, from, DataType::I4, Rules::Reading { cut: true });
        assert_eq!(misfits, [misfit(0, CellProblem::Mismatch)]);
    }

    #[test]
    fn text_without_a_character_is_nought_in_a_table_of_numbers() {
        let array: ArrayRef = Arc::new(StringArray::from(vec![Some(""), Some("  "), Some("5")]));
        let from = DataType::Wstr { length: 5 };
        let misfits = |to, rules| adapt(&array, from, to, rules).1.len();
        for to in [DataType::I8, DataType::Ui1, DataType::R8, DataType::Cy] {
            let (written, problems) = adapt(&array, from, to, Rules::Writing);
            assert_eq!(problems, [], "{to:?}");
            assert_eq!(written.null_count(), 0, "{to:?}");
            assert_eq!(misfits(to, Rules::Reading { cut: true }), 2, "{to:?}");
        }
        let (written, _) = adapt(&array, from, DataType::I8, Rules::Writing);
        let reader = CellReader::new(&written, DataType::I8).unwrap();
        let cells: Vec<Cell<'_>> = (0..3).map(|row| reader.cell(row)).collect();
        assert_eq!(cells, [Cell::Int(0), Cell::Int(0), Cell::Int(5)]);
        let exact = DataType::Numeric {
            precision: 9,
            scale: 2,
        };
        assert_eq!(misfits(exact, Rules::Writing), 2);
        assert_eq!(misfits(DataType::DbDate, Rules::Writing), 3);
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
