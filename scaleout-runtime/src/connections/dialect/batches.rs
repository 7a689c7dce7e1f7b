//! Batches of a script: parted by `GO` on a line of its own.

/// One batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch<'a> {
    /// Text between two `GO` lines.
    pub sql: &'a str,
    /// How often it runs: `GO 5`.
    pub times: u32,
}

/// The batches of a script, empty ones left out.
///
/// A `GO` inside a comment or a string literal does not count.
#[must_use]
pub fn split_batches(script: &str) -> Vec<Batch<'_>> {
    let mut batches = Vec::new();
    let mut state = State::Plain;
    let (mut start, mut at) = (0, 0);
    for line in script.split_inclusive('\n') {
        let end = at + line.len();
        match separator(line).filter(|_| state == State::Plain) {
            Some(times) => {
                push(&mut batches, &script[start..at], times);
                start = end;
            }
            None => state = state.after(line),
        }
        at = end;
    }
    push(&mut batches, &script[start..], 1);
    batches
}

fn push<'a>(batches: &mut Vec<Batch<'a>>, sql: &'a str, times: u32) {
    if !sql.trim().is_empty() {
        batches.push(Batch { sql, times });
    }
}

/// `GO`, `go 5`, `GO -- why`: how often the batch before it runs.
fn separator(line: &str) -> Option<u32> {
    let code = line.split("--").next().unwrap_or("");
    let mut words = code.split_whitespace();
    if !words
        .next()?
        .trim_end_matches(';')
        .eq_ignore_ascii_case("go")
    {
        return None;
    }
    let times = words.next().map_or(Some(1), |word| word.parse().ok());
    times.filter(|_| words.next().is_none())
}

/// What a line starts inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Plain,
    Quoted(char),
    /// Comments nest in T-SQL.
    Comment(u32),
}

impl State {
    fn after(mut self, line: &str) -> Self {
        let mut characters = line.chars().peekable();
        while let Some(character) = characters.next() {
            self = match (self, character, characters.peek()) {
                (Self::Plain, '-', Some('-')) => return self,
                (Self::Plain, '/', Some('*')) => {
                    characters.next();
                    Self::Comment(1)
                }
                (Self::Plain, '\'' | '"', _) => Self::Quoted(character),
                (Self::Plain, '[', _) => Self::Quoted(']'),
                // A doubled quote ends and begins again, which comes to the same.
                (Self::Quoted(close), found, _) if found == close => Self::Plain,
                (Self::Comment(depth), '/', Some('*')) => {
                    characters.next();
                    Self::Comment(depth + 1)
                }
                (Self::Comment(depth), '*', Some('/')) => {
                    characters.next();
                    if depth <= 1 {
                        Self::Plain
                    } else {
                        Self::Comment(depth - 1)
                    }
                }
                (unchanged, _, _) => unchanged,
            };
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(script: &str) -> Vec<(String, u32)> {
        let batches = split_batches(script);
        batches
            .iter()
            .map(|batch| (batch.sql.trim().to_owned(), batch.times))
            .collect()
    }

    #[test]
    fn go_lines_part_batches() {
        let one = |sql: &str, times| (sql.to_owned(), times);
        for (script, batches) in [
            ("select 1", vec![one("select 1", 1)]),
            ("a\nGO\nb\r\n go 3 \r\n", vec![one("a", 1), one("b", 3)]),
            ("a\nGO -- end\nGO\n", vec![one("a", 1)]),
            ("a\nGO;\nb", vec![one("a", 1), one("b", 1)]),
            ("select 'x\nGO\ny'", vec![one("select 'x\nGO\ny'", 1)]),
            (
                "/* a /* b */\nGO\n*/ c",
                vec![one("/* a /* b */\nGO\n*/ c", 1)],
            ),
            ("-- it's\nGO\nb", vec![one("-- it's", 1), one("b", 1)]),
            ("[a\nGO\n]", vec![one("[a\nGO\n]", 1)]),
            ("GOTO x\ngo on", vec![one("GOTO x\ngo on", 1)]),
            ("", vec![]),
        ] {
            assert_eq!(texts(script), batches, "{script:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_lost(parts in proptest::collection::vec("[a-z ]{1,9}", 1..5)) {
            let expected: Vec<(String, u32)> = parts
                .iter()
                .filter(|part| !part.trim().is_empty())
                .map(|part| (part.trim().to_owned(), 1))
                .collect();
            prop_assume!(parts.iter().all(|part| !part.trim().eq_ignore_ascii_case("go")));
            prop_assert_eq!(texts(&parts.join("\nGO\n")), expected);
        }
    }
}
