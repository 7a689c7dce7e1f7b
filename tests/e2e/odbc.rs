//! Packages on databases that only ODBC drivers reach: a build with the feature `odbc`, and the
//! drivers of Debian's `odbc-postgresql` and `libsqliteodbc`.

use crate::support::postgres::PostgresCluster;
use crate::support::tasks::TaskPackage;
use crate::support::{Ran, Soctl, package};

/// A source and a destination of a table with a number, a text, a decimal and a time.
fn components(source: &str, destination: &str) -> String {
    let out = r"Package\Load\Read.Outputs[out]";
    let into = r"Package\Load\Write.Inputs[in]";
    let (mut outputs, mut externals) = (String::new(), String::new());
    let (mut inputs, mut targets) = (String::new(), String::new());
    for (name, facets) in [
        ("id", r#"dataType="i4""#),
        ("name", r#"dataType="wstr" length="20""#),
        ("price", r#"dataType="numeric" precision="9" scale="2""#),
        ("at", r#"dataType="dbTimeStamp2" scale="6""#),
    ] {
        outputs += &format!(
            r#"<outputColumn refId="{out}.Columns[{name}]" {facets} externalMetadataColumnId="{out}.ExternalColumns[{name}]" lineageId="{out}.Columns[{name}]" name="{name}"/>"#
        );
        externals += &format!(
            r#"<externalMetadataColumn refId="{out}.ExternalColumns[{name}]" {facets} name="{name}"/>"#
        );
        inputs += &format!(
            r#"<inputColumn refId="{into}.Columns[{name}]" cachedName="{name}" externalMetadataColumnId="{into}.ExternalColumns[{name}]" lineageId="{out}.Columns[{name}]"/>"#
        );
        targets += &format!(
            r#"<externalMetadataColumn refId="{into}.ExternalColumns[{name}]" {facets} name="{name}"/>"#
        );
    }
    format!(
        r#"<component refId="Package\Load\Read" componentClassID="Microsoft.SSISODBCSrc" name="Read" usesDispositions="true" version="1"><properties><property dataType="System.Int32" name="AccessMode">0</property><property dataType="System.String" name="TableName">[orders]</property></properties><connections><connection refId="Package\Load\Read.Connections[ODBCConnection]" connectionManagerID="Package.ConnectionManagers[{source}]" connectionManagerRefId="Package.ConnectionManagers[{source}]" name="ODBCConnection"/></connections><outputs><output refId="{out}" errorRowDisposition="FailComponent" truncationRowDisposition="FailComponent" name="out"><outputColumns>{outputs}</outputColumns><externalMetadataColumns isUsed="True">{externals}</externalMetadataColumns></output></outputs></component>
<component refId="Package\Load\Write" componentClassID="Microsoft.SSISODBCDst" name="Write" usesDispositions="true" version="1"><properties><property dataType="System.String" name="TableName">"copies"</property><property dataType="System.Int32" name="TransactionSize">2</property></properties><connections><connection refId="Package\Load\Write.Connections[ODBCConnection]" connectionManagerID="Package.ConnectionManagers[{destination}]" connectionManagerRefId="Package.ConnectionManagers[{destination}]" name="ODBCConnection"/></connections><inputs><input refId="{into}" errorRowDisposition="FailComponent" hasSideEffects="true" name="in"><inputColumns>{inputs}</inputColumns><externalMetadataColumns isUsed="True">{targets}</externalMetadataColumns></input></inputs></component>"#
    )
}

const MAKE: &str =
    "CREATE TABLE orders (id int, name varchar(20), price numeric(9,2), at timestamp);
    CREATE TABLE copies (id int, name varchar(20), price numeric(9,2), at timestamp)";
const ROWS: &str = "INSERT INTO orders VALUES (1, 'Ägäis €', 1.25, '2026-02-01 10:20:30'),
    (2, NULL, NULL, NULL), (3, '', -7.50, '1999-12-31 23:59:59')";

/// Runs dtexec with the data sources of the test.
fn dtexec(soctl: &Soctl, file: &str) -> Ran {
    let arguments = ["/F", file, "/Rep", "EW"];
    let mut command = soctl.command_of(env!("CARGO_BIN_EXE_dtexec"), &arguments);
    command.env("ODBCINI", soctl.home().join("odbc.ini"));
    Ran::from(command.output().unwrap())
}

/// Copies `orders` to `copies`, with an own connection manager for each end.
fn copy(soctl: &Soctl, strings: [&str; 2]) {
    let package = TaskPackage::new("copy")
        .connection("From", "ODBC", strings[0])
        .connection("To", "ODBC", strings[1]);
    let body = package::data_flow(
        &components("From", "To"),
        &[(
            r"Package\Load\Read.Outputs[out]",
            r"Package\Load\Write.Inputs[in]",
        )],
    );
    let text = package.text();
    let text = text.replace("<DTS:Executables>", &format!("<DTS:Executables>{body}"));
    std::fs::write(soctl.home().join("copy.dtsx"), text).unwrap();
    dtexec(soctl, "copy.dtsx").reports(0, &["DTSER_SUCCESS (0)"]);
}

/// The connection string that ODBC's driver of PostgreSQL takes for a cluster, through a data
/// source, so that our own driver has no part in it.
fn postgres_source(soctl: &Soctl, cluster: &PostgresCluster) -> String {
    let string = cluster.connection_string("postgres");
    let part = |key: &str| {
        let mut pairs = string.split(';').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.trim().to_owned())
    };
    let host = part("Data Source").or(part("Host")).unwrap();
    let port = part("Port").unwrap_or_else(|| "5432".to_owned());
    let user = part("User ID").or(part("Username")).unwrap();
    let source = format!(
        "[nightly]\nDriver=PostgreSQL Unicode\nServername={host}\nPort={port}\nUsername={user}\nDatabase=postgres\n"
    );
    std::fs::write(soctl.home().join("odbc.ini"), source).unwrap();
    "Dsn=nightly".to_owned()
}

#[test]
fn rows_go_from_one_driver_to_another_and_back() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    let soctl = Soctl::new();
    let file = soctl.home().join("x.db");
    let database = rusqlite::Connection::open(&file).unwrap();
    database.execute_batch(MAKE).unwrap();
    cluster.psql("postgres", &format!("{MAKE}; {ROWS}"));
    let postgres = postgres_source(&soctl, &cluster);
    let sqlite = format!(
        "Provider=MSDASQL;Driver={{SQLite3}};Database={}",
        file.display()
    );
    copy(&soctl, [&postgres, &sqlite]);
    let mut rows = database
        .prepare("SELECT id || '|' || COALESCE(name, 'NULL') || '|' || COALESCE(price, 'NULL') || '|' || COALESCE(at, 'NULL') FROM copies ORDER BY id")
        .unwrap();
    let rows: Vec<String> = rows
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(
        rows[0].starts_with("1|Ägäis €|1.25|2026-02-01 10:20:30"),
        "{rows:?}"
    );
    assert_eq!(rows[1], "2|NULL|NULL|NULL");
    assert!(
        rows[2].starts_with("3||-7.5|1999-12-31 23:59:59"),
        "{rows:?}"
    );

    database
        .execute_batch("DELETE FROM orders; INSERT INTO orders SELECT * FROM copies")
        .unwrap();
    copy(&soctl, [&sqlite, &postgres]);
    let same = "SELECT COUNT(*) FROM orders o JOIN copies c ON o IS NOT DISTINCT FROM c";
    assert_eq!(cluster.psql("postgres", same).trim(), "3");
}

#[test]
fn statements_and_their_values_go_through_a_driver() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    cluster.psql("postgres", MAKE);
    let soctl = Soctl::new();
    let source = postgres_source(&soctl, &cluster);
    let bound = |name: &str, variable: &str, kind: &str| {
        format!(
            r#"<SQLTask:ParameterBinding SQLTask:ParameterName="{name}" SQLTask:DtsVariableName="User::{variable}" SQLTask:ParameterDirection="Input" SQLTask:DataType="{kind}"/>"#
        )
    };
    let values = bound("1", "Id", "4") + &bound("2", "Name", "-9");
    let result =
        r#"<SQLTask:ResultBinding SQLTask:ResultName="n" SQLTask:DtsVariableName="User::Id"/>"#;
    let sql =
        |text: &str| format!(r#"SQLTask:Connection="Db" SQLTask:SqlStatementSource="{text}""#);
    let single = r#" SQLTask:ResultType="ResultSetType_SingleRow""#;
    let package = TaskPackage::new("statements")
        .connection("Db", "ODBC", &source)
        .variable("Id", 3, "41")
        .variable("Name", 8, "née")
        .sql(
            "Insert",
            &sql("INSERT INTO [orders] (id, name) VALUES (?, ?)"),
            &values,
        )
        .sql(
            "Ask",
            &(sql("SELECT id + 1 AS n FROM orders") + single),
            result,
        )
        .sql(
            "Again",
            &sql("INSERT INTO orders (id, name) VALUES (?, ?)"),
            &values,
        )
        .sql("Wrong", &sql("SELECT * FROM nowhere"), "");
    std::fs::write(soctl.home().join("p.dtsx"), package.text()).unwrap();
    let parts = ["Source: Wrong", "\"nowhere\" does not exist", "42P01"];
    dtexec(&soctl, "p.dtsx").reports(1, &parts);
    let rows = cluster.psql("postgres", "SELECT id, name FROM orders ORDER BY id");
    assert_eq!(rows.trim(), "41|née\n42|née");
}
