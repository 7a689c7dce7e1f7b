//! `DELETE t WHERE …`: T-SQL does without `FROM`, the parser does not.

use sqlparser::dialect::MsSqlDialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};

/// The words of a script with the `FROM` that its `DELETE`s leave out; `None` where none does.
pub(super) fn with_from(sql: &str) -> Option<Vec<Token>> {
    let tokens = Tokenizer::new(&MsSqlDialect {}, sql).tokenize().ok()?;
    let mut made = Vec::with_capacity(tokens.len() + 4);
    let mut is_changed = false;
    let mut before: Option<Keyword> = None;
    for (at, token) in tokens.iter().enumerate() {
        made.push(token.clone());
        if keyword(token) == Some(Keyword::DELETE)
            && !before.is_some_and(names_an_event)
            && lacks_from(&tokens[at + 1..])
        {
            made.push(Token::Whitespace(Whitespace::Space));
            made.push(Token::make_keyword("FROM"));
            is_changed = true;
        }
        if !matches!(token, Token::Whitespace(_)) {
            before = keyword(token);
        }
    }
    is_changed.then_some(made)
}

fn keyword(token: &Token) -> Option<Keyword> {
    match token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.keyword),
        _ => None,
    }
}

/// `ON DELETE CASCADE`, `AFTER DELETE`, `GRANT DELETE`: no statement begins there.
fn names_an_event(before: Keyword) -> bool {
    matches!(
        before,
        Keyword::ON | Keyword::FOR | Keyword::AFTER | Keyword::OF | Keyword::GRANT | Keyword::THEN
    )
}

/// Whether a name follows that no `FROM` belongs to.
fn lacks_from(rest: &[Token]) -> bool {
    let mut rest = rest
        .iter()
        .filter(|token| !matches!(token, Token::Whitespace(_)));
    let is_name = |token: Option<&Token>| match token {
        Some(Token::Word(word)) => word.quote_style.is_some() || word.keyword != Keyword::FROM,
        _ => false,
    };
    if !is_name(rest.next()) {
        return false;
    }
    loop {
        match rest.next() {
            Some(Token::Period) => {
                if !is_name(rest.next()) {
                    return false;
                }
            }
            Some(token) => return keyword(token) != Some(Keyword::FROM),
            None => return true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(sql: &str) -> Option<String> {
        let tokens = with_from(sql)?;
        Some(tokens.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn from_stands_only_where_it_was_missing() {
        for (sql, expected) in [
            ("DELETE T WHERE a = 1", Some("DELETE FROM T WHERE a = 1")),
            ("delete [dbo].[T]", Some("delete FROM [dbo].[T]")),
            (
                "DELETE a; DELETE FROM b; DELETE x.c",
                Some("DELETE FROM a; DELETE FROM b; DELETE FROM x.c"),
            ),
            ("DELETE FROM T", None),
            ("DELETE s FROM Score s", None),
            (
                "CREATE TABLE t (a int REFERENCES b ON DELETE CASCADE)",
                None,
            ),
            ("SELECT [DELETE] FROM t", None),
            ("SELECT 'DELETE t'", None),
        ] {
            assert_eq!(made(sql).as_deref(), expected, "{sql}");
        }
    }
}
