//! The queries that run on a workbook: all rows of a table, with all or some of its columns.

use super::error::ExcelError;
use super::names::TableName;

/// A query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    /// What is read.
    pub table: TableName,
    /// Names of the columns; all of them when empty.
    pub columns: Vec<String>,
}

impl Query {
    /// All columns of a table.
    pub(super) fn of_table(name: &str) -> Self {
        Self {
            table: TableName::parse(name),
            columns: Vec::new(),
        }
    }

    /// Reads `SELECT a, [b] FROM [Sheet1$]`.
    pub(super) fn parse(sql: &str) -> Result<Self, ExcelError> {
        let words = words(sql);
        let refused = || ExcelError::Query {
            sql: crate::connections::shortened(sql),
        };
        let is = |word: Option<&Word>, text: &str| {
            word.is_some_and(|word| !word.quoted && word.text.eq_ignore_ascii_case(text))
        };
        let from = words.iter().position(|word| is(Some(word), "from"));
        let (true, Some(from)) = (is(words.first(), "select"), from) else {
            return Err(refused());
        };
        let [table] = &words[from + 1..] else {
            return Err(refused());
        };
        let listed = &words[1..from];
        let columns = match listed {
            [star] if !star.quoted && star.text == "*" => Vec::new(),
            list => {
                let parts: Vec<&[Word]> = list.split(|word| is(Some(word), ",")).collect();
                let names = parts.into_iter().map(|part| match part {
                    [name] if name.text != "*" => Ok(name.text.clone()),
                    _ => Err(refused()),
                });
                names.collect::<Result<_, _>>()?
            }
        };
        Ok(Self {
            table: TableName::parse(&table.text),
            columns,
        })
    }
}

struct Word {
    text: String,
    quoted: bool,
}

/// Words, commas and quoted names; a semicolon at the end is none.
fn words(sql: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut letters = sql.trim().trim_end_matches(';').chars().peekable();
    while let Some(letter) = letters.next() {
        let close = match letter {
            '[' => Some(']'),
            '`' | '"' => Some(letter),
            _ => None,
        };
        if let Some(close) = close {
            let text = letters.by_ref().take_while(|next| *next != close).collect();
            words.push(Word { text, quoted: true });
        } else if letter == ',' {
            let text = ",".to_owned();
            words.push(Word {
                text,
                quoted: false,
            });
        } else if !letter.is_whitespace() {
            let mut text = letter.to_string();
            while let Some(next) = letters.next_if(|it| !it.is_whitespace() && *it != ',') {
                text.push(next);
            }
            words.push(Word {
                text,
                quoted: false,
            });
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selections_are_read_and_more_is_refused() {
        let read = |sql: &str| Query::parse(sql).map_err(|error| error.to_string());
        let all = read("select * from [My sheet$A1:B9];").unwrap();
        assert_eq!(all, Query::of_table("My sheet$A1:B9"));
        let some = read("SELECT Id, [Unit Price] ,`x`\r\nFROM `Sheet1$`").unwrap();
        assert_eq!(some.columns, ["Id", "Unit Price", "x"]);
        for sql in [
            "select * from [a$] where x = 1",
            "select count(*) , * from [a$]",
            "select a b from [a$]",
            "delete from [a$]",
            "",
        ] {
            let refused = read(sql).unwrap_err();
            assert!(refused.contains("SO5013"), "{refused}");
        }
    }
}
