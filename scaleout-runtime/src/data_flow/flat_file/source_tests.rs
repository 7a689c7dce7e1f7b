//! Flat File Source: every rule of reading, on files written here.

use scaleout_core::package::DataType;
use scaleout_core::package::pipeline::Disposition::{FailComponent, IgnoreFailure, RedirectRow};

use super::testing::{STR, WSTR, delimited, ending, fixed, missing_in, qualified, source, with};
use crate::events::Severity;

const I4: DataType = DataType::I4;

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_row_at_the_edge_of_a_chunk_is_whole() {
    let long = "x".repeat(49);
    for rows in [21_000, 21_399, 21_400] {
        let text = format!("{long},\"y\r\n\"\r\n").repeat(rows);
        let read = source(
            qualified(delimited(&["a", "b"])),
            &[STR, STR],
            FailComponent,
        )
        .read(text);
        assert_eq!((read.rows.len(), read.failure), (rows, None));
        assert!(
            read.rows
                .iter()
                .all(|row| row[0] == long && row[1] == "y\r\n")
        );
    }
}

#[test]
fn a_column_that_nobody_reads_fails_nothing_and_sends_rows_elsewhere_all_the_same() {
    for (on_bad, rows, errors) in [
        (FailComponent, 3, 0),
        (IgnoreFailure, 3, 0),
        (RedirectRow, 2, 1),
    ] {
        let mut bench = source(delimited(&["a", "b"]), &[I4, I4], on_bad);
        bench.unused = vec!["src.b"];
        let read = bench.read("1,1\r\n2,x\r\n3,3\r\n");
        assert_eq!(read.failure, None, "{on_bad:?}");
        assert_eq!((read.rows.len(), read.errors.len()), (rows, errors));
        let is_read = on_bad == RedirectRow;
        assert_eq!(read.rows[0], ["1", if is_read { "1" } else { "∅" }]);
    }
}

#[test]
fn text_is_decoded_by_the_encoding_of_the_file() {
    let manager = || delimited(&["a", "b"]);
    let page = |number: &str| with(manager(), "CodePage", number);
    let unicode = || with(with(manager(), "Unicode", "True"), "CodePage", "1252");
    let cases = [
        ("western", manager(), b"caf\xe9,\x80\r\n".to_vec(), "café|€"),
        ("UTF-8", page("65001"), "é,🦀\r\n".into(), "é|🦀"),
        (
            "UTF-8 with mark",
            page("65001"),
            "\u{FEFF}é,b\r\n".into(),
            "é|b",
        ),
        (
            "central Europe",
            page("1250"),
            b"\xe8,b\r\n".to_vec(),
            "č|b",
        ),
        (
            "Japanese, second byte |",
            page("932"),
            b"\x83|,\x93\xfa\r\n".to_vec(),
            "ポ|日",
        ),
        ("Unicode", unicode(), utf16("\u{FEFF}é,🦀\r\n"), "é|🦀"),
        ("Unicode without mark", unicode(), utf16("é,b\r\n"), "é|b"),
    ];
    for (name, mut manager, bytes, expected) in cases {
        if name.starts_with("Japanese") {
            manager.flat_file_columns[0].delimiter = ",".to_owned();
        }
        let read = source(manager, &[WSTR, WSTR], FailComponent).read(bytes);
        assert_eq!(read.failure, None, "{name}");
        assert_eq!(read.rows[0].join("|"), expected, "{name}");
    }
    let fixed_units = with(fixed(&[("a", 3), ("b", 1)]), "Unicode", "True");
    let read = source(fixed_units, &[WSTR, WSTR], FailComponent).read(utf16("é🦀x"));
    assert_eq!(read.rows, [["é🦀", "x"]]);
}

#[test]
fn values_are_read_in_the_forms_of_their_type() {
    let numeric = DataType::Numeric {
        precision: 6,
        scale: 2,
    };
    let stamp = DataType::DbTimestamp;
    let cases = [
        (I4, "-2147483648", "-2147483648"),
        (I4, " 42 ", "42"),
        (DataType::I8, "9223372036854775807", "9223372036854775807"),
        (
            DataType::Ui8,
            "18446744073709551615",
            "18446744073709551615",
        ),
        (DataType::Ui1, "255", "255"),
        (DataType::R8, "1.5e3", "1500"),
        (DataType::R8, "-.5", "-0.5"),
        (numeric, "1234.5", "1234.50"),
        (numeric, "-0.25", "-.25"),
        (numeric, "+7", "7.00"),
        (DataType::Cy, "12.3456", "12.3456"),
        (DataType::Bool, "True", "True"),
        (DataType::DbDate, "2024-02-29", "2024-02-29"),
        (stamp, "2024-02-29 23:59:58", "2024-02-29 23:59:58"),
        (
            stamp,
            "2024-02-29T01:02:03.25",
            "2024-02-29 01:02:03.250000000",
        ),
        (stamp, "2/29/2024", "2024-02-29 00:00:00"),
        (
            DataType::Guid,
            "{01234567-89ab-cdef-0123-456789abcdef}",
            "{01234567-89AB-CDEF-0123-456789ABCDEF}",
        ),
    ];
    for (data_type, text, expected) in cases {
        let read = source(delimited(&["a"]), &[data_type], FailComponent).read(text);
        assert_eq!(read.failure, None, "{data_type:?} {text}");
        assert_eq!(read.rows, [[expected]], "{data_type:?} {text}");
    }
    let invalid = [
        (I4, "2147483648"),
        (I4, "1x"),
        (I4, "-"),
        (DataType::Ui1, "-1"),
        (numeric, "12345.6"),
        (DataType::R8, "nan"),
        (DataType::DbDate, "2023-02-29"),
        (stamp, "2024-02-29 24:00:00"),
        (stamp, ""),
        (DataType::Guid, ""),
    ];
    for (data_type, text) in invalid {
        let read = source(delimited(&["a"]), &[data_type], RedirectRow).read(format!("{text}\r\n"));
        assert_eq!(
            (read.rows.len(), read.errors.len()),
            (0, 1),
            "{data_type:?} {text}"
        );
    }
}

#[test]
fn the_locale_of_the_component_decides_unless_fast_parse_does() {
    let types = [DataType::R8, DataType::DbDate];
    let mut german = source(delimited(&["a", "b"]), &types, RedirectRow);
    german.component.locale_id = 1031;
    german.manager.flat_file_columns[0].delimiter = ";".to_owned();
    let read = german.read("1,5;01.02.2024\r\n");
    assert_eq!(read.rows, [["1.5", "2024-02-01"]]);

    let fast = crate::data_flow::testing::pipelines::property("FastParse", "true");
    german.component.outputs[0].columns[1].properties.push(fast);
    let read = german.read("1;01.02.2024\r\n1;20240201\r\n1;2024-02-01\r\n");
    assert_eq!((read.rows.len(), read.errors.len()), (2, 1));
    assert_eq!(read.rows[0], ["1", "2024-02-01"]);
}

#[test]
fn an_empty_field_is_a_default_or_null() {
    let types = [
        I4,
        STR,
        DataType::Numeric {
            precision: 5,
            scale: 2,
        },
    ];
    let manager = || delimited(&["a", "b", "c"]);
    let read = source(manager(), &types, FailComponent).read(",,\r\n");
    assert_eq!(read.rows, [["0", "", ".00"]]);
    let read = source(manager(), &types, FailComponent)
        .set("RetainNulls", "true")
        .read(",,\r\n");
    assert_eq!(read.rows, [["∅", "∅", "∅"]]);
    let ragged = fixed(&[("a", 1), ("b", 0)]);
    let read = source(ragged, &[STR, STR], FailComponent)
        .set("RetainNulls", "true")
        .read(" \r\n");
    assert_eq!(read.rows, [[" ", "∅"]]);
}

#[test]
fn dispositions_decide_about_bad_fields() {
    let short = DataType::Str {
        length: 3,
        code_page: 1252,
    };
    let text = "1,abc\r\nx,abc\r\n3,abcd\r\n4,d\r\n";
    let bench = |disposition| source(delimited(&["a", "b"]), &[I4, short], disposition);

    let ignored = bench(IgnoreFailure).read(text);
    assert_eq!(
        ignored.rows,
        [["1", "abc"], ["∅", "abc"], ["3", "abc"], ["4", "d"]]
    );

    let redirected = bench(RedirectRow).read(text);
    assert_eq!(redirected.rows, [["1", "abc"], ["4", "d"]]);
    // The test's lineage number is the length of the lineage id.
    let errors = [
        ["x,abc", "-1071607676", "5"],
        ["3,abcd", "-1071607675", "5"],
    ];
    assert_eq!(redirected.errors, errors);

    let mut apart = bench(RedirectRow);
    apart.component.outputs[0].columns[1].truncation_row_disposition = FailComponent;
    let read = apart.read(text);
    let failure = read.failure.unwrap();
    assert_eq!((failure.code, failure.row), (0xC020_2092, Some(3)));
    assert_eq!(failure.column.as_deref(), Some("b"));
    assert_eq!(
        read.errors.len(),
        0,
        "nothing is sent before the batch is full"
    );
    assert_eq!(
        apart.recorder.codes(Severity::Error),
        [0xC020_20A1, 0xC020_902A]
    );
}

#[test]
fn a_failure_names_file_row_column_and_place() {
    let bench = source(delimited(&["id", "age"]), &[I4, I4], FailComponent);
    let failure = bench.read("1,2\r\n3,four\r\n").failure.unwrap();
    assert_eq!((failure.code, failure.row), (0xC020_2092, Some(2)));
    assert_eq!(failure.column.as_deref(), Some("age"));
    assert_eq!(failure.subcomponent.as_deref(), Some("src"));
    assert!(
        failure.text.ends_with("data.txt\" at data row 2"),
        "{}",
        failure.text
    );
    let detail = bench.recorder.find(0xC020_20A1);
    assert!(
        detail
            .text
            .contains("column \"age\" in data row 2 (which starts at byte 5)")
    );
    let induced = bench.recorder.find(0xC020_9029).text;
    assert!(induced.starts_with("SSIS Error Code DTS_E_INDUCEDTRANSFORMFAILUREONERROR. "));
}

#[test]
fn a_wrong_code_page_is_a_conversion_error_with_its_row() {
    let bench = source(
        with(delimited(&["a", "b"]), "CodePage", "65001"),
        &[WSTR, WSTR],
        FailComponent,
    );
    let failure = bench.read(b"a,b\r\nc,caf\xe9\r\n").failure.unwrap();
    assert_eq!(
        (failure.row, failure.column.as_deref()),
        (Some(2), Some("b"))
    );
    let detail = bench.recorder.find(0xC020_20A1).text;
    assert!(detail.contains("not text in code page 65001"), "{detail}");
}

#[test]
fn broken_qualifiers_are_named() {
    let bench = source(
        qualified(delimited(&["a", "b"])),
        &[STR, STR],
        FailComponent,
    );
    let failure = bench.read("1,2\r\n\"a\"x,b\r\n").failure.unwrap();
    assert_eq!((failure.code, failure.row), (0xC020_2092, Some(2)));
    let detail = bench.recorder.find(0xC020_2055).text;
    assert!(detail.contains("column \"a\" not found in data row 2") && detail.contains("byte 8"));

    let bench = source(
        qualified(delimited(&["a", "b"])),
        &[STR, STR],
        FailComponent,
    );
    let read = bench.read("1,2\r\n3,\"b\r\n");
    assert_eq!(read.rows, [["1", "2"]]);
    let detail = bench.recorder.find(0xC020_2058);
    assert_eq!((detail.row, detail.column.as_deref()), (Some(2), Some("b")));
    assert!(detail.text.contains("is never closed"), "{}", detail.text);
}

#[test]
fn a_file_of_line_feeds_is_read_with_a_warning_where_cr_lf_is_declared() {
    let words = "the file ends its rows with LF, the connection manager `file` says CR LF";
    let named = || with(delimited(&["a", "b"]), "ColumnNamesInFirstDataRow", "True");
    let odd_header = with(named(), "HeaderRowDelimiter", ",\r\n");
    for manager in [named(), qualified(named()), odd_header] {
        let bench = source(manager, &[I4, I4], FailComponent);
        assert_eq!(bench.read("a,b\n1,2\n3,4\n").rows, [["1", "2"], ["3", "4"]]);
        assert!(bench.said(Severity::Warning)[0].starts_with(words));
    }
    let bench = source(ending("\r"), &[I4, I4], FailComponent);
    assert_eq!(bench.read("1,2\n3,4\n").rows, [["1", "2"], ["3", "4"]]);
    let words = "the file ends its rows with LF, the connection manager `file` says CR: rows";
    assert!(bench.said(Severity::Warning)[0].starts_with(words));
    let bench = source(ending("\r"), &[STR, STR], FailComponent);
    assert_eq!(
        bench.read("1,2\n3\r4,5\r").rows,
        [["1", "2\n3"], ["4", "5"]]
    );
    assert!(bench.said(Severity::Warning).is_empty());
    // One CR LF, or only LF inside a qualifier, and the file is what the package says.
    let bench = source(
        qualified(delimited(&["a", "b"])),
        &[STR, STR],
        FailComponent,
    );
    assert_eq!(bench.read("1,2\n\r\n").rows, [["1", "2\n"]]);
    assert_eq!(bench.read("\"1\n\",2").rows, [["1\n", "2"]]);
    assert!(bench.said(Severity::Warning).is_empty());
}

#[test]
fn header_and_rows_to_skip_beyond_the_end_are_errors() {
    let skip = with(delimited(&["a"]), "HeaderRowsToSkip", "3");
    let failure = source(skip, &[I4], FailComponent)
        .read("x\r\ny\r\n")
        .failure
        .unwrap();
    assert_eq!(failure.code, 0xC020_2091);
    let skip = with(delimited(&["a"]), "DataRowsToSkip", "3");
    let failure = source(skip, &[I4], FailComponent)
        .read("1\r\n2\r\n")
        .failure
        .unwrap();
    assert_eq!(failure.code, 0xC020_2091);

    let named = with(delimited(&["a"]), "ColumnNamesInFirstDataRow", "True");
    let bench = source(named, &[I4], FailComponent);
    let read = bench.read("");
    assert_eq!((read.rows.len(), read.failure), (0, None));
    assert_eq!(bench.said(Severity::Warning).len(), 1);
}

#[test]
fn an_incomplete_last_row_is_a_warning() {
    let bench = source(fixed(&[("a", 2), ("b", 2)]), &[STR, STR], FailComponent);
    assert_eq!(bench.read("11223").rows, [["11", "22"]]);
    assert_eq!(bench.recorder.codes(Severity::Warning), [0x8020_200F]);

    let bench = source(delimited(&["a", "b"]), &[STR, STR], FailComponent);
    assert_eq!(bench.read("1,2\r\n3").rows, [["1", "2"], ["3", "∅"]]);
    assert_eq!(bench.recorder.codes(Severity::Warning), [0x8020_200F]);
}

#[test]
fn rows_that_end_early_are_counted_in_one_warning() {
    let bench = source(delimited(&["a", "b", "c"]), &[STR, STR, STR], FailComponent);
    let read = bench.read("1,2,3\r\n4\r\n5,6\r\n7,8,9\r\n");
    assert_eq!(read.rows[1], ["4", "∅", "∅"]);
    let warning = bench.recorder.find(0x8020_200F);
    assert_eq!(warning.row, Some(2));
    assert!(
        warning
            .text
            .starts_with("2 rows end before the last column"),
        "{}",
        warning.text
    );
    assert!(warning.text.contains("1 of 3 columns"), "{}", warning.text);
    assert_eq!(bench.said(Severity::Warning).len(), 1);
}

#[test]
fn a_file_that_cannot_be_opened_says_why() {
    let bench = source(delimited(&["a"]), &[I4], FailComponent);
    let failure = bench.read_what_is_there().failure.unwrap();
    assert_eq!(failure.code, 0xC020_200E);
    assert!(
        failure.text.ends_with("the file does not exist"),
        "{}",
        failure.text
    );

    std::fs::create_dir(bench.file()).unwrap();
    let failure = bench.read_what_is_there().failure.unwrap();
    assert!(failure.text.ends_with("it is a folder"), "{}", failure.text);

    let mut elsewhere = source(delimited(&["a"]), &[I4], FailComponent);
    let path = missing_in(elsewhere.folder.path());
    elsewhere.manager = with(elsewhere.manager, "ConnectionString", &path);
    let failure = elsewhere.read_what_is_there().failure.unwrap();
    assert!(
        failure.text.contains("absent` does not exist"),
        "{}",
        failure.text
    );

    elsewhere.manager = with(elsewhere.manager, "ConnectionString", r"D:\in\data.txt");
    let failure = elsewhere.read_what_is_there().failure.unwrap();
    assert_eq!(failure.code, 0xC020_200E);
    assert!(
        failure.text.contains("add a `PathMappings` entry for `D:`"),
        "{}",
        failure.text
    );
}

#[test]
fn the_file_name_column_holds_the_path_of_the_package() {
    let mut bench =
        source(delimited(&["a"]), &[I4], FailComponent).set("FileNameColumnName", "from");
    let name =
        crate::data_flow::testing::pipelines::column("src.from", DataType::Wstr { length: 260 });
    bench.component.outputs[0].columns.push(name);
    let read = bench.read("1\r\n");
    assert_eq!(
        read.rows,
        [["1".to_owned(), bench.file().display().to_string()]]
    );
}

#[test]
fn several_files_are_read_one_after_the_other() {
    let mut bench = source(delimited(&["a"]), &[I4], FailComponent);
    let folder = bench.folder.path().display().to_string();
    for (name, text) in [
        ("1.csv", "1\r\n"),
        ("2.csv", "2\r\n3\r\n"),
        ("x.txt", "4\r\n"),
    ] {
        std::fs::write(bench.folder.path().join(name), text).unwrap();
    }
    bench.manager.creation_name = "MULTIFLATFILE".to_owned();
    let paths = format!("{folder}/x.txt|{folder}/*.csv");
    bench.manager = with(bench.manager, "ConnectionString", &paths);
    assert_eq!(
        bench.read_what_is_there().rows,
        [["4"], ["1"], ["2"], ["3"]]
    );
}

#[test]
fn batches_are_as_long_as_they_should_be() {
    let mut bench = source(delimited(&["a"]), &[I4], RedirectRow);
    bench.batch_rows = 2;
    let read = bench.read("1\r\nx\r\n3\r\n4\r\n5\r\n");
    assert_eq!(read.rows, [["1"], ["3"], ["4"], ["5"]]);
    assert_eq!(read.errors.len(), 1);
}

#[test]
fn validation_names_what_does_not_fit() {
    let bench = source(delimited(&["a", "b"]), &[I4, I4], FailComponent);
    assert_eq!(bench.validate(None), []);
    let mut gone = source(delimited(&["a", "b"]), &[I4, I4], FailComponent);
    gone.manager.flat_file_columns.remove(1);
    let problems = gone.validate(None);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, "SO5204");
    assert_eq!(problems[0].path, r"\Package\Load\src");
    assert!(
        problems[0].message.contains("column `b`"),
        "{}",
        problems[0].message
    );

    for (manager, code) in [
        (with(delimited(&["a"]), "CodePage", "65000"), "SO5202"),
        (with(delimited(&["a"]), "Format", "Odd"), "SO5201"),
        (fixed(&[]), "SO5201"),
    ] {
        let problems = source(manager, &[], FailComponent).validate(None);
        assert_eq!(problems[0].code, code);
    }
    let mut other = source(delimited(&["a"]), &[I4], FailComponent);
    other.manager.creation_name = "OLEDB".to_owned();
    assert_eq!(other.validate(None)[0].code, "SO5200");
    other.component.connections.clear();
    assert_eq!(other.validate(None)[0].code, "SO5203");
}
