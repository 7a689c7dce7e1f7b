//! Files that are written and read again, and files that are not whole.

use std::path::Path;

use proptest::prelude::*;
use scaleout_core::package::pipeline::{Component, Pipeline};

use super::*;
use crate::convert::array_of;
use crate::data_flow::columns;
use crate::data_flow::schema::{Column, Schema};
use crate::data_flow::testing::kinds::collecting;
use crate::data_flow::testing::pipelines::{
    column, of_type, output, path, pipeline, property, sink,
};
use crate::data_flow::testing::run::{Ran, Row, printed, rows_kind, rows_of, run_flow, source_of};
use crate::value::{DataType, Value};

const TYPES: [DataType; 2] = [DataType::I4, DataType::Wstr { length: 5 }];

fn writer(file: &Path, option: &str) -> Pipeline {
    let mut write = of_type(
        "Microsoft.RawDestination",
        sink("write", &["source.n", "source.t"]),
    );
    write.properties = vec![
        property("FileName", &file.display().to_string()),
        property("WriteOption", option),
    ];
    let columns = vec![column("source.n", TYPES[0]), column("source.t", TYPES[1])];
    pipeline(
        vec![source_of("source", columns), write],
        vec![path("source.out", "write.in")],
    )
}

fn write(file: &Path, option: &str, rows: &[(i32, &str)]) -> Ran {
    let rows: Vec<Row> = rows
        .iter()
        .map(|(number, text)| vec![Value::I4(*number), Value::Str((*text).into())])
        .collect();
    run_flow(
        &writer(file, option),
        vec![rows_kind("source", TYPES.into(), rows, 2)],
        &[],
    )
}

fn reader(file: &Path, types: [DataType; 2]) -> Pipeline {
    let mut out = output("read", "");
    out.columns = vec![column("read.T", types[1]), column("read.n", types[0])];
    let mut read: Component = crate::data_flow::testing::pipelines::component("read", vec![out]);
    read.component_type = "Microsoft.RawSource".to_owned();
    read.properties = vec![property("FileName", &file.display().to_string())];
    let mut flow = pipeline(
        vec![read, sink("sink", &["read.T", "read.n"])],
        vec![path("read.out", "sink.in")],
    );
    flow.default_buffer_max_rows = 2;
    flow
}

fn read(file: &Path) -> (Ran, Vec<Vec<String>>) {
    let (sink, in_sink) = collecting("sink");
    let ran = run_flow(&reader(file, TYPES), vec![sink], &[]);
    (ran, rows_of(&in_sink, &[TYPES[1], TYPES[0]]))
}

fn expected(rows: &[(i32, &str)]) -> Vec<Vec<String>> {
    let rows = rows.iter();
    let rows = rows.map(|(number, text)| vec![Value::Str((*text).into()), Value::I4(*number)]);
    printed(&rows.collect::<Vec<_>>())
}

#[test]
fn each_way_to_write_does_what_its_name_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.raw");
    // Create always, append, and once more.
    for (option, rows, all) in [
        (
            "0",
            vec![(1, "a"), (2, "b"), (3, "c")],
            vec![(1, "a"), (2, "b"), (3, "c")],
        ),
        (
            "2",
            vec![(4, "d")],
            vec![(1, "a"), (2, "b"), (3, "c"), (4, "d")],
        ),
        ("3", vec![(5, "e")], vec![(5, "e")]),
        ("0", vec![], vec![]),
        ("2", vec![(6, "f")], vec![(6, "f")]),
    ] {
        assert_eq!(write(&file, option, &rows).errors(), Vec::<u32>::new());
        let (ran, found) = read(&file);
        assert_eq!(ran.errors(), Vec::<u32>::new());
        assert_eq!(found, expected(&all), "option {option}");
    }
    // Create once does not touch what is there.
    assert_eq!(write(&file, "1", &[]).errors(), [0xC020_2070, 0xC004_701A]);
    assert_eq!(read(&file).1, expected(&[(6, "f")]));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(write(&file, "1", &[(7, "g")]).errors(), Vec::<u32>::new());
    assert_eq!(read(&file).1, expected(&[(7, "g")]));
}

#[test]
fn appended_rows_must_have_the_columns_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.raw");
    write(&file, "0", &[(1, "a")]);
    let mut flow = writer(&file, "2");
    flow.components[0].outputs[0].columns[1].data_type = DataType::Wstr { length: 6 };
    let types = vec![TYPES[0], DataType::Wstr { length: 6 }];
    let ran = run_flow(&flow, vec![rows_kind("source", types, Vec::new(), 1)], &[]);
    assert_eq!(ran.errors(), [0xC020_20C1, 0xC004_701A]);
}

#[test]
fn columns_that_the_file_does_not_have_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.raw");
    write(&file, "0", &[(1, "abc")]);
    let other = |types: [DataType; 2]| {
        let ran = run_flow(&reader(&file, types), vec![collecting("sink").0], &[]);
        ran.errors()[0]
    };
    assert_eq!(other([DataType::I8, TYPES[1]]), 0xC020_20C1);
    // Shorter than what is in the file.
    assert_eq!(other([TYPES[0], DataType::Wstr { length: 2 }]), 0xC020_20C5);
    let mut flow = reader(&file, TYPES);
    flow.components[0].outputs[0].columns[0].name = "gone".to_owned();
    let ran = run_flow(&flow, vec![collecting("sink").0], &[]);
    let text = ran.recorder.find(0xC020_2005).text;
    assert!(text.contains("`gone`") && text.contains("n, t"), "{text}");
}

#[test]
fn what_is_no_whole_raw_file_is_refused_with_what_it_seems_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.raw");
    write(&file, "0", &[(1, "a"), (2, "b"), (3, "c")]);
    let whole = std::fs::read(&file).unwrap();
    let said = |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        let (ran, _) = read(&file);
        assert!(ran.outcome.is_err());
        let messages = ran.recorder.messages.lock().unwrap();
        let mut texts = messages.iter().map(|(_, message)| message.text.clone());
        texts.find(|text| text.contains("SO501")).unwrap()
    };
    for (bytes, words) in [
        (&[][..], "it is empty"),
        (
            &[0, 0x10, 1, 0, 1, 0, 0, 0],
            "SQL Server Integration Services",
        ),
        (b"LK\x11\0", "cache file of SQL Server"),
        (b"id,name\r\n1,a\r\n", "does not begin like one"),
    ] {
        let text = said(bytes);
        assert!(text.contains("SO5010") && text.contains(words), "{text}");
    }
    let mut newer = whole.clone();
    newer[13] = 2;
    assert!(said(&newer).contains("layout 2"));
    for end in [14, 17, 60, whole.len() - 20, whole.len() - 1] {
        let text = said(&whole[..end]);
        assert!(text.contains("SO5011"), "cut at {end}: {text}");
    }
    let mut wrong_rows = whole.clone();
    let last = wrong_rows.len() - 8;
    wrong_rows[last] = 9;
    assert!(said(&wrong_rows).contains("says 9 rows and has 3"));
    std::fs::write(&file, &whole).unwrap();
    assert_eq!(read(&file).1.len(), 3);
}

fn cell(data_type: DataType) -> BoxedStrategy<Value> {
    let some: BoxedStrategy<Value> = match data_type {
        DataType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        DataType::R8 => any::<f64>().prop_map(Value::R8).boxed(),
        DataType::Numeric { .. } => (-999i128..999).prop_map(Value::Decimal).boxed(),
        DataType::Image => proptest::collection::vec(any::<u8>(), 0..5)
            .prop_map(|bytes| Value::Bytes(bytes.into()))
            .boxed(),
        DataType::Guid => any::<[u8; 16]>().prop_map(Value::Guid).boxed(),
        DataType::DbDate => (-9999..9999i32).prop_map(Value::DbDate).boxed(),
        DataType::DbTimestampOffset { .. } => (any::<i32>(), -600..600i16)
            .prop_map(|(utc, offset)| Value::TimestampOffset {
                utc: i64::from(utc),
                offset,
            })
            .boxed(),
        _ => "[a-zé€\u{0}]{0,6}"
            .prop_map(|text| Value::Str(text.into()))
            .boxed(),
    };
    prop_oneof![1 => Just(Value::Null), 4 => some].boxed()
}

const ALL: [DataType; 8] = [
    DataType::Bool,
    DataType::R8,
    DataType::Numeric {
        precision: 9,
        scale: 2,
    },
    DataType::Ntext,
    DataType::Image,
    DataType::Guid,
    DataType::DbDate,
    DataType::DbTimestampOffset { scale: 7 },
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn every_value_comes_back(
        rows in proptest::collection::vec(ALL.map(cell).to_vec(), 0..30),
        start in 0usize..5,
    ) {
        let schema = Schema::new(ALL.iter().map(|data_type| Column {
            lineage_id: String::new(),
            name: data_type.name().to_owned(),
            data_type: *data_type,
        }));
        let arrays = ALL.iter().enumerate().map(|(at, data_type)| {
            let values: Vec<Value> = rows.iter().map(|row| row[at].clone()).collect();
            array_of(&values, *data_type).unwrap()
        });
        let whole = columns::batch(schema.to_arrow(), arrays.collect(), rows.len()).unwrap();
        // A part of a batch is written like a batch of its own.
        let start = start.min(rows.len());
        let part = whole.slice(start, rows.len() - start);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.raw");
        let mut writer = RawWriter::create(&file, &Header::of(&schema), true).unwrap();
        writer.write(&part).unwrap();
        writer.write(&whole).unwrap();
        prop_assert_eq!(writer.finish().unwrap(), (part.num_rows() + whole.num_rows()) as u64);
        let mut reader = RawReader::open(&file).unwrap();
        prop_assert_eq!(reader.next_batch().unwrap().unwrap(), part);
        prop_assert_eq!(reader.next_batch().unwrap().unwrap(), whole);
        prop_assert!(reader.next_batch().unwrap().is_none());
    }
}
