//! Table names as packages write them: `[staging].[X]`, `"dbo".X`, `db..X`.

use std::fmt;

use super::TableName;

/// Why a text names no table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a table name: {reason}")]
pub struct TableNameError {
    text: String,
    reason: &'static str,
}

impl TableName {
    /// Reads up to three parts, quoted by `[]`, `""`, `` ` ` `` or not at all. A fourth part in
    /// front, a linked server, is refused.
    ///
    /// # Errors
    /// [`TableNameError`]
    pub fn parse(text: &str) -> Result<Self, TableNameError> {
        let fail = |reason| TableNameError {
            text: text.to_owned(),
            reason,
        };
        let mut parts = split(text).map_err(fail)?;
        let table = parts.pop().filter(|table| !table.is_empty());
        let table = table.ok_or_else(|| fail("it is empty"))?;
        let schema = parts.pop().filter(|schema| !schema.is_empty());
        let catalog = parts.pop().filter(|catalog| !catalog.is_empty());
        if !parts.is_empty() {
            return Err(fail("linked servers do not exist here"));
        }
        Ok(Self {
            catalog,
            schema,
            table,
        })
    }

    /// The schema, unless it is the default one (`dbo`).
    #[must_use]
    pub fn own_schema(&self) -> Option<&str> {
        let schema = self.schema.as_deref()?;
        (!schema.eq_ignore_ascii_case("dbo")).then_some(schema)
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.catalog, &self.schema].into_iter().flatten() {
            write!(out, "{}.", bracketed(part))?;
        }
        write!(out, "{}", bracketed(&self.table))
    }
}

/// An identifier as T-SQL quotes it.
#[must_use]
pub fn bracketed(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

/// An identifier as standard SQL quotes it.
#[must_use]
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn split(text: &str) -> Result<Vec<String>, &'static str> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        let (part, after) = first_part(rest)?;
        parts.push(part);
        let after = after.trim_start();
        match after.strip_prefix('.') {
            Some(next) => rest = next.trim_start(),
            None if after.is_empty() => return Ok(parts),
            None => return Err("something follows the name"),
        }
    }
}

fn first_part(text: &str) -> Result<(String, &str), &'static str> {
    let close = match text.chars().next() {
        Some('[') => ']',
        Some(quote @ ('"' | '`')) => quote,
        _ => {
            let end = text.find('.').unwrap_or(text.len());
            return Ok((text[..end].trim().to_owned(), &text[end..]));
        }
    };
    let mut name = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character != close {
            name.push(character);
        } else if characters.next_if(|(_, next)| *next == close).is_some() {
            name.push(close);
        } else {
            return Ok((name, &text[at + close.len_utf8()..]));
        }
    }
    Err("a quote is not closed")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str) -> (Option<String>, Option<String>, String) {
        let name = TableName::parse(text).unwrap();
        (name.catalog, name.schema, name.table)
    }

    #[test]
    fn names_as_packages_write_them() {
        let some = |text: &str| Some(text.to_owned());
        for (text, catalog, schema, table) in [
            ("X", None, None, "X"),
            ("[staging].[X y]", None, some("staging"), "X y"),
            ("\"dbo\".\"X\"", None, some("dbo"), "X"),
            (" db . dbo . X ", some("db"), some("dbo"), "X"),
            ("db..X", some("db"), None, "X"),
            ("[a]]b].`c``d`", None, some("a]b"), "c`d"),
            ("[a.b]", None, None, "a.b"),
        ] {
            assert_eq!(parts(text), (catalog, schema, table.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "[x", "[]", "a.", "[a]b", "s.a.b.c", "SELECT.1.2.3"] {
            assert!(TableName::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_dbo_is_nobodys_own_schema() {
        assert_eq!(TableName::parse("DBO.X").unwrap().own_schema(), None);
        assert_eq!(TableName::parse("s.X").unwrap().own_schema(), Some("s"));
    }

    proptest! {
        #[test]
        fn a_name_survives_its_text(schema in "[^\\u{0}]{1,8}", table in "[^\\u{0}]{1,8}") {
            let name = TableName { catalog: None, schema: Some(schema), table };
            prop_assert_eq!(TableName::parse(&name.to_string()), Ok(name));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = TableName::parse(&text);
        }
    }
}
