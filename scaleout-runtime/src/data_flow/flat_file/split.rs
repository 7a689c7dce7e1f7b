//! Where rows and fields begin and end: pure code over a window of bytes.

use memchr::memmem;

use super::encoding::Codec;
use super::format::{Cut, Format};
use super::seek::{Found, bytes_of_units, first_of, found, memmem_short};

/// Where one field of a row is, relative to the row's start, and what its bytes are. As small as it
/// can be: a file has many, and each is written and read once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// First byte of its content.
    start: u32,
    /// Behind its last byte, and the form in the two highest bits.
    end: u32,
}

/// Bits of an end.
const END_BITS: u32 = 30;

impl Field {
    fn new(start: usize, end: usize, form: FieldForm) -> Self {
        debug_assert!(end < 1 << END_BITS, "windows are smaller");
        Self {
            start: short(start),
            end: short(end) | (form as u32) << END_BITS,
        }
    }

    /// The same field of a row that begins there.
    pub(super) fn behind(self, base: usize) -> Self {
        let base = short(base);
        Self {
            start: self.start + base,
            end: self.end + base,
        }
    }

    /// Where its content is.
    pub(super) fn content(self) -> std::ops::Range<usize> {
        self.start as usize..(self.end & ((1 << END_BITS) - 1)) as usize
    }

    /// What the bytes are.
    pub(super) fn form(self) -> FieldForm {
        match self.end >> END_BITS {
            0 => FieldForm::Plain,
            1 => FieldForm::Escaped,
            _ => FieldForm::Missing,
        }
    }
}

/// A place in a window or a chunk, of which none has more than some times `ROW_LIMIT` bytes.
fn short(at: usize) -> u32 {
    u32::try_from(at).expect("a window has less than 1 GB")
}

/// What the bytes of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldForm {
    /// The content.
    Plain = 0,
    /// The content, with some qualifiers doubled.
    Escaped = 1,
    /// The row ended before this column.
    Missing = 2,
}

/// What is at the front of a window.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Split {
    /// A row.
    Row {
        /// Bytes of the row without its delimiter.
        content: usize,
        /// Bytes of the row with its delimiter.
        length: usize,
        /// The data ended before its last column did.
        partial: bool,
    },
    /// Part of a row at the end of the data, too little to be one.
    Leftover {
        /// Its bytes.
        length: usize,
    },
    /// The window ends before the row does.
    More {
        /// Column that has no end yet.
        column: usize,
        /// It is inside a qualifier.
        qualified: bool,
    },
    /// No data.
    End,
    /// The bytes do not follow the format.
    Bad(BadRow),
}

/// How a row breaks the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadRow {
    /// Text follows a closing qualifier where a delimiter should.
    AfterQualifier {
        /// Column.
        column: usize,
        /// Offset of that text in the row.
        at: usize,
    },
    /// The data ends inside a qualifier.
    NeverClosed {
        /// Column.
        column: usize,
        /// Offset of the opening qualifier in the row.
        at: usize,
    },
}

/// Splits windows into rows and fields.
pub(super) struct Splitter {
    columns: Vec<Column>,
    /// What ends a row early, where the format looks for it.
    row_end: Option<Vec<u8>>,
    qualifier: Vec<u8>,
    /// Widths count UTF-16 units, not bytes.
    counts_units: bool,
}

struct Column {
    cut: Cut,
    qualified: bool,
    /// The end of the row is looked for in this column as well.
    may_end_row: bool,
    /// The only byte of its delimiter, where no row ends with that byte: nothing else is to be looked at.
    lone: Option<u8>,
}

/// Where a field ends.
enum End {
    /// Here, and the next column starts there.
    Column {
        at: usize,
        next: usize,
    },
    /// Here, and the row as well.
    Row {
        at: usize,
        next: usize,
    },
    /// At the end of the data.
    Data,
    More,
}

impl Splitter {
    pub(super) fn new(format: &Format) -> Self {
        let row_delimiter = format.row_delimiter().map(<[u8]>::to_vec);
        let last = format.columns.len().saturating_sub(1);
        let row_end = row_delimiter.filter(|_| format.check_row_delimiters);
        let columns = format.columns.iter().enumerate();
        let columns = columns.map(|(index, column)| {
            let may_end_row = index < last
                && match (&column.cut, &row_end) {
                    (_, None) => false,
                    (Cut::Delimiter(own), Some(row)) => own != row,
                    (Cut::Width(_), Some(_)) => true,
                };
            let ends_row = |byte| {
                may_end_row
                    && row_end
                        .as_ref()
                        .is_some_and(|row| row.first() == Some(&byte))
            };
            Column {
                may_end_row,
                lone: match &column.cut {
                    Cut::Delimiter(own) => match own.as_slice() {
                        [byte] if !ends_row(*byte) => Some(*byte),
                        _ => None,
                    },
                    Cut::Width(_) => None,
                },
                cut: column.cut.clone(),
                qualified: column.qualified,
            }
        });
        Self {
            columns: columns.collect(),
            row_end,
            qualifier: format.qualifier.clone(),
            counts_units: matches!(format.codec, Codec::Utf16),
        }
    }

    /// The row at the front of `data`; `at_end` says that nothing follows `data`.
    pub(super) fn split(&self, data: &[u8], at_end: bool, fields: &mut Vec<Field>) -> Split {
        fields.clear();
        if data.is_empty() {
            return if at_end { Split::End } else { more(0, false) };
        }
        let mut start = 0;
        for (index, column) in self.columns.iter().enumerate() {
            let opened = self.opens(column, data, start, at_end);
            let (field, end) = match opened {
                Found::Maybe => return more(index, false),
                Found::Yes => match self.qualified(index, column, data, start, at_end) {
                    Ok(found) => found,
                    Err(split) => return split,
                },
                Found::No => (
                    plain(start, start),
                    self.end_of(column, data, start, at_end),
                ),
            };
            let until = |at| {
                if matches!(opened, Found::Yes) {
                    field
                } else {
                    plain(start, at)
                }
            };
            match end {
                End::More => return more(index, false),
                End::Column { at, next } => {
                    fields.push(until(at));
                    start = next;
                    if index + 1 == self.columns.len() {
                        return row(at, next, false);
                    }
                }
                End::Row { at, next } => {
                    let ended_before = index != 0 && at == start && is_width(column);
                    fields.push(if ended_before { missing() } else { until(at) });
                    fields.resize(self.columns.len(), missing());
                    return row(at, next, false);
                }
                End::Data => {
                    fields.push(until(data.len()));
                    return self.last_row(index, data.len(), fields);
                }
            }
        }
        // Only a format without columns gets here, and `Format` refuses it.
        Split::End
    }

    /// The data ended in column `index`.
    fn last_row(&self, index: usize, length: usize, fields: &mut Vec<Field>) -> Split {
        let last = index + 1 == self.columns.len();
        let whole = last && !is_width(&self.columns[index]);
        if !whole && self.row_end.is_none() {
            return Split::Leftover { length };
        }
        fields.resize(self.columns.len(), missing());
        row(length, length, !whole)
    }

    fn opens(&self, column: &Column, data: &[u8], start: usize, at_end: bool) -> Found {
        if column.qualified {
            found(data, start, &self.qualifier, at_end)
        } else {
            Found::No
        }
    }

    /// The field between two qualifiers, and how it ends.
    fn qualified(
        &self,
        index: usize,
        column: &Column,
        data: &[u8],
        opening: usize,
        at_end: bool,
    ) -> Result<(Field, End), Split> {
        let qualifier = self.qualifier.as_slice();
        let start = opening + qualifier.len();
        let mut form = FieldForm::Plain;
        let mut at = start;
        loop {
            let Some(offset) = memmem_short(&data[at..], qualifier) else {
                return Err(if at_end {
                    Split::Bad(BadRow::NeverClosed {
                        column: index,
                        at: opening,
                    })
                } else {
                    more(index, true)
                });
            };
            let (end, after) = (at + offset, at + offset + qualifier.len());
            match found(data, after, qualifier, at_end) {
                Found::Yes => {
                    form = FieldForm::Escaped;
                    at = after + qualifier.len();
                }
                Found::Maybe => return Err(more(index, false)),
                Found::No => {
                    let field = Field::new(start, end, form);
                    let end = self.after_qualifier(index, column, data, after, at_end)?;
                    return Ok((field, end));
                }
            }
        }
    }

    /// What follows a closing qualifier: a delimiter, or nothing at all.
    fn after_qualifier(
        &self,
        index: usize,
        column: &Column,
        data: &[u8],
        at: usize,
        at_end: bool,
    ) -> Result<End, Split> {
        if at == data.len() {
            return if at_end {
                Ok(End::Data)
            } else {
                Err(more(index, false))
            };
        }
        match self.delimiter_at(column, data, at, at_end) {
            Some(End::More) => Err(more(index, false)),
            Some(end) => Ok(end),
            None => Err(Split::Bad(BadRow::AfterQualifier { column: index, at })),
        }
    }

    fn end_of(&self, column: &Column, data: &[u8], start: usize, at_end: bool) -> End {
        match &column.cut {
            Cut::Delimiter(delimiter) => self.delimited(column, delimiter, data, start, at_end),
            Cut::Width(width) => self.fixed(column, *width as usize, data, start, at_end),
        }
    }

    fn delimited(
        &self,
        column: &Column,
        delimiter: &[u8],
        data: &[u8],
        start: usize,
        at_end: bool,
    ) -> End {
        let row_first = match &self.row_end {
            Some(row) if column.may_end_row => Some(row[0]),
            _ => None,
        };
        let mut at = start;
        loop {
            let Some(offset) = first_of(&data[at..], delimiter[0], row_first) else {
                return if at_end { End::Data } else { End::More };
            };
            at += offset;
            if column.lone == Some(data[at]) {
                return End::Column { at, next: at + 1 };
            }
            if let Some(end) = self.delimiter_at(column, data, at, at_end) {
                return end;
            }
            at += 1;
        }
    }

    /// The delimiter at `at`: of two that fit, the longer one.
    fn delimiter_at(&self, column: &Column, data: &[u8], at: usize, at_end: bool) -> Option<End> {
        let own = match &column.cut {
            Cut::Delimiter(own) => own.as_slice(),
            Cut::Width(_) => &[],
        };
        let row = match &self.row_end {
            Some(row) if column.may_end_row => row.as_slice(),
            _ => &[],
        };
        let of_row = |at| End::Row {
            at,
            next: at + row.len(),
        };
        let of_column = |at| End::Column {
            at,
            next: at + own.len(),
        };
        let row_first = own.len() < row.len();
        let (first, second) = if row_first { (row, own) } else { (own, row) };
        match found(data, at, first, at_end) {
            Found::Maybe => return Some(End::More),
            Found::Yes => return Some(if row_first { of_row(at) } else { of_column(at) }),
            Found::No => {}
        }
        match found(data, at, second, at_end) {
            Found::Maybe => Some(End::More),
            Found::Yes => Some(if row_first { of_column(at) } else { of_row(at) }),
            Found::No => None,
        }
    }

    fn fixed(&self, column: &Column, width: usize, data: &[u8], start: usize, at_end: bool) -> End {
        let rest = &data[start..];
        let length = if self.counts_units {
            bytes_of_units(rest, width)
        } else {
            width
        };
        let whole = length <= rest.len();
        if let Some(row) = self.row_end.as_ref().filter(|_| column.may_end_row) {
            // A delimiter that starts in the field may end behind it.
            let until = rest.len().min(length.saturating_add(row.len() - 1));
            if let Some(offset) = memmem::find(&rest[..until], row) {
                let at = start + offset;
                return End::Row {
                    at,
                    next: at + row.len(),
                };
            }
            if rest.len() < length.saturating_add(row.len() - 1) && !at_end {
                return End::More;
            }
        }
        match (whole, at_end) {
            (true, _) => End::Column {
                at: start + length,
                next: start + length,
            },
            (false, true) => End::Data,
            (false, false) => End::More,
        }
    }
}

fn row(content: usize, length: usize, partial: bool) -> Split {
    Split::Row {
        content,
        length,
        partial,
    }
}

fn more(column: usize, qualified: bool) -> Split {
    Split::More { column, qualified }
}

fn plain(start: usize, end: usize) -> Field {
    Field::new(start, end, FieldForm::Plain)
}

fn missing() -> Field {
    Field::new(0, 0, FieldForm::Missing)
}

fn is_width(column: &Column) -> bool {
    matches!(column.cut, Cut::Width(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_knows_its_place_and_form_wherever_its_row_is_put() {
        for form in [FieldForm::Plain, FieldForm::Escaped, FieldForm::Missing] {
            let field = Field::new(3, 9, form).behind(100);
            assert_eq!((field.content(), field.form()), (103..109, form));
        }
    }
}
