//! A workbook that is read: its sheets as cells.

use std::path::Path;

use calamine::{Data, Range, Reader, Sheets, open_workbook_auto};

use super::error::ExcelError;
use super::names::{Area, TableName};

/// A workbook that is open.
pub(super) struct Book {
    path: std::path::PathBuf,
    sheets: Sheets<std::io::BufReader<std::fs::File>>,
}

impl Book {
    /// Opens a file; what is in it says which format it has.
    pub(super) fn open(path: &Path) -> Result<Self, ExcelError> {
        let unreadable = |reason: String| ExcelError::Unreadable {
            path: path.to_owned(),
            reason,
        };
        // Without this, a file that is not there is said to be of an unknown format.
        std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
        let sheets = open_workbook_auto(path).map_err(|error| unreadable(error.to_string()))?;
        Ok(Self {
            path: path.to_owned(),
            sheets,
        })
    }

    /// The sheet of a table with its area.
    pub(super) fn find(&self, table: &TableName) -> Result<(String, Area), ExcelError> {
        let names = self.sheets.sheet_names();
        let sheet = |wanted: &str| {
            let mut names = names.iter();
            names
                .find(|name| name.eq_ignore_ascii_case(wanted))
                .cloned()
        };
        let found = match table {
            TableName::Sheet(name, area) => sheet(name).map(|name| (name, area.clone())),
            TableName::Range(name) => {
                let mut defined = self.sheets.defined_names().iter();
                let formula = defined.find(|(other, _)| other.eq_ignore_ascii_case(name));
                let table = formula.and_then(|(_, formula)| TableName::parse_formula(formula));
                match table {
                    Some(TableName::Sheet(name, area)) => sheet(&name).map(|name| (name, area)),
                    _ => None,
                }
            }
        };
        found.ok_or_else(|| {
            let sheets = names.iter().map(|name| format!("{name}$"));
            let ranges = self.sheets.defined_names().iter();
            ExcelError::NoSheet {
                path: self.path.clone(),
                wanted: match table {
                    TableName::Sheet(name, _) => format!("{name}$"),
                    TableName::Range(name) => name.clone(),
                },
                there: sheets.chain(ranges.map(|(name, _)| name.clone())).collect(),
            }
        })
    }

    /// The cells of an area: from the first one that is not empty to the last one.
    pub(super) fn cells(&mut self, sheet: &str, area: &Area) -> Result<Range<Data>, ExcelError> {
        let range = self.sheets.worksheet_range(sheet);
        let range = range.map_err(|error| ExcelError::Unreadable {
            path: self.path.clone(),
            reason: format!("sheet `{sheet}`: {error}"),
        })?;
        let (Some(first), Some(last)) = (range.start(), range.end()) else {
            return Ok(range);
        };
        let start = area.start.unwrap_or(first);
        let end = area
            .end
            .map_or(last, |(row, column)| (row.min(last.0), column));
        if area.start.is_none() && area.end.is_none() {
            return Ok(range);
        }
        if end.0 < start.0 || end.1 < start.1 {
            return Ok(Range::empty());
        }
        Ok(range.range(start, end))
    }
}
