//! Words, texts, numbers and signs of T-SQL.

use super::TsqlFault;

/// A piece of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or keyword; brackets and quotation marks are taken off.
    Word { text: String, quoted: bool },
    /// `'…'` or `N'…'`
    Text(String),
    /// Digits, perhaps with a point.
    Number(String),
    /// `0x…`
    Hex(String),
    /// Anything else, one letter.
    Sign(char),
}

/// A piece with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub line: usize,
    /// Where it begins and ends in the script, in bytes.
    pub span: (usize, usize),
}

pub(super) fn tokens(script: &str) -> Result<Vec<Token>, TsqlFault> {
    let mut reader = Reader {
        script,
        at: 0,
        line: 1,
    };
    let mut all = Vec::new();
    while reader.skip()? {
        let (start, line) = (reader.at, reader.line);
        let kind = reader.token(line)?;
        all.push(Token {
            kind,
            line,
            span: (start, reader.at),
        });
    }
    Ok(all)
}

struct Reader<'s> {
    script: &'s str,
    at: usize,
    line: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.script.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        self.line += usize::from(letter == '\n');
        Some(letter)
    }

    /// Skips blanks and comments; whether something is left.
    fn skip(&mut self) -> Result<bool, TsqlFault> {
        loop {
            match self.peek() {
                None => return Ok(false),
                Some(blank) if blank.is_whitespace() || blank == '\u{feff}' => {
                    self.bump();
                }
                Some('-') if self.rest().starts_with("--") => {
                    while self.peek().is_some_and(|letter| letter != '\n') {
                        self.bump();
                    }
                }
                Some('/') if self.rest().starts_with("/*") => self.comment()?,
                Some(_) => return Ok(true),
            }
        }
    }

    /// Comments nest in T-SQL.
    fn comment(&mut self) -> Result<(), TsqlFault> {
        let line = self.line;
        let mut depth = 0_u32;
        loop {
            if self.rest().starts_with("/*") {
                depth += 1;
                self.at += 2;
            } else if self.rest().starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return Ok(());
                }
            } else if self.bump().is_none() {
                return Err(TsqlFault::Open {
                    line,
                    what: "a comment",
                });
            }
        }
    }

    fn token(&mut self, line: usize) -> Result<Kind, TsqlFault> {
        let first = self.bump().unwrap_or_default();
        Ok(match first {
            'N' | 'n' if self.peek() == Some('\'') => {
                self.bump();
                Kind::Text(self.closed('\'', line, "a text")?)
            }
            '\'' => Kind::Text(self.closed('\'', line, "a text")?),
            '[' => Kind::Word {
                text: self.closed(']', line, "a name in brackets")?,
                quoted: true,
            },
            '"' => Kind::Word {
                text: self.closed('"', line, "a name in quotation marks")?,
                quoted: true,
            },
            '0' if self.peek().is_some_and(|next| matches!(next, 'x' | 'X')) => {
                self.bump();
                Kind::Hex(self.run_of(|letter| letter.is_ascii_hexdigit()))
            }
            digit if digit.is_ascii_digit() => {
                let rest = self.run_of(|letter| letter.is_ascii_digit() || letter == '.');
                Kind::Number(format!("{digit}{rest}"))
            }
            letter if is_of_name(letter) => {
                let rest = self.run_of(is_of_name);
                Kind::Word {
                    text: format!("{letter}{rest}"),
                    quoted: false,
                }
            }
            sign => Kind::Sign(sign),
        })
    }

    fn run_of(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let mut text = String::new();
        while let Some(letter) = self.peek().filter(|letter| belongs(*letter)) {
            text.push(letter);
            self.bump();
        }
        text
    }

    /// A text up to its mark; a doubled mark is one of it.
    fn closed(&mut self, mark: char, line: usize, what: &'static str) -> Result<String, TsqlFault> {
        let mut text = String::new();
        loop {
            match self.bump() {
                Some(letter) if letter == mark => {
                    if self.peek() != Some(mark) {
                        return Ok(text);
                    }
                    self.bump();
                    text.push(mark);
                }
                Some(letter) => text.push(letter),
                None => return Err(TsqlFault::Open { line, what }),
            }
        }
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '@' | '#' | '$')
}
