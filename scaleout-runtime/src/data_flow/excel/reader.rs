//! The rows of a table of a workbook as columns.

use calamine::{Data, Range};

use super::book::Book;
use super::error::ExcelError;
use super::guess::{Kind, SAMPLE};
use super::names::column_names;
use super::query::Query;
use super::settings::Workbook;
use crate::convert::{days_from_civil, to_text};
use crate::value::{DataType, TICKS_PER_DAY, TICKS_PER_SECOND, Value};

/// A table that has been read.
pub(super) struct Table {
    cells: Range<Data>,
    /// Names of the columns, as many as the table is wide.
    pub names: Vec<String>,
    /// Rows of the table before the first row of data.
    header_rows: usize,
    /// Rows of data.
    pub rows: usize,
}

impl Table {
    /// Reads a table. Empty rows at its end are none.
    pub(super) fn read(workbook: &Workbook, query: &Query) -> Result<Self, ExcelError> {
        let mut book = Book::open(&workbook.path)?;
        let (sheet, area) = book.find(&query.table)?;
        let cells = book.cells(&sheet, &area)?;
        let width = cells.width();
        let mut all = cells.rows();
        let header = if workbook.has_header {
            all.next()
        } else {
            None
        };
        let texts: Vec<String> = (0..width)
            .map(|at| header.map_or(String::new(), |row| shown(&row[at])))
            .collect();
        let header_rows = usize::from(header.is_some());
        let filled = cells
            .rows()
            .rposition(|row| row.iter().any(|cell| !matches!(cell, Data::Empty)));
        let rows = filled.map_or(0, |last| (last + 1).saturating_sub(header_rows));
        Ok(Self {
            names: column_names(&texts),
            header_rows,
            rows,
            cells,
        })
    }

    /// Bytes that the cells take, texts aside.
    pub(super) fn size(&self) -> u64 {
        let (rows, columns) = self.cells.get_size();
        (rows * columns * size_of::<Data>()) as u64
    }

    /// What the provider takes a column for; `expected` where it has no value in the first rows.
    pub(super) fn kind(&self, column: usize, expected: DataType, mixed_as_text: bool) -> Kind {
        let sample = (0..self.rows.min(SAMPLE)).map(|row| self.cell(row, column));
        Kind::guess(sample, mixed_as_text).unwrap_or(Kind::of_type(expected))
    }

    /// The value of a cell as the provider gives it: NULL where it is of another kind than its
    /// column.
    pub(super) fn value(
        &self,
        row: usize,
        column: usize,
        kind: Kind,
        mixed_as_text: bool,
    ) -> Value {
        let cell = self.cell(row, column);
        match (kind, cell) {
            (Kind::Number, Data::Float(number)) => Value::R8(*number),
            (Kind::Number, Data::Int(number)) => Value::R8(*number as f64),
            (Kind::Truth, Data::Bool(truth)) => Value::Bool(*truth),
            (Kind::Date, Data::DateTime(_) | Data::DateTimeIso(_)) => {
                ticks(cell).map_or(Value::Null, Value::Timestamp)
            }
            (Kind::Text | Kind::LongText, Data::String(text)) => Value::Str(text.as_str().into()),
            (_, Data::Empty | Data::Error(_)) => Value::Null,
            (Kind::Text | Kind::LongText, other) if mixed_as_text => {
                Value::Str(shown(other).into())
            }
            _ => Value::Null,
        }
    }

    fn cell(&self, row: usize, column: usize) -> &Data {
        self.cells
            .get((row + self.header_rows, column))
            .unwrap_or(&Data::Empty)
    }
}

/// A moment in ticks since 1970.
fn ticks(cell: &Data) -> Option<i64> {
    match cell {
        Data::DateTime(moment) => {
            let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
            let days = days_from_civil(i32::from(year), u32::from(month), u32::from(day))?;
            let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
            let within = seconds * TICKS_PER_SECOND + i64::from(milli) * (TICKS_PER_SECOND / 1000);
            Some(i64::from(days) * TICKS_PER_DAY + within)
        }
        Data::DateTimeIso(text) => {
            let to = DataType::DbTimestamp2 { scale: 7 };
            let parsed = crate::convert::parse_text(&text.replace('T', " "), to, 1033).ok()?;
            match parsed.value {
                Value::Timestamp(ticks) => Some(ticks),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A cell as text: what `IMEX=1` gives, and what a header cell is called.
fn shown(cell: &Data) -> String {
    match cell {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Float(number) => text_of(&Value::R8(*number), DataType::R8),
        Data::Int(number) => number.to_string(),
        Data::Bool(true) => "TRUE".to_owned(),
        Data::Bool(false) => "FALSE".to_owned(),
        Data::DateTime(_) => {
            let ticks = ticks(cell).map(Value::Timestamp);
            ticks.map_or(String::new(), |ticks| text_of(&ticks, DataType::Date))
        }
        _ => String::new(),
    }
}

fn text_of(value: &Value, data_type: DataType) -> String {
    let text = to_text(value, data_type, 1033);
    text.map(std::borrow::Cow::into_owned).unwrap_or_default()
}
