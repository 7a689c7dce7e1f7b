//! The call of one stored procedure, in T-SQL or ODBC's braces.

/// A statement that is one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// `?` or `@name` that takes the return value.
    pub(super) returns: Option<String>,
    /// As written, brackets included.
    name: Vec<String>,
    /// In their order.
    arguments: Vec<Argument>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Argument {
    name: Option<String>,
    value: Word,
}

/// A piece of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    /// A name, plain, in brackets or in double quotes.
    Name(String),
    /// `?` or `@name`.
    Mark(String),
    /// A number or a string, as written.
    Literal(String),
    Sign(char),
}

/// What stands for a mark in the call of another database.
pub(super) enum Stands {
    /// A parameter: the binding with that number.
    Input(usize),
    /// Nothing goes in: the place is for what comes out.
    Output,
}

impl Call {
    /// Reads `EXEC ? = p ?, @x = ? OUTPUT`, `{? = call p(?)}`, `CALL p(?)`; `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut words = words(text)?;
        while words.last() == Some(&Word::Sign(';')) {
            words.pop();
        }
        let braced = words.first() == Some(&Word::Sign('{'));
        if braced && words.pop() != Some(Word::Sign('}')) {
            return None;
        }
        let mut rest = Reader {
            words: &words[usize::from(braced)..],
        };
        let mut returns = braced.then(|| rest.assignment()).flatten();
        let verb = rest.name()?.to_ascii_lowercase();
        if !matches!(verb.as_str(), "exec" | "execute" | "call") || (braced && verb != "call") {
            return None;
        }
        if verb != "call" {
            returns = rest.assignment();
        }
        let mut name = vec![rest.name()?];
        while rest.sign('.') {
            // `db..p` leaves the schema to the server.
            if rest.words.first() != Some(&Word::Sign('.')) {
                name.push(rest.name()?);
            }
        }
        let arguments = rest.arguments()?;
        rest.words.is_empty().then_some(Self {
            returns,
            name,
            arguments,
        })
    }

    /// The call with a `?` for each input and nothing for what comes out, still in T-SQL, and the
    /// bindings of its `?` in their order. The connection knows what the procedure is in its
    /// database, and says it there in that database's words.
    pub(super) fn without_outputs(
        &self,
        gives_rows: bool,
        stands: impl Fn(&str, usize) -> Option<Stands>,
    ) -> Result<(String, Vec<usize>), String> {
        let mut inputs = Vec::new();
        let mut seen = usize::from(self.returns.as_deref() == Some("?"));
        let mut arguments = Vec::with_capacity(self.arguments.len());
        for argument in &self.arguments {
            let value = match &argument.value {
                Word::Mark(mark) => {
                    let stands = stands(mark, seen);
                    seen += usize::from(mark == "?");
                    match stands {
                        Some(Stands::Input(binding)) => {
                            inputs.push(binding);
                            "?".to_owned()
                        }
                        Some(Stands::Output) if self.returns.is_some() || gives_rows => {
                            return Err(
                                "a function of PostgreSQL gives its return value or rows; \
                                        it cannot give output parameters besides"
                                    .to_owned(),
                            );
                        }
                        Some(Stands::Output) => "NULL".to_owned(),
                        None => return Err(format!("no parameter stands for `{mark}`")),
                    }
                }
                Word::Name(word) if word.eq_ignore_ascii_case("null") => "NULL".to_owned(),
                // T-SQL takes a bare word as a text.
                Word::Name(word) => format!("'{}'", word.replace('\'', "''")),
                Word::Literal(text) => text.clone(),
                Word::Sign(sign) => sign.to_string(),
            };
            arguments.push(match &argument.name {
                Some(name) => format!("{name} = {value}"),
                None => value,
            });
        }
        let name: Vec<String> = self.name.iter().map(|part| bracketed(part)).collect();
        let call = format!("EXEC {} {}", name.join("."), arguments.join(", "));
        Ok((call.trim_end().to_owned(), inputs))
    }
}

fn bracketed(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

struct Reader<'w> {
    words: &'w [Word],
}

impl Reader<'_> {
    fn take(&mut self) -> Option<Word> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first.clone())
    }

    fn name(&mut self) -> Option<String> {
        match self.take()? {
            Word::Name(name) => Some(name),
            _ => None,
        }
    }

    fn sign(&mut self, sign: char) -> bool {
        let found = self.words.first() == Some(&Word::Sign(sign));
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    /// `? =` or `@name =`.
    fn assignment(&mut self) -> Option<String> {
        let [Word::Mark(mark), Word::Sign('='), rest @ ..] = self.words else {
            return None;
        };
        self.words = rest;
        Some(mark.clone())
    }

    fn arguments(&mut self) -> Option<Vec<Argument>> {
        let enclosed = self.sign('(');
        let mut arguments = Vec::new();
        let at_end = |rest: &Self| {
            rest.words.is_empty() || (enclosed && rest.words.first() == Some(&Word::Sign(')')))
        };
        while !at_end(self) {
            if !arguments.is_empty() && !self.sign(',') {
                return None;
            }
            let name = self.assignment();
            let value = self.take()?;
            if matches!(value, Word::Sign(_)) {
                return None;
            }
            let is_output = |word: &str| matches!(word, "out" | "output");
            if let Some(Word::Name(word)) = self.words.first()
                && is_output(&word.to_ascii_lowercase())
            {
                self.words = &self.words[1..];
            }
            arguments.push(Argument { name, value });
        }
        (!enclosed || self.sign(')')).then_some(arguments)
    }
}

/// The words of a text; `None` for what a call does not have.
fn words(text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, length) = match first {
            '-' if rest.starts_with("--") => (None, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => (None, rest.find("*/")? + 2),
            '\'' => quote(rest, 0).map(|end| (Some(Word::Literal(rest[..end].to_owned())), end))?,
            'N' if rest.starts_with("N'") => {
                quote(rest, 1).map(|end| (Some(Word::Literal(rest[..end].to_owned())), end))?
            }
            '[' => rest
                .find(']')
                .map(|end| (Some(Word::Name(rest[1..end].to_owned())), end + 1))?,
            '"' => rest[1..]
                .find('"')
                .map(|end| (Some(Word::Name(rest[1..=end].to_owned())), end + 2))?,
            '?' => (Some(Word::Mark("?".to_owned())), 1),
            '@' => {
                let length = 1 + run(&rest[1..], |letter| is_word(letter) || letter == '@');
                (Some(Word::Mark(rest[..length].to_owned())), length)
            }
            '0'..='9' | '-' | '+' => {
                let length = 1 + run(&rest[1..], |letter| {
                    letter.is_ascii_alphanumeric() || letter == '.'
                });
                (Some(Word::Literal(rest[..length].to_owned())), length)
            }
            letter if letter.is_alphabetic() || matches!(letter, '_' | '#') => {
                let length = run(rest, |letter| is_word(letter) || letter == '#');
                (Some(Word::Name(rest[..length].to_owned())), length)
            }
            '=' | ',' | '(' | ')' | '{' | '}' | ';' | '.' => (Some(Word::Sign(first)), 1),
            _ => return None,
        };
        words.extend(word);
        rest = rest[length..].trim_start();
    }
    Some(words)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '$')
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|letter| !belongs(letter)).unwrap_or(text.len())
}

/// Where the string that opens at `at` ends; quotes inside are doubled.
fn quote(text: &str, at: usize) -> Option<usize> {
    let mut from = at + 1;
    loop {
        from += text[from..].find('\'')? + 1;
        match text[from..].starts_with('\'') {
            true => from += 1,
            false => return Some(from),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `?` are numbered; `@o` and the third mark are outputs.
    fn marked(text: &str, gives_rows: bool) -> Option<Result<(String, Vec<usize>), String>> {
        let call = Call::parse(text)?;
        Some(
            call.without_outputs(gives_rows, |mark, at| match (mark, at) {
                ("@o", _) | ("?", 2) => Some(Stands::Output),
                ("?", at) => Some(Stands::Input(at)),
                ("@i", _) => Some(Stands::Input(7)),
                _ => None,
            }),
        )
    }

    #[test]
    fn calls_are_read_in_all_their_forms() {
        for (text, sql, inputs) in [
            ("EXEC p", "EXEC [p]", vec![]),
            (
                "exec [dbo].[Load It] ?, 'it''s', N'x', -1.5, abc, NULL;",
                "EXEC [dbo].[Load It] ?, 'it''s', N'x', -1.5, 'abc', NULL",
                vec![0],
            ),
            (
                "EXECUTE db.staging.p ?, ?, ? OUTPUT -- done",
                "EXEC [db].[staging].[p] ?, ?, NULL",
                vec![0, 1],
            ),
            (
                "EXEC p @i = @i, @o = @o OUT",
                "EXEC [p] @i = ?, @o = NULL",
                vec![7],
            ),
            ("EXEC ? = p ?", "EXEC [p] ?", vec![1]),
            ("{? = call dbo.p(?)}", "EXEC [dbo].[p] ?", vec![1]),
            ("{call p (?)}", "EXEC [p] ?", vec![0]),
            ("CALL p(?, 1)", "EXEC [p] ?, 1", vec![0]),
        ] {
            let expected = Some(Ok((sql.to_owned(), inputs)));
            assert_eq!(marked(text, false), expected, "{text}");
        }
        let rows = marked("EXEC p ?", true);
        assert_eq!(rows, Some(Ok(("EXEC [p] ?".to_owned(), vec![0]))));
    }

    #[test]
    fn what_is_no_call_or_cannot_be_one_there_is_said() {
        for text in [
            "SELECT 1",
            "EXEC p; EXEC q",
            "EXEC ('x')",
            "EXEC p (",
            "",
            "EXEC",
        ] {
            assert_eq!(marked(text, false), None, "{text}");
        }
        for text in ["EXEC @o = p ?, ?, ?", "EXEC p @gone"] {
            assert!(marked(text, false).unwrap().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_left(text in "([?@=,.(){};'N\\[\\]\" a-z-]|exec |call ){0,20}") {
            let _ = Call::parse(&text);
        }
    }
}
