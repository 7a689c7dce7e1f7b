//! What a SQLite connection does, through the contract.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Int32Array, RecordBatch, StringArray};

use super::SqliteConnection;
use crate::cancel::CancelToken;
use crate::connections::test_rows::texts;
use crate::connections::{BulkOptions, Connection, ConnectionError, TableName};
use crate::data_flow::schema::{Column, Schema};
use crate::value::{DataType, TypedValue, Value};

fn open(path: &Path) -> SqliteConnection {
    SqliteConnection::open("db", path.to_owned(), true, CancelToken::new()).unwrap()
}

fn table(text: &str) -> TableName {
    TableName::parse(text).unwrap()
}

fn integer(value: i32) -> TypedValue {
    TypedValue {
        data_type: DataType::I4,
        value: Value::I4(value),
    }
}

fn rows(connection: &mut SqliteConnection, sql: &str, batch_rows: usize) -> Vec<String> {
    texts(
        &mut *connection.query(sql, &[], batch_rows).unwrap(),
        batch_rows,
    )
}

fn two_columns() -> Schema {
    let column = |name: &str, data_type| Column {
        lineage_id: String::new(),
        name: name.to_owned(),
        data_type,
    };
    Schema::new([
        column("id", DataType::I4),
        column("name", DataType::Wstr { length: 10 }),
    ])
}

fn batch(rows: &[(i32, Option<&str>)]) -> RecordBatch {
    let ids = Int32Array::from_iter_values(rows.iter().map(|row| row.0));
    let names: StringArray = rows.iter().map(|row| row.1).collect();
    RecordBatch::try_new(
        two_columns().to_arrow(),
        vec![Arc::new(ids), Arc::new(names)],
    )
    .unwrap()
}

fn load(
    connection: &mut SqliteConnection,
    options: &BulkOptions,
    batches: &[RecordBatch],
) -> (Result<u64, ConnectionError>, u64) {
    let columns = ["ID".to_owned(), "Name".to_owned()];
    let mut insert = connection
        .bulk_insert(&table("dbo.T"), &columns, &two_columns(), options)
        .unwrap();
    for batch in batches {
        if let Err(error) = insert.write(batch) {
            return (Err(error), insert.committed());
        }
    }
    let committed = insert.finish();
    let count = *committed.as_ref().unwrap_or(&0);
    (committed, count)
}

#[test]
fn rows_come_in_batches_with_declared_types() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(&folder.path().join("x.db"));
    db.execute(
        "CREATE TABLE [dbo].[T] (id int, name nvarchar(10), price decimal(9,2), d date, at datetime2)",
        &[],
    )
    .unwrap();
    let affected = db
        .execute(
            "INSERT INTO T VALUES (1, N'a', 12.5, '2024-01-31', '2024-01-31 10:00:00.5'), (2, NULL, NULL, NULL, NULL), (3, 'ä', 7, '2024-02-01', '2024-02-01')",
            &[],
        )
        .unwrap();
    assert_eq!(affected, Some(3));
    assert_eq!(
        rows(&mut db, "SELECT * FROM dbo.T ORDER BY id", 2),
        [
            "1|a|12.50|2024-01-31|2024-01-31 10:00:00.5",
            "2|NULL|NULL|NULL|NULL",
            "3|ä|7.00|2024-02-01|2024-02-01 00:00:00",
        ]
    );
    let schema = db.table_schema(&table("[T]")).unwrap().unwrap();
    assert_eq!(schema.columns[1].data_type, DataType::Wstr { length: 10 });
    assert_eq!(db.table_schema(&table("U")).unwrap(), None);
}

#[test]
fn expressions_take_the_type_of_their_values() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(&folder.path().join("x.db"));
    let sql =
        "SELECT COUNT(*) AS n, 1.5 AS r, 'x' AS t, NULL AS u UNION ALL SELECT 2, 3, 'y', NULL";
    let reader = db.query(sql, &[], 10).unwrap();
    let types: Vec<_> = reader
        .schema()
        .columns
        .iter()
        .map(|c| c.data_type)
        .collect();
    drop(reader);
    assert_eq!(
        types,
        [DataType::I8, DataType::R8, DataType::Ntext, DataType::Ntext]
    );
    assert_eq!(rows(&mut db, sql, 1), ["1|1.5|x|NULL", "2|3|y|NULL"]);
}

#[test]
fn parameters_are_taken_in_the_order_of_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(&folder.path().join("x.db"));
    db.execute("CREATE TABLE T (a int, b int)", &[]).unwrap();
    let values = [integer(1), integer(2), integer(3)];
    let affected = db.execute(
        "INSERT INTO T VALUES (?, ?); UPDATE T SET b = ? WHERE a = 1",
        &values,
    );
    assert_eq!(affected.unwrap(), Some(2));
    assert_eq!(rows(&mut db, "SELECT a, b FROM T", 9), ["1|3"]);
    let short = db.execute("INSERT INTO T VALUES (?, ?)", &values[..1]);
    assert!(short.unwrap_err().explained().contains("2 parameters"));
}

#[test]
fn a_bulk_insert_is_committed_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(&folder.path().join("x.db"));
    db.execute(
        "CREATE TABLE T (id int NOT NULL, name nvarchar(10) NOT NULL)",
        &[],
    )
    .unwrap();
    let options = BulkOptions {
        commit_size: 2,
        keep_nulls: true,
        ..BulkOptions::default()
    };
    let good = batch(&[(1, Some("a")), (2, Some("b")), (3, Some("c"))]);
    let bad = batch(&[(4, Some("d")), (5, Some("e")), (6, None)]);
    let (result, committed) = load(&mut db, &options, &[good, bad]);
    let error = result.unwrap_err();
    assert!(
        matches!(&error, ConnectionError::Constraint { table, column: Some(column), row: Some(2), .. }
            if table == "[dbo].[T]" && column == "name"),
        "{error:?}"
    );
    assert_eq!(committed, 4);
    assert_eq!(rows(&mut db, "SELECT COUNT(*) FROM T", 9), ["4"]);
}

#[test]
fn without_a_commit_size_all_rows_or_none_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(&folder.path().join("x.db"));
    db.execute(
        "CREATE TABLE T (id int PRIMARY KEY, name nvarchar(10))",
        &[],
    )
    .unwrap();
    let options = BulkOptions::default();
    let first = batch(&[(1, Some("a")), (2, None)]);
    let (result, _) = load(&mut db, &options, &[first.clone(), first.clone()]);
    assert!(matches!(result, Err(ConnectionError::Constraint { .. })));
    assert_eq!(rows(&mut db, "SELECT COUNT(*) FROM T", 9), ["0"]);
    let (result, committed) = load(&mut db, &options, &[first]);
    assert_eq!((result.unwrap(), committed), (2, 2));
}

#[test]
fn null_becomes_the_default_unless_it_is_kept() {
    for (keep_nulls, expected) in [(false, "1|x"), (true, "1|NULL")] {
        let folder = tempfile::tempdir().unwrap();
        let mut db = open(&folder.path().join("x.db"));
        db.execute(
            "CREATE TABLE T (id int, name nvarchar(10) DEFAULT 'x')",
            &[],
        )
        .unwrap();
        let options = BulkOptions {
            keep_nulls,
            ..BulkOptions::default()
        };
        load(&mut db, &options, &[batch(&[(1, None)])]).0.unwrap();
        assert_eq!(rows(&mut db, "SELECT id, name FROM T", 9), [expected]);
    }
}

#[test]
fn an_enclosing_transaction_decides() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(&folder.path().join("x.db"));
    db.execute("CREATE TABLE T (id int, name nvarchar(10))", &[])
        .unwrap();
    db.begin().unwrap();
    load(&mut db, &BulkOptions::default(), &[batch(&[(1, None)])])
        .0
        .unwrap();
    db.rollback().unwrap();
    assert_eq!(rows(&mut db, "SELECT COUNT(*) FROM T", 9), ["0"]);
}

#[test]
fn a_folder_has_schemas() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    db.execute(
        "CREATE TABLE [staging].[X y] (id int); CREATE TABLE dbo.Z (id int)",
        &[],
    )
    .unwrap();
    assert!(folder.path().join("staging.db").exists());
    assert!(folder.path().join("dbo.db").exists());
    drop(db);
    let mut db = open(folder.path());
    db.execute("INSERT INTO [Staging].[X y] VALUES (1)", &[])
        .unwrap();
    db.execute("INSERT INTO Z SELECT id FROM [Db].[staging].[X y]", &[])
        .unwrap();
    assert_eq!(
        db.execute("TRUNCATE TABLE [staging].[X y];", &[]).unwrap(),
        Some(1)
    );
    assert_eq!(rows(&mut db, "SELECT id FROM [dbo].[Z]", 9), ["1"]);
    assert_eq!(db.table_schema(&table("other.X")).unwrap(), None);
    assert!(!folder.path().join("other.db").exists());
}

#[test]
fn a_database_in_memory_keeps_all_its_tables() {
    let mut connection = open(Path::new(":memory:"));
    connection.execute("CREATE TABLE a (x int)", &[]).unwrap();
    connection.execute("CREATE TABLE b (x int)", &[]).unwrap();
    let tables = rows(&mut connection, "SELECT name FROM sqlite_master", 10);
    assert_eq!(tables.len(), 2, "{tables:?}");
}

#[test]
fn one_file_refuses_schemas_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(&folder.path().join("x.db"));
    let error = db.execute("TRUNCATE TABLE [staging].[X]", &[]).unwrap_err();
    let text = error.explained();
    assert!(text.contains("`Data Source` be a folder"), "{text}");
    assert!(text.contains("`staging.db`"), "{text}");
}

#[test]
fn a_missing_file_is_not_made_by_accident() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("typo.db");
    let error = SqliteConnection::open("db", file.clone(), false, CancelToken::new())
        .err()
        .unwrap();
    assert!(error.to_string().contains("typo.db` does not exist"));
    assert!(!file.exists());
}

#[test]
fn a_reader_does_not_hold_up_a_writer() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db");
    let (mut one, mut two) = (open(&file), open(&file));
    one.execute(
        "CREATE TABLE T (id int, name nvarchar(10)); INSERT INTO T VALUES (1, 'a'), (2, 'b')",
        &[],
    )
    .unwrap();
    let mut reader = one.query("SELECT id FROM T", &[], 1).unwrap();
    assert_eq!(reader.next_batch().unwrap().unwrap().num_rows(), 1);
    load(&mut two, &BulkOptions::default(), &[batch(&[(3, None)])])
        .0
        .unwrap();
    assert_eq!(reader.next_batch().unwrap().unwrap().num_rows(), 1);
    assert!(reader.next_batch().unwrap().is_none());
    assert!(reader.next_batch().unwrap().is_none());
}

#[test]
fn a_canceled_package_stops_a_long_statement() {
    let folder = tempfile::tempdir().unwrap();
    let token = CancelToken::new();
    let file = folder.path().join("x.db");
    let mut db = SqliteConnection::open("db", file, true, token.clone()).unwrap();
    let endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let stop = std::thread::spawn(move || token.cancel());
    assert!(db.execute(endless, &[]).is_err());
    stop.join().unwrap();
    assert!(matches!(
        db.execute("SELECT 1", &[]),
        Err(ConnectionError::Canceled(_))
    ));
}

#[test]
fn procedures_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(&folder.path().join("x.db"));
    let error = db.execute("EXEC [etl].[usp_X] 1", &[]);
    assert!(error.unwrap_err().to_string().contains("procedures"));
}
