//! Reading the rows of a view by column name.

use jiff::Timestamp;
use scaleout_core::registry::Rows;
use serde_json::{Map, Value};

use crate::output::{Cell, Report};

/// One row of a view.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    columns: &'a [String],
    values: &'a [Value],
}

/// All rows of an answer.
pub fn each(rows: &Rows) -> impl Iterator<Item = Row<'_>> {
    rows.rows.iter().map(|values| Row { columns: &rows.columns, values })
}

impl<'a> Row<'a> {
    /// The value of a column, NULL when the answer has no such column.
    #[must_use]
    pub fn value(&self, column: &str) -> &'a Value {
        let index = self.columns.iter().position(|name| name.eq_ignore_ascii_case(column));
        index.and_then(|index| self.values.get(index)).unwrap_or(&Value::Null)
    }

    /// Text of a column; empty when NULL.
    #[must_use]
    pub fn text(&self, column: &str) -> &'a str {
        self.value(column).as_str().unwrap_or_default()
    }

    /// Number of a column.
    #[must_use]
    pub fn number(&self, column: &str) -> Option<i64> {
        self.value(column).as_i64()
    }

    /// Moment of a column.
    #[must_use]
    pub fn time(&self, column: &str) -> Option<Timestamp> {
        self.text(column).parse().ok()
    }

    /// Bit of a column.
    #[must_use]
    pub fn bit(&self, column: &str) -> bool {
        let value = self.value(column);
        value.as_bool().unwrap_or_else(|| value.as_i64() == Some(1))
    }
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
    let cells = rows.rows.iter().map(|row| row.iter().map(Cell::from_json).collect());
    Report { columns: rows.columns.clone(), rows: cells.collect(), ..Report::default() }
}
