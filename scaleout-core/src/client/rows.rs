//! Reading the rows of a view by column name.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::registry::Rows;

/// One row of a view.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    columns: &'a [String],
    values: &'a [Value],
}

impl Rows {
    /// The rows, readable by column name.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|values| Row {
            columns: &self.columns,
            values,
        })
    }
}

impl<'a> Row<'a> {
    /// The value of a column, in any case; `None` if it is NULL or not there.
    #[must_use]
    pub fn value(&self, column: &str) -> Option<&'a Value> {
        let position = self
            .columns
            .iter()
            .position(|name| name.eq_ignore_ascii_case(column))?;
        self.values.get(position).filter(|value| !value.is_null())
    }

    /// A text.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&'a str> {
        self.value(column)?.as_str()
    }

    /// A number; digits in a text count too.
    #[must_use]
    pub fn integer(&self, column: &str) -> Option<i64> {
        match self.value(column)? {
            Value::Bool(bit) => Some(i64::from(*bit)),
            Value::String(digits) => digits.parse().ok(),
            number => number.as_i64(),
        }
    }

    /// A bit, as `true`, `false`, 0 or 1.
    #[must_use]
    pub fn bit(&self, column: &str) -> Option<bool> {
        self.integer(column).map(|number| number != 0)
    }

    /// A `datetimeoffset`.
    #[must_use]
    pub fn time(&self, column: &str) -> Option<Timestamp> {
        parse_time(self.text(column)?)
    }

    /// A `uniqueidentifier`.
    #[must_use]
    pub fn guid(&self, column: &str) -> Option<Uuid> {
        self.text(column)?.parse().ok()
    }
}

/// `2024-01-31 10:00:00.0000000 +00:00` as SQL Server writes it, or ISO 8601.
fn parse_time(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        let (date_time, offset) = text.rsplit_once(' ')?;
        format!("{date_time}{offset}").parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_are_found_in_any_case_and_read_by_type() {
        let rows = Rows {
            columns: ["Id", "Name", "On", "At", "Worker", "Nothing"]
                .map(str::to_owned)
                .to_vec(),
            rows: vec![vec![
                json!(7),
                json!("n"),
                json!(true),
                json!("2024-01-31 10:00:00.5000000 +02:00"),
                json!("6f1b7d3e-0000-4000-8000-000000000001"),
                Value::Null,
            ]],
        };
        let row = rows.iter().next().unwrap();
        assert_eq!(row.integer("id"), Some(7));
        assert_eq!(row.text("NAME"), Some("n"));
        assert_eq!(row.bit("on"), Some(true));
        assert_eq!(
            row.time("at").map(|time| time.to_string()).as_deref(),
            Some("2024-01-31T08:00:00.5Z")
        );
        assert!(row.guid("worker").is_some());
        assert!(row.value("nothing").is_none());
        assert!(row.value("missing").is_none());
    }
}
