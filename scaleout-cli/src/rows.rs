//! The rows of a view as JSON objects, as a table, as cells.

use scaleout_core::client::Row;
use scaleout_core::registry::{Arguments, Rows};
use serde_json::{Map, Value};

use crate::output::{Cell, Report};

/// Text of a column; empty when NULL.
#[must_use]
pub fn text(row: Row<'_>, column: &str) -> String {
    row.text(column).unwrap_or_default().to_owned()
}

/// A column as a cell.
#[must_use]
pub fn cell(row: Row<'_>, column: &str) -> Cell {
    row.value(column).map_or(Cell::Empty, Cell::from_json)
}

/// The rows as objects: what `--output json` prints.
#[must_use]
pub fn objects(rows: &Rows) -> Value {
    let object = |values: &Vec<Value>| {
        let pairs = rows.columns.iter().cloned().zip(values.iter().cloned());
        Value::Object(Map::from_iter(pairs))
    };
    Value::Array(rows.rows.iter().map(object).collect())
}

/// The rows as a table with the columns as they come.
#[must_use]
pub fn report(rows: &Rows) -> Report {
    let cells = rows
        .rows
        .iter()
        .map(|row| row.iter().map(Cell::from_json).collect());
    Report {
        columns: rows.columns.clone(),
        rows: cells.collect(),
        ..Report::default()
    }
}

/// Arguments of a procedure.
#[must_use]
pub fn arguments<const N: usize>(pairs: [(&str, Value); N]) -> Arguments {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
