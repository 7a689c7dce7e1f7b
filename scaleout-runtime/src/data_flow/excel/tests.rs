//! Workbooks that are written and read, in whole data flows.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use scaleout_core::package::ConnectionManager;
use scaleout_core::package::pipeline::{
    ComponentConnection, Disposition, ExternalColumn, Pipeline,
};

use crate::connections::ConnectionError;
use crate::connections::test_manager::manager;
use crate::data_flow::testing::kinds::{TestKind, collecting};
use crate::data_flow::testing::pipelines::{
    column, component, error_output, of_type, output, path, pipeline, property, sink,
};
use crate::data_flow::testing::run::{
    Ran, Row, printed, rows_kind, rows_of, run_flow_with, source_of,
};
use crate::services::{ConnectionLease, Connections};
use crate::value::{DataType, TICKS_PER_DAY, Value};

const TEXT: DataType = DataType::Wstr { length: 255 };
const TYPES: [DataType; 4] = [DataType::R8, TEXT, DataType::Date, DataType::Bool];
const NAMES: [&str; 4] = ["Id", "Name", "Born", "Alive"];

struct Workbooks(Arc<ConnectionManager>);

impl Connections for Workbooks {
    fn resolve(&self, _: &str) -> Result<Arc<ConnectionManager>, ConnectionError> {
        Ok(Arc::clone(&self.0))
    }
    fn open(&self, reference: &str) -> Result<ConnectionLease, ConnectionError> {
        let reference = reference.to_owned();
        Err(ConnectionError::Unknown { reference })
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

fn connected(pipeline: &Pipeline, file: &Path, extended: &str, kinds: Vec<TestKind>) -> Ran {
    let string = format!(
        "Provider=Microsoft.ACE.OLEDB.12.0;Data Source={};Extended Properties=\"EXCEL 12.0 XML;{extended}\";",
        file.display()
    );
    run_flow_with(pipeline, kinds, &[], |services| {
        services.connections = Arc::new(Workbooks(Arc::new(manager("EXCEL", &string))));
    })
}

fn connection() -> ComponentConnection {
    ComponentConnection {
        name: "OleDbConnection".to_owned(),
        manager_id: "book".to_owned(),
        manager_ref_id: String::new(),
    }
}

/// Columns `Id`, `Name`, `Born`, `Alive` into a sheet.
fn writer(sheet: &str, disposition: Disposition) -> Pipeline {
    let lineages = NAMES.map(|name| format!("source.{name}"));
    let read: Vec<&str> = lineages.iter().map(String::as_str).collect();
    let mut write = of_type("Microsoft.ExcelDestination", sink("write", &read));
    write.connections.push(connection());
    write.properties = vec![property("OpenRowset", sheet), property("AccessMode", "0")];
    write.inputs[0].error_row_disposition = disposition;
    for (at, name) in NAMES.iter().enumerate() {
        write.inputs[0].external_columns.push(ExternalColumn {
            id: format!("external.{name}"),
            name: (*name).to_owned(),
            data_type: Some(TYPES[at]),
            properties: Vec::new(),
        });
        write.inputs[0].columns[at].external_id = format!("external.{name}");
    }
    write.outputs.push(error_output("write", "write.in"));
    let columns = NAMES.iter().zip(WIDE);
    let columns = columns.map(|(name, data_type)| column(&format!("source.{name}"), data_type));
    pipeline(
        vec![
            source_of("source", columns.collect()),
            write,
            sink("errors", &["source.Id", "write.ErrorCode"]),
        ],
        vec![
            path("source.out", "write.in"),
            path("write.error", "errors.in"),
        ],
    )
}

/// What flows: wider than what the sheet takes.
const WIDE: [DataType; 4] = [
    DataType::I4,
    DataType::Wstr { length: 4000 },
    DataType::DbTimestamp,
    DataType::Bool,
];

fn person(id: i32, name: &str, days: i64) -> Row {
    vec![
        Value::I4(id),
        Value::Str(name.into()),
        Value::Timestamp(days * TICKS_PER_DAY + TICKS_PER_DAY / 4),
        Value::Bool(id % 2 == 0),
    ]
}

fn write(file: &Path, sheet: &str, extended: &str, rows: Vec<Row>) -> Ran {
    let kinds = vec![
        rows_kind("source", WIDE.into(), rows, 2),
        collecting("errors").0,
    ];
    connected(
        &writer(sheet, Disposition::FailComponent),
        file,
        extended,
        kinds,
    )
}

/// A source of some columns of a sheet or query.
fn reader(properties: &[(&str, &str)], columns: &[(&str, DataType)]) -> Pipeline {
    let mut out = output("read", "");
    out.columns = columns
        .iter()
        .map(|(name, data_type)| column(&format!("read.{name}"), *data_type))
        .collect();
    let mut read = of_type("Microsoft.ExcelSource", component("read", vec![out]));
    read.connections.push(connection());
    read.properties = properties
        .iter()
        .map(|(name, value)| property(name, value))
        .collect();
    let lineages: Vec<String> = columns
        .iter()
        .map(|(name, _)| format!("read.{name}"))
        .collect();
    let used: Vec<&str> = lineages.iter().map(String::as_str).collect();
    pipeline(
        vec![read, sink("sink", &used)],
        vec![path("read.out", "sink.in")],
    )
}

fn read(
    file: &Path,
    extended: &str,
    properties: &[(&str, &str)],
    columns: &[(&str, DataType)],
) -> (Ran, Vec<Vec<String>>) {
    let (sink, in_sink) = collecting("sink");
    let ran = connected(&reader(properties, columns), file, extended, vec![sink]);
    let types: Vec<DataType> = columns.iter().map(|(_, data_type)| *data_type).collect();
    (ran, rows_of(&in_sink, &types))
}

const ALL: [(&str, DataType); 4] = [
    ("Id", TYPES[0]),
    ("Name", TYPES[1]),
    ("Born", TYPES[2]),
    ("Alive", TYPES[3]),
];

fn expected(id: f64, name: &str, days: i64) -> Row {
    vec![
        Value::R8(id),
        Value::Str(name.into()),
        Value::Timestamp(days * TICKS_PER_DAY + TICKS_PER_DAY / 4),
        Value::Bool(id % 2.0 == 0.0),
    ]
}

#[test]
fn what_is_written_is_read_again_and_more_is_added_behind_it() {
    let folder = Folder::new();
    let file = folder.file("people.xlsx");
    let ran = write(
        &file,
        "People$",
        "HDR=YES",
        vec![person(1, "Ann <&> \u{1}", 7), person(2, "Öz", -9999)],
    );
    assert_eq!(ran.errors(), Vec::<u32>::new());
    assert_eq!(ran.outcome.unwrap().total_rows(), 2);
    let ran = write(&file, "[People$]", "HDR=YES", vec![person(3, "Eve", 0)]);
    assert_eq!(ran.errors(), Vec::<u32>::new());
    let ran = write(&file, "More$", "HDR=NO", vec![person(4, "Kim", 1)]);
    assert_eq!(ran.errors(), Vec::<u32>::new());

    let (ran, rows) = read(&file, "HDR=YES", &[("OpenRowset", "People$")], &ALL);
    assert_eq!(ran.errors(), Vec::<u32>::new());
    let people = [
        expected(1.0, "Ann <&> \u{1}", 7),
        expected(2.0, "Öz", -9999),
        expected(3.0, "Eve", 0),
    ];
    assert_eq!(rows, printed(&people));
    // Without a header columns are numbered, and every row is data.
    let numbered = [("F2", TEXT), ("F1", DataType::R8)];
    let (_, rows) = read(&file, "HDR=NO", &[("OpenRowset", "More$")], &numbered);
    assert_eq!(
        rows,
        printed(&[vec![Value::Str("Kim".into()), Value::R8(4.0)]])
    );
}

#[test]
fn ranges_and_queries_select_cells() {
    let folder = Folder::new();
    let file = folder.file("people.xlsx");
    write(
        &file,
        "People$",
        "HDR=YES",
        vec![
            person(1, "Ann", 7),
            person(2, "Bob", 8),
            person(3, "Eve", 9),
        ],
    );
    let names = [("Name", TEXT)];
    let text = |texts: &[&str]| {
        let rows: Vec<Row> = texts
            .iter()
            .map(|it| vec![Value::Str((*it).into())])
            .collect();
        printed(&rows)
    };
    let sql = [
        ("AccessMode", "2"),
        ("SqlCommand", "SELECT [Id], Name FROM [People$A1:B3]"),
    ];
    assert_eq!(
        read(&file, "HDR=YES", &sql, &names).1,
        text(&["Ann", "Bob"])
    );
    let area = [("OpenRowset", "People$B2:B4")];
    assert_eq!(
        read(&file, "HDR=NO", &area, &[("F1", TEXT)]).1,
        text(&["Ann", "Bob", "Eve"])
    );
    // A column that the query does not select is not there.
    let (ran, _) = read(&file, "HDR=YES", &sql, &[("Alive", DataType::Bool)]);
    assert_eq!(ran.errors(), [0xC020_2005, 0xC004_701A]);
    let where_clause = [
        ("AccessMode", "2"),
        ("SqlCommand", "SELECT * FROM [People$] WHERE Id = 1"),
    ];
    let (ran, _) = read(&file, "HDR=YES", &where_clause, &names);
    assert_eq!(ran.errors(), [0, 0xC004_700C]);
    assert!(ran.recorder.find(0).text.contains("SO5013"));
}

#[test]
fn cells_of_another_type_than_the_first_rows_are_null_or_text() {
    let folder = Folder::new();
    let file = folder.file("mixed.xlsx");
    // Written without a header by rows of numbers and texts in one column.
    let texts = [(1, "7"), (2, "x"), (3, "y")].map(|(id, name)| person(id, name, 0));
    write(&file, "S$", "HDR=NO", texts.into());
    let mut flow = writer("S$", Disposition::FailComponent);
    flow.components[1].inputs[0].external_columns[1].data_type = Some(DataType::R8);
    let seven = vec![person(4, "70", 0)];
    let kinds = vec![
        rows_kind("source", WIDE.into(), seven, 1),
        collecting("errors").0,
    ];
    flow.components[1].inputs[0].external_columns[1].name = "F2".to_owned();
    for (at, name) in [(0, "F1"), (2, "F3"), (3, "F4")] {
        flow.components[1].inputs[0].external_columns[at].name = name.to_owned();
    }
    assert_eq!(
        connected(&flow, &file, "HDR=NO", kinds).errors(),
        Vec::<u32>::new()
    );
    let column = [("F2", TEXT)];
    let (_, rows) = read(&file, "HDR=NO", &[("OpenRowset", "S$")], &column);
    let text = |text: &str| vec![Value::Str(text.into())];
    assert_eq!(
        rows,
        printed(&[text("7"), text("x"), text("y"), vec![Value::Null]])
    );
    let (_, rows) = read(&file, "HDR=NO;IMEX=1", &[("OpenRowset", "S$")], &column);
    assert_eq!(
        rows,
        printed(&[text("7"), text("x"), text("y"), text("70")])
    );
}

#[test]
fn text_longer_than_its_column_is_a_truncation_on_both_ways() {
    let folder = Folder::new();
    let file = folder.file("long.xlsx");
    let long = "x".repeat(300);
    let ran = write(
        &file,
        "S$",
        "HDR=YES",
        vec![person(1, "a", 0), person(2, &long, 0)],
    );
    assert_eq!(ran.errors()[1], 0xC020_902A);
    assert_eq!(ran.recorder.find(0xC020_902A).row, Some(2));
    assert!(!file.exists(), "a load that failed leaves nothing");

    let (errors, in_errors) = collecting("errors");
    let rows = vec![person(1, "a", 0), person(2, &long, 0)];
    let kinds = vec![rows_kind("source", WIDE.into(), rows, 2), errors];
    let ran = connected(
        &writer("S$", Disposition::RedirectRow),
        &file,
        "HDR=YES",
        kinds,
    );
    assert_eq!(ran.errors(), Vec::<u32>::new());
    let mut types: Vec<DataType> = WIDE.into();
    types.extend([DataType::I4, DataType::I4]);
    assert_eq!(rows_of(&in_errors, &types).len(), 1);
    let short = [("Name", DataType::Wstr { length: 0 })];
    assert_eq!(
        read(&file, "HDR=YES", &[("OpenRowset", "S$")], &short)
            .1
            .len(),
        1
    );
}

#[test]
fn what_is_no_workbook_or_has_no_such_sheet_is_said() {
    let folder = Folder::new();
    let file = folder.file("people.xlsx");
    write(&file, "People$", "HDR=YES", vec![person(1, "Ann", 7)]);
    let said = |file: &Path, sheet: &str| {
        let (ran, _) = read(file, "HDR=YES", &[("OpenRowset", sheet)], &ALL);
        assert!(ran.outcome.is_err());
        ran.recorder.find(0).text
    };
    let missing = said(&file, "Persons$");
    assert!(
        missing.contains("SO5012") && missing.contains("People$"),
        "{missing}"
    );
    let gone = said(&folder.file("gone.xlsx"), "People$");
    assert!(
        gone.contains("SO5012") && gone.contains("No such file"),
        "{gone}"
    );
    std::fs::write(folder.file("text.xlsx"), "Id,Name").unwrap();
    assert!(said(&folder.file("text.xlsx"), "People$").contains("SO5012"));
    // The column is named with those that are there.
    let (ran, _) = read(
        &file,
        "HDR=YES",
        &[("OpenRowset", "People$")],
        &[("Phone", TEXT)],
    );
    let text = ran.recorder.find(0xC020_2005).text;
    assert!(text.contains("`Phone`") && text.contains("Born"), "{text}");
}

#[test]
fn the_old_format_is_not_written() {
    let folder = Folder::new();
    let ran = write(&folder.file("old.xls"), "S$", "HDR=YES", Vec::new());
    assert_eq!(ran.errors(), [0, 0xC004_700C]);
    assert!(ran.recorder.find(0).text.contains("SO5014"));
}

#[test]
fn the_old_format_is_read() {
    let folder = Folder::new();
    let file = folder.file("old.xls");
    std::fs::write(
        &file,
        super::old_format::workbook(&[("Id", 1.5), ("Sum", 40.0)]),
    )
    .unwrap();
    let columns = [("Sum", DataType::R8), ("Id", DataType::R8)];
    let (ran, rows) = read(&file, "HDR=YES", &[("OpenRowset", "Sheet1$")], &columns);
    assert_eq!(ran.errors(), Vec::<u32>::new());
    assert_eq!(rows, printed(&[vec![Value::R8(40.0), Value::R8(1.5)]]));
}
