//! What is written is read back, and no bytes make the reader panic.

use proptest::collection::vec;
use proptest::prelude::*;
use scaleout_core::package::pipeline::Disposition::{FailComponent, RedirectRow};
use scaleout_core::package::{ConnectionManager, DataType};

use super::testing::{delimited, destination, feeding, fixed, qualified, source, with};
use crate::value::Value;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// A type of a column, and values of it.
fn typed_column(rows: usize) -> impl Strategy<Value = (DataType, Vec<Value>)> {
    let wide = DataType::Wstr { length: 0 };
    let numeric = DataType::Numeric {
        precision: 38,
        scale: 4,
    };
    let strategies = prop_oneof![
        vec(any::<i32>().prop_map(Value::I4), rows).prop_map(|it| (DataType::I4, it)),
        vec(any::<i64>().prop_map(Value::I8), rows).prop_map(|it| (DataType::I8, it)),
        vec(any::<u8>().prop_map(Value::Ui1), rows).prop_map(|it| (DataType::Ui1, it)),
        vec(any::<bool>().prop_map(Value::Bool), rows).prop_map(|it| (DataType::Bool, it)),
        vec((-1e300..1e300).prop_map(Value::R8), rows).prop_map(|it| (DataType::R8, it)),
        vec((-700_000..2_900_000_i32).prop_map(Value::DbDate), rows)
            .prop_map(|it| (DataType::DbDate, it)),
        vec(any::<i64>().prop_map(|it| Value::Decimal(it.into())), rows)
            .prop_map(move |it| (numeric, it)),
    ];
    let texts = vec("[a-c\"'#!|,;\r\né🦀 ]{0,8}", rows).prop_map(move |texts| {
        let values = texts.into_iter().map(|text| Value::Str(text.into()));
        (wide, values.collect())
    });
    prop_oneof![strategies, texts]
}

/// A type and as many values as there are rows, for each column.
fn tables() -> impl Strategy<Value = Vec<(DataType, Vec<Value>)>> {
    (1..=NAMES.len(), 0..6_usize).prop_flat_map(|(columns, rows)| vec(typed_column(rows), columns))
}

fn formats() -> impl Strategy<Value = (Vec<&'static str>, &'static str, &'static str, bool, bool)> {
    let delimiter = || prop_oneof![Just(","), Just(";"), Just("|"), Just("::"), Just("\t,")];
    let row = prop_oneof![Just("\r\n"), Just("\n"), Just(",\r\n"), Just("~")];
    let qualifier = prop_oneof![Just("\""), Just("'"), Just("#!")];
    (
        vec(delimiter(), NAMES.len()),
        row,
        qualifier,
        any::<bool>(),
        any::<bool>(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_written_is_read_back(
        table in tables(),
        (delimiters, row_delimiter, qualifier, unicode, names) in formats(),
    ) {
        let types: Vec<DataType> = table.iter().map(|(data_type, _)| *data_type).collect();
        let mut manager = qualified(delimited(&NAMES[..types.len()]));
        let last = types.len() - 1;
        for (index, column) in manager.flat_file_columns.iter_mut().enumerate() {
            column.delimiter = delimiters[index].to_owned();
            column.maximum_width = 0;
            if index == last {
                column.delimiter = row_delimiter.to_owned();
            }
        }
        manager = with(manager, "TextQualifier", qualifier);
        manager = with(manager, "HeaderRowDelimiter", row_delimiter);
        manager = with(manager, "ColumnNamesInFirstDataRow", &names.to_string());
        manager = if unicode {
            with(manager, "Unicode", "True")
        } else {
            with(manager, "CodePage", "65001")
        };
        check(&manager, &types, &table)?;
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        bytes in vec(prop_oneof![Just(b'"'), Just(b','), Just(b'\r'), Just(b'\n'), any::<u8>()], 0..200),
        layout in 0..6,
        old in any::<bool>(),
    ) {
        let manager = match layout {
            0 => delimited(&["a", "b", "c"]),
            1 => qualified(delimited(&["a", "b", "c"])),
            2 => with(qualified(delimited(&["a", "b", "c"])), "CodePage", "65001"),
            3 => with(qualified(delimited(&["a", "b", "c"])), "Unicode", "True"),
            4 => with(fixed(&[("a", 2), ("b", 3), ("c", 1)]), "CodePage", "932"),
            _ => with(fixed(&[("a", 2), ("b", 3), ("c", 0)]), "Unicode", "True"),
        };
        let manager = with(manager, "AlwaysCheckForRowDelimiters", &(!old).to_string());
        let types = [DataType::I4, DataType::Wstr { length: 2 }, DataType::DbTimestamp];
        let read = source(manager, &types, RedirectRow).read(bytes);
        prop_assert!(read.rows.iter().all(|row| row.len() == 3));
    }
}

fn check(
    manager: &ConnectionManager,
    types: &[DataType],
    table: &[(DataType, Vec<Value>)],
) -> Result<(), TestCaseError> {
    let rows: Vec<Vec<Value>> = (0..table[0].1.len())
        .map(|row| {
            table
                .iter()
                .map(|(_, values)| values[row].clone())
                .collect()
        })
        .collect();
    let target = destination(manager.clone(), types).set("EscapeQualifier", "true");
    let (bytes, failure) = target.write(&feeding(manager, types), &rows);
    prop_assert_eq!(failure, None);
    let read = source(manager.clone(), types, FailComponent).read(&bytes);
    prop_assert_eq!(&read.failure, &None, "{}", String::from_utf8_lossy(&bytes));
    let expected: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let cells = row.iter().zip(types).map(|(value, data_type)| {
                crate::convert::flat_file_text(value, *data_type, 1033).into_owned()
            });
            cells.collect()
        })
        .collect();
    prop_assert_eq!(read.rows, expected, "{}", String::from_utf8_lossy(&bytes));
    Ok(())
}
