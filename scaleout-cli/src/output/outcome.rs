//! The result of a command as data.

use serde::Serialize;
use serde_json::Value;

use super::cell::Cell;

/// A table with its heading, and lines before and after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Lines above the table.
    pub before: Vec<String>,
    /// Column titles; empty when there is no table.
    pub columns: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<Cell>>,
    /// Lines below the table.
    pub after: Vec<String>,
    /// Further tables below that, each with its own lines; only for people, CSV holds one table.
    pub further: Vec<Report>,
}

impl Report {
    /// A table with these column titles.
    pub fn table<const N: usize>(columns: [&str; N]) -> Self {
        Self {
            columns: columns.map(str::to_owned).to_vec(),
            ..Self::default()
        }
    }

    /// Only lines.
    pub fn lines(lines: impl IntoIterator<Item = String>) -> Self {
        Self {
            before: lines.into_iter().collect(),
            ..Self::default()
        }
    }

    /// A list of facts, one a row.
    pub fn facts(facts: impl IntoIterator<Item = (&'static str, Cell)>) -> Self {
        let rows = facts
            .into_iter()
            .map(|(name, cell)| vec![Cell::Text(name.to_owned()), cell]);
        Self {
            columns: vec!["property".to_owned(), "value".to_owned()],
            rows: rows.collect(),
            ..Self::default()
        }
    }
}

/// What a command gives back: the JSON contract, its human face, and the exit code.
#[derive(Debug)]
pub struct Outcome {
    /// Exactly what `--output json` prints; an error comes out where it is printed.
    pub json: serde_json::Result<Value>,
    /// What `--output table` and `csv` print.
    pub report: Report,
    /// Text that is printed as it is whatever the format (completions, files).
    pub raw: Option<String>,
    /// Exit code.
    pub exit_code: u8,
}

impl Outcome {
    /// A successful outcome.
    pub fn new(data: &impl Serialize, report: Report) -> Self {
        Self {
            json: serde_json::to_value(data),
            report,
            raw: None,
            exit_code: 0,
        }
    }

    /// Nothing to print.
    pub fn silent() -> Self {
        Self {
            json: Ok(Value::Null),
            report: Report::default(),
            raw: Some(String::new()),
            exit_code: 0,
        }
    }

    /// Text for stdout as it is.
    pub fn raw(text: String) -> Self {
        Self {
            raw: Some(text),
            ..Self::silent()
        }
    }

    /// The same outcome with another exit code.
    #[must_use]
    pub fn exit_code(mut self, code: u8) -> Self {
        self.exit_code = code;
        self
    }
}
