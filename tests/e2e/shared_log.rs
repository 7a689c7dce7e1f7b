//! Children of one parent that log through the SQL Server log provider to one destination, on several
//! workers at once: one table, complete.

use std::collections::BTreeMap;

use serde_json::json;

use crate::support::postgres::PostgresCluster;
use crate::support::tasks::TaskPackage;
use crate::support::{Site, Soctl, project};

const CHILD: &str = "Microsoft.ExecutePackageTask";
const EXPRESSION: &str = "Microsoft.ExpressionTask";
const PROCESS: &str = "Microsoft.ExecuteProcess";
const NAMES: [&str; 8] = [
    "child1", "child2", "child3", "child4", "child5", "child6", "child7", "child8",
];
const BEFORE: [&str; 6] = ["One", "Two", "Three", "Four", "Five", "Six"];
const AFTER: [&str; 4] = ["Seven", "Eight", "Nine", "Ten"];
const PROVIDER: &str = "{00000000-0000-0000-0000-0000000000AA}";

/// A child that logs the start and end of each of its tasks, with a pause in the middle that lets
/// others log meanwhile.
fn child(name: &'static str, connection: &str) -> String {
    let mut package = TaskPackage::new(name)
        .connection("Log", "OLEDB", connection)
        .variable("N", 3, "0");
    let count = r#"<ExpressionTask Expression="@[User::N] = @[User::N] + 1"/>"#;
    for task in BEFORE {
        package = package.task(task, EXPRESSION, count);
    }
    let pause =
        r#"<ExecuteProcessData Executable="sleep" Arguments="0.5" RequireFullFileName="False"/>"#;
    package = package.task("Pause", PROCESS, pause);
    for task in AFTER {
        package = package.task(task, EXPRESSION, count);
    }
    let logging = format!(
        r#"<DTS:LogProviders><DTS:LogProvider DTS:ObjectName="to log" DTS:CreationName="Microsoft.LogProviderSQLServer" DTS:ConfigString="Log" DTS:DTSID="{PROVIDER}"><DTS:ObjectData><InnerObject/></DTS:ObjectData></DTS:LogProvider></DTS:LogProviders>
<DTS:LoggingOptions DTS:LoggingMode="1" DTS:FilterKind="0"><DTS:Property DTS:DataType="8" DTS:Name="EventFilter">2,12,OnPreExecute,13,OnPostExecute</DTS:Property><DTS:SelectedLogProviders><DTS:SelectedLogProvider DTS:InstanceID="{PROVIDER}"/></DTS:SelectedLogProviders></DTS:LoggingOptions>
<DTS:PackageParameters>"#
    );
    package.text().replace("<DTS:PackageParameters>", &logging)
}

/// What one child writes, in its order: event and source.
fn expected(name: &str) -> Vec<String> {
    let mut all = vec![
        format!("PackageStart {name}"),
        format!("OnPreExecute {name}"),
    ];
    for task in BEFORE.iter().chain(&["Pause"]).chain(&AFTER) {
        all.push(format!("OnPreExecute {task}"));
        all.push(format!("OnPostExecute {task}"));
    }
    all.push(format!("OnPostExecute {name}"));
    all.push(format!("PackageEnd {name}"));
    all
}

/// A parent whose children run as executions of their own, all at once.
fn parent() -> String {
    let mut package = TaskPackage::new("parent");
    for name in NAMES {
        let data = format!(
            "<ExecutePackageTask><ExecuteOutOfProcess>True</ExecuteOutOfProcess><UseProjectReference>True</UseProjectReference><PackageName>{name}.dtsx</PackageName></ExecutePackageTask>"
        );
        package = package.task(name, CHILD, &data);
    }
    let text = package.text();
    let (head, rest) = text.split_once("<DTS:PrecedenceConstraints>").unwrap();
    let (_, tail) = rest.split_once("</DTS:PrecedenceConstraints>").unwrap();
    let apart = format!("{head}{tail}");
    apart.replace(
        r#"DTS:LocaleID="1033""#,
        r#"DTS:LocaleID="1033" DTS:MaxConcurrentExecutables="8""#,
    )
}

/// A row of `sysssislog`: id, execution, event, source, computer, message.
type Row = (i64, String, String, String, String, String);

/// Runs the parent on four workers with two slots each and compares what is in the table.
fn run_and_compare(connection: &str, rows: impl Fn() -> Vec<Row>) {
    let soctl = Soctl::new();
    for number in 1..=4 {
        let folder = soctl.home().join(format!("data/worker{number}"));
        std::fs::create_dir_all(&folder).unwrap();
        let settings = json!({
            "AgentId": format!("6f1b7d3e-0000-4000-8000-0000000000d{number}"),
            "DisplayName": format!("worker{number}"), "MaxTaskCount": 2,
            "TaskRequestMaxCPU": 100.0,
        });
        std::fs::write(folder.join("WorkerSettings.config"), settings.to_string()).unwrap();
    }
    let site = Site::start_up(soctl, &["--workers", "4"]);
    let soctl = &site.soctl;
    let mut packages = vec![("parent.dtsx", parent())];
    let files: Vec<String> = NAMES.iter().map(|name| format!("{name}.dtsx")).collect();
    for (name, file) in NAMES.iter().zip(&files) {
        packages.push((file, child(name, connection)));
    }
    project::write(&soctl.home().join("p"), "Parts", &packages);
    soctl.json(&["deploy", "p", "--folder", "F"]);
    let execute = ["execute", "-p", "parent.dtsx", "--folder", "F"];
    let ran = soctl.run(&[&execute[..], &["--output", "json"]].concat());
    let ran = ran.json()[0].clone();
    let id = ran["execution_id"].to_string();
    let report = soctl.json(&["executions", "report", &id]);
    assert_eq!(ran["status"], "succeeded", "{report:#}");
    let children = report["children"].as_array().unwrap();
    let mut workers: Vec<&str> = children
        .iter()
        .map(|child| child["worker"].as_str().unwrap())
        .collect();
    workers.sort_unstable();
    workers.dedup();
    assert!(1 < workers.len(), "{workers:?}");

    let rows = rows();
    let mut logs: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        logs.entry(&row.1).or_default().push(row);
    }
    assert_eq!(logs.len(), NAMES.len(), "one log for each execution");
    let mut names = Vec::new();
    for log in logs.values() {
        let name = log[0].3.as_str();
        let said = log.iter().map(|row| format!("{} {}", row.2, row.3));
        assert_eq!(said.collect::<Vec<_>>(), expected(name));
        assert!(log.iter().all(|row| !row.4.is_empty()));
        assert_eq!(log[0].5, "Beginning of package execution.");
        names.push(name);
    }
    names.sort_unstable();
    assert_eq!(names, NAMES);
    // Nothing else is in the table, ids are unique, and some have logged at the same time.
    assert_eq!(rows.len(), NAMES.len() * expected("x").len());
    let mut ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    ids.dedup();
    assert_eq!(ids.len(), rows.len());
    let spans = logs.values().map(|log| (log[0].0, log[log.len() - 1].0));
    let spans: Vec<(i64, i64)> = spans.collect();
    let overlap = spans.iter().any(|one| {
        let inside = |other: &&(i64, i64)| one.0 < other.0 && other.0 < one.1;
        spans.iter().any(|other| inside(&other))
    });
    assert!(overlap, "{spans:?}");
}

#[test]
fn children_on_several_workers_write_one_complete_log_on_postgresql() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    run_and_compare(&cluster.connection_string("postgres"), || {
        let text = cluster.psql(
            "postgres",
            "SELECT id, executionid, event, source, computer, message FROM sysssislog ORDER BY id",
        );
        let rows = text.lines().map(|line| {
            let mut cells = line.splitn(6, '|').map(str::to_owned);
            let id = cells.next().unwrap().parse().unwrap();
            let mut next = || cells.next().unwrap();
            (id, next(), next(), next(), next(), next())
        });
        rows.collect()
    });
}

#[test]
fn children_on_several_workers_write_one_complete_log_in_one_sqlite_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let connection = format!(
        "Provider=SQLite;Data Source={};Mode=ReadWriteCreate",
        path.display()
    );
    run_and_compare(&connection, || {
        let database = rusqlite::Connection::open(&path).unwrap();
        let mut select = database
            .prepare("SELECT id, executionid, event, source, computer, message FROM sysssislog ORDER BY id")
            .unwrap();
        let rows = select.query_map([], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
            ))
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    });
}
