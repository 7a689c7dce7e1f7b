//! What SQLite says, without the statement that it repeats and its number for "wrong".

use std::error::Error;
use std::fmt;

type AnyError = Box<dyn Error + Send + Sync>;

/// An error of SQLite in its own words; other errors stay what they are.
pub(in crate::connections) fn in_its_own_words(error: AnyError) -> AnyError {
    match error.downcast::<rusqlite::Error>() {
        Ok(error) => Box::new(Refusal(*error)),
        Err(other) => other,
    }
}

#[derive(Debug)]
struct Refusal(rusqlite::Error);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            rusqlite::Error::SqlInputError { msg, .. } => f.write_str(msg),
            rusqlite::Error::SqliteFailure(_, Some(msg)) => f.write_str(msg),
            other => other.fmt(f),
        }
    }
}

impl Error for Refusal {}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    fn refused(sql: &str) -> String {
        let database = Connection::open_in_memory().unwrap();
        database
            .execute_batch("CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1)")
            .unwrap();
        let error = database.execute(sql, []).unwrap_err();
        in_its_own_words(error.into()).to_string()
    }

    #[test]
    fn only_what_is_wrong_is_said() {
        assert_eq!(refused("SELEC 1"), "near \"SELEC\": syntax error");
        assert_eq!(refused("SELECT b FROM t"), "no such column: b");
        assert_eq!(
            refused("INSERT INTO t VALUES (1)"),
            "UNIQUE constraint failed: t.a"
        );
    }

    #[test]
    fn other_errors_pass() {
        assert_eq!(in_its_own_words("a reason".into()).to_string(), "a reason");
    }
}
