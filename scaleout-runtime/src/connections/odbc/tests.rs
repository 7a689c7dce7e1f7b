//! Against `libsqliteodbc`, the driver of SQLite for ODBC.

use std::sync::Arc;

use arrow::array::{BinaryArray, Float64Array, Int32Array, RecordBatch, StringArray};

use super::OdbcConnection;
use crate::cancel::CancelToken;
use crate::connections::test_rows::texts;
use crate::connections::{BulkOptions, Connection, ConnectionError, TableName};
use crate::data_flow::schema::{Column, Schema};
use crate::value::{DataType, TypedValue, Value};

fn open(folder: &std::path::Path) -> OdbcConnection {
    let file = folder.join("x.db");
    let string = format!("Driver={{SQLite3}};Database={}", file.display());
    OdbcConnection::open("db", &string, CancelToken::new()).unwrap()
}

fn ask(connection: &mut OdbcConnection, sql: &str, values: &[TypedValue]) -> Vec<String> {
    texts(&mut *connection.query(sql, values, 2).unwrap(), 2)
}

fn column(name: &str, data_type: DataType) -> Column {
    Column {
        lineage_id: String::new(),
        name: name.to_owned(),
        data_type,
    }
}

#[test]
fn statements_take_values_and_give_rows_in_batches() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = open(folder.path());
    let create = "CREATE TABLE [T x] (id integer, name varchar(20), price double, made date)";
    connection.execute(create, &[]).unwrap();
    let values = |id: i32, name: Option<&str>| {
        [
            TypedValue {
                data_type: DataType::I4,
                value: Value::I4(id),
            },
            TypedValue {
                data_type: DataType::Wstr { length: 20 },
                value: name.map_or(Value::Null, |name| Value::Str(name.into())),
            },
            TypedValue {
                data_type: DataType::R8,
                value: Value::R8(0.5),
            },
        ]
    };
    let insert = "INSERT INTO [T x] VALUES (?, ?, ?, '2026-02-01')";
    for (id, name) in [(1, Some("Ägäis €")), (2, None), (3, Some(""))] {
        let rows = connection.execute(insert, &values(id, name)).unwrap();
        assert_eq!(rows, Some(1));
    }
    let found = ask(&mut connection, "SELECT * FROM [T x] ORDER BY id", &[]);
    let expected = [
        "1|Ägäis €|0.5|2026-02-01",
        "2|NULL|0.5|2026-02-01",
        "3||0.5|2026-02-01",
    ];
    assert_eq!(found, expected);
    let one = &values(2, None)[..1];
    assert_eq!(
        ask(&mut connection, "SELECT id FROM [T x] WHERE id > ?", one),
        ["3"]
    );
    let table = TableName::parse("dbo.[T x]").unwrap();
    let schema = connection.table_schema(&table).unwrap().unwrap();
    let types: Vec<DataType> = schema.columns.iter().map(|it| it.data_type).collect();
    let wide = DataType::Wstr { length: 20 };
    assert_eq!(types, [DataType::I4, wide, DataType::R8, DataType::DbDate]);
    let missing = TableName::parse("gone").unwrap();
    assert!(connection.table_schema(&missing).unwrap().is_none());
}

#[test]
fn a_load_commits_in_parts_and_keeps_what_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = open(folder.path());
    let create =
        "CREATE TABLE T (id integer PRIMARY KEY, name varchar(20), price double, raw blob)";
    connection.execute(create, &[]).unwrap();
    let schema = Schema::new([
        column("id", DataType::I4),
        column("name", DataType::Wstr { length: 20 }),
        column("price", DataType::R8),
        column("raw", DataType::Image),
    ]);
    let batch = |ids: Vec<i32>| {
        let names: Vec<Option<String>> = ids
            .iter()
            .map(|id| (id % 2 == 1).then(|| format!("né {id}")))
            .collect();
        let prices: Vec<f64> = ids.iter().map(|id| f64::from(*id) / 4.0).collect();
        let raw: Vec<&[u8]> = ids.iter().map(|_| &b"\x00\xff"[..]).collect();
        RecordBatch::try_from_iter([
            ("id", Arc::new(Int32Array::from(ids)) as _),
            ("name", Arc::new(StringArray::from(names)) as _),
            ("price", Arc::new(Float64Array::from(prices)) as _),
            ("raw", Arc::new(BinaryArray::from(raw)) as _),
        ])
        .unwrap()
    };
    let table = TableName::parse("[dbo].[T]").unwrap();
    let columns = ["ID", "name", "price", "raw"].map(str::to_owned);
    let options = BulkOptions {
        commit_size: 2,
        ..BulkOptions::default()
    };
    let mut load = connection
        .bulk_insert(&table, &columns, &schema, &options)
        .unwrap();
    load.write(&batch(vec![1, 2, 3])).unwrap();
    // The second part has a key that is there already.
    let refused = load.write(&batch(vec![4, 5, 1])).unwrap_err();
    assert!(
        matches!(refused, ConnectionError::Constraint { .. }),
        "{refused:?}"
    );
    assert_eq!(load.committed(), 4);
    drop(load);
    let found = ask(
        &mut connection,
        "SELECT id, name, price, hex(raw) AS h FROM T ORDER BY id",
        &[],
    );
    assert_eq!(
        found,
        [
            "1|né 1|0.25|00FF",
            "2|NULL|0.5|00FF",
            "3|né 3|0.75|00FF",
            "4|NULL|1|00FF"
        ]
    );
    let unknown = connection.bulk_insert(&table, &["gone".to_owned()], &schema, &options);
    assert!(matches!(
        unknown.err(),
        Some(ConnectionError::MissingColumn { .. })
    ));
    // Inside a transaction of the package that one decides.
    connection.begin().unwrap();
    let mut load = connection
        .bulk_insert(&table, &columns, &schema, &options)
        .unwrap();
    load.write(&batch(vec![7, 8])).unwrap();
    assert_eq!(load.finish().unwrap(), 2);
    connection.rollback().unwrap();
    assert_eq!(
        ask(&mut connection, "SELECT COUNT(*) AS n FROM T", &[]),
        ["4"]
    );
}

#[test]
fn what_a_driver_says_is_one_line_and_nothing_secret() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = open(folder.path());
    let failed = connection
        .execute("SELECT * FROM nowhere", &[])
        .unwrap_err();
    let text = failed.explained();
    assert!(text.contains("nowhere") && !text.contains('\n'), "{text}");
    let unknown = "Driver={No such driver};Uid=u;Pwd=geheim";
    let error = OdbcConnection::open("db", unknown, CancelToken::new())
        .err()
        .unwrap();
    let text = error.explained();
    assert!(text.contains("IM002") || text.contains("01000"), "{text}");
    assert!(!text.contains("geheim"), "{text}");
}
