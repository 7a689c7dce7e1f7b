//! What drivers say, as errors of a connection.

use std::time::Duration;

use crate::connections::{ConnectionError, TableName, shortened};

/// What a driver says, in one line.
#[derive(Debug, thiserror::Error)]
#[error("{text} ({state})")]
pub(super) struct DriverError {
    /// `SQLSTATE`, five characters.
    state: String,
    text: String,
}

impl DriverError {
    pub(super) fn has_state(&self, states: &[&str]) -> bool {
        states.iter().any(|state| self.state.starts_with(state))
    }

    pub(super) fn says(&self, words: &str) -> bool {
        self.text.contains(words)
    }
}

impl From<odbc_api::Error> for DriverError {
    fn from(error: odbc_api::Error) -> Self {
        let (state, text) = match &error {
            odbc_api::Error::Diagnostics { record, .. } => {
                let shown = record.to_string();
                let text = shown
                    .split_once("Message: ")
                    .map(|(_, text)| text.to_owned());
                (record.state.as_str().to_owned(), text.unwrap_or(shown))
            }
            other => ("HY000".to_owned(), other.to_string()),
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        Self {
            state,
            text: words.join(" "),
        }
    }
}

/// A statement failed.
pub(super) fn failed(
    sql: &str,
    limit: Option<Duration>,
    error: odbc_api::Error,
) -> ConnectionError {
    let source = DriverError::from(error);
    let context = format!("statement `{}` failed", shortened(sql));
    match limit {
        Some(limit) if source.has_state(&["HYT"]) => ConnectionError::TimedOut { context, limit },
        _ if source.has_state(&["08"]) => ConnectionError::Lost {
            context,
            source: source.into(),
        },
        _ => ConnectionError::in_statement(sql, source),
    }
}

/// Rows were refused.
pub(super) fn refused(table: &TableName, error: odbc_api::Error) -> ConnectionError {
    let source = DriverError::from(error);
    let context = format!("writing to table `{table}` failed");
    if source.has_state(&["23"]) || source.says("constraint failed") {
        return ConnectionError::Constraint {
            table: table.to_string(),
            column: None,
            row: None,
            source: source.into(),
        };
    }
    match source.has_state(&["08"]) {
        true => ConnectionError::Lost {
            context,
            source: source.into(),
        },
        false => ConnectionError::Statement {
            context,
            source: source.into(),
        },
    }
}
