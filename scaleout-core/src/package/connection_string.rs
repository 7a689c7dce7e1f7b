//! Connection strings of OLE DB, ADO.NET and ODBC: `Data Source=db1;User ID=u;`.

mod keys;
mod parser;

use std::fmt;

use crate::error::{Blame, Explain};
use keys::{is_secret, same_key};

/// A connection string, as pairs of key and value in their order.
///
/// `Display` writes it with its secrets, for the driver; `Debug` and
/// [`Self::redacted`] leave them out.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ConnectionString {
    pairs: Vec<(String, String)>,
    dialect: Dialect,
}

/// How values are quoted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Dialect {
    /// OLE DB and ADO.NET: double or single quotes, doubled inside.
    #[default]
    Quotes,
    /// ODBC: braces, the closing one doubled inside.
    Braces,
}

/// A text that is no connection string. It never shows a value: that may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("connection string cannot be read at character {position}: {reason}")]
pub struct ConnectionStringError {
    /// Character, from 1.
    pub position: usize,
    /// What is wrong there, the key in backticks where there is one.
    pub reason: String,
}

impl Explain for ConnectionStringError {
    fn code(&self) -> &'static str {
        "SO2040"
    }

    fn blame(&self) -> Blame {
        Blame::Caller
    }

    fn hint(&self) -> String {
        "write `Key=Value;` pairs; put a value with `;` into double quotes (ODBC: braces)"
            .to_owned()
    }
}

impl ConnectionString {
    /// Reads a connection string; ODBC ones are known by `Driver` or `Dsn`.
    ///
    /// # Errors
    ///
    /// When a part has no `=`, or quotes are not closed.
    pub fn parse(text: &str) -> Result<Self, ConnectionStringError> {
        let braced = parser::parse(text, Dialect::Braces);
        if let Ok(pairs) = &braced {
            let is_odbc = |key: &str| {
                ["Driver", "Dsn", "FileDsn"]
                    .iter()
                    .any(|odbc| odbc.eq_ignore_ascii_case(key))
            };
            if pairs.iter().any(|(key, _)| is_odbc(key)) {
                return braced.map(|pairs| Self {
                    pairs,
                    dialect: Dialect::Braces,
                });
            }
        }
        let pairs = parser::parse(text, Dialect::Quotes)?;
        Ok(Self {
            pairs,
            dialect: Dialect::Quotes,
        })
    }

    /// The value of a key or of one of its synonyms, whatever the case:
    /// `get("Data Source")` finds `server=`. The last one counts.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = self.pairs.iter().rev().find(|(own, _)| same_key(own, key));
        found.map(|(_, value)| value.as_str())
    }

    /// Sets a value, in place of the key or its synonyms where there are any.
    pub fn set(&mut self, key: &str, value: &str) {
        let first = self.pairs.iter().position(|(own, _)| same_key(own, key));
        let Some(first) = first else {
            self.pairs.push((key.to_owned(), value.to_owned()));
            return;
        };
        value.clone_into(&mut self.pairs[first].1);
        let mut index = 0;
        self.pairs.retain(|(own, _)| {
            let keep = index <= first || !same_key(own, key);
            index += 1;
            keep
        });
    }

    /// Takes a key and its synonyms out.
    pub fn remove(&mut self, key: &str) {
        self.pairs.retain(|(own, _)| !same_key(own, key));
    }

    /// Keys and values in their order, as written.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.pairs.iter();
        pairs.map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The text for messages: secrets are `***`.
    #[must_use]
    pub fn redacted(&self) -> String {
        self.text(|key, value| {
            if is_secret(key) {
                "***".to_owned()
            } else {
                value.to_owned()
            }
        })
    }

    fn text(&self, shown: impl Fn(&str, &str) -> String) -> String {
        let pairs = self.pairs.iter();
        pairs
            .map(|(key, value)| parser::write_pair(key, &shown(key, value), self.dialect))
            .collect()
    }
}

impl fmt::Display for ConnectionString {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text(|_, value| value.to_owned()))
    }
}

impl fmt::Debug for ConnectionString {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("ConnectionString")
            .field(&self.redacted())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> ConnectionString {
        ConnectionString::parse(text).unwrap()
    }

    #[test]
    fn keys_are_found_by_synonym_and_without_case() {
        let string = parsed("SERVER = db1 ;database=Sales;Uid=me;PWD=secret;provider=SQLNCLI11.1;");
        assert_eq!(string.get("Data Source"), Some("db1"));
        assert_eq!(string.get("Initial Catalog"), Some("Sales"));
        assert_eq!(string.get("User ID"), Some("me"));
        assert_eq!(string.get("password"), Some("secret"));
        assert_eq!(string.get("Provider"), Some("SQLNCLI11.1"));
        assert_eq!(string.get("Driver"), None);
    }

    #[test]
    fn quotes_keep_semicolons() {
        let text = "Provider=Microsoft.ACE.OLEDB.12.0;Data Source=f.xlsx;Extended Properties=\"EXCEL 12.0 XML;HDR=YES\";";
        let string = parsed(text);
        assert_eq!(
            string.get("Extended Properties"),
            Some("EXCEL 12.0 XML;HDR=YES")
        );
        assert_eq!(string.to_string(), text);
        assert_eq!(parsed("Password='a\"b''c'").get("Password"), Some("a\"b'c"));
        assert_eq!(parsed("Password=\"a\"\"b\"").get("Password"), Some("a\"b"));
    }

    #[test]
    fn braces_quote_in_odbc_only() {
        let string = parsed("Driver={SQL Server};Server=db1;Pwd={a;}}b};");
        assert_eq!(string.get("Driver"), Some("SQL Server"));
        assert_eq!(string.get("Password"), Some("a;}b"));
        assert_eq!(
            string.to_string(),
            "Driver={SQL Server};Server=db1;Pwd={a;}}b};"
        );
        assert_eq!(
            parsed("Data Source=x;Password={a};").get("Password"),
            Some("{a}")
        );
    }

    #[test]
    fn setting_replaces_every_synonym() {
        let mut string = parsed("Server=a;Password=x;Data Source=b");
        string.set("Data Source", "c;d");
        assert_eq!(string.to_string(), "Server=\"c;d\";Password=x;");
        string.set("Provider", "SQLite");
        string.remove("pwd");
        assert_eq!(string.to_string(), "Server=\"c;d\";Provider=SQLite;");
    }

    #[test]
    fn secrets_are_never_shown() {
        let string =
            parsed("Data Source=a;pwd=hush;Jet OLEDB:Database Password=hush;AccountKey=hush");
        assert_eq!(
            string.redacted(),
            "Data Source=a;pwd=***;Jet OLEDB:Database Password=***;AccountKey=***;"
        );
        assert!(!format!("{string:?}").contains("hush"));
        let error = ConnectionString::parse("pwd=\"hush").unwrap_err();
        assert!(
            !error.to_string().contains("hush") && error.to_string().contains("`pwd`"),
            "{error}"
        );
        let error = ConnectionString::parse("a=b;hush;").unwrap_err();
        assert!(!error.to_string().contains("hush"), "{error}");
        assert_eq!(error.position, 5);
    }

    #[test]
    fn odd_but_legal_texts_read() {
        assert_eq!(parsed("").pairs().count(), 0);
        assert_eq!(parsed(" ; ;; ").pairs().count(), 0);
        assert_eq!(parsed("a==b=c").pairs().collect::<Vec<_>>(), [("a=b", "c")]);
        assert_eq!(parsed("a=b=c").get("a"), Some("b=c"));
        assert_eq!(parsed("a=;b=").get("a"), Some(""));
        assert!(ConnectionString::parse("a=\"b\"c;").is_err());
        assert!(ConnectionString::parse("=b").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            odbc in any::<bool>(),
            pairs in proptest::collection::vec(("[a-z][a-z= ]{0,5}[a-z]", "[ -~é]{0,12}"), 0..5),
        ) {
            let mut string = if odbc { parsed("Driver={x};") } else { ConnectionString::default() };
            for (key, value) in &pairs {
                string.set(key, value);
            }
            prop_assert_eq!(ConnectionString::parse(&string.to_string()), Ok(string));
        }

        #[test]
        fn any_text_reads_or_fails(text in "([=;{}\"' ]|Driver|Dsn|é|a){0,20}") {
            let _ = ConnectionString::parse(&text);
        }
    }
}
