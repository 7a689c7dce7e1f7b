//! Transactions: begun, joined, left, ended, refused.

use std::path::Path;

use scaleout_core::protocol::event::PackageResult;

use super::harness::{Dtsx, executable, fails, handler, sequence};
use crate::run::SurveyOptions;
use crate::validation::validate_project;

const REQUIRED: &str = r#"DTS:TransactionOption="2""#;

fn manager(name: &str, path: &Path, more: &str) -> String {
    format!(
        r#"<DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[{name}]" DTS:CreationName="OLEDB" DTS:ObjectName="{name}" DTS:DTSID="{{00000000-0000-4000-8000-0000000000{:02X}}}"><DTS:ObjectData><DTS:ConnectionManager {more} DTS:ConnectionString="Provider=SQLite;Data Source={};Mode=ReadWriteCreate"/></DTS:ObjectData></DTS:ConnectionManager>"#,
        name.len(),
        path.display()
    )
}

/// An Execute SQL task.
fn sql(parent: &str, name: &str, connection: &str, statement: &str, more: &str) -> String {
    let data = format!(
        r#"<DTS:ObjectData><SQLTask:SqlTaskData xmlns:SQLTask="www.microsoft.com/sqlserver/dts/tasks/sqltask" SQLTask:Connection="{connection}" SQLTask:SqlStatementSource="{statement}"/></DTS:ObjectData>"#
    );
    executable(parent, name, "Microsoft.ExecuteSQLTask", more, &data)
}

fn insert(parent: &str, name: &str, connection: &str) -> String {
    sql(parent, name, connection, "INSERT INTO T VALUES (1)", "")
}

struct Fixture {
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["x.db", "y.db"] {
            let database = rusqlite::Connection::open(folder.path().join(name)).unwrap();
            database.execute_batch("CREATE TABLE T (a int)").unwrap();
        }
        Self { folder }
    }

    fn package(&self, more: &str) -> Dtsx {
        let at = |name: &str| self.folder.path().join(name);
        let managers = manager("db", &at("x.db"), more) + &manager("other", &at("y.db"), more);
        Dtsx::new().collections(&format!(
            "<DTS:ConnectionManagers>{managers}</DTS:ConnectionManagers>"
        ))
    }

    fn rows(&self, name: &str) -> i64 {
        let database = rusqlite::Connection::open(self.folder.path().join(name)).unwrap();
        let sql = "SELECT count(*) FROM T";
        database.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

fn in_order(parent: &str, name: &str, more: &str, children: &[(&str, String)]) -> String {
    let tasks: String = children.iter().map(|(_, text)| text.as_str()).collect();
    let inner = format!("{parent}\\{name}");
    let constraints: String = children
        .windows(2)
        .map(|pair| super::harness::constraint(&inner, pair[0].0, pair[1].0, ""))
        .collect();
    let body = format!(
        "<DTS:Executables>{tasks}</DTS:Executables><DTS:PrecedenceConstraints>{constraints}</DTS:PrecedenceConstraints>"
    );
    executable(parent, name, "STOCK:SEQUENCE", more, &body)
}

#[test]
fn what_a_container_did_is_undone_as_a_whole_when_it_fails() {
    let fixture = Fixture::new();
    let parent = "Package\\S";
    let children = [
        ("a", insert(parent, "a", "db")),
        ("b", insert(parent, "b", "db")),
        ("c", fails(parent, "c", "")),
    ];
    let dtsx = fixture.package("");
    let ran = dtsx
        .clone()
        .with(&in_order("Package", "S", REQUIRED, &children))
        .run();
    assert_eq!(ran.result, PackageResult::Failure);
    assert_eq!(fixture.rows("x.db"), 0);
    let told = ran.said("OnInformation");
    assert!(
        told.iter().any(|text| text.contains("aborting")),
        "{told:?}"
    );

    let ran = dtsx
        .with(&in_order("Package", "S", REQUIRED, &children[..2]))
        .run();
    assert_eq!(
        ran.result,
        PackageResult::Success,
        "{:?}",
        ran.said("OnError")
    );
    assert_eq!(fixture.rows("x.db"), 2);
    let told = ran.said("OnInformation");
    assert!(
        told[0].contains("starting a transaction") && told[1].contains("committing"),
        "{told:?}"
    );
}

#[test]
fn a_task_that_stays_out_keeps_what_it_did_and_may_use_another_database() {
    let fixture = Fixture::new();
    let parent = "Package\\S";
    let out = sql(
        parent,
        "log",
        "other",
        "INSERT INTO T VALUES (1)",
        r#"DTS:TransactionOption="0""#,
    );
    let children = [
        ("a", insert(parent, "a", "db")),
        ("log", out),
        ("c", fails(parent, "c", "")),
    ];
    let ran = fixture
        .package("")
        .with(&in_order("Package", "S", REQUIRED, &children))
        .run();
    assert_eq!(ran.tasks(), ["a", "log", "c"]);
    assert_eq!((fixture.rows("x.db"), fixture.rows("y.db")), (0, 1));
}

#[test]
fn a_required_task_inside_joins_and_a_required_task_alone_is_its_own() {
    let fixture = Fixture::new();
    let parent = "Package\\S";
    let joins = sql(parent, "a", "db", "INSERT INTO T VALUES (1)", REQUIRED);
    let children = [("a", joins), ("c", fails(parent, "c", ""))];
    fixture
        .package("")
        .with(&in_order("Package", "S", REQUIRED, &children))
        .run();
    assert_eq!(fixture.rows("x.db"), 0);

    let alone = sql("Package", "a", "db", "INSERT INTO T VALUES (1)", REQUIRED);
    let failing = sql(
        "Package",
        "b",
        "db",
        "INSERT INTO T VALUES (1)\nGO\nINSERT INTO Gone VALUES (1)",
        REQUIRED,
    );
    let ran = fixture
        .package("")
        .with(&alone)
        .with(&failing)
        .after("a", "b", "")
        .run();
    assert_eq!(ran.result, PackageResult::Failure);
    assert_eq!(fixture.rows("x.db"), 1);
}

#[test]
fn two_databases_in_one_transaction_are_refused_at_validation_by_name() {
    let fixture = Fixture::new();
    let parent = "Package\\S";
    let children = [
        ("a", insert(parent, "a", "db")),
        ("b", insert(parent, "b", "other")),
    ];
    let dtsx = fixture
        .package("")
        .with(&in_order("Package", "S", REQUIRED, &children));
    let report = validate_project(&dtsx.project(), &SurveyOptions::default());
    let problem = &report.packages[0].problems[0];
    assert_eq!(problem.code, "SO4042");
    for part in ["`S`", "`db`", "`other`", "NotSupported"] {
        assert!(
            problem.message.contains(part),
            "{part}: {}",
            problem.message
        );
    }
    assert_eq!(dtsx.run().tasks(), [""; 0]);
    assert_eq!(fixture.rows("x.db"), 0);
}

#[test]
fn a_retained_connection_cannot_take_part() {
    let fixture = Fixture::new();
    let children = [("a", insert("Package\\S", "a", "db"))];
    let dtsx = fixture
        .package(r#"DTS:Retain="True""#)
        .with(&in_order("Package", "S", REQUIRED, &children));
    let report = validate_project(&dtsx.project(), &SurveyOptions::default());
    assert_eq!(report.packages[0].problems[0].code, "0xC001A003");
    assert_eq!(dtsx.run().tasks(), [""; 0]);
}

#[test]
fn a_retained_connection_carries_the_transaction_that_the_package_writes_itself() {
    let fixture = Fixture::new();
    for (end, rows) in [("ROLLBACK TRAN", 0), ("COMMIT TRAN", 1)] {
        let ran = fixture
            .package(r#"DTS:Retain="True""#)
            .with(&sql("Package", "begin", "db", "BEGIN TRAN", ""))
            .with(&insert("Package", "a", "db"))
            .with(&sql("Package", "end", "db", end, ""))
            .after("begin", "a", "")
            .after("a", "end", "")
            .run();
        assert_eq!(
            ran.result,
            PackageResult::Success,
            "{:?}",
            ran.said("OnError")
        );
        assert_eq!(fixture.rows("x.db"), rows);
    }
}

#[test]
fn a_handler_outside_the_container_keeps_what_it_wrote() {
    let fixture = Fixture::new();
    let children = [("c", fails("Package\\S", "c", ""))];
    let of_package = insert("Package.EventHandlers[OnError]", "h", "other");
    let ran = fixture
        .package("")
        .with(&in_order("Package", "S", REQUIRED, &children))
        .handler("OnError", true, &of_package)
        .run();
    assert_eq!(ran.tasks(), ["h", "c"]);
    assert_eq!(fixture.rows("y.db"), 1);

    // The container's own handler is inside, and undone with it.
    let own = handler(
        "Package\\S",
        "OnError",
        true,
        &insert("Package\\S.EventHandlers[OnError]", "h", "db"),
    );
    let body = sequence("Package", "S", REQUIRED, &fails("Package\\S", "c", "")).replace(
        "</DTS:Executables></DTS:Executable>",
        &format!("</DTS:Executables><DTS:EventHandlers>{own}</DTS:EventHandlers></DTS:Executable>"),
    );
    let ran = fixture.package("").with(&body).run();
    assert_eq!(ran.tasks(), ["h", "c"]);
    assert_eq!(fixture.rows("x.db"), 0);
}

#[test]
fn a_log_in_the_database_of_the_transaction_survives_its_rollback() {
    let fixture = Fixture::new();
    let provider = r#"<DTS:LogProviders><DTS:LogProvider DTS:ObjectName="to db" DTS:CreationName="Microsoft.LogProviderSQLServer" DTS:ConfigString="db" DTS:DTSID="{00000000-0000-0000-0000-0000000000AA}"/></DTS:LogProviders><DTS:LoggingOptions DTS:LoggingMode="1" DTS:FilterKind="0"><DTS:Property DTS:DataType="8" DTS:Name="EventFilter">1,7,OnError</DTS:Property><DTS:SelectedLogProviders><DTS:SelectedLogProvider DTS:InstanceID="{00000000-0000-0000-0000-0000000000AA}"/></DTS:SelectedLogProviders></DTS:LoggingOptions>"#;
    let children = [
        ("a", insert("Package\\S", "a", "db")),
        ("c", fails("Package\\S", "c", "")),
    ];
    let ran = fixture
        .package("")
        .collections(provider)
        .with(&in_order("Package", "S", REQUIRED, &children))
        .run();
    assert_eq!(ran.said("OnError").len(), 1, "{:?}", ran.said("OnError"));
    assert_eq!(fixture.rows("x.db"), 0);
    let database = rusqlite::Connection::open(fixture.folder.path().join("x.db")).unwrap();
    let sql = "SELECT group_concat(event) FROM sysssislog";
    let events: String = database.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(events, "PackageStart,OnError,PackageEnd");
}

#[test]
fn a_handler_of_a_changed_variable_uses_the_connection_that_gave_the_value() {
    let fixture = Fixture::new();
    let result =
        r#"<SQLTask:ResultBinding SQLTask:ResultName="0" SQLTask:DtsVariableName="User::n"/>"#;
    let data = format!(
        r#"<DTS:ObjectData><SQLTask:SqlTaskData xmlns:SQLTask="www.microsoft.com/sqlserver/dts/tasks/sqltask" SQLTask:Connection="db" SQLTask:SqlStatementSource="SELECT 7" SQLTask:ResultType="ResultSetType_SingleRow" SQLTask:TimeOut="30">{result}</SQLTask:SqlTaskData></DTS:ObjectData>"#
    );
    let counts = executable("Package", "count", "Microsoft.ExecuteSQLTask", "", &data);
    let noted = insert(
        "Package.EventHandlers[OnVariableValueChanged]",
        "note",
        "db",
    );
    let ran = fixture
        .package(r#"DTS:Retain="True""#)
        .variable("n", 3, "0", r#"DTS:RaiseChangedEvent="True""#)
        .handler("OnVariableValueChanged", true, &noted)
        .with(&counts)
        .run();
    assert_eq!(
        ran.result,
        PackageResult::Success,
        "{:?}",
        ran.said("OnError")
    );
    assert_eq!(fixture.rows("x.db"), 1);
}
