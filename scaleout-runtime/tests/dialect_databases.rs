//! Every translation of T-SQL, run on both real databases: what comes back is what SQL Server gives.

#![expect(clippy::unwrap_used, reason = "a failed step of a test should panic")]

mod common;

use common::postgres::PostgresCluster;
use scaleout_core::package::ConnectionManager;
use scaleout_core::protocol::executor::RuntimeSettings;
use scaleout_runtime::cancel::CancelToken;
use scaleout_runtime::connections::cell::{CellReader, cell_text};
use scaleout_runtime::connections::{self, Connection};
use scaleout_runtime::value::{DataType, TypedValue, Value};

/// What is there before any case.
const TABLES: [&str; 4] = [
    "CREATE TABLE [dbo].[Person] ([Id] int IDENTITY(1,1) PRIMARY KEY, [First Name] nvarchar(20), [Last] varchar(20), Born date, Points int NULL)",
    "INSERT [dbo].[Person] ([First Name], [Last], Born, Points) VALUES (N'Ada', 'Lovelace', '1815-12-10', 7), (N'Grace', 'Hopper', '1906-12-09', NULL), (N'Alan ', 'Turing', '1912-06-23', 3)",
    "CREATE TABLE dbo.Score (PersonId int, Extra int)",
    "INSERT INTO dbo.Score VALUES (1, 10), (3, 30)",
];

/// A query and the rows that it gives, cells parted by `|`.
const QUERIES: [(&str, &[&str]); 44] = [
    (
        "SELECT TOP 2 [Last] FROM [dbo].[Person] ORDER BY [Id]",
        &["Lovelace", "Hopper"],
    ),
    (
        "SELECT TOP (1) p.[Last] FROM dbo.Person AS p WITH (NOLOCK) ORDER BY p.Born DESC",
        &["Turing"],
    ),
    (
        "SELECT Id FROM (SELECT TOP 1 Id FROM Person ORDER BY Id DESC) x",
        &["3"],
    ),
    ("SELECT N'ä' + N'ö'", &["äö"]),
    (
        "SELECT [First Name] + [Last] FROM Person WHERE Id = 1",
        &["AdaLovelace"],
    ),
    (
        "SELECT p.[First Name] + ' ' + p.[Last] FROM Person p WHERE Id = 1",
        &["Ada Lovelace"],
    ),
    ("SELECT Id + Points FROM Person WHERE Id = 1", &["8"]),
    ("SELECT [Last] + NULL FROM Person WHERE Id = 1", &["NULL"]),
    (
        "SELECT ISNULL(Points, -1) FROM Person ORDER BY Id",
        &["7", "-1", "3"],
    ),
    ("SELECT LEN([First Name]) FROM Person WHERE Id = 3", &["4"]),
    (
        "SELECT LEFT([Last], 3), RIGHT([Last], 2), SUBSTRING([Last], 2, 3) FROM Person WHERE Id = 1",
        &["Lov|ce|ove"],
    ),
    (
        "SELECT CHARINDEX('e', [Last]), CHARINDEX('e', [Last], 5) FROM Person WHERE Id = 1",
        &["4|8"],
    ),
    (
        "SELECT REPLICATE('ab', 3), '[' + SPACE(2) + ']', STUFF('abcdef', 2, 3, 'X')",
        &["ababab|[  ]|aXef"],
    ),
    (
        "SELECT IIF(Points IS NULL, 'none', 'some') FROM Person ORDER BY Id",
        &["some", "none", "some"],
    ),
    ("SELECT COUNT(*) FROM Person WHERE GETDATE() > Born", &["3"]),
    (
        "SELECT DATEPART(year, Born), MONTH(Born), DAY(Born) FROM Person WHERE Id = 1",
        &["1815|12|10"],
    ),
    (
        "SELECT DATEPART(dw, Born), DATEPART(dayofyear, Born), DATEPART(qq, Born) FROM Person WHERE Id = 3",
        &["1|175|2"],
    ),
    (
        "SELECT DATEPART(week, '2024-01-07'), DATEPART(week, '2024-01-06')",
        &["2|1"],
    ),
    (
        "SELECT DATEDIFF(year, '2023-12-31', '2024-01-01'), DATEDIFF(month, '2024-01-31', '2024-03-01'), DATEDIFF(day, '2024-02-28', '2024-03-01')",
        &["1|2|2"],
    ),
    (
        "SELECT DATEDIFF(hour, '2024-01-01 10:59:00', '2024-01-01 11:01:00'), DATEDIFF(week, '2024-01-06', '2024-01-07')",
        &["1|1"],
    ),
    (
        "SELECT CONVERT(varchar(10), DATEADD(month, 1, '2024-01-31'), 120)",
        &["2024-02-29"],
    ),
    (
        "SELECT CONVERT(char(8), DATEADD(day, -1, '2024-03-01'), 112)",
        &["20240229"],
    ),
    (
        "SELECT CONVERT(varchar(10), Born, 101), CONVERT(varchar(10), Born, 104) FROM Person WHERE Id = 1",
        &["12/10/1815|10.12.1815"],
    ),
    ("SELECT CONVERT(int, '12') + 1", &["13"]),
    (
        "SELECT CAST([Last] AS varchar(3)) FROM Person WHERE Id = 2",
        &["Hop"],
    ),
    (
        "SELECT CONVERT(varchar(10), CAST('20240229' AS date), 23)",
        &["2024-02-29"],
    ),
    (
        "SELECT TRY_CAST('12' AS int), TRY_CAST('x' AS int), TRY_CAST('' AS int)",
        &["12|NULL|0"],
    ),
    (
        "SELECT CONVERT(varchar(10), TRY_CAST('20240229' AS date), 120), TRY_CAST('20240230' AS date)",
        &["2024-02-29|NULL"],
    ),
    ("SELECT TRY_CONVERT(int, '7')", &["7"]),
    (
        "SELECT CONVERT(varchar(10), EOMONTH('2024-02-03'), 120)",
        &["2024-02-29"],
    ),
    (
        "SELECT CASE WHEN OBJECT_ID('dbo.Person') IS NULL THEN 'no' ELSE 'yes' END, CASE WHEN OBJECT_ID(N'[dbo].[Nobody]', N'U') IS NULL THEN 'no' ELSE 'yes' END",
        &["yes|no"],
    ),
    ("SELECT LEN(CAST(NEWID() AS varchar(40)))", &["36"]),
    (
        "IF EXISTS (SELECT 1 FROM Person WHERE Id = 9) SELECT 'there' ELSE SELECT 'not there'",
        &["not there"],
    ),
    (
        "IF (SELECT COUNT(*) FROM Person) > 2 BEGIN SELECT 'many' END ELSE BEGIN SELECT 'few' END",
        &["many"],
    ),
    ("SET NOCOUNT ON SELECT 1", &["1"]),
    (
        "SELECT [Last] FROM Person WHERE [Last] LIKE 'L%'",
        &["Lovelace"],
    ),
    (
        "SELECT [Last] FROM Person WHERE [Last] LIKE 'lov%' AND [Last] NOT LIKE 'HOP%'",
        &["Lovelace"],
    ),
    (
        "SELECT CAST(1.9 AS int), CAST(-1.9 AS int), CONVERT(bigint, 2.5 + 0.4), CAST('7' AS int)",
        &["1|-1|2|7"],
    ),
    (
        "WITH x AS (SELECT Id FROM Person) SELECT COUNT(*) FROM x",
        &["3"],
    ),
    (
        "SELECT p.[Last], s.Extra FROM Person p LEFT JOIN Score s ON s.PersonId = p.Id ORDER BY p.Id",
        &["Lovelace|10", "Hopper|NULL", "Turing|30"],
    ),
    (
        "SELECT ROW_NUMBER() OVER (ORDER BY Born DESC) AS n, Id FROM Person ORDER BY n",
        &["1|3", "2|2", "3|1"],
    ),
    (
        "SELECT COALESCE(Points, 0) FROM Person WHERE Id = 2",
        &["0"],
    ),
    ("SELECT UPPER([Last]) FROM Person WHERE Id = 2", &["HOPPER"]),
    ("SELECT CHARINDEX('x', 'abc')", &["0"]),
];

/// A script, and a query whose rows show what it has done.
const SCRIPTS: [(&str, &str, &[&str]); 18] = [
    (
        "UPDATE p SET p.Points = s.Extra FROM [dbo].[Person] p INNER JOIN dbo.Score s ON s.PersonId = p.Id WHERE s.Extra > 10",
        "SELECT Points FROM Person ORDER BY Id",
        &["7", "NULL", "30"],
    ),
    (
        "UPDATE Person SET Points = s.Extra FROM Score s WHERE s.PersonId = Person.Id AND s.Extra = 10",
        "SELECT Points FROM Person ORDER BY Id",
        &["10", "NULL", "30"],
    ),
    (
        "SELECT [Last], Points INTO dbo.Copy FROM Person WHERE Points IS NOT NULL",
        "SELECT COUNT(*) FROM dbo.[Copy]",
        &["2"],
    ),
    (
        "SELECT Id INTO #t FROM Person",
        "SELECT COUNT(*) FROM #t",
        &["3"],
    ),
    (
        "IF OBJECT_ID('tempdb..#t') IS NOT NULL DROP TABLE #t",
        "SELECT CASE WHEN OBJECT_ID('tempdb..#t') IS NULL THEN 'gone' ELSE 'there' END",
        &["gone"],
    ),
    (
        "CREATE TABLE #u (n int); INSERT INTO #u SELECT Id FROM Person",
        "SELECT SUM(n) FROM tempdb..#u",
        &["6"],
    ),
    (
        "DELETE s FROM Score s INNER JOIN Person p ON p.Id = s.PersonId WHERE p.[Last] = 'Turing'",
        "SELECT PersonId FROM Score",
        &["1"],
    ),
    (
        "DELETE p FROM Person AS p LEFT JOIN Score AS s ON s.PersonId = p.Id WHERE s.PersonId IS NULL",
        "SELECT Id FROM Person",
        &["1"],
    ),
    (
        "-- the row for what is unknown\nIF NOT EXISTS (SELECT 1 FROM [dbo].[Person] WHERE [Id] = -1)\nBEGIN\n    SET IDENTITY_INSERT [dbo].[Person] ON\n    INSERT INTO [dbo].[Person] ([Id], [Last]) VALUES (-1, 'Unknown')\n    SET IDENTITY_INSERT [dbo].[Person] OFF\nEND",
        "SELECT Id, [Last] FROM Person ORDER BY Id",
        &["-1|Unknown", "1|Lovelace"],
    ),
    (
        "IF NOT EXISTS (SELECT 1 FROM Person WHERE Id = -1) DELETE FROM Person",
        "SELECT COUNT(*) FROM Person",
        &["2"],
    ),
    (
        "TRUNCATE TABLE [dbo].[Score]\nTRUNCATE TABLE dbo.[Copy]",
        "SELECT (SELECT COUNT(*) FROM Score) + (SELECT COUNT(*) FROM [Copy])",
        &["0"],
    ),
    (
        "BEGIN TRAN; INSERT INTO Score VALUES (8, 8); COMMIT TRAN",
        "SELECT PersonId FROM Score",
        &["8"],
    ),
    (
        "BEGIN TRANSACTION; DELETE FROM Score; ROLLBACK",
        "SELECT PersonId FROM Score",
        &["8"],
    ),
    (
        "CREATE TABLE Flag (Id int, IsOn bit NOT NULL DEFAULT ((0)), Price decimal(9, 2))",
        "SELECT COUNT(*) FROM Flag",
        &["0"],
    ),
    (
        "INSERT INTO Flag (Id, IsOn, Price) VALUES (1, 1, 1.99), (2, 0, -1.99); \
         INSERT INTO Flag (Id, Price) SELECT 3, 0.5; UPDATE Flag SET IsOn = 1 WHERE Id = 3 AND IsOn = 0",
        "SELECT Id, CAST(Price AS int) FROM Flag WHERE IsOn = 1 ORDER BY Id",
        &["1|1", "3|0"],
    ),
    (
        "UPDATE [dbo].[Flag] SET [IsOn] = 0 WHERE [IsOn] <> 0 AND Id = 1",
        "SELECT Id FROM Flag WHERE ISNULL(IsOn, 0) = 1 OR Flag.IsOn IN (1)",
        &["3"],
    ),
    (
        "DELETE Flag WHERE IsOn = 1; DELETE [dbo].[Score]",
        "SELECT (SELECT COUNT(*) FROM Flag) + (SELECT COUNT(*) FROM Score)",
        &["2"],
    ),
    ("DELETE dbo.Flag", "SELECT COUNT(*) FROM Flag", &["0"]),
];

fn open(connection_string: &str) -> Box<dyn Connection> {
    let string = ("ConnectionString".to_owned(), connection_string.to_owned());
    let manager = ConnectionManager {
        ref_id: String::new(),
        id: String::new(),
        name: "Db".to_owned(),
        description: String::new(),
        creation_name: "OLEDB".to_owned(),
        delay_validation: false,
        property_expressions: Vec::new(),
        properties: [string].into(),
        sensitive_missing: Vec::new(),
        flat_file_columns: Vec::new(),
        data: Default::default(),
    };
    connections::open(&manager, &RuntimeSettings::default(), &CancelToken::new()).unwrap()
}

fn rows(
    connection: &mut dyn Connection,
    sql: &str,
    parameters: &[TypedValue],
) -> Result<Vec<String>, String> {
    let mut reader = connection
        .query(sql, parameters, 100)
        .map_err(|error| error.explained())?;
    let columns = reader.schema().columns.clone();
    let mut found = Vec::new();
    while let Some(batch) = reader.next_batch().map_err(|error| error.explained())? {
        for row in 0..batch.num_rows() {
            let cells = columns.iter().enumerate().map(|(at, column)| {
                let reader = CellReader::new(batch.column(at).as_ref(), column.data_type).unwrap();
                cell_text(&reader.cell(row)).map_or("NULL".to_owned(), |text| text.into_owned())
            });
            found.push(cells.collect::<Vec<_>>().join("|"));
        }
    }
    Ok(found)
}

fn check(connection: &mut dyn Connection) {
    let mut wrong = Vec::new();
    for table in TABLES {
        connection.execute(table, &[]).unwrap();
    }
    let mut see = |connection: &mut dyn Connection, sql: &str, expected: &[&str]| {
        let found = rows(connection, sql, &[]);
        let as_expected = found.as_ref().is_ok_and(|found| found == expected);
        if !as_expected {
            wrong.push(format!("{sql}\n  gives {found:?}, not {expected:?}"));
        }
    };
    for (sql, expected) in QUERIES {
        see(connection, sql, expected);
    }
    for (script, sql, expected) in SCRIPTS {
        if let Err(error) = connection.execute(script, &[]) {
            see(
                connection,
                &format!("{sql} -- after {}", error.explained()),
                &["no error"],
            );
        }
        see(connection, sql, expected);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    parameters_follow_the_branch_that_runs(connection);
    what_has_no_counterpart_is_refused(connection);
    what_was_sent_is_told(connection);
}

fn number(value: i32) -> TypedValue {
    TypedValue {
        data_type: DataType::I4,
        value: Value::I4(value),
    }
}

fn parameters_follow_the_branch_that_runs(connection: &mut dyn Connection) {
    let sql = "IF ? > 1 INSERT INTO Score VALUES (?, 0) ELSE INSERT INTO Score VALUES (0, ?); UPDATE Score SET Extra = ? WHERE PersonId = 50";
    let parameters = [number(1), number(40), number(50), number(60)];
    connection.execute("TRUNCATE TABLE Score", &[]).unwrap();
    connection.execute(sql, &parameters).unwrap();
    let found = rows(connection, "SELECT PersonId, Extra FROM Score", &[]);
    assert_eq!(found.unwrap(), ["0|50"]);
    let parameters = [number(2), number(50), number(40), number(60)];
    connection.execute("TRUNCATE TABLE Score", &[]).unwrap();
    connection.execute(sql, &parameters).unwrap();
    let found = rows(connection, "SELECT PersonId, Extra FROM Score", &[]);
    assert_eq!(found.unwrap(), ["50|60"]);
}

fn what_has_no_counterpart_is_refused(connection: &mut dyn Connection) {
    for (sql, named) in [
        ("WHILE 1 = 1 SELECT 1", "`WHILE`"),
        (
            "UPDATE p SET p.Points = 1 FROM Person p LEFT JOIN Score s ON s.PersonId = p.Id",
            "`UPDATE … FROM with an outer join`",
        ),
        ("IF 1 = 1 BEGIN DECLARE @x int END", "`DECLARE`"),
    ] {
        let error = connection.execute(sql, &[]).unwrap_err().explained();
        assert!(error.contains(named), "{sql}: {error}");
    }
}

fn what_was_sent_is_told(connection: &mut dyn Connection) {
    connection.take_sent();
    rows(connection, "SELECT TOP 1 Id FROM Person ORDER BY Id", &[]).unwrap();
    let sent = connection.take_sent();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].ends_with("LIMIT 1"), "{sent:?}");
    rows(connection, "SELECT 1 -- as it is", &[]).unwrap();
    assert!(connection.take_sent().is_empty());
}

#[test]
fn on_sqlite() {
    let data = tempfile::tempdir().unwrap();
    let string = format!("Provider=SQLite;Data Source={}/;", data.path().display());
    check(&mut *open(&string));
}

#[test]
fn on_postgresql() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    let mut connection = open(&cluster.connection_string("postgres"));
    check(&mut *connection);
    procedures_are_called(&mut *connection);
}

/// Only PostgreSQL has them.
fn procedures_are_called(connection: &mut dyn Connection) {
    for sql in [
        "CREATE TABLE calls (n int, t text)",
        "CREATE PROCEDURE note(n int, t text) LANGUAGE sql AS $$ INSERT INTO calls VALUES (n, t) $$",
        "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS $$ SELECT 2 * n $$",
    ] {
        connection.execute(sql, &[]).unwrap();
    }
    connection
        .execute("EXEC [dbo].[Note] ?, 'a'", &[number(1)])
        .unwrap();
    connection
        .execute("EXECUTE dbo.Note @t = 'b', @n = 2", &[])
        .unwrap();
    let found = rows(connection, "SELECT n, t FROM calls ORDER BY n", &[]);
    assert_eq!(found.unwrap(), ["1|a", "2|b"]);
    let found = rows(connection, "EXEC dbo.Twice 21", &[]);
    assert_eq!(found.unwrap(), ["42"]);
}
