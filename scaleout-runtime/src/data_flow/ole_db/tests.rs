//! OLE DB Source and Destination on SQLite, in whole data flows.

use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex};

use rusqlite::Connection as Database;
use scaleout_core::package::ConnectionManager;
use scaleout_core::package::pipeline::{
    Component, ComponentConnection, Disposition, ExternalColumn, InputColumn, Path, Pipeline,
};

use crate::connections::test_manager::manager;
use crate::connections::{ConnectionError, open};
use crate::data_flow::component::BuildContext;
use crate::data_flow::engine::run_with;
use crate::data_flow::kinds::kind;
use crate::data_flow::testing::kinds::{TestKind, collecting, finder};
use crate::data_flow::testing::pipelines::{
    column, component, error_output, of_type, output, path, pipeline, property, reads, with_input,
};
use crate::data_flow::testing::run::{Row, rows_kind, rows_of, source_of};
use crate::data_flow::testing::services::{Recorder, VariableMap, services};
use crate::events::Severity;
use crate::services::{ConnectionLease, Connections, Services};
use crate::value::{DataType, TypedValue, Value};

const WSTR: DataType = DataType::Wstr { length: 20 };

/// One database behind every reference.
struct OneDatabase {
    manager: Arc<ConnectionManager>,
    retained: Option<ConnectionLease>,
}

impl Connections for OneDatabase {
    fn resolve(&self, _: &str) -> Result<Arc<ConnectionManager>, ConnectionError> {
        Ok(Arc::clone(&self.manager))
    }
    fn open(&self, _: &str) -> Result<ConnectionLease, ConnectionError> {
        if let Some(retained) = &self.retained {
            return Ok(Arc::clone(retained));
        }
        let opened = open(&self.manager, &Default::default(), &Default::default())?;
        Ok(Arc::new(Mutex::new(opened)))
    }
}

/// A database file with a script run in it.
struct Fixture {
    _folder: tempfile::TempDir,
    file: PathBuf,
    recorder: Arc<Recorder>,
    variables: Arc<VariableMap>,
    retains: bool,
}

impl Fixture {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.db");
        Database::open(&file)
            .unwrap()
            .execute_batch(script)
            .unwrap();
        Self {
            _folder: folder,
            file,
            recorder: Arc::default(),
            variables: Arc::default(),
            retains: false,
        }
    }

    fn with_variable(self, name: &str, data_type: DataType, value: Value) -> Self {
        let value = TypedValue { data_type, value };
        self.variables
            .0
            .lock()
            .unwrap()
            .insert(name.to_owned(), value);
        self
    }

    fn services(&self) -> Services {
        let string = format!("Provider=SQLite;Data Source={};", self.file.display());
        let manager = Arc::new(manager("OLEDB", &string));
        let retained = self.retains.then(|| {
            let opened = open(&manager, &Default::default(), &Default::default()).unwrap();
            Arc::new(Mutex::new(opened))
        });
        Services {
            connections: Arc::new(OneDatabase { manager, retained }),
            ..services(&self.recorder, &self.variables)
        }
    }

    fn run(&self, pipeline: &Pipeline, kinds: Vec<TestKind>) -> bool {
        let services = self.services();
        run_with(pipeline, "\\P\\D", &services, &finder(kinds)).is_ok()
    }

    fn rows(&self, sql: &str) -> Vec<String> {
        all_rows(&self.file, sql)
    }

    fn errors(&self) -> Vec<u32> {
        self.recorder.codes(Severity::Error)
    }
}

fn all_rows(file: &FilePath, sql: &str) -> Vec<String> {
    let database = Database::open(file).unwrap();
    let mut statement = database.prepare(sql).unwrap();
    let count = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells = (0..count).map(|at| format!("{:?}", row.get_ref(at).unwrap()));
        Ok(cells.collect::<Vec<_>>().join("|"))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn connected(mut it: Component) -> Component {
    it.connections.push(ComponentConnection {
        name: "OleDbConnection".to_owned(),
        manager_id: "{1}".to_owned(),
        manager_ref_id: String::new(),
    });
    it
}

fn destination(settings: &[(&str, &str)]) -> Component {
    let mut it = with_input(component("dst", vec![error_output("dst", "dst.in")]));
    let input = &mut it.inputs[0];
    input.error_row_disposition = Disposition::FailComponent;
    for (name, data_type) in [("id", DataType::I4), ("name", DataType::Wstr { length: 5 })] {
        input.external_columns.push(ExternalColumn {
            id: format!("ext {name}"),
            name: name.to_owned(),
            data_type: Some(data_type),
            properties: Vec::new(),
        });
        input.columns.push(InputColumn {
            external_id: format!("ext {name}"),
            ..reads(&format!("src.{name}"))
        });
    }
    it.properties = settings
        .iter()
        .map(|(name, value)| property(name, value))
        .collect();
    connected(of_type("Microsoft.OLEDBDestination", it))
}

const FAST: [(&str, &str); 2] = [("AccessMode", "3"), ("OpenRowset", "[dbo].[T]")];

/// `src` sends rows to `dst`, whose error rows go to `bad`.
fn load_flow(destination: Component) -> Pipeline {
    let columns = vec![column("src.id", DataType::I4), column("src.name", WSTR)];
    let mut bad = with_input(component("bad", Vec::new()));
    bad.inputs[0].has_side_effects = true;
    let components = vec![source_of("src", columns), destination, bad];
    let paths: Vec<Path> = vec![path("src.out", "dst.in"), path("dst.error", "bad.in")];
    pipeline(components, paths)
}

fn source_rows(rows: &[(i32, Option<&str>)], batch: usize) -> TestKind {
    let rows = rows.iter().map(|(id, name)| {
        let name = name.map_or(Value::Null, |name| Value::Str(name.into()));
        vec![Value::I4(*id), name]
    });
    let rows: Vec<Row> = rows.collect();
    rows_kind("src", vec![DataType::I4, WSTR], rows, batch)
}

const TABLE: &str = "CREATE TABLE T (ID int NOT NULL, Name nvarchar(5) NOT NULL, x int DEFAULT 7)";

#[test]
fn rows_are_loaded_and_defaults_filled() {
    let fixture = Fixture::new(TABLE);
    let (bad, _) = collecting("bad");
    let rows = [(1, Some("a")), (2, Some("ä")), (3, Some("c"))];
    let flow = load_flow(destination(&FAST));
    assert!(
        fixture.run(&flow, vec![source_rows(&rows, 2), bad]),
        "{:?}",
        fixture.recorder.messages
    );
    assert_eq!(
        fixture.rows("SELECT id, name, x FROM T ORDER BY id"),
        [
            "Integer(1)|Text([97])|Integer(7)",
            "Integer(2)|Text([195, 164])|Integer(7)",
            "Integer(3)|Text([99])|Integer(7)",
        ]
    );
    let informed = fixture.recorder.codes(Severity::Information);
    assert!(informed.contains(&0x4020_90DF) && informed.contains(&0x4020_90E0));
}

#[test]
fn null_in_a_column_that_has_none_names_row_column_and_what_is_committed() {
    let fixture = Fixture::new(TABLE);
    let (bad, _) = collecting("bad");
    let rows = [(1, Some("a")), (2, Some("b")), (3, Some("c")), (4, None)];
    let flow = load_flow(destination(&FAST));
    assert!(!fixture.run(&flow, vec![source_rows(&rows, 3), bad]));
    let message = fixture.recorder.find(0xC020_2009);
    assert!(
        message
            .text
            .starts_with("SSIS Error Code DTS_E_OLEDBERROR.")
    );
    for part in [
        "[dbo].[T]",
        "row 4",
        "`Name`",
        "NOT NULL",
        "3 rows of this load are committed",
    ] {
        assert!(message.text.contains(part), "{part}: {}", message.text);
    }
    assert_eq!(
        (message.row, message.column.as_deref()),
        (Some(4), Some("Name"))
    );
    assert!(fixture.errors().contains(&0xC020_9029));
    assert_eq!(fixture.rows("SELECT count(*) FROM T"), ["Integer(3)"]);
}

#[test]
fn a_commit_size_of_zero_loads_all_or_nothing() {
    for (last, count) in [(None, "Integer(0)"), (Some("d"), "Integer(4)")] {
        let fixture = Fixture::new(TABLE);
        let (bad, _) = collecting("bad");
        let rows = [(1, Some("a")), (2, Some("b")), (3, Some("c")), (4, last)];
        let settings = [FAST[0], FAST[1], ("FastLoadMaxInsertCommitSize", "0")];
        let flow = load_flow(destination(&settings));
        let succeeded = fixture.run(&flow, vec![source_rows(&rows, 1), bad]);
        assert_eq!(succeeded, last.is_some());
        assert_eq!(fixture.rows("SELECT count(*) FROM T"), [count]);
        if !succeeded {
            let text = fixture.recorder.find(0xC020_2009).text;
            assert!(text.contains("no row of this load"), "{text}");
        }
    }
}

#[test]
fn a_small_commit_size_keeps_what_came_before() {
    let fixture = Fixture::new(TABLE);
    let (bad, _) = collecting("bad");
    let rows = [(1, Some("a")), (2, Some("b")), (3, Some("c")), (4, None)];
    let settings = [FAST[0], FAST[1], ("FastLoadMaxInsertCommitSize", "2")];
    let flow = load_flow(destination(&settings));
    assert!(!fixture.run(&flow, vec![source_rows(&rows, 4), bad]));
    assert_eq!(fixture.rows("SELECT count(*) FROM T"), ["Integer(2)"]);
    let text = fixture.recorder.find(0xC020_2009).text;
    assert!(text.contains("2 rows of this load are committed"), "{text}");
}

#[test]
fn fast_load_redirects_whole_units_and_row_by_row_the_rows_to_blame() {
    let rows = [
        (1, Some("a")),
        (2, None),
        (3, Some("c")),
        (4, Some("d")),
        (5, Some("e")),
    ];
    for (mode, redirected) in [("3", vec![1, 2]), ("0", vec![2])] {
        let fixture = Fixture::new(TABLE);
        let (bad, collected) = collecting("bad");
        let settings = [
            ("AccessMode", mode),
            FAST[1],
            ("FastLoadMaxInsertCommitSize", "2"),
        ];
        let mut dst = destination(&settings);
        dst.inputs[0].error_row_disposition = Disposition::RedirectRow;
        assert!(fixture.run(&load_flow(dst), vec![source_rows(&rows, 10), bad]));
        let types = [DataType::I4, WSTR, DataType::I4, DataType::I4];
        let sent = rows_of(&collected, &types);
        let ids: Vec<String> = sent.iter().map(|row| row[0].clone()).collect();
        let expected: Vec<String> = redirected.iter().map(|id| format!("I4({id})")).collect();
        assert_eq!(ids, expected, "mode {mode}");
        // 0xC020907D, the row breaks a constraint; no column.
        assert_eq!(sent[0][2..], ["I4(-1071607683)", "I4(0)"]);
        let count = format!("Integer({})", 5 - redirected.len());
        assert_eq!(fixture.rows("SELECT count(*) FROM T"), [count]);
    }
}

#[test]
fn text_that_is_too_long_names_column_and_type() {
    let fixture = Fixture::new(TABLE);
    let (bad, _) = collecting("bad");
    let rows = [(1, Some("fine")), (2, Some("much too long"))];
    assert!(!fixture.run(
        &load_flow(destination(&FAST)),
        vec![source_rows(&rows, 9), bad]
    ));
    let message = fixture.recorder.find(0xC020_901C);
    for part in [
        "row 2",
        "`name`",
        "DT_WSTR(5)",
        "longer than the column",
        "no row of this load",
    ] {
        assert!(message.text.contains(part), "{part}: {}", message.text);
    }
}

#[test]
fn ignored_rows_are_left_out() {
    let fixture = Fixture::new(TABLE);
    let (bad, collected) = collecting("bad");
    let rows = [
        (1, Some("fine")),
        (2, Some("much too long")),
        (3, Some("ok")),
    ];
    let mut dst = destination(&[("AccessMode", "0"), FAST[1]]);
    dst.inputs[0].error_row_disposition = Disposition::IgnoreFailure;
    assert!(fixture.run(&load_flow(dst), vec![source_rows(&rows, 9), bad]));
    assert_eq!(
        fixture.rows("SELECT id FROM T"),
        ["Integer(1)", "Integer(3)"]
    );
    assert!(collected.lock().unwrap().is_empty());
}

#[test]
fn a_missing_table_or_column_is_said_before_the_first_row() {
    for (script, code, part) in [
        ("SELECT 1", 0xC020_2040, "[dbo].[T]"),
        ("CREATE TABLE T (id int)", 0xC020_2005, "`name`"),
    ] {
        let fixture = Fixture::new(script);
        let (bad, _) = collecting("bad");
        let kinds = vec![source_rows(&[(1, Some("a"))], 1), bad];
        assert!(!fixture.run(&load_flow(destination(&FAST)), kinds));
        let text = fixture.recorder.find(code).text;
        assert!(
            text.contains(part) && text.contains("manager `db`"),
            "{text}"
        );
    }
}

#[test]
fn redirection_without_batches_is_refused_by_validation() {
    let fixture = Fixture::new(TABLE);
    let settings = [FAST[0], FAST[1], ("FastLoadMaxInsertCommitSize", "0")];
    let mut dst = destination(&settings);
    dst.inputs[0].error_row_disposition = Disposition::RedirectRow;
    let services = fixture.services();
    let cx = BuildContext {
        services: &services,
        task_path: "\\P\\D",
        inputs: &[None],
        attached: &[true],
        is_used: &|_| true,
        lineage_number: &|_| 0,
        batch_rows: 10,
    };
    let problems = kind("Microsoft.OLEDBDestination")
        .unwrap()
        .validate(&dst, &cx, false);
    let codes: Vec<&str> = problems.iter().map(|it| it.code.as_str()).collect();
    assert_eq!(codes, ["0xC00470C7"]);
    assert_eq!(problems[0].path, "\\P\\D\\dst");
}

fn source(settings: &[(&str, &str)]) -> Component {
    let mut out = output("src", "");
    for (name, data_type) in [("id", DataType::I4), ("name", DataType::Wstr { length: 3 })] {
        out.external_columns.push(ExternalColumn {
            id: format!("ext {name}"),
            name: name.to_owned(),
            data_type: Some(data_type),
            properties: Vec::new(),
        });
        let mut declared = column(&format!("src.{name}"), data_type);
        declared.external_id = format!("ext {name}");
        declared.error_row_disposition = Disposition::FailComponent;
        declared.truncation_row_disposition = Disposition::FailComponent;
        out.columns.push(declared);
    }
    let mut errors = error_output("src", "");
    errors.columns.insert(0, column("e.id", DataType::I4));
    let mut it = component("src", vec![out, errors]);
    it.properties = settings
        .iter()
        .map(|(name, value)| property(name, value))
        .collect();
    connected(of_type("Microsoft.OLEDBSource", it))
}

/// `src` to `good`, its error rows to `bad`.
fn read_flow(source: Component) -> Pipeline {
    let mut good = with_input(component("good", Vec::new()));
    good.inputs[0].columns = vec![reads("src.id"), reads("src.name")];
    let mut bad = with_input(component("bad", Vec::new()));
    bad.inputs[0].columns = vec![reads("e.id")];
    for sink in [&mut good, &mut bad] {
        sink.inputs[0].has_side_effects = true;
    }
    let paths = vec![path("src.out", "good.in"), path("src.error", "bad.in")];
    pipeline(vec![source, good, bad], paths)
}

const GOOD: [DataType; 2] = [DataType::I4, DataType::Wstr { length: 3 }];
const FILLED: &str = "CREATE TABLE T (name nvarchar(9), extra int, ID bigint); INSERT INTO T VALUES ('a', 0, 1), (NULL, 0, 2), ('long text', 0, 3), ('x', 0, 5000000000)";

#[test]
fn every_way_to_say_what_is_read() {
    let parameter = ("ParameterMapping", "\"Parameter0:Input\",User::Most;");
    for settings in [
        vec![("AccessMode", "0"), ("OpenRowset", "[dbo].[v]")],
        vec![("AccessMode", "1"), ("OpenRowsetVariable", "User::Table")],
        vec![
            ("AccessMode", "2"),
            (
                "SqlCommand",
                "SELECT TOP 2 [Name], [Id] FROM dbo.T WHERE Id <= ? ORDER BY Id",
            ),
            parameter,
        ],
        vec![
            ("AccessMode", "2"),
            ("SqlCommand", "SELECT id + 0, name AS other FROM v"),
        ],
        vec![("AccessMode", "3"), ("SqlCommandVariable", "User::Sql")],
    ] {
        let fixture = Fixture::new(&format!(
            "{FILLED}; CREATE VIEW v AS SELECT name, id FROM T WHERE id < 3"
        ))
        .with_variable("User::Table", WSTR, Value::Str("v".into()))
        .with_variable("User::Most", DataType::I4, Value::I4(2))
        .with_variable("User::Sql", WSTR, Value::Str("SELECT * FROM v".into()));
        let (good, collected) = collecting("good");
        let (bad, _) = collecting("bad");
        assert!(
            fixture.run(&read_flow(source(&settings)), vec![good, bad]),
            "{settings:?}: {:?}",
            fixture.recorder.messages
        );
        assert_eq!(
            rows_of(&collected, &GOOD),
            [["I4(1)", "Str(\"a\")"], ["I4(2)", "Null"]],
            "{settings:?}"
        );
    }
}

#[test]
fn dispositions_decide_about_values_that_do_not_fit() {
    use Disposition::{FailComponent, IgnoreFailure, RedirectRow};
    let settings = [("AccessMode", "0"), ("OpenRowset", "T")];
    let with = |disposition: Disposition| {
        let mut src = source(&settings);
        for column in &mut src.outputs[0].columns {
            column.error_row_disposition = disposition;
            column.truncation_row_disposition = disposition;
        }
        let fixture = Fixture::new(FILLED);
        let (good, collected) = collecting("good");
        let (bad, errors) = collecting("bad");
        let succeeded = fixture.run(&read_flow(src), vec![good, bad]);
        let bad_types = [DataType::I4, DataType::I4, DataType::I4];
        (
            succeeded,
            rows_of(&collected, &GOOD),
            rows_of(&errors, &bad_types),
            fixture,
        )
    };
    let (succeeded, good, bad, _) = with(IgnoreFailure);
    assert!(succeeded && bad.is_empty());
    assert_eq!(good[2], ["I4(3)", "Str(\"lon\")"]);
    assert_eq!(good[3], ["Null", "Str(\"x\")"]);

    let (succeeded, good, bad, _) = with(RedirectRow);
    assert!(succeeded);
    assert_eq!(good.len(), 2);
    assert_eq!(bad[0], ["I4(3)", "I4(-1071607766)", "I4(2)"]);
    assert_eq!(bad[1], ["Null", "I4(-1071607694)", "I4(1)"]);

    let (succeeded, _, _, fixture) = with(FailComponent);
    assert!(!succeeded);
    let message = fixture.recorder.find(0xC020_902A);
    assert_eq!(
        (message.row, message.column.as_deref()),
        (Some(3), Some("name"))
    );
}

#[test]
fn a_missing_table_or_column_of_the_source_is_named() {
    for (settings, code, part) in [
        (
            [("AccessMode", "0"), ("OpenRowset", "[dbo].[U]")],
            0xC020_20E8,
            "[dbo].[U]",
        ),
        (
            [("AccessMode", "2"), ("SqlCommand", "SELECT id FROM T")],
            0xC020_2005,
            "`name`",
        ),
        (
            [("AccessMode", "2"), ("SqlCommand", "SELEC x")],
            0xC020_2009,
            "SELEC x",
        ),
        (
            [("AccessMode", "2"), ("SqlCommand", "")],
            0xC020_2021,
            "`SqlCommand` is empty",
        ),
    ] {
        let fixture = Fixture::new(FILLED);
        let (good, _) = collecting("good");
        let (bad, _) = collecting("bad");
        assert!(!fixture.run(&read_flow(source(&settings)), vec![good, bad]));
        let messages = fixture.recorder.messages.lock().unwrap().clone();
        let said = messages
            .iter()
            .any(|(_, it)| it.code == code && it.text.contains(part));
        assert!(said, "{code:X}: {messages:?}");
    }
}

/// A source and a destination on the same table space, alone and on one retained connection.
#[test]
fn reading_and_writing_the_same_file_does_not_lock_up() {
    for retains in [false, true] {
        let mut fixture = Fixture::new(TABLE);
        fixture.retains = retains;
        Database::open(&fixture.file)
            .unwrap()
            .execute_batch("CREATE TABLE S (id int, name nvarchar(3)); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000) INSERT INTO S SELECT i, 'x' FROM n")
            .unwrap();
        let settings = [("AccessMode", "0"), ("OpenRowset", "S")];
        let components = vec![source(&settings), destination(&FAST)];
        let mut flow = pipeline(components, vec![path("src.out", "dst.in")]);
        // More batches than may wait between the two.
        flow.default_buffer_max_rows = 100;
        assert!(
            fixture.run(&flow, Vec::new()),
            "{:?}",
            fixture.recorder.messages
        );
        assert_eq!(
            fixture.rows("SELECT count(*), sum(id) FROM T"),
            ["Integer(25000)|Integer(312512500)"]
        );
    }
}
