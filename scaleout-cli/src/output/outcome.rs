//! The result of a command as data.

use serde::Serialize;
use serde_json::Value;

/// One cell of a table: text, right-aligned when it is a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A number or a duration.
    Number(String),
    /// A state that people look for: coloured on a terminal.
    State {
        /// What to show.
        text: String,
        /// Whether it is good news, bad news, or neither.
        good: Option<bool>,
    },
    /// Nothing.
    Empty,
}

impl Cell {
    /// The text without any decoration.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(text) | Self::State { text, .. } => text,
            Self::Empty => "",
        }
    }

    /// The cell of a JSON value, as views return them.
    #[must_use]
    pub fn from_json(value: &Value) -> Self {
        match value {
            Value::Null => Self::Empty,
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::Text(text.clone()),
            other => Self::Text(other.to_string()),
        }
    }
}

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
    /// Exactly what `--output json` prints.
    pub json: Value,
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
        let json = serde_json::to_value(data).unwrap_or(Value::Null);
        Self {
            json,
            report,
            raw: None,
            exit_code: 0,
        }
    }

    /// Nothing to print.
    pub fn silent() -> Self {
        Self {
            json: Value::Null,
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
