//! Flat File Destination: every rule of writing.

use scaleout_core::package::DataType;
use scaleout_core::package::pipeline::Disposition;

use super::testing::{
    Bench, STR, WSTR, delimited, destination, feeding, fixed, missing_in, qualified, with,
};
use crate::events::{Message, Severity};
use crate::value::Value;

const I4: DataType = DataType::I4;

fn text(text: &str) -> Value {
    Value::Str(text.into())
}

fn write(bench: &Bench, types: &[DataType], rows: &[Vec<Value>]) -> (Vec<u8>, Option<Message>) {
    bench.write(&feeding(&bench.manager, types), rows)
}

/// What a file of two text columns holds after these rows.
fn written(bench: &Bench, rows: &[[&str; 2]]) -> String {
    let rows: Vec<Vec<Value>> = rows
        .iter()
        .map(|row| row.iter().map(|value| text(value)).collect())
        .collect();
    let (bytes, failure) = write(bench, &[STR, STR], &rows);
    assert_eq!(failure, None);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn rows_are_written_by_the_rules_of_the_format() {
    let plain = || delimited(&["a", "b"]);
    let named = || with(plain(), "ColumnNamesInFirstDataRow", "True");
    let bench = |manager| destination(manager, &[STR, STR]);
    let cases = [
        ("plain", bench(plain()), "1,x\"\r\n22,\r\n"),
        ("names", bench(named()), "a,b\r\n1,x\"\r\n22,\r\n"),
        (
            "qualified",
            bench(qualified(plain())),
            "\"1\",\"x\"\"\r\n\"22\",\"\"\r\n",
        ),
        (
            "qualified names",
            bench(qualified(named())),
            "\"a\",\"b\"\r\n\"1\",\"x\"\"\r\n\"22\",\"\"\r\n",
        ),
        (
            "escaped",
            bench(qualified(plain())).set("EscapeQualifier", "true"),
            "\"1\",\"x\"\"\"\r\n\"22\",\"\"\r\n",
        ),
        (
            "header",
            bench(named()).set("Header", "top\r\nline"),
            "top\r\nline\r\na,b\r\n1,x\"\r\n22,\r\n",
        ),
        (
            "header with its end",
            bench(plain()).set("Header", "top\r\n"),
            "top\r\n1,x\"\r\n22,\r\n",
        ),
        (
            "another delimiter in the header",
            bench(with(named(), "HeaderRowDelimiter", "|")),
            "a,b|1,x\"\r\n22,\r\n",
        ),
        ("fixed", bench(fixed(&[("a", 3), ("b", 2)])), "1  x\"22   "),
        (
            "ragged",
            bench(fixed(&[("a", 3), ("b", 0)])),
            "1  x\"\r\n22 \r\n",
        ),
        (
            "ragged names",
            bench(with(
                fixed(&[("a", 3), ("b", 0)]),
                "ColumnNamesInFirstDataRow",
                "True",
            )),
            "a  b\r\n1  x\"\r\n22 \r\n",
        ),
    ];
    for (name, bench, expected) in cases {
        assert_eq!(
            written(&bench, &[["1", "x\""], ["22", ""]]),
            expected,
            "{name}"
        );
    }
}

#[test]
fn values_have_the_forms_of_the_original() {
    let types = [
        I4,
        DataType::I8,
        DataType::Bool,
        DataType::R8,
        DataType::Numeric {
            precision: 9,
            scale: 2,
        },
    ];
    let manager = || delimited(&["a", "b", "c", "d", "e"]);
    let row = vec![
        Value::I4(-7),
        Value::I8(1 << 40),
        Value::Bool(true),
        Value::R8(0.0125),
        Value::Decimal(50),
    ];
    let nulls = vec![Value::Null; 5];
    let (bytes, failure) = write(&destination(manager(), &types), &types, &[row, nulls]);
    assert_eq!(failure, None);
    assert_eq!(bytes, b"-7,1099511627776,True,0.0125,.50\r\n,,,,\r\n");
}

#[test]
fn an_unmapped_column_is_empty() {
    let mut bench = destination(delimited(&["a", "b"]), &[STR, STR]);
    bench.component.inputs[0].columns.remove(0);
    assert_eq!(written(&bench, &[["1", "2"]]), ",2\r\n");
}

#[test]
fn a_file_is_overwritten_or_continued() {
    let named = || with(delimited(&["a", "b"]), "ColumnNamesInFirstDataRow", "True");
    let bench = destination(named(), &[STR, STR]);
    written(&bench, &[["1", "2"], ["3", "4"]]);
    assert_eq!(written(&bench, &[["5", "6"]]), "a,b\r\n5,6\r\n");
    assert_eq!(
        written(&bench, &[]),
        "a,b\r\n",
        "the file is made for no rows as well"
    );

    let bench = destination(named(), &[STR, STR])
        .set("Overwrite", "false")
        .set("Header", "h");
    assert_eq!(written(&bench, &[["1", "2"]]), "h\r\na,b\r\n1,2\r\n");
    assert_eq!(written(&bench, &[["3", "4"]]), "h\r\na,b\r\n1,2\r\n3,4\r\n");
}

#[test]
fn text_is_encoded_for_the_file() {
    let manager = || delimited(&["a"]);
    let rows = vec![vec![text("é€")]];
    let unicode = [0xFF, 0xFE, 0xE9, 0, 0xAC, 0x20, b'\r', 0, b'\n', 0];
    let cases = [
        (manager(), b"\xe9\x80\r\n".to_vec()),
        (with(manager(), "CodePage", "65001"), "é€\r\n".into()),
        (with(manager(), "Unicode", "True"), unicode.to_vec()),
    ];
    for (manager, expected) in cases {
        assert_eq!(
            write(&destination(manager, &[STR]), &[STR], &rows).0,
            expected
        );
    }
    let bench = destination(with(manager(), "Unicode", "True"), &[WSTR]).set("Overwrite", "false");
    write(&bench, &[WSTR], &rows);
    let (bytes, _) = write(&bench, &[WSTR], &rows);
    assert_eq!(
        bytes,
        [&unicode[..], &unicode[2..]].concat(),
        "one mark only"
    );
}

#[test]
fn text_that_does_not_fit_fails_or_is_cut() {
    let rows = vec![vec![text("abc")], vec![text("abcd")], vec![text("e")]];
    let mut short = delimited(&["a"]);
    short.flat_file_columns[0].maximum_width = 3;
    let fixed_width = fixed(&[("a", 3)]);
    for (manager, before) in [(short, "abc\r\n"), (fixed_width, "abc")] {
        let mut bench = destination(manager, &[STR]);
        let (bytes, failure) = write(&bench, &[STR], &rows);
        let failure = failure.unwrap();
        assert_eq!((failure.code, failure.row), (0xC020_20A1, Some(2)));
        assert_eq!(failure.column.as_deref(), Some("a"));
        assert_eq!(bytes, before.as_bytes(), "whole rows before it are kept");

        bench.component.inputs[0].columns[0].truncation_row_disposition =
            Disposition::IgnoreFailure;
        let (bytes, failure) = write(&bench, &[STR], &rows);
        assert_eq!(failure, None);
        assert!(
            String::from_utf8(bytes)
                .unwrap()
                .replace("\r\n", "")
                .starts_with("abcabce")
        );
    }
}

#[test]
fn a_character_that_the_code_page_lacks_fails_or_is_replaced() {
    let rows = vec![vec![text("aЖ")]];
    let mut bench = destination(delimited(&["a"]), &[STR]);
    let failure = write(&bench, &[STR], &rows).1.unwrap();
    assert_eq!((failure.code, failure.row), (0xC020_20A1, Some(1)));
    assert!(
        failure.text.contains("no character `Ж`"),
        "{}",
        failure.text
    );
    bench.component.inputs[0].truncation_row_disposition = Disposition::IgnoreFailure;
    assert_eq!(write(&bench, &[STR], &rows).0, b"a?\r\n");
}

#[test]
fn a_file_that_cannot_be_made_says_why() {
    let mut bench = destination(delimited(&["a"]), &[STR]);
    let path = missing_in(bench.folder.path());
    bench.manager = with(bench.manager, "ConnectionString", &path);
    let failure = write(&bench, &[STR], &[]).1.unwrap();
    assert_eq!(failure.code, 0xC020_200E);
    assert!(
        failure.text.contains("absent` does not exist"),
        "{}",
        failure.text
    );
    assert!(!bench.folder.path().join("absent").exists());

    let folder = bench.folder.path().display().to_string();
    bench.manager = with(bench.manager, "ConnectionString", &folder);
    let failure = write(&bench, &[STR], &[]).1.unwrap();
    assert!(failure.text.ends_with("it is a folder"), "{}", failure.text);
}

#[test]
fn the_log_says_which_file_and_how_many_rows() {
    let bench = destination(delimited(&["a", "b"]), &[STR, STR]);
    written(&bench, &[["1", "2"], ["3", "4"], ["5", "6"], ["7", "8"]]);
    let codes = bench.recorder.codes(Severity::Information);
    assert_eq!(codes, [0x4020_90DC, 0x4020_90DE, 0x4020_90DD]);
    assert!(bench.said(Severity::Information)[1].contains("4 data rows written"));
}

#[test]
fn unicode_text_for_a_column_that_is_not_is_refused() {
    let bench = destination(delimited(&["a"]), &[WSTR]);
    let problems = bench.validate(Some(feeding(&bench.manager, &[WSTR])));
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, "0xC02020F6");
    let bench = destination(delimited(&["a", "b"]), &[STR, I4]);
    assert_eq!(
        bench.validate(Some(feeding(&bench.manager, &[STR, I4]))),
        []
    );
}
