//! Connections to a real PostgreSQL, through the contract.

#![expect(clippy::unwrap_used, reason = "a failed step of a test should panic")]

mod common;

use std::sync::Arc;

use arrow::array::{Int32Array, RecordBatch, StringArray};
use common::postgres::PostgresCluster;
use scaleout_core::package::connection_string::ConnectionString;
use scaleout_runtime::cancel::CancelToken;
use scaleout_runtime::connections::cell::{CellReader, cell_text};
use scaleout_runtime::connections::postgres::PostgresConnection;
use scaleout_runtime::connections::{BulkOptions, Connection, ConnectionError, TableName};
use scaleout_runtime::data_flow::schema::{Column, Schema};
use scaleout_runtime::value::{DataType, TypedValue, Value};

fn open(cluster: &PostgresCluster) -> PostgresConnection {
    let string = ConnectionString::parse(&cluster.connection_string("postgres")).unwrap();
    PostgresConnection::open("db", &string, CancelToken::new()).unwrap()
}

fn rows(connection: &mut PostgresConnection, sql: &str, parameters: &[TypedValue]) -> Vec<String> {
    let mut reader = connection.query(sql, parameters, 2).unwrap();
    let schema = reader.schema().clone();
    let mut found = Vec::new();
    while let Some(batch) = reader.next_batch().unwrap() {
        assert!(batch.num_rows() <= 2);
        for row in 0..batch.num_rows() {
            let cells = schema.columns.iter().enumerate().map(|(at, column)| {
                let array = batch.column(at).as_ref();
                let reader = CellReader::new(array, column.data_type).unwrap();
                cell_text(&reader.cell(row)).map_or("NULL".to_owned(), |text| text.into_owned())
            });
            found.push(cells.collect::<Vec<_>>().join("|"));
        }
    }
    found
}

fn table(text: &str) -> TableName {
    TableName::parse(text).unwrap()
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
    let arrays: Vec<arrow::array::ArrayRef> = vec![Arc::new(ids), Arc::new(names)];
    RecordBatch::try_new(two_columns().to_arrow(), arrays).unwrap()
}

fn load(
    connection: &mut PostgresConnection,
    target: &str,
    options: &BulkOptions,
    batches: &[RecordBatch],
) -> (Result<u64, ConnectionError>, u64) {
    let columns = ["ID".to_owned(), "Name".to_owned()];
    let mut insert = connection
        .bulk_insert(&table(target), &columns, &two_columns(), options)
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

/// One cluster takes seconds to start: all cases share it, each with its own tables.
#[test]
fn a_real_postgresql() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    let mut db = open(&cluster);
    names_are_found_in_any_case(&mut db);
    types_come_and_go(&mut db);
    parameters_and_expressions(&mut db);
    bulk_inserts_commit_in_parts(&mut db);
    defaults_and_identities(&mut db);
    transactions_decide(&mut db);
    failures_name_what_failed(&mut db, &cluster);
    a_silent_server_is_given_up(&cluster);
    a_lost_connection_says_what_is_in(&cluster);
}

fn names_are_found_in_any_case(db: &mut PostgresConnection) {
    db.execute("CREATE SCHEMA staging; CREATE TABLE [staging].[Country_untyped] ([name] nvarchar(255), [alpha-2] nvarchar(255), [Count] int)", &[]).unwrap();
    db.execute("CREATE TABLE lower_one (Id int, Text varchar(10))", &[])
        .unwrap();
    db.execute(
        "INSERT INTO [Staging].[COUNTRY_untyped] ([Name], [Alpha-2], COUNT) VALUES (N'a', 'b', 1)",
        &[],
    )
    .unwrap();
    db.execute("INSERT INTO [dbo].[Lower_One] VALUES (1, 'x')", &[])
        .unwrap();
    assert_eq!(
        rows(
            db,
            "SELECT [NAME] + '-' + [alpha-2], COUNT(*), SUM([count]) FROM [db].[STAGING].[country_untyped] GROUP BY Name, [Alpha-2]",
            &[]
        ),
        ["a-b|1|1"]
    );
    assert_eq!(
        rows(
            db,
            "SELECT TOP 1 [ID], TEXT FROM Lower_One AS [L] WHERE [L].[Id] = 1",
            &[]
        ),
        ["1|x"]
    );
    assert_eq!(
        rows(
            db,
            "WITH lower_one AS (SELECT 2 AS id) SELECT id FROM lower_one",
            &[]
        ),
        ["2"]
    );
    let schema = db
        .table_schema(&table("[staging].[Country_Untyped]"))
        .unwrap()
        .unwrap();
    assert_eq!(schema.columns[0].data_type, DataType::Wstr { length: 255 });
    assert_eq!(schema.columns[1].name, "alpha-2");
    assert_eq!(db.table_schema(&table("nothing")).unwrap(), None);
    db.execute("TRUNCATE TABLE [staging].[Country_untyped];", &[])
        .unwrap();
    assert_eq!(
        rows(db, "SELECT COUNT(*) FROM staging.Country_untyped", &[]),
        ["0"]
    );
}

fn types_come_and_go(db: &mut PostgresConnection) {
    db.execute(
        "CREATE TABLE types (b bit, t tinyint, n decimal(18,2), m money, d date, dt datetime2, u uniqueidentifier, v varbinary(10), f float)",
        &[],
    )
    .unwrap();
    db.execute(
        "INSERT INTO types VALUES (true, 7, -12.50, 3.25, '2024-01-31', '2024-01-31 10:00:00.5', '00000000-0000-0000-0000-00000000000a', '\\x01ff', 0.1)",
        &[],
    )
    .unwrap();
    assert_eq!(
        rows(db, "SELECT * FROM types", &[]),
        [
            "1|7|-12.50|3.2500|2024-01-31|2024-01-31 10:00:00.5|00000000-0000-0000-0000-00000000000A|0x01FF|0.1"
        ]
    );
    let error = db.query("SELECT point(1,2) AS p", &[], 10).err().unwrap();
    assert!(
        error.explained().contains("column `p`"),
        "{}",
        error.explained()
    );
}

fn parameters_and_expressions(db: &mut PostgresConnection) {
    let typed = |data_type, value| TypedValue { data_type, value };
    let parameters = [
        typed(DataType::I4, Value::I4(5)),
        typed(DataType::Wstr { length: 2 }, Value::Str("x".into())),
        typed(DataType::I4, Value::Null),
    ];
    db.execute("CREATE TABLE p (a bigint, b varchar(5), c int)", &[])
        .unwrap();
    let affected = db.execute(
        "INSERT INTO p VALUES (?, ?, ?); UPDATE p SET c = ?",
        &[
            parameters[0].clone(),
            parameters[1].clone(),
            parameters[2].clone(),
            parameters[0].clone(),
        ],
    );
    assert_eq!(affected.unwrap(), Some(2));
    assert_eq!(
        rows(db, "SELECT a, b, c FROM p WHERE a = ?", &parameters[..1]),
        ["5|x|5"]
    );
    assert_eq!(
        rows(
            db,
            "SELECT ISNULL(c, 0) FROM p WHERE b::text = ? AND LEN(b) = 1",
            &parameters[1..2]
        ),
        ["5"]
    );
}

fn bulk_inserts_commit_in_parts(db: &mut PostgresConnection) {
    db.execute(
        "CREATE TABLE bulk (id int primary key, name varchar(3) not null)",
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
    let (result, committed) = load(db, "dbo.Bulk", &options, &[good.clone(), bad]);
    assert_eq!(committed, 4);
    let error = result.unwrap_err();
    assert!(
        matches!(&error, ConnectionError::Constraint { column: Some(column), row: Some(2), .. } if column == "name"),
        "{error:?}"
    );
    assert_eq!(rows(db, "SELECT COUNT(*) FROM bulk", &[]), ["4"]);
    let (result, _) = load(db, "bulk", &options, &[good]);
    assert!(
        matches!(
            result,
            Err(ConnectionError::Constraint { row: Some(0), .. })
        ),
        "{result:?}"
    );
    let long = batch(&[(10, Some("ok")), (11, Some("too long"))]);
    let (result, _) = load(db, "bulk", &BulkOptions::default(), &[long]);
    let text = result.unwrap_err().explained();
    assert!(
        text.contains("row 2 of the batch") && text.contains("too long for type"),
        "{text}"
    );
    let odd = batch(&[(12, Some("\0"))]);
    let (result, _) = load(db, "bulk", &BulkOptions::default(), &[odd]);
    assert!(
        matches!(result, Err(ConnectionError::Value { row: Some(0), .. })),
        "{result:?}"
    );
    assert_eq!(rows(db, "SELECT COUNT(*) FROM bulk", &[]), ["4"]);
}

fn defaults_and_identities(db: &mut PostgresConnection) {
    db.execute(
        "CREATE TABLE made ([id] int IDENTITY(1,1) PRIMARY KEY, [name] varchar(9) DEFAULT 'none')",
        &[],
    )
    .unwrap();
    let options = BulkOptions::default();
    let batch = batch(&[(70, None), (71, Some("b")), (72, None)]);
    let (result, _) = load(db, "made", &options, std::slice::from_ref(&batch));
    assert_eq!(result.unwrap(), 3);
    assert_eq!(
        rows(db, "SELECT name, id < 10 FROM made ORDER BY name", &[]),
        ["b|1", "none|1", "none|1"]
    );
    let keep = BulkOptions {
        keep_identity: true,
        keep_nulls: true,
        ..options
    };
    load(db, "made", &keep, &[batch]).0.unwrap();
    assert_eq!(
        rows(
            db,
            "SELECT id, name FROM made WHERE id > 10 ORDER BY id",
            &[]
        ),
        ["70|NULL", "71|b", "72|NULL"]
    );
}

fn transactions_decide(db: &mut PostgresConnection) {
    db.execute("CREATE TABLE tran (id int, name varchar(10))", &[])
        .unwrap();
    db.begin().unwrap();
    load(db, "tran", &BulkOptions::default(), &[batch(&[(1, None)])])
        .0
        .unwrap();
    db.rollback().unwrap();
    db.execute("BEGIN TRAN", &[]).unwrap();
    load(db, "tran", &BulkOptions::default(), &[batch(&[(2, None)])])
        .0
        .unwrap();
    db.execute("COMMIT TRAN", &[]).unwrap();
    assert_eq!(rows(db, "SELECT id FROM tran", &[]), ["2"]);
}

fn failures_name_what_failed(db: &mut PostgresConnection, cluster: &PostgresCluster) {
    let error = db
        .execute("INSERT INTO nowhere VALUES (1)", &[])
        .unwrap_err();
    assert!(
        error.explained().contains("nowhere"),
        "{}",
        error.explained()
    );
    let missing = db.bulk_insert(
        &table("nowhere"),
        &[],
        &Schema::default(),
        &BulkOptions::default(),
    );
    assert!(matches!(
        missing.err(),
        Some(ConnectionError::MissingTable { .. })
    ));
    let string = format!(
        "{}Password=geheim;",
        cluster.connection_string("no_database")
    );
    let string = ConnectionString::parse(&string).unwrap();
    let error = PostgresConnection::open("db", &string, CancelToken::new())
        .err()
        .unwrap();
    let text = error.explained();
    assert!(
        text.contains("no_database") && !text.contains("geheim"),
        "{text}"
    );
}

/// A statement that takes too long is stopped, and the connection goes on; a process that no longer
/// answers at all costs the connection.
fn a_silent_server_is_given_up(cluster: &PostgresCluster) {
    let mut db = open(cluster);
    let limit = std::time::Duration::from_millis(400);
    db.set_timeout(Some(limit)).unwrap();
    let error = db.execute("SELECT pg_sleep(600)", &[]).unwrap_err();
    assert!(
        matches!(&error, ConnectionError::TimedOut { .. }),
        "{error:?}"
    );
    assert_eq!(rows(&mut db, "SELECT 1", &[]), ["1"]);
    let process: i32 = rows(&mut db, "SELECT pg_backend_pid()", &[])[0]
        .parse()
        .unwrap();
    let process = nix::unistd::Pid::from_raw(process);
    nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGSTOP).unwrap();
    let error = db.execute("SELECT 1", &[]).unwrap_err();
    let lost = db.execute("SELECT 1", &[]).unwrap_err();
    nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGCONT).unwrap();
    assert!(
        matches!(&error, ConnectionError::TimedOut { .. }),
        "{error:?}"
    );
    assert!(matches!(&lost, ConnectionError::Lost { .. }), "{lost:?}");

    // Nobody ever answers here: the kernel takes the connection, and that is all.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let string = format!("Data Source=127.0.0.1;Port={port};User ID=u;Connect Timeout=1");
    let string = ConnectionString::parse(&string).unwrap();
    let opened = PostgresConnection::open("db", &string, CancelToken::new());
    let error = opened.err().unwrap();
    assert!(
        matches!(&error, ConnectionError::Connect { .. }),
        "{error:?}"
    );
    let stopped = CancelToken::new();
    stopped.cancel();
    let opened = PostgresConnection::open("db", &string, stopped);
    assert!(matches!(opened.err(), Some(ConnectionError::Canceled(_))));
}

/// The server ends the session in mid-load: what was committed is in the table, nothing else.
fn a_lost_connection_says_what_is_in(cluster: &PostgresCluster) {
    let mut other = open(cluster);
    other
        .execute("CREATE TABLE vanishing (id int, name varchar(10))", &[])
        .unwrap();
    let mut db = open(cluster);
    let process = rows(&mut db, "SELECT pg_backend_pid()", &[]).remove(0);
    let options = BulkOptions {
        commit_size: 2,
        ..BulkOptions::default()
    };
    let columns = ["id".to_owned(), "name".to_owned()];
    let mut insert = db
        .bulk_insert(&table("vanishing"), &columns, &two_columns(), &options)
        .unwrap();
    insert
        .write(&batch(&[(1, None), (2, None), (3, None)]))
        .unwrap();
    assert_eq!(insert.committed(), 2);
    let end = format!("SELECT pg_terminate_backend({process}, 10000)");
    assert_eq!(rows(&mut other, &end, &[]), ["1"]);
    let error = insert.write(&batch(&[(4, None)])).unwrap_err();
    assert!(matches!(&error, ConnectionError::Lost { .. }), "{error:?}");
    assert_eq!(insert.committed(), 2);
    drop(insert);
    let found = rows(&mut other, "SELECT id FROM vanishing ORDER BY id", &[]);
    assert_eq!(found, ["1", "2"]);
}
