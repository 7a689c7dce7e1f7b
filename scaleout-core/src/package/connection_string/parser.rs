//! Text to pairs and back.

use super::{ConnectionStringError, Dialect};

/// The pairs of a text, in order.
pub(super) fn parse(
    text: &str,
    dialect: Dialect,
) -> Result<Vec<(String, String)>, ConnectionStringError> {
    let mut parser = Parser {
        characters: text.chars().collect(),
        at: 0,
        dialect,
    };
    let mut pairs = Vec::new();
    loop {
        parser.skip_while(|character| character == ';' || character.is_whitespace());
        if parser.peek().is_none() {
            return Ok(pairs);
        }
        let key = parser.key()?;
        let value = parser.value(&key)?;
        pairs.push((key, value));
    }
}

/// `key=value;`, the value quoted where it must be.
pub(super) fn write_pair(key: &str, value: &str, dialect: Dialect) -> String {
    let key = key.replace('=', "==");
    let starts_quoted = value.starts_with(['"', '\'', '{']);
    let padded = value.trim() != value;
    let must_quote = starts_quoted || padded || value.contains(';');
    match dialect {
        Dialect::Braces if must_quote || key.eq_ignore_ascii_case("Driver") => {
            format!("{key}={{{}}};", value.replace('}', "}}"))
        }
        Dialect::Quotes if must_quote || value.starts_with('=') => {
            format!("{key}=\"{}\";", value.replace('"', "\"\""))
        }
        Dialect::Braces if value.starts_with('=') => {
            format!("{key}={{{}}};", value.replace('}', "}}"))
        }
        _ => format!("{key}={value};"),
    }
}

struct Parser {
    characters: Vec<char>,
    at: usize,
    dialect: Dialect,
}

impl Parser {
    /// Up to `=`; `==` inside a key is one `=` of the key.
    fn key(&mut self) -> Result<String, ConnectionStringError> {
        let start = self.at;
        let mut key = String::new();
        loop {
            match self.next() {
                Some('=') if self.peek() == Some('=') && !key.is_empty() => {
                    self.at += 1;
                    key.push('=');
                }
                Some('=') => break,
                Some(';') | None => {
                    return Err(error(start, "there is no `=` behind this key".to_owned()));
                }
                Some(character) => key.push(character),
            }
        }
        let key = key.trim().to_owned();
        if key.is_empty() {
            return Err(error(start, "there is no key before this `=`".to_owned()));
        }
        Ok(key)
    }

    fn value(&mut self, key: &str) -> Result<String, ConnectionStringError> {
        self.skip_while(|character| character.is_whitespace());
        match (self.peek(), self.dialect) {
            (Some(quote @ ('"' | '\'')), Dialect::Quotes) => self.quoted(quote, key),
            (Some('{'), Dialect::Braces) => self.quoted('}', key),
            _ => Ok(self.plain()),
        }
    }

    fn plain(&mut self) -> String {
        let mut value = String::new();
        while let Some(character) = self.next() {
            if character == ';' {
                break;
            }
            value.push(character);
        }
        value.trim_end().to_owned()
    }

    /// A quoted value; the closing quote doubled is one of the value.
    fn quoted(&mut self, close: char, key: &str) -> Result<String, ConnectionStringError> {
        let start = self.at;
        self.at += 1;
        let mut value = String::new();
        loop {
            match self.next() {
                Some(character) if character == close && self.peek() == Some(close) => {
                    self.at += 1;
                    value.push(close);
                }
                Some(character) if character == close => break,
                Some(character) => value.push(character),
                None => {
                    return Err(error(
                        start,
                        format!("the quoted value of `{key}` is not closed"),
                    ));
                }
            }
        }
        self.skip_while(|character| character.is_whitespace());
        match self.next() {
            None | Some(';') => Ok(value),
            Some(_) => Err(error(
                self.at - 1,
                format!("there is text behind the quoted value of `{key}`"),
            )),
        }
    }

    fn skip_while(&mut self, skips: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&skips) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += 1;
        Some(character)
    }
}

fn error(index: usize, reason: String) -> ConnectionStringError {
    ConnectionStringError {
        position: index + 1,
        reason,
    }
}
