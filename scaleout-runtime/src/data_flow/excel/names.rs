//! Names of sheets, ranges and columns.

/// A part of a sheet, from 0; `None` is as far as there are cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Area {
    /// First row and column.
    pub start: Option<(u32, u32)>,
    /// Last row and column.
    pub end: Option<(u32, u32)>,
}

/// What a package calls a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TableName {
    /// `Sheet1$`, `Sheet1$A1:C9`
    Sheet(String, Area),
    /// A range with a name.
    Range(String),
}

impl TableName {
    /// Reads `Sheet1$`, `[Sheet1$]`, `'My sheet$'`, `Sheet1$A1:C9`, `MyRange`.
    pub(super) fn parse(text: &str) -> Self {
        let mut name = text.trim();
        for (open, close) in [('[', ']'), ('`', '`'), ('"', '"'), ('\'', '\'')] {
            let inner = name
                .strip_prefix(open)
                .and_then(|it| it.strip_suffix(close));
            name = inner.unwrap_or(name);
        }
        match name.rsplit_once('$') {
            None => Self::Range(name.to_owned()),
            Some((sheet, area)) => {
                let sheet = sheet.trim_matches('\'').replace("''", "'");
                Self::Sheet(sheet, parse_area(area).unwrap_or_default())
            }
        }
    }

    /// Reads what a defined name stands for: `Sheet1!$A$1:$C$9`.
    pub(super) fn parse_formula(formula: &str) -> Option<Self> {
        let (sheet, area) = formula.trim_start_matches('=').rsplit_once('!')?;
        let sheet = sheet.trim_matches('\'').replace("''", "'");
        Some(Self::Sheet(sheet, parse_area(area)?))
    }
}

/// `A1:C9`, `$A$1:$C$9`, `A:C`, `B2`.
fn parse_area(text: &str) -> Option<Area> {
    let text = text.replace('$', "");
    if text.is_empty() {
        return None;
    }
    let (start, end) = text.split_once(':').unwrap_or((&text, &text));
    let ((start_column, start_row), (end_column, end_row)) = (cell(start)?, cell(end)?);
    Some(Area {
        start: Some((start_row.unwrap_or(0), start_column)),
        end: Some((end_row.unwrap_or(u32::MAX), end_column)),
    })
}

/// Column and row of `B2`, from 0; a column alone has no row.
fn cell(text: &str) -> Option<(u32, Option<u32>)> {
    let digits = text.find(|letter: char| letter.is_ascii_digit());
    let (letters, digits) = text.split_at(digits.unwrap_or(text.len()));
    if letters.is_empty() || 3 < letters.len() {
        return None;
    }
    let mut column = 0;
    for letter in letters.chars() {
        let letter = letter.to_ascii_uppercase();
        if !letter.is_ascii_uppercase() {
            return None;
        }
        column = column * 26 + (u32::from(letter) - u32::from('A') + 1);
    }
    let row = match digits {
        "" => None,
        digits => Some(digits.parse::<u32>().ok()?.checked_sub(1)?),
    };
    Some((column - 1, row))
}

/// `A`, `B`, … `AA`: the letters of a column, from 0.
pub(super) fn letters(column: u32) -> String {
    let mut rest = column + 1;
    let mut letters = Vec::new();
    while 0 < rest {
        let digit = (rest - 1) % 26;
        letters.push(char::from(b'A' + u8::try_from(digit).unwrap_or(0)));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// Names of columns as the provider makes them of a row of texts: what a name may not hold is
/// replaced, an empty one is `F` and its number, one that repeats gets a number.
pub(super) fn column_names(texts: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        let cleaned: String = text
            .trim()
            .chars()
            .take(64)
            .map(|letter| match letter {
                '.' => '#',
                '!' | '`' => '_',
                '[' => '(',
                ']' => ')',
                other if other.is_control() => '_',
                other => other,
            })
            .collect();
        let base = match cleaned.as_str() {
            "" => format!("F{}", at + 1),
            name => name.to_owned(),
        };
        let is_taken = |name: &str| names.iter().any(|other| other.eq_ignore_ascii_case(name));
        let numbered = (1..).map(|number| format!("{base}{number}"));
        let name = std::iter::once(base.clone())
            .chain(numbered)
            .find(|name| !is_taken(name));
        names.push(name.unwrap_or(base));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(name: &str, area: Area) -> TableName {
        TableName::Sheet(name.to_owned(), area)
    }

    fn area(start: (u32, u32), end: (u32, u32)) -> Area {
        Area {
            start: Some(start),
            end: Some(end),
        }
    }

    #[test]
    fn every_way_to_name_a_table_is_understood() {
        for (text, expected) in [
            ("Sheet1$", sheet("Sheet1", Area::default())),
            ("[Sheet1$]", sheet("Sheet1", Area::default())),
            ("'My sheet$'", sheet("My sheet", Area::default())),
            ("`It''s$`", sheet("It's", Area::default())),
            ("Sheet1$B2:AA10", sheet("Sheet1", area((1, 1), (9, 26)))),
            ("[Sheet1$A:C]", sheet("Sheet1", area((0, 0), (u32::MAX, 2)))),
            ("Numbers", TableName::Range("Numbers".to_owned())),
        ] {
            assert_eq!(TableName::parse(text), expected, "{text}");
        }
        let defined = TableName::parse_formula("'My sheet'!$A$1:$C$9");
        assert_eq!(defined, Some(sheet("My sheet", area((0, 0), (8, 2)))));
        assert_eq!(TableName::parse_formula("SUM(1)"), None);
    }

    #[test]
    fn letters_are_the_reverse_of_what_is_read() {
        for column in [0, 1, 25, 26, 27, 701, 702, 16_383] {
            assert_eq!(cell(&letters(column)), Some((column, None)));
        }
        assert_eq!(letters(16_383), "XFD");
    }

    #[test]
    fn names_of_columns_are_those_of_the_provider() {
        let texts = ["Id", "Unit.Price", "", "id", "[x]!"].map(str::to_owned);
        assert_eq!(
            column_names(&texts),
            ["Id", "Unit#Price", "F3", "id1", "(x)_"]
        );
    }
}
