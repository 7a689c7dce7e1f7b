//! Names as the database quotes them. Packages may write T-SQL's brackets, and components do.

use crate::connections::TableName;

/// Puts the quotes of the database in the place of brackets around names. Brackets behind a name,
/// as of an array, stay, and so does what stands in quotes.
pub(super) fn requoted(sql: &str, quote: Option<char>) -> String {
    let Some(quote) = quote.filter(|quote| *quote != '[') else {
        return sql.to_owned();
    };
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(next) = rest.chars().next() {
        let length = match next {
            '\'' | '"' | '`' => quoted_length(rest, next),
            '[' if !follows_name(&out) => match rest[1..].find(']') {
                Some(end) => {
                    let name = &rest[1..=end];
                    out.push_str(&quoted(name, quote));
                    rest = &rest[end + 2..];
                    continue;
                }
                None => 1,
            },
            _ => next.len_utf8(),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

/// Up to the closing quote, or to the end.
fn quoted_length(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

fn follows_name(before: &str) -> bool {
    let last = before.chars().next_back();
    last.is_some_and(|last| last.is_alphanumeric() || matches!(last, '_' | ')' | ']' | '"'))
}

fn quoted(name: &str, quote: char) -> String {
    let doubled: String = [quote, quote].iter().collect();
    format!("{quote}{}{quote}", name.replace(quote, &doubled))
}

/// A name, where the database has quotes for it.
pub(super) fn name(text: &str, quote: Option<char>) -> String {
    quote.map_or_else(|| text.to_owned(), |quote| quoted(text, quote))
}

/// A table; the schema `dbo` is left out, as no other database has it.
pub(super) fn table(table: &TableName, quote: Option<char>) -> String {
    let parts = [
        table.catalog.as_deref(),
        table.own_schema(),
        Some(table.table.as_str()),
    ];
    let parts = parts.into_iter().flatten();
    let parts: Vec<String> = parts.map(|part| name(part, quote)).collect();
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_become_the_quotes_of_the_database() {
        let sql = "SELECT [a b], '[x]', \"[y]\", c[1] FROM [s].[T] -- '";
        let expected = "SELECT \"a b\", '[x]', \"[y]\", c[1] FROM \"s\".\"T\" -- '";
        assert_eq!(requoted(sql, Some('"')), expected);
        assert_eq!(requoted(sql, None), sql);
        assert_eq!(requoted("SELECT [a", Some('`')), "SELECT [a");
        assert_eq!(requoted("[a`b]", Some('`')), "`a``b`");
        let parsed = TableName::parse("dbo.[T x]").unwrap();
        assert_eq!(table(&parsed, Some('"')), "\"T x\"");
        let parsed = TableName::parse("s.T").unwrap();
        assert_eq!(table(&parsed, None), "s.T");
    }
}
