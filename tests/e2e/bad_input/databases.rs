//! Databases that go away or fall silent while a package uses them.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::Soctl;
use crate::support::package::{self, FlatFile, source, source_column, source_output};
use crate::support::postgres::PostgresCluster;
use crate::support::tasks::TaskPackage;

const WRITE: &str = r"Package\Load\Write";

/// The server's process of a session stops, like one that hangs: nothing is closed, nothing comes.
const STOP_SESSION: &str = "COPY (SELECT 1) TO PROGRAM 'kill -STOP $PPID'";

/// A destination that commits every 1000 rows and waits 2 seconds for an answer.
fn destination() -> String {
    let input = format!("{WRITE}.Inputs[in]");
    let properties = [
        ("Int32", "CommandTimeout", "2"),
        ("String", "OpenRowset", "[dbo].[T]"),
        ("Int32", "AccessMode", "3"),
        ("String", "FastLoadOptions", "FIRE_TRIGGERS"),
        ("Int32", "FastLoadMaxInsertCommitSize", "1000"),
    ];
    let properties = properties.map(|(kind, name, value)| {
        format!(r#"<property dataType="System.{kind}" name="{name}">{value}</property>"#)
    });
    format!(
        r#"<component refId="{WRITE}" componentClassID="Microsoft.OLEDBDestination" name="Write" usesDispositions="true" version="4"><properties>{}</properties><connections><connection refId="{WRITE}.Connections[OleDbConnection]" connectionManagerID="Package.ConnectionManagers[Db]" connectionManagerRefId="Package.ConnectionManagers[Db]" name="OleDbConnection"/></connections><inputs><input refId="{input}" errorRowDisposition="FailComponent" hasSideEffects="true" name="in"><inputColumns><inputColumn refId="{input}.Columns[id]" cachedName="id" externalMetadataColumnId="{input}.ExternalColumns[id]" lineageId="{}"/></inputColumns><externalMetadataColumns isUsed="True"><externalMetadataColumn refId="{input}.ExternalColumns[id]" dataType="i4" name="id"/></externalMetadataColumns></input></inputs></component>"#,
        properties.concat(),
        source_column("Read", "id")
    )
}

/// Loads 5000 rows into `T`, whose trigger does something to the session at row 2501.
fn load(soctl: &Soctl, cluster: &PostgresCluster) {
    let rows = FlatFile {
        name: "rows",
        path: soctl.home().join("rows.csv").display().to_string(),
        code_page: 65001,
        columns: vec![("id", "i4", 0)],
    };
    let text: String = (1..=5000).map(|id| format!("{id}\r\n")).collect();
    std::fs::write(&rows.path, format!("id\r\n{text}")).unwrap();
    let components = source("Read", "rows", &rows) + &destination();
    let into = format!("{WRITE}.Inputs[in]");
    let flow = package::data_flow(&components, &[(&source_output("Read"), &into)]);
    let connection = format!(
        r#"<DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[Db]" DTS:CreationName="OLEDB" DTS:ObjectName="Db" DTS:DTSID="{{00000000-0000-4000-8000-0000000000db}}"><DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString="{}"/></DTS:ObjectData></DTS:ConnectionManager>"#,
        cluster.connection_string("postgres")
    );
    let text = package::with_body("load", &(rows.manager() + &connection), &flow);
    std::fs::write(soctl.home().join("load.dtsx"), text).unwrap();
}

fn make_table(cluster: &PostgresCluster, at_row_2501: &str) {
    let sql = format!(
        "CREATE TABLE T (id int);
         CREATE FUNCTION hurt() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN
             IF NEW.id = 2501 THEN {at_row_2501}; END IF; RETURN NEW; END $body$;
         CREATE TRIGGER hurts BEFORE INSERT ON T FOR EACH ROW EXECUTE FUNCTION hurt()"
    );
    cluster.psql("postgres", &sql);
}

/// The sessions that stopped go on, so that the server can end.
fn wake(cluster: &PostgresCluster) {
    let sql = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' \
               AND pid <> pg_backend_pid()";
    for process in cluster.psql("postgres", sql).lines() {
        let _gone = kill(Pid::from_raw(process.parse().unwrap()), Signal::SIGCONT);
    }
}

#[test]
fn a_destination_that_vanishes_in_mid_load_keeps_what_was_committed_and_says_how_much() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    make_table(&cluster, "PERFORM pg_terminate_backend(pg_backend_pid())");
    let soctl = Soctl::new();
    load(&soctl, &cluster);
    let ran = soctl.dtexec(&["/F", "load.dtsx"]);
    ran.reports(1, &["2000 rows of this load are committed in"]);
    let found = cluster.psql("postgres", "SELECT count(*), max(id) FROM T");
    assert_eq!(found.trim(), "2000|2000");
}

#[test]
fn a_server_that_falls_silent_in_mid_load_is_given_up_when_its_time_is_over() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    let stop = STOP_SESSION.replace('\'', "''");
    make_table(&cluster, &format!("EXECUTE '{stop}'"));
    let soctl = Soctl::new();
    load(&soctl, &cluster);
    let ran = soctl.dtexec(&["/F", "load.dtsx"]);
    wake(&cluster);
    ran.reports(
        1,
        &[
            "has not answered within 2 seconds",
            "2000 rows of this load are committed in",
        ],
    );
}

#[test]
fn a_server_that_falls_silent_on_a_statement_is_given_up_when_its_time_is_over() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    let statement = format!(
        r#"SQLTask:Connection="Db" SQLTask:TimeOut="2" SQLTask:SqlStatementSource="{STOP_SESSION}""#
    );
    let package = TaskPackage::new("silent")
        .connection("Db", "OLEDB", &cluster.connection_string("postgres"))
        .sql("Ask", &statement, "");
    let soctl = Soctl::new();
    std::fs::write(soctl.home().join("p.dtsx"), package.text()).unwrap();
    let ran = soctl.dtexec(&["/F", "p.dtsx"]);
    wake(&cluster);
    ran.reports(1, &["Source: Ask", "has not answered within 2 seconds"]);
}

/// Somebody takes the connection and never says a word.
#[test]
fn a_server_that_never_answers_is_given_up_when_the_time_to_connect_is_over() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let soctl = Soctl::new();
    for provider in [
        "PostgreSQL;Data Source=127.0.0.1;Port=",
        "MSOLEDBSQL;Data Source=127.0.0.1,",
    ] {
        let string =
            format!("Provider={provider}{port};User ID=u;Password=geheim42;Connect Timeout=1");
        let package = TaskPackage::new("silent")
            .connection("Db", "OLEDB", &string)
            .sql(
                "Ask",
                r#"SQLTask:Connection="Db" SQLTask:SqlStatementSource="SELECT 1""#,
                "",
            );
        std::fs::write(soctl.home().join("p.dtsx"), package.text()).unwrap();
        let ran = soctl.dtexec(&["/F", "p.dtsx"]);
        let ran = ran.reports(1, &["Source: Ask", "cannot connect to", "SO6004"]);
        assert!(!ran.stdout.contains("geheim42"), "{}", ran.stdout);
    }
}
