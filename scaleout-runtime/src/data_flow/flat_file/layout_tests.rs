//! Flat File Source: how files are split into rows and fields.

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::pipeline::Disposition::FailComponent;

use super::testing::{STR, delimited, fixed, qualified, source, with};

type Case = (
    &'static str,
    ConnectionManager,
    &'static str,
    &'static [&'static str],
);

/// Reads files with two text columns; each row as `a|b`, NULL as `∅`.
fn check(cases: Vec<Case>) {
    for (name, manager, text, expected) in cases {
        let read = source(manager, &[STR, STR], FailComponent).read(text);
        assert_eq!(read.failure, None, "{name}");
        let rows: Vec<String> = read.rows.iter().map(|row| row.join("|")).collect();
        assert_eq!(rows, expected, "{name}");
    }
}

fn plain() -> ConnectionManager {
    delimited(&["a", "b"])
}

fn old(manager: ConnectionManager) -> ConnectionManager {
    with(manager, "AlwaysCheckForRowDelimiters", "False")
}

fn named() -> ConnectionManager {
    with(plain(), "ColumnNamesInFirstDataRow", "True")
}

#[test]
fn delimiters_end_fields_and_rows() {
    let mut several = plain();
    several.flat_file_columns[0].delimiter = "::".to_owned();
    several.flat_file_columns[1].delimiter = ",\r\n".to_owned();
    let mut by_line = plain();
    by_line.flat_file_columns[0].delimiter = "\r\n".to_owned();
    let mut of_row = plain();
    of_row.flat_file_columns[1].delimiter = String::new();
    let of_row = with(of_row, "RowDelimiter", "\n");
    check(vec![
        ("plain", plain(), "1,2\r\n3,4\r\n", &["1|2", "3|4"]),
        (
            "last row without delimiter",
            plain(),
            "1,2\r\n3,4",
            &["1|2", "3|4"],
        ),
        ("empty fields", plain(), ",\r\n1,\r\n", &["|", "1|"]),
        ("short row", plain(), "1\r\n2,3\r\n", &["1|∅", "2|3"]),
        ("blank line", plain(), "\r\n2,3\r\n", &["|∅", "2|3"]),
        ("surplus delimiters", plain(), "1,2,3,4\r\n", &["1|2,3,4"]),
        ("old short row", old(plain()), "1\r\n2,3\r\n", &["1\r\n2|3"]),
        ("old partial row", old(plain()), "1,2\r\n3", &["1|2"]),
        ("lone CR and LF", plain(), "1\r,2\n\r\n", &["1\r|2\n"]),
        ("several characters", several, "a:b::c,d,\r\n", &["a:b|c,d"]),
        (
            "a column a line",
            by_line,
            "1\r\n2\r\n3\r\n4\r\n",
            &["1|2", "3|4"],
        ),
        (
            "row delimiter of its own",
            of_row,
            "1,2\n3,4\n",
            &["1|2", "3|4"],
        ),
    ]);
}

#[test]
fn qualifiers_enclose_whatever_they_enclose() {
    let quoted = || qualified(plain());
    check(vec![
        (
            "delimiters inside",
            quoted(),
            "\"a,\r\nb\",\"c\"\r\nd,e\r\n",
            &["a,\r\nb|c", "d|e"],
        ),
        (
            "doubled",
            quoted(),
            "\"\"\"a\"\"b\",\"\"\"\"\r\n",
            &["\"a\"b|\""],
        ),
        ("empty", quoted(), "\"\",\"\"", &["|"]),
        ("not at the start", quoted(), "a\"b\",c\r\n", &["a\"b\"|c"]),
        ("in a short row", quoted(), "\"a\"\r\n", &["a|∅"]),
        ("none declared", plain(), "\"a\",b\r\n", &["\"a\"|b"]),
    ]);
}

#[test]
fn everything_before_the_data_is_skipped() {
    check(vec![
        ("names", named(), "a,b\r\n1,2\r\n", &["1|2"]),
        ("names only", named(), "a,b\r\n", &[]),
        ("names only, without delimiter", named(), "a,b", &[]),
        (
            "rows to skip",
            with(named(), "HeaderRowsToSkip", "2"),
            "x\r\n\"y\r\na,b\r\n1,2\r\n",
            &["1|2"],
        ),
        (
            "another delimiter in the header",
            with(named(), "HeaderRowDelimiter", "\n"),
            "a,b\n1,2\r\n",
            &["1|2"],
        ),
        (
            "a delimiter in the header that the file does not have",
            with(named(), "HeaderRowDelimiter", ",\r\n"),
            "a,b\r\n1,2\r\n",
            &["1|2"],
        ),
        (
            "a delimiter in the header that separates columns",
            with(named(), "HeaderRowDelimiter", ","),
            "a,b\r\n1,2\r\n",
            &["1|2"],
        ),
        (
            "data rows to skip",
            with(named(), "DataRowsToSkip", "1"),
            "a,b\r\n1,2\r\n3,4\r\n",
            &["3|4"],
        ),
    ]);
}

#[test]
fn widths_end_fields_and_ragged_rows_end_early() {
    let ragged = || fixed(&[("a", 2), ("b", 0)]);
    let two = || fixed(&[("a", 2), ("b", 3)]);
    check(vec![
        ("fixed", two(), "1 abc22x  ", &["1 |abc", "22|x  "]),
        ("line breaks are data", two(), "1 \r\nx", &["1 |\r\nx"]),
        (
            "ragged",
            ragged(),
            "1 abc\r\n22\r\n3",
            &["1 |abc", "22|", "3|∅"],
        ),
        ("ragged and empty", ragged(), "\r\n12\r\n", &["|∅", "12|"]),
        ("old ragged", old(ragged()), "1\r\nab\r\n", &["1\r|\nab"]),
    ]);
    let three = fixed(&[("a", 2), ("b", 2), ("c", 0)]);
    let read = source(three, &[STR, STR, STR], FailComponent).read("12\r\n123\r\n1234\r\n");
    assert_eq!(
        read.rows,
        [["12", "∅", "∅"], ["12", "3", "∅"], ["12", "34", ""]]
    );
}
