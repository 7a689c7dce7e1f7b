//! Statements that a connection sent in place of those it was given, for the log.

use super::Connection;
use super::dialect::{Statement, StatementKind};
use crate::events::Events;

/// More than these are not kept: what repeats for each row says nothing new.
const MOST: usize = 50;

/// What was sent since somebody asked.
#[derive(Debug, Default)]
pub(super) struct Sent(Vec<String>);

impl Sent {
    /// Notes the translation of a text, unless it is the text itself.
    pub(super) fn note(&mut self, given: &str, statements: &[Statement]) {
        for statement in statements {
            let sql = &statement.sql;
            let is_new = sql.trim() != given.trim() && !self.0.contains(sql);
            if is_new && self.0.len() < MOST {
                self.0.push(sql.clone());
            }
            if let Some(branches) = &statement.branches {
                self.note(given, &branches.then);
                self.note(given, &branches.otherwise);
            }
        }
    }

    /// All of it.
    pub(super) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.0)
    }
}

/// The translation of the last text: what runs for each row is the same text each time.
#[derive(Debug, Default)]
pub(super) struct LastTranslation(Option<(String, Vec<Statement>)>);

impl LastTranslation {
    /// That of this text, if it was the last one.
    pub(super) fn of(&self, sql: &str) -> Option<Vec<Statement>> {
        let (text, statements) = self.0.as_ref()?;
        (text == sql).then(|| statements.clone())
    }

    /// Keeps it, unless it changes what names mean.
    pub(super) fn keep(&mut self, sql: &str, statements: &[Statement]) {
        let only_changes = statements
            .iter()
            .all(|statement| statement.kind == StatementKind::Change);
        self.0 = only_changes.then(|| (sql.to_owned(), statements.to_vec()));
    }
}

/// Logs what a connection sent in place of the statements it was given, as `Diagnostic` events.
pub fn report_sent(connection: &mut dyn Connection, name: &str, events: &dyn Events) {
    for sql in connection.take_sent() {
        let text = format!("connection manager `{name}` was sent the translation: {sql}");
        events.custom("Diagnostic", &text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Dialect;
    use super::super::dialect::{AsWritten, Script};
    use super::*;

    fn noted(sql: &str) -> Vec<String> {
        let statements = Script::parse(sql).translate(Dialect::Sqlite, &AsWritten);
        let mut sent = Sent::default();
        sent.note(sql, &statements);
        sent.note(sql, &statements);
        sent.take()
    }

    #[test]
    fn only_what_was_changed_is_noted_and_once() {
        assert_eq!(noted("SELECT 1"), [""; 0]);
        assert_eq!(noted("SELECT TOP 1 a FROM t"), ["SELECT a FROM t LIMIT 1"]);
        assert_eq!(
            noted("IF 1 = 1 TRUNCATE TABLE t"),
            ["SELECT CASE WHEN 1 = 1 THEN 1 ELSE 0 END", "DELETE FROM t"]
        );
    }

    #[test]
    fn only_the_last_change_is_kept() {
        let mut last = LastTranslation::default();
        for (sql, kept) in [
            ("UPDATE t SET a = 1", true),
            ("CREATE TABLE t (a int)", false),
        ] {
            let statements = Script::parse(sql).translate(Dialect::Sqlite, &AsWritten);
            last.keep(sql, &statements);
            assert_eq!(last.of(sql).is_some(), kept, "{sql}");
            assert!(last.of("UPDATE t SET a = 2").is_none());
        }
    }
}
