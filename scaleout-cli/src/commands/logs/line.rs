//! One line of a log, as a service or a task wrote it, and as a person reads it.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::output::{Cell, local_time_exact};

/// Fields that have a place of their own, or that nobody misses.
const APART: [&str; 4] = ["timestamp", "level", "message", "target"];

/// One line.
#[derive(Debug)]
pub struct Line(pub Value);

impl Line {
    /// Reads it; what is no JSON object becomes the message of one.
    pub fn parse(text: &str) -> Self {
        match serde_json::from_str(text) {
            Ok(value @ Value::Object(_)) => Self(value),
            _ => {
                let mut object = Map::new();
                object.insert("message".to_owned(), text.into());
                Self(Value::Object(object))
            }
        }
    }

    fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap_or_default()
    }

    fn time(&self) -> Option<Timestamp> {
        self.text("timestamp").parse().ok()
    }

    /// Message and the fields that belong to it.
    fn words(&self) -> String {
        let mut words = self.text("message").to_owned();
        let object = self.0.as_object().into_iter().flatten();
        for (name, value) in object.filter(|(name, _)| !APART.contains(&name.as_str())) {
            let value = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            words.push_str(&format!(" {name}={value}"));
        }
        words
    }

    /// Time, level, words: for tables and CSV.
    pub fn cells(&self) -> [Cell; 3] {
        [
            Cell::moment(self.time()),
            Cell::Text(self.text("level").to_owned()),
            Cell::Text(self.words()),
        ]
    }

    /// As one line of a terminal.
    pub fn shown(&self) -> String {
        let time = self.time().map(local_time_exact).unwrap_or_default();
        format!("{time} {:<5} {}", self.text("level"), self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_its_message_and_what_belongs_to_it() {
        let text = r#"{"timestamp":"2026-01-02T03:04:05Z","level":"WARN","message":"refused","code":"SO1008","target":"x","attempt":2}"#;
        let shown = Line::parse(text).shown();
        assert!(shown.contains("WARN  refused"), "{shown}");
        assert!(
            shown.contains("code=SO1008") && shown.contains("attempt=2"),
            "{shown}"
        );
        assert!(!shown.contains("target"), "{shown}");
        assert!(Line::parse("not json").shown().contains("not json"));
    }
}
