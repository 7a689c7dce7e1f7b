//! Full result sets, of one statement and of several.

use super::{Fixture, TEXT, parameter, result, task};
use crate::events::Severity;
use crate::services::Variables;
use crate::tasks::TaskFailure;
use crate::value::{DataType, Value};
use crate::variables::{DataSet, RowSet};
use scaleout_core::package::xml::Element;

#[test]
fn over_ado_net_all_result_sets_are_one_data_set() {
    let fixture = Fixture::new(&[
        ("User::Set", TEXT, Value::Null),
        ("User::Id", DataType::I4, Value::I4(7)),
    ]);
    let attributes = |sql: &'static str| {
        [
            ("Connection", "ado"),
            ("SqlStatementSource", sql),
            ("ResultType", "ResultSetType_Rowset"),
        ]
    };
    let children = [parameter("@id", "User::Id", "11"), result("0", "User::Set")];
    let statements = "CREATE TABLE T (id int, t varchar(10)); \
        INSERT INTO T VALUES (@id, 'a'); SELECT * FROM T WHERE id = @id; \
        IF EXISTS (SELECT 1 FROM T) INSERT INTO T VALUES (8, 'b'); \
        SELECT id FROM T WHERE id < 0; SELECT COUNT(*) AS n, 'x' AS x FROM T; \
        UPDATE T SET t = 'c'";
    fixture
        .run(&task(&attributes(statements), &children))
        .unwrap();
    let Value::Object(object) = fixture.variables.get("User::Set").unwrap().value else {
        panic!("an Object is expected");
    };
    let set = object.as_any().downcast_ref::<DataSet>().unwrap();
    let shown = set.tables.iter().map(|table| {
        let rows = table.0.rows.iter();
        let rows: Vec<String> = rows
            .map(|row| {
                format!(
                    "{:?}",
                    row.iter().map(|cell| &cell.value).collect::<Vec<_>>()
                )
            })
            .collect();
        format!("{} {}", table.0.columns.join(","), rows.join(" "))
    });
    let shown: Vec<String> = shown.collect();
    assert_eq!(
        shown,
        ["id,t [I4(7), Str(\"a\")]", "id ", "n,x [I8(2), Str(\"x\")]"]
    );
    let single = attributes("SELECT t FROM T");
    fixture
        .run(&task(&single, &[result("0", "User::Set")]))
        .unwrap();
    let held = fixture.value("User::Set");
    assert!(
        held.contains("DataSet") && !held.contains("\"a\""),
        "{held}"
    );
    let nothing = attributes("DELETE FROM T");
    assert!(
        fixture
            .run(&task(&nothing, &[result("0", "User::Set")]))
            .is_err()
    );
    let said = fixture.said(0xC002_F210);
    assert!(said.contains("it gives no rows"), "{said}");
}

#[test]
fn over_ole_db_and_odbc_the_first_result_set_counts() {
    let fixture = Fixture::new(&[
        ("User::Set", TEXT, Value::Null),
        ("User::One", TEXT, Value::Null),
    ]);
    let run = |connection: &str, kind: &str, sql: &str, bound: Element| {
        let attributes = [
            ("Connection", connection),
            ("SqlStatementSource", sql),
            ("ResultType", kind),
        ];
        fixture.run(&task(&attributes, &[bound]))
    };
    let rows = "ResultSetType_Rowset";
    let several = "CREATE TABLE T (id int); INSERT INTO T VALUES (1); SELECT id FROM T; \
        INSERT INTO T VALUES (2); SELECT 'other' AS x; INSERT INTO T VALUES (3)";
    for connection in ["db", "odbc"] {
        fixture.sql("DROP TABLE IF EXISTS T").unwrap();
        run(connection, rows, several, result("0", "User::Set")).unwrap();
        let Value::Object(object) = fixture.variables.get("User::Set").unwrap().value else {
            panic!("an Object is expected");
        };
        let set = object.as_any().downcast_ref::<RowSet>().unwrap();
        assert_eq!(
            (set.columns.as_slice(), set.rows.len()),
            (&["id".to_owned()][..], 1)
        );
        let all = "SELECT COUNT(*) AS n FROM T; SELECT 'other' AS n";
        let one = result("n", "User::One");
        run(connection, "ResultSetType_SingleRow", all, one).unwrap();
        assert_eq!(fixture.value("User::One"), "I8(3)", "{connection}");
    }
    // What follows the first result set fails no task over OLE DB, but is said.
    let failing = "SELECT 1 AS a; SELECT * FROM nowhere";
    run("db", rows, failing, result("0", "User::Set")).unwrap();
    assert_eq!(fixture.recorder.codes(Severity::Warning), [0]);
    assert!(fixture.said(0).contains("nowhere"), "{}", fixture.said(0));
    assert!(run("odbc", rows, failing, result("0", "User::Set")).is_err());
    let bound = result("0", "User::Set");
    let inside = format!("BEGIN TRANSACTION; {failing}");
    assert!(run("db", rows, &inside, bound).is_err());
}

#[test]
fn a_full_result_set_goes_to_one_variable_as_result_0() {
    let fixture = Fixture::new(&[("User::Set", TEXT, Value::Null)]);
    let set = || result("0", "User::Set");
    for (kind, bound, code) in [
        ("ResultSetType_Rowset", vec![], 0xC002_91E2),
        (
            "ResultSetType_Rowset",
            vec![set(), result("1", "User::Set")],
            0xC002_91E2,
        ),
        (
            "ResultSetType_Rowset",
            vec![result("rows", "User::Set")],
            0xC002_91E3,
        ),
        (
            "ResultSetType_XML",
            vec![result("1", "User::Set")],
            0xC002_91E3,
        ),
    ] {
        let fixture = Fixture::new(&[("User::Set", TEXT, Value::Null)]);
        let attributes = [
            ("Connection", "db"),
            ("SqlStatementSource", "SELECT 1 AS a"),
            ("ResultType", kind),
        ];
        let task = task(&attributes, &bound);
        assert_eq!(fixture.run(&task).err(), Some(TaskFailure::Failed));
        assert_eq!(fixture.recorder.codes(Severity::Error), [code]);
        let problems = fixture.problems(&task);
        assert!(
            problems[0].starts_with(&format!("{code:#010X}")),
            "{problems:?}"
        );
    }
    let attributes = [("Connection", "db"), ("ResultType", "ResultSetType_Rowset")];
    assert_eq!(
        fixture.problems(&task(&attributes, &[set()])),
        Vec::<String>::new()
    );
}

#[test]
fn a_variable_that_gets_no_value_is_named_under_a_code_of_its_own() {
    let fixture = Fixture::new(&[("User::One", TEXT, Value::Null)]);
    let attributes = [
        ("Connection", "db"),
        ("SqlStatementSource", "SELECT 1 AS a WHERE 1 = 0"),
        ("ResultType", "ResultSetType_SingleRow"),
    ];
    let bound = [result("a", "User::One")];
    assert!(fixture.run(&task(&attributes, &bound)).is_err());
    let said = fixture.said(0xC002_F309);
    assert!(said.contains("variable `User::One`"), "{said}");
    assert!(said.contains("a single row is expected"), "{said}");
}
