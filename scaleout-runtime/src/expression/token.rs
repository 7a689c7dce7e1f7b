//! The tokens of an expression.

use std::ops::Range;

use super::mistake::Mistake;
use super::number_token;
use super::string_token;
use crate::value::{DataType, Value};

/// A mistake and the byte of the text that it is about. Boxed, because each level of nesting
/// keeps room for one on the stack.
#[derive(Debug)]
pub(super) struct Misplaced(pub Box<(Mistake, usize)>);

impl From<(Mistake, usize)> for Misplaced {
    fn from(located: (Mistake, usize)) -> Self {
        Self(Box::new(located))
    }
}

/// A result, or a mistake with its place.
pub(super) type Located<T> = Result<T, Misplaced>;

/// One token.
#[derive(Clone, Debug)]
pub(super) enum Token {
    /// A number, text or Boolean.
    Literal(Value, DataType),
    /// A name; `bracketed` when it stood in `[ ]`.
    Name { name: String, bracketed: bool },
    /// `@Name`, `@[Namespace::Name]`.
    Variable(String),
    /// `#123`, `#{refId}`.
    Lineage(String),
    /// An operator or a sign.
    Sign(&'static str),
    /// `=` or `:=`.
    Assign,
    /// The end of the text.
    End,
}

/// A token and where it stands, in bytes.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub token: Token,
    pub span: Range<usize>,
}

/// Longer ones first.
const SIGNS: [&str; 25] = [
    "==", "!=", "<=", ">=", "&&", "||", "(", ")", ",", ".", "?", ":", "+", "-", "*", "/", "%", "!",
    "~", "<", ">", "&", "|", "^", "]",
];

/// Cuts a text into tokens; the last one is [`Token::End`].
pub(super) fn tokens(text: &str) -> Located<Vec<Placed>> {
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        let Some(first) = text[at..].chars().next() else {
            found.push(Placed {
                token: Token::End,
                span: at..at,
            });
            return Ok(found);
        };
        let (token, length) = next(text, at, first)?;
        found.push(Placed {
            token,
            span: at..at + length,
        });
        at += length;
    }
}

fn next(text: &str, at: usize, first: char) -> Located<(Token, usize)> {
    let rest = &text[at..];
    let second = rest[first.len_utf8()..].chars().next();
    let starts_number =
        first.is_ascii_digit() || (first == '.' && second.is_some_and(|c| c.is_ascii_digit()));
    if starts_number {
        return number_token::read(rest).map_err(|mistake| (mistake, at).into());
    }
    match first {
        '"' => string_token::read(rest).map_err(|(mistake, offset)| (mistake, at + offset).into()),
        '\'' => Err((Mistake::SingleQuote, at).into()),
        '[' => {
            let (name, length) = bracketed(rest).ok_or((Mistake::Unclosed("`[`"), at))?;
            Ok((
                Token::Name {
                    name,
                    bracketed: true,
                },
                length,
            ))
        }
        '@' => variable(rest, at),
        '#' => lineage(rest, at),
        _ if is_name_start(first) => {
            let length = name_length(rest);
            let name = &rest[..length];
            Ok((
                boolean(name).unwrap_or_else(|| Token::Name {
                    name: name.to_owned(),
                    bracketed: false,
                }),
                length,
            ))
        }
        _ if rest.starts_with(":=") => Ok((Token::Assign, 2)),
        _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Some(&"]") | None if first != '=' => Err((Mistake::Character(first), at).into()),
            Some(sign) => Ok((Token::Sign(sign), sign.len())),
            None => Ok((Token::Assign, 1)),
        },
    }
}

fn boolean(name: &str) -> Option<Token> {
    let value = if name.eq_ignore_ascii_case("true") {
        true
    } else if name.eq_ignore_ascii_case("false") {
        false
    } else {
        return None;
    };
    Some(Token::Literal(Value::Bool(value), DataType::Bool))
}

/// `@Name` or `@[...]`, without a blank between.
fn variable(rest: &str, at: usize) -> Located<(Token, usize)> {
    let after = &rest[1..];
    if after.starts_with('[') {
        let (name, length) = bracketed(after).ok_or((Mistake::Unclosed("`@[`"), at))?;
        return Ok((Token::Variable(name), length + 1));
    }
    let length = name_length(after);
    if length == 0 {
        return Err((Mistake::Character('@'), at).into());
    }
    Ok((Token::Variable(after[..length].to_owned()), length + 1))
}

/// `#123` or `#{refId}`, which may itself hold braces.
fn lineage(rest: &str, at: usize) -> Located<(Token, usize)> {
    let after = &rest[1..];
    if after.starts_with('{') {
        let mut depth = 0_usize;
        for (offset, character) in after.char_indices() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok((Token::Lineage(after[1..offset].to_owned()), offset + 2));
            }
        }
        return Err((Mistake::Unclosed("`#{`"), at).into());
    }
    let length = after
        .find(|character: char| !character.is_alphanumeric() && character != '_')
        .unwrap_or(after.len());
    if length == 0 {
        return Err((Mistake::Character('#'), at).into());
    }
    Ok((Token::Lineage(after[..length].to_owned()), length + 1))
}

fn bracketed(rest: &str) -> Option<(String, usize)> {
    let end = rest.find(']')?;
    let name = &rest[1..end];
    (!name.is_empty()).then(|| (name.to_owned(), end + 1))
}

fn is_name_start(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

/// May the character stand inside a name?
pub(super) fn is_name_part(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '@' | '$' | '#')
}

fn name_length(rest: &str) -> usize {
    if !rest.starts_with(is_name_start) {
        return 0;
    }
    rest.find(|character: char| !is_name_part(character))
        .unwrap_or(rest.len())
}

impl Token {
    /// For messages: what is there.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Literal(Value::Str(text), _) => format!("text `\"{text}\"`"),
            Self::Literal(..) => "a literal".to_owned(),
            Self::Name { name, .. } => format!("`{name}`"),
            Self::Variable(name) => format!("variable `{name}`"),
            Self::Lineage(id) => format!("`#{id}`"),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::Assign => "`=`".to_owned(),
            Self::End => "the end of the expression".to_owned(),
        }
    }
}
