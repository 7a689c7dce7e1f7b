//! Files that are not what their connection manager says, at their worst: what is said, and that
//! memory stays bounded.

use std::io::{Cursor, Read, repeat};

use proptest::prelude::*;
use scaleout_core::package::DataType;
use scaleout_core::package::pipeline::Disposition::{FailComponent, IgnoreFailure};

use super::format::Format;
use super::reader::{ROW_LIMIT, ReadError, Reader};
use super::testing::{STR, WSTR, delimited, fixed, qualified, source, with};
use crate::events::Severity;

const I4: DataType = DataType::I4;

/// The file has no end, so that a reader that wants all of it would never come back.
#[test]
fn a_quote_that_is_never_closed_is_given_up_after_a_bounded_part_of_the_file() {
    let format = Format::settle(&qualified(delimited(&["a", "b"]))).unwrap();
    let endless = Cursor::new(b"1,2\r\n3,\"b").chain(repeat(b'x'));
    let mut reader = Reader::open(endless, &format).unwrap();
    assert!(reader.next_row().unwrap().is_some());
    let error = reader.next_row().err();
    assert!(
        matches!(
            error,
            Some(ReadError::TooLong {
                column: 1,
                qualified: true,
                ..
            })
        ),
        "{error:?}"
    );
}

#[test]
fn a_row_without_end_is_given_up_too() {
    let format = Format::settle(&delimited(&["a", "b"])).unwrap();
    let mut reader = Reader::open(repeat(b'x'), &format).unwrap();
    let error = reader.next_row().err();
    assert!(
        matches!(
            error,
            Some(ReadError::TooLong {
                column: 0,
                qualified: false,
                ..
            })
        ),
        "{error:?}"
    );
}

/// What is too much belongs to the last column, as in the original.
#[test]
fn a_row_of_ten_million_columns_is_one_row_with_a_long_last_value() {
    let mut text = b"1,2\r\n3".to_vec();
    text.extend(b",x".repeat(10_000_000));
    assert!(text.len() < ROW_LIMIT);
    text.extend(b"\r\n4,5\r\n");
    let bench = source(delimited(&["a", "b"]), &[I4, STR], IgnoreFailure);
    let read = bench.read(&text);
    assert_eq!(read.failure, None);
    let firsts: Vec<&str> = read.rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(firsts, ["1", "3", "4"]);
    let bench = source(delimited(&["a", "b"]), &[I4, STR], FailComponent);
    let failure = bench.read(&text).failure.unwrap();
    assert_eq!(
        (failure.row, failure.column.as_deref()),
        (Some(2), Some("b"))
    );
    let said = bench.said(Severity::Error);
    assert!(
        said.iter().all(|text| text.len() < 4096),
        "a message does not repeat the row"
    );
}

/// In the original a NUL ends a text.
#[test]
fn a_nul_ends_a_text_and_is_no_number() {
    for manager in [
        delimited(&["a", "b"]),
        with(delimited(&["a", "b"]), "CodePage", "65001"),
    ] {
        let bench = source(manager, &[WSTR, I4], IgnoreFailure);
        let read = bench.read(b"x\0y,1\r\nz,2\x003\r\n");
        assert_eq!(read.failure, None);
        assert_eq!(read.rows[0], ["x", "1"]);
        assert_eq!(read.rows[1][0], "z");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever the bytes: rows, or a failure that names the row; and no panic.
    #[test]
    fn random_bytes_are_rows_or_a_failure_with_its_row(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        layout in 0..4,
        page in prop_oneof![Just("1252"), Just("65001"), Just("932")],
    ) {
        let manager = match layout {
            0 => delimited(&["a", "b"]),
            1 => qualified(delimited(&["a", "b"])),
            2 => fixed(&[("a", 3), ("b", 5)]),
            _ => with(qualified(delimited(&["a", "b"])), "Unicode", "True"),
        };
        let manager = with(manager, "CodePage", page);
        let bench = source(manager, &[WSTR, WSTR], FailComponent);
        let read = bench.read(&bytes);
        if let Some(failure) = read.failure {
            prop_assert!(failure.row.is_some_and(|row| read.rows.len() as u64 <= row), "{failure:?}");
        }
    }
}
