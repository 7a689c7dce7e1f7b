//! Rows that wait to be added to a sheet.

use std::path::Path;

use super::book::Book;
use super::error::ExcelError;
use super::names::{Area, TableName, column_names};
use super::package::{Package, STYLES};
use super::settings::Workbook;
use super::sheet_xml::{DateStyles, MOST_ROWS, SheetXml, with_date_styles};
use crate::value::Value;

/// A sheet that is open for more rows.
pub(super) struct Append {
    package: Package,
    part: String,
    sheet: SheetXml,
    styles: DateStyles,
    /// For each written column, its place in the sheet.
    places: Vec<u32>,
    next_row: u32,
    rows: String,
}

impl Append {
    /// Opens the sheet of a table and finds its columns, or begins one with these columns.
    pub(super) fn open(
        workbook: &Workbook,
        table: &TableName,
        columns: &[String],
    ) -> Result<Self, ExcelError> {
        let path = workbook.path.as_path();
        let is_old = path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("xls"));
        if is_old {
            let reason =
                "the format .xls is only read; let the connection manager name an .xlsx file";
            return Err(unwritable(path, reason));
        }
        let existing = existing(path, table)?;
        let mut package = Package::open(path)?;
        let name = match (&existing, table) {
            (Some((name, _, _)), _) => name.clone(),
            (None, TableName::Sheet(name, _) | TableName::Range(name)) => name.clone(),
        };
        let part = package.sheet(&name)?;
        let sheet = SheetXml::new(package.part(&part)?)
            .ok_or_else(|| unwritable(path, "the sheet has no rows, it may be a chart"))?;
        let (styles, added) = with_date_styles(&package.part(STYLES)?)
            .ok_or_else(|| unwritable(path, "its styles cannot be read"))?;
        package.put(STYLES, styles);
        let mut append = Self {
            next_row: sheet.last_row() + 1,
            package,
            part,
            sheet,
            styles: added,
            places: Vec::new(),
            rows: String::new(),
        };
        match existing {
            Some((_, first, header)) if !header.is_empty() => {
                append.places = places(workbook, columns, first, &header)?;
            }
            _ => {
                append.places = (0..).take(columns.len()).collect();
                if workbook.has_header {
                    let names = columns.iter();
                    let names: Vec<Value> =
                        names.map(|it| Value::Str(it.as_str().into())).collect();
                    append.push(path, names.into_iter(), &vec![false; columns.len()])?;
                }
            }
        }
        Ok(append)
    }

    /// Adds a row with a value for each written column.
    pub(super) fn push(
        &mut self,
        path: &Path,
        values: impl Iterator<Item = Value>,
        are_days: &[bool],
    ) -> Result<(), ExcelError> {
        if MOST_ROWS < self.next_row {
            return Err(unwritable(
                path,
                "a sheet has at most 1,048,576 rows; split the load",
            ));
        }
        let places = self.places.iter().zip(are_days);
        let cells = places.zip(values);
        let cells = cells.map(|((place, is_day), value)| (*place, value, *is_day));
        self.sheet
            .append_row(self.next_row, cells, self.styles, &mut self.rows);
        self.next_row += 1;
        Ok(())
    }

    /// Bytes that wait.
    pub(super) fn size(&self) -> u64 {
        self.rows.len() as u64
    }

    /// Writes the workbook.
    pub(super) fn save(self) -> Result<(), ExcelError> {
        let Self {
            mut package,
            part,
            sheet,
            rows,
            ..
        } = self;
        let Some(text) = sheet.with_rows(&rows) else {
            return Err(package_is_broken(&part));
        };
        package.put(&part, text);
        package.save()
    }
}

fn package_is_broken(part: &str) -> ExcelError {
    unwritable(Path::new(part), "the list of its rows does not end")
}

fn unwritable(path: &Path, reason: &str) -> ExcelError {
    ExcelError::Unwritable {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

/// A sheet that is there: its name, its first column and the texts of its first row.
type Existing = (String, u32, Vec<String>);

fn existing(path: &Path, table: &TableName) -> Result<Option<Existing>, ExcelError> {
    if !path.exists() {
        return Ok(None);
    }
    let mut book = Book::open(path)?;
    let (sheet, area): (String, Area) = match (book.find(table), table) {
        (Ok(found), _) => found,
        // A sheet may be added; a range cannot be guessed.
        (Err(_), TableName::Sheet(..)) => return Ok(None),
        (Err(error), TableName::Range(_)) => return Err(error),
    };
    let cells = book.cells(&sheet, &area)?;
    let first = cells.start().map_or(0, |(_, column)| column);
    let header = cells.rows().next().map(|row| {
        let texts = row.iter().map(|cell| match cell {
            calamine::Data::String(text) => text.clone(),
            calamine::Data::Empty => String::new(),
            other => other.to_string(),
        });
        texts.collect()
    });
    Ok(Some((sheet, first, header.unwrap_or_default())))
}

/// Where the written columns are: by their names, or without a header by their numbers.
fn places(
    workbook: &Workbook,
    wanted: &[String],
    first: u32,
    header: &[String],
) -> Result<Vec<u32>, ExcelError> {
    let names = match workbook.has_header {
        true => column_names(header),
        false => column_names(&vec![String::new(); header.len()]),
    };
    let place = |name: &String| {
        let mut columns = (first..).zip(&names);
        let found = columns.find(|(_, other)| other.eq_ignore_ascii_case(name));
        found.map(|(place, _)| place).ok_or_else(|| {
            let reason = format!(
                "the sheet has no column `{name}`; it has: {}; correct the mapping, or the first row of the sheet",
                names.join(", ")
            );
            unwritable(&workbook.path, &reason)
        })
    };
    wanted.iter().map(place).collect()
}
