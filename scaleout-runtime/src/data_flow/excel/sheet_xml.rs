//! Rows that are added to the XML of a sheet, and the style that dates need.
//!
//! Only what is added is written; every other byte of the document stays.

use std::fmt::Write;

use super::names::letters;
use crate::value::{TICKS_PER_DAY, Value};

/// The last row of a sheet.
pub(super) const MOST_ROWS: u32 = 1_048_576;
/// The most characters of one cell.
pub(super) const LONGEST_CELL: usize = 32_767;
/// Days from the day 0 of Excel to 1970-01-01.
const DAYS_TO_1970: f64 = 25_569.0;

/// A document with a prefix before the names of its elements, which most do not have.
pub(super) struct SheetXml {
    text: String,
    prefix: String,
}

/// Styles of cells that hold moments and days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DateStyles {
    /// Date and time.
    pub moment: u32,
    /// Date.
    pub day: u32,
}

impl SheetXml {
    /// Takes a document; `None` when it has no rows to add to.
    pub(super) fn new(text: String) -> Option<Self> {
        let at = text.find("sheetData")?;
        let prefix = text[..at].rsplit_once('<')?.1.to_owned();
        let is_prefix = prefix.is_empty() || prefix.ends_with(':');
        is_prefix.then_some(Self { text, prefix })
    }

    /// The number of the last row, from 1; 0 without rows.
    pub(super) fn last_row(&self) -> u32 {
        let start = format!("<{}row", self.prefix);
        let mut last = 0;
        for (at, _) in self.text.match_indices(&start) {
            let rest = &self.text[at + start.len()..];
            let (Some(end), true) = (
                rest.find('>'),
                rest.starts_with([' ', '>', '/', '\r', '\n']),
            ) else {
                continue;
            };
            let number = rest[..end].split_once(" r=\"").and_then(|(_, after)| {
                let (number, _) = after.split_once('"')?;
                number.parse::<u32>().ok()
            });
            last = number.unwrap_or(last + 1).max(last);
        }
        last
    }

    /// The document with rows behind its last one.
    pub(super) fn with_rows(mut self, rows: &str) -> Option<String> {
        let prefix = &self.prefix;
        let empty = [
            format!("<{prefix}sheetData/>"),
            format!("<{prefix}sheetData />"),
        ];
        if let Some(found) = empty.iter().find(|tag| self.text.contains(tag.as_str())) {
            let whole = format!("<{prefix}sheetData>{rows}</{prefix}sheetData>");
            return Some(self.text.replacen(found.as_str(), &whole, 1));
        }
        let at = self.text.rfind(&format!("</{prefix}sheetData>"))?;
        self.text.insert_str(at, rows);
        // The extent is a hint that is wrong now; without it readers look themselves.
        let start = self.text.find(&format!("<{}dimension ", self.prefix));
        if let Some(start) = start
            && let Some(end) = self.text[start..].find("/>")
        {
            self.text.replace_range(start..start + end + 2, "");
        }
        Some(self.text)
    }

    /// Adds one row: for each cell its column, from 0, and its value.
    pub(super) fn append_row(
        &self,
        number: u32,
        cells: impl Iterator<Item = (u32, Value, bool)>,
        styles: DateStyles,
        rows: &mut String,
    ) {
        let prefix = &self.prefix;
        let mut cells: Vec<_> = cells.collect();
        cells.sort_by_key(|(column, _, _)| *column);
        put(rows, format_args!("<{prefix}row r=\"{number}\">"));
        for (column, value, is_day) in cells {
            let place = format!("{}{number}", letters(column));
            let style = if is_day { styles.day } else { styles.moment };
            self.append_cell(&place, &value, style, rows);
        }
        put(rows, format_args!("</{prefix}row>"));
    }

    fn append_cell(&self, place: &str, value: &Value, style: u32, rows: &mut String) {
        let p = &self.prefix;
        match value {
            Value::Bool(truth) => {
                let truth = u8::from(*truth);
                put(
                    rows,
                    format_args!("<{p}c r=\"{place}\" t=\"b\"><{p}v>{truth}</{p}v></{p}c>"),
                );
            }
            Value::R8(number) => {
                put(
                    rows,
                    format_args!("<{p}c r=\"{place}\"><{p}v>{number}</{p}v></{p}c>"),
                );
            }
            Value::Timestamp(ticks) => {
                let serial = *ticks as f64 / TICKS_PER_DAY as f64 + DAYS_TO_1970;
                put(
                    rows,
                    format_args!("<{p}c r=\"{place}\" s=\"{style}\"><{p}v>{serial}</{p}v></{p}c>"),
                );
            }
            Value::Str(text) => {
                let text = escaped(text);
                put(
                    rows,
                    format_args!(
                        "<{p}c r=\"{place}\" t=\"inlineStr\"><{p}is><{p}t xml:space=\"preserve\">{text}</{p}t></{p}is></{p}c>"
                    ),
                );
            }
            _ => {}
        }
    }
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments)
        .expect("writing to a string does not fail");
}

/// Text as XML; characters that XML does not have are written as Excel writes them.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' => escaped.push(letter),
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {
                put(&mut escaped, format_args!("_x{:04X}_", u32::from(letter)));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// The styles of a workbook with two more, for moments and days.
pub(super) fn with_date_styles(styles: &str) -> Option<(String, DateStyles)> {
    let at = styles.find("cellXfs")?;
    let prefix = styles[..at].rsplit_once('<')?.1;
    let close = format!("</{prefix}cellXfs>");
    let end = styles.find(&close)?;
    let count = styles[at..end].matches(&format!("<{prefix}xf ")).count();
    let count = u32::try_from(count).ok()?;
    let style = |format: u32| {
        format!(
            "<{prefix}xf numFmtId=\"{format}\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>"
        )
    };
    let mut changed = styles.to_owned();
    changed.insert_str(end, &(style(22) + &style(14)));
    // The number of styles stands in the element, where it is there at all.
    let head_end = at + changed[at..].find('>')?;
    let head = changed[at..head_end].to_owned();
    if let Some((before, after)) = head.split_once("count=\"")
        && let Some((_, behind)) = after.split_once('"')
    {
        let head = format!("{before}count=\"{}\"{behind}", count + 2);
        changed.replace_range(at..head_end, &head);
    }
    let styles = DateStyles {
        moment: count,
        day: count + 1,
    };
    Some((changed, styles))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLES: DateStyles = DateStyles { moment: 3, day: 4 };

    #[test]
    fn rows_are_added_behind_the_last_one_whatever_the_prefix() {
        for (text, last, expected) in [
            (
                "<worksheet><sheetData/></worksheet>",
                0,
                "<worksheet><sheetData>+</sheetData></worksheet>",
            ),
            (
                "<x:ws><x:dimension ref=\"A1\"/><x:sheetData><x:row r=\"7\"/></x:sheetData></x:ws>",
                7,
                "<x:ws><x:sheetData><x:row r=\"7\"/>+</x:sheetData></x:ws>",
            ),
            (
                "<w><sheetData><row><c/></row><row spans=\"1\" r=\"5\"></row><rowBreaks/></sheetData></w>",
                5,
                "<w><sheetData><row><c/></row><row spans=\"1\" r=\"5\"></row><rowBreaks/>+</sheetData></w>",
            ),
        ] {
            let sheet = SheetXml::new(text.to_owned()).unwrap();
            assert_eq!(sheet.last_row(), last, "{text}");
            assert_eq!(sheet.with_rows("+").unwrap(), expected);
        }
        assert!(SheetXml::new("<chartsheet/>".to_owned()).is_none());
    }

    #[test]
    fn values_keep_their_kind() {
        let sheet = SheetXml::new("<w><sheetData/></w>".to_owned()).unwrap();
        let cells = [
            (27, Value::Str("a<&\u{0}".into()), false),
            (0, Value::R8(1.5), false),
            (1, Value::Bool(true), false),
            (2, Value::Timestamp(TICKS_PER_DAY / 2), true),
            (3, Value::Null, false),
        ];
        let mut rows = String::new();
        sheet.append_row(9, cells.into_iter(), STYLES, &mut rows);
        assert_eq!(
            rows,
            "<row r=\"9\"><c r=\"A9\"><v>1.5</v></c><c r=\"B9\" t=\"b\"><v>1</v></c><c r=\"C9\" s=\"4\"><v>25569.5</v></c><c r=\"AB9\" t=\"inlineStr\"><is><t xml:space=\"preserve\">a&lt;&amp;_x0000_</t></is></c></row>"
        );
    }

    #[test]
    fn styles_of_dates_are_added() {
        let styles = "<s><cellStyleXfs><xf a=\"1\"/></cellStyleXfs><cellXfs count=\"2\"><xf a=\"1\"/><xf b=\"1\"/></cellXfs></s>";
        let (changed, added) = with_date_styles(styles).unwrap();
        assert_eq!((added.moment, added.day), (2, 3));
        assert!(
            changed.contains("cellXfs count=\"4\"><xf a=\"1\"/><xf b=\"1\"/><xf numFmtId=\"22\"")
        );
    }
}
