//! The task on SQLite.

mod fakes;
mod result_sets;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use scaleout_core::package::dtsx;
use scaleout_core::package::xml::Element;
use scaleout_core::package::{ConnectionManager, Executable, Task};

use self::fakes::{Asked, Limited, Spied};
use super::ExecuteSql;
use crate::connections::test_manager::manager;
use crate::connections::{ConnectionError, open};
use crate::data_flow::testing::services::{Recorder, VariableMap, services};
use crate::events::Severity;
use crate::services::{ConnectionLease, Connections, Services, Variables};
use crate::tasks::{TaskFailure, TaskKind, TaskSuccess};
use crate::value::{DataType, TypedValue, Value};
use crate::variables::RowSet;

const TEXT: DataType = DataType::Wstr { length: 4000 };

/// `db`, `ado` and so on; `limited` keeps its limits.
struct Managers {
    known: Vec<(&'static str, Arc<ConnectionManager>)>,
    /// What `spied` connections were asked.
    asked: Asked,
}

impl Connections for Managers {
    fn resolve(&self, reference: &str) -> Result<Arc<ConnectionManager>, ConnectionError> {
        let found = self.known.iter().find(|(name, _)| *name == reference);
        found
            .map(|(_, manager)| Arc::clone(manager))
            .ok_or_else(|| ConnectionError::Unknown {
                reference: reference.to_owned(),
            })
    }
    fn open(&self, reference: &str) -> Result<ConnectionLease, ConnectionError> {
        let manager = self.resolve(reference)?;
        if reference.starts_with("spied") {
            let sqlite = manager_of_memory();
            let inner = open(&sqlite, &Default::default(), &Default::default())?;
            let asked = Arc::clone(&self.asked);
            return Ok(Arc::new(Mutex::new(Box::new(Spied { inner, asked }))));
        }
        let opened = open(&manager, &Default::default(), &Default::default())?;
        Ok(Arc::new(Mutex::new(match reference {
            "limited" => Box::new(Limited {
                inner: opened,
                has_limit: false,
            }),
            _ => opened,
        })))
    }
}

fn manager_of_memory() -> ConnectionManager {
    manager(
        "OLEDB",
        "Provider=SQLite;Data Source=:memory:;Mode=ReadWriteCreate",
    )
}

struct Fixture {
    asked: Asked,
    folder: tempfile::TempDir,
    recorder: Arc<Recorder>,
    variables: Arc<VariableMap>,
}

impl Fixture {
    fn new(variables: &[(&str, DataType, Value)]) -> Self {
        let declared = variables.iter().map(|(name, data_type, value)| {
            let value = TypedValue {
                data_type: *data_type,
                value: value.clone(),
            };
            ((*name).to_owned(), value)
        });
        Self {
            asked: Asked::default(),
            folder: tempfile::tempdir().unwrap(),
            recorder: Arc::default(),
            variables: Arc::new(VariableMap(Mutex::new(declared.collect()))),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn services(&self) -> Services {
        let string = format!(
            "Provider=SQLite;Data Source={};Mode=ReadWriteCreate",
            self.file("x.db").display()
        );
        let script = self.file("script.sql").display().to_string();
        let managers = vec![
            ("db", Arc::new(manager("OLEDB", &string))),
            ("limited", Arc::new(manager("OLEDB", &string))),
            ("ado", Arc::new(manager("ADO.NET:SQLite", &string))),
            ("odbc", Arc::new(manager("ODBC", &string))),
            (
                "spied",
                Arc::new(manager("OLEDB", "Provider=SQLNCLI11;Data Source=s")),
            ),
            (
                "spied.net",
                Arc::new(manager("ADO.NET:SQL", "Data Source=s")),
            ),
            ("script", Arc::new(manager("FILE", &script))),
            (
                "oracle",
                Arc::new(manager(
                    "OLEDB",
                    "Provider=OraOLEDB;Data Source=o;Password=geheim",
                )),
            ),
        ];
        Services {
            connections: Arc::new(Managers {
                known: managers,
                asked: Arc::clone(&self.asked),
            }),
            ..services(&self.recorder, &self.variables)
        }
    }

    fn run(&self, task: &Task) -> Result<TaskSuccess, TaskFailure> {
        ExecuteSql.execute(&executable(), task, &self.services())
    }

    fn sql(&self, sql: &str) -> Result<TaskSuccess, TaskFailure> {
        self.run(&task(
            &[("Connection", "db"), ("SqlStatementSource", sql)],
            &[],
        ))
    }

    fn value(&self, name: &str) -> String {
        format!("{:?}", self.variables.get(name).unwrap().value)
    }

    fn said(&self, code: u32) -> String {
        self.recorder.find(code).text
    }

    fn problems(&self, task: &Task) -> Vec<String> {
        let problems = ExecuteSql.validate(&executable(), task, &self.services(), false);
        problems
            .into_iter()
            .map(|problem| format!("{} {}", problem.code, problem.message))
            .collect()
    }
}

fn executable() -> Executable {
    let text = r#"<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package" DTS:ObjectName="p"
        DTS:ExecutableType="Microsoft.Package"><DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property></DTS:Executable>"#;
    dtsx::read(text.as_bytes(), "p.dtsx").unwrap().root
}

fn element(name: &str, attributes: &[(&str, &str)]) -> Element {
    let attributes = attributes.iter();
    Element {
        name: name.to_owned(),
        attributes: attributes
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        ..Element::default()
    }
}

fn task(attributes: &[(&str, &str)], children: &[Element]) -> Task {
    Task {
        task_type: "Microsoft.ExecuteSQLTask".to_owned(),
        data: Element {
            children: children.to_vec(),
            ..element("SqlTaskData", attributes)
        },
    }
}

fn parameter(name: &str, variable: &str, data_type: &str) -> Element {
    let attributes = [
        ("ParameterName", name),
        ("DtsVariableName", variable),
        ("DataType", data_type),
        ("ParameterDirection", "Input"),
    ];
    element("ParameterBinding", &attributes)
}

fn result(name: &str, variable: &str) -> Element {
    let attributes = [("ResultName", name), ("DtsVariableName", variable)];
    element("ResultBinding", &attributes)
}

#[test]
fn batches_run_in_order_and_count_rows() {
    let fixture = Fixture::new(&[]);
    let sql = "CREATE TABLE [dbo].[T] ([a] int)\nGO\nINSERT INTO T VALUES (1)\nGO 3\nTRUNCATE TABLE [dbo].[T];";
    let done = fixture.sql(sql).unwrap();
    // Three rows in, three out.
    assert_eq!(format!("{:?}", done.execution_value), "I4(6)");
}

#[test]
fn parameters_are_bound_by_ordinal_and_typed() {
    let variables = [
        ("User::Text", TEXT, Value::Str("7".into())),
        ("User::Number", DataType::I4, Value::I4(2)),
    ];
    let fixture = Fixture::new(&variables);
    fixture.sql("CREATE TABLE T (a, b)").unwrap();
    let children = [
        parameter("1", "User::Number", "3"),
        parameter("0", "User::Text", "3"),
    ];
    let sql = [
        ("Connection", "db"),
        (
            "SqlStatementSource",
            "INSERT INTO T VALUES (?, ?)\nGO\nUPDATE T SET b = b + 1",
        ),
    ];
    fixture.run(&task(&sql, &children)).unwrap();
    let select = [
        ("Connection", "db"),
        ("SqlStatementSource", "SELECT typeof(a) AS Kind, [b] FROM T"),
        ("ResultType", "ResultSetType_SingleRow"),
    ];
    let results = [result("kind", "User::Text"), result("1", "User::Number")];
    fixture.run(&task(&select, &results)).unwrap();
    assert_eq!(fixture.value("User::Text"), "Str(\"integer\")");
    assert_eq!(fixture.value("User::Number"), "I8(3)");
}

#[test]
fn names_are_bound_wherever_they_stand() {
    let variables = [
        ("User::A", DataType::I4, Value::I4(5)),
        ("User::Sum", DataType::I4, Value::I4(0)),
    ];
    let fixture = Fixture::new(&variables);
    let attributes = [
        ("Connection", "ado"),
        ("SqlStatementSource", "SELECT @a + @A + 1, '@a'"),
        ("ResultType", "ResultSetType_SingleRow"),
    ];
    let children = [parameter("@a", "User::A", "11"), result("0", "User::Sum")];
    fixture.run(&task(&attributes, &children)).unwrap();
    assert_eq!(fixture.value("User::Sum"), "I8(11)");
}

#[test]
fn a_full_result_set_is_an_object() {
    let fixture = Fixture::new(&[("User::Rows", TEXT, Value::Null)]);
    let attributes = [
        ("Connection", "db"),
        (
            "SqlStatementSource",
            "SELECT 1 AS n, 'a' AS t UNION ALL SELECT 2, NULL",
        ),
        ("ResultType", "ResultSetType_Rowset"),
    ];
    fixture
        .run(&task(&attributes, &[result("0", "User::Rows")]))
        .unwrap();
    let Value::Object(object) = fixture.variables.get("User::Rows").unwrap().value else {
        panic!("an Object is expected");
    };
    let rows = object.as_any().downcast_ref::<RowSet>().unwrap();
    assert_eq!(rows.columns, ["n", "t"]);
    assert_eq!(rows.rows.len(), 2);
    assert_eq!(format!("{:?}", rows.rows[1][0].value), "I8(2)");
}

#[test]
fn the_statement_may_be_in_a_variable_or_a_file() {
    let fixture = Fixture::new(&[(
        "User::Sql",
        TEXT,
        Value::Str("CREATE TABLE V (a int)".into()),
    )]);
    std::fs::write(fixture.file("script.sql"), "\u{FEFF}CREATE TABLE F (a int)").unwrap();
    for (kind, source) in [("Variable", "User::Sql"), ("FileConnection", "script")] {
        let attributes = [
            ("Connection", "db"),
            ("SqlStmtSourceType", kind),
            ("SqlStatementSource", source),
        ];
        fixture.run(&task(&attributes, &[])).unwrap();
    }
    fixture.sql("INSERT INTO V SELECT a FROM F").unwrap();
}

#[test]
fn failures_say_query_reason_and_nothing_secret() {
    let fixture = Fixture::new(&[("User::X", DataType::I4, Value::I4(0))]);
    let single = |sql| {
        let attributes = [
            ("Connection", "db"),
            ("SqlStatementSource", sql),
            ("ResultType", "ResultSetType_SingleRow"),
        ];
        task(
            &attributes,
            &[result("0", "User::X"), result("other", "User::X")],
        )
    };
    for (task, code, parts) in [
        (
            task(
                &[
                    ("Connection", "db"),
                    ("SqlStatementSource", "SELECT * FROM [nowhere]"),
                ],
                &[],
            ),
            0xC002_F210,
            ["nowhere", "no such table"],
        ),
        (
            single("SELECT 1 WHERE 1 = 0"),
            0xC002_F309,
            ["`User::X`", "gave none"],
        ),
        (
            single("SELECT 1 AS one"),
            0xC002_F210,
            ["`other`", "its columns are: one"],
        ),
        (
            task(
                &[("Connection", "oracle"), ("SqlStatementSource", "SELECT 1")],
                &[],
            ),
            0xC002_91EC,
            ["`oracle`", "`OraOLEDB` has no driver"],
        ),
        (
            task(
                &[("Connection", "gone"), ("SqlStatementSource", "SELECT 1")],
                &[],
            ),
            0xC002_91EC,
            ["`gone`", "does not exist"],
        ),
        (
            task(&[("Connection", "db"), ("SqlStatementSource", " ")], &[]),
            0xC002_F210,
            ["empty", "statement"],
        ),
        (
            task(
                &[
                    ("Connection", "db"),
                    ("SqlStatementSource", "WHILE 1 = 1 SELECT 1"),
                ],
                &[],
            ),
            0xC002_F210,
            ["`WHILE`", "not translated"],
        ),
    ] {
        fixture.recorder.messages.lock().unwrap().clear();
        let failed = fixture.run(&task);
        assert_eq!(failed.err(), Some(TaskFailure::Failed));
        let text = fixture.said(code);
        for part in parts {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("geheim"), "{text}");
        assert_eq!(fixture.recorder.codes(Severity::Error).len(), 1);
    }
}

#[test]
fn outputs_come_back_through_a_table_of_the_session() {
    let variables = [
        ("User::Code", DataType::I4, Value::I4(0)),
        ("User::Name", TEXT, Value::Str("old".into())),
        ("User::In", DataType::I4, Value::I4(3)),
    ];
    let fixture = Fixture::new(&variables);
    let directed = |name: &str, variable: &str, data_type: &str, direction: &str| {
        let attributes = [
            ("ParameterName", name),
            ("DtsVariableName", variable),
            ("DataType", data_type),
            ("ParameterDirection", direction),
        ];
        element("ParameterBinding", &attributes)
    };
    let children = [
        directed("0", "User::Code", "3", "ReturnValue"),
        directed("1", "User::In", "3", "Input"),
        directed("2", "User::Name", "130", "Output"),
    ];
    let attributes = [
        ("Connection", "spied"),
        ("SqlStatementSource", "EXEC ? = dbo.p ?, ? OUTPUT"),
    ];
    fixture.run(&task(&attributes, &children)).unwrap();
    assert_eq!(fixture.value("User::Code"), "I8(5)");
    assert_eq!(fixture.value("User::Name"), "Str(\"five\")");
    let asked = fixture.asked.lock().unwrap();
    let starts = [
        "IF OBJECT_ID",
        "DECLARE @so0",
        "SELECT * FROM #so",
        "IF OBJECT_ID",
    ];
    assert_eq!(asked.len(), starts.len(), "{asked:?}");
    for (asked, start) in asked.iter().zip(starts) {
        assert!(asked.starts_with(start), "{asked}");
    }
    let call = "EXEC @so0 = dbo.p ?, @so2 OUTPUT";
    assert!(
        asked[1].contains(call) && asked[1].ends_with("<- I4(3)"),
        "{asked:?}"
    );
}

#[test]
fn a_limit_that_stays_on_the_connection_is_a_warning() {
    let fixture = Fixture::new(&[]);
    let mut attributes = vec![
        ("Connection", "limited"),
        ("SqlStatementSource", "CREATE TABLE T (a int)"),
    ];
    fixture.run(&task(&attributes, &[])).unwrap();
    assert!(fixture.recorder.codes(Severity::Warning).is_empty());

    attributes[1].1 = "DROP TABLE T";
    attributes.push(("TimeOut", "30"));
    fixture.run(&task(&attributes, &[])).unwrap();
    assert_eq!(fixture.recorder.codes(Severity::Warning), [0]);
    let said = fixture.said(0);
    assert!(said.contains("stays on connection `limited`"), "{said}");
    assert!(said.contains("the server is gone"), "{said}");
}

#[test]
fn what_cannot_run_is_said_by_validation() {
    let fixture = Fixture::new(&[("User::X", DataType::I4, Value::I4(0))]);
    let base = [("Connection", "db"), ("SqlStatementSource", "p")];
    let with = |extra: (&'static str, &'static str)| task(&[base[0], base[1], extra], &[]);
    let output = |direction: &str| {
        let attributes = [
            ("ParameterName", "0"),
            ("DtsVariableName", "User::X"),
            ("ParameterDirection", direction),
        ];
        element("ParameterBinding", &attributes)
    };
    for (task, part) in [
        (with(("ResultType", "Blob")), "SO4020 `ResultType`"),
        (with(("IsStoredProc", "True")), "SO4020 SQLite has neither"),
        (
            task(&base, &[output("Output")]),
            "SO4020 SQLite has neither",
        ),
        (task(&base, &[output("Sideways")]), "SO4020 parameter `0`"),
        (
            task(&base, &[parameter("0", "User::Gone", "3")]),
            "0xC0010001 variable `User::Gone`",
        ),
        (task(&[("Connection", "oracle")], &[]), "SO6002"),
    ] {
        let problems = fixture.problems(&task);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with(part), "{problems:?}");
    }
    assert_eq!(fixture.problems(&task(&base, &[])), Vec::<String>::new());
}

#[test]
fn an_xml_result_is_one_text_and_ole_db_puts_a_root_around_it() {
    let fixture = Fixture::new(&[("User::Xml", TEXT, Value::Null)]);
    for (connection, expected) in [
        ("db", "Str(\"<ROOT><a/><b>1</b></ROOT>\")"),
        ("ado", "Str(\"<a/><b>1</b>\")"),
    ] {
        let attributes = [
            ("Connection", connection),
            (
                "SqlStatementSource",
                "SELECT '<a/><b' AS x UNION ALL SELECT '>1</b>'",
            ),
            ("ResultType", "ResultSetType_XML"),
        ];
        fixture
            .run(&task(&attributes, &[result("0", "User::Xml")]))
            .unwrap();
        assert_eq!(fixture.value("User::Xml"), expected);
    }
}

#[test]
fn columns_count_from_one_on_odbc() {
    let fixture = Fixture::new(&[("User::X", DataType::I4, Value::I4(0))]);
    let single = |name: &str| {
        let attributes = [
            ("Connection", "odbc"),
            ("SqlStatementSource", "SELECT 7, 8"),
            ("ResultType", "ResultSetType_SingleRow"),
        ];
        task(&attributes, &[result(name, "User::X")])
    };
    fixture.run(&single("1")).unwrap();
    assert_eq!(fixture.value("User::X"), "I8(7)");
    assert!(fixture.run(&single("0")).is_err());
}
