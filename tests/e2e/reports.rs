//! `soctl executions report`: the pages of the original's standard reports.

use serde_json::Value;

use crate::support::package::{self, FlatFile};
use crate::support::project;
use crate::support::tasks::TaskPackage;
use crate::support::{Site, Soctl};

const EXPRESSION: &str = "Microsoft.ExpressionTask";
const CHILD: &str = "Microsoft.ExecutePackageTask";

/// A project whose package `parent.dtsx` runs `child.dtsx`.
fn deploy_parent_and_child(soctl: &Soctl) {
    let call = r"<ExecutePackageTask><UseProjectReference>True</UseProjectReference><PackageName>child.dtsx</PackageName></ExecutePackageTask>";
    let parent = TaskPackage::new("parent")
        .parameter("Day", "monday")
        .task("Run", CHILD, call);
    let child = TaskPackage::new("child").variable("n", 3, "0").task(
        "Count",
        EXPRESSION,
        r#"<ExpressionTask Expression="@[User::n] = 1"/>"#,
    );
    let packages = [("parent.dtsx", parent.text()), ("child.dtsx", child.text())];
    project::write(&soctl.home().join("nightly"), "Nightly", &packages);
    soctl.json(&["deploy", "nightly", "--folder", "Finance"]);
}

fn execute(soctl: &Soctl, package: &str, more: &[&str]) -> String {
    let mut arguments = vec!["execute", "--package", package];
    arguments.extend(more);
    arguments.extend(["--output", "json"]);
    let ran = soctl.run(&arguments);
    ran.json()[0]["execution_id"].to_string()
}

fn names<'v>(rows: &'v Value, column: &str) -> Vec<&'v str> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row[column].as_str().unwrap()).collect()
}

#[test]
fn a_report_has_the_pages_of_the_original() {
    let site = Site::start();
    let soctl = &site.soctl;
    deploy_parent_and_child(soctl);
    let first = execute(soctl, "parent.dtsx", &["--folder", "Finance"]);
    let given = ["--folder", "Finance", "--parameter", "Day=friday"];
    let id = execute(soctl, "parent.dtsx", &given);

    let report = soctl.json(&["executions", "report", &id]);
    assert_eq!(report["overview"]["status"], "succeeded");
    assert_eq!(report["overview"]["package"], "parent.dtsx");
    let memory = report["overview"]["peak_memory_kb"].as_i64();
    assert!(memory.is_some_and(|size| 1000 < size), "{report:#}");
    assert!(report["overview"]["processor_ms"].is_i64(), "{report:#}");
    assert_eq!(names(&report["tasks"], "name").len(), 4, "{report:#}");
    let child = &report["children"][0];
    assert_eq!(child["package"], "child.dtsx", "{report:#}");
    assert_eq!(
        (&child["depth"], &child["result"]),
        (&1.into(), &"success".into())
    );
    assert_eq!(report["children"].as_array().unwrap().len(), 1);
    let day = report["parameters"].as_array().unwrap();
    let day = day.iter().find(|one| one["name"] == "Day").unwrap();
    assert_eq!(day["value"], "friday");
    let executions = report["executions"].as_array().unwrap();
    let ids: Vec<String> = executions
        .iter()
        .map(|one| one["execution_id"].to_string())
        .collect();
    assert_eq!(ids, [id.as_str(), first.as_str()]);
    assert_eq!(report["runs"].as_array().unwrap().len(), 2);
    assert_eq!(report["performance"]["successful_runs"], 2);
    assert!(!report["messages"].as_array().unwrap().is_empty());

    let table = soctl.run(&["executions", "report", &id]).success().stdout;
    for heading in [
        "Overview",
        "Child packages",
        "All messages",
        "Connections that failed",
    ] {
        assert!(table.contains(heading), "{heading}:\n{table}");
    }
    let csv = [
        "executions",
        "report",
        &id,
        "--page",
        "tasks",
        "--output",
        "csv",
    ];
    let csv = soctl.run(&csv).success().stdout;
    assert!(
        csv.starts_with("task,package,result,started,duration,path\n"),
        "{csv}"
    );
    let all = soctl.run(&["executions", "report", &id, "--output", "csv"]);
    all.fails(6, &["SO8005", "--page"]);
    let none = soctl.run(&["executions", "report", "999"]);
    none.fails(4, &["999"]);
}

#[test]
fn a_connection_that_failed_is_named_with_its_last_failure() {
    let site = Site::start();
    let soctl = &site.soctl;
    let statement = r#"SQLTask:Connection="{00000000-0000-4000-8000-000000000001}" SQLTask:SqlStatementSource="SELECT 1""#;
    let package = TaskPackage::new("ask")
        .connection(
            "dwh",
            "OLEDB",
            "Provider=NoSuchProvider;Data Source=nowhere",
        )
        .sql("Ask", statement, "");
    std::fs::write(soctl.home().join("ask.dtsx"), package.text()).unwrap();
    execute(soctl, "./ask.dtsx", &[]);
    let id = execute(soctl, "./ask.dtsx", &[]);
    let report = soctl.json(&["executions", "report", &id, "--page", "connections"]);
    let failed = &report["connections"][0];
    assert_eq!(failed["connection"], "dwh", "{report:#}");
    assert_eq!(failed["failed_executions"], 2);
    assert_eq!(failed["last_execution_id"].to_string(), id);
}

#[test]
fn components_have_their_active_time_at_the_level_performance() {
    let site = Site::start();
    let soctl = &site.soctl;
    let file = |name: &'static str| FlatFile {
        name,
        path: soctl
            .home()
            .join(format!("{name}.csv"))
            .display()
            .to_string(),
        code_page: 65001,
        columns: vec![("Id", "i4", 0)],
    };
    let text = package::copy("copy", &file("In"), &file("Out"));
    std::fs::write(soctl.home().join("copy.dtsx"), text).unwrap();
    std::fs::write(file("In").path, "Id\r\n1\r\n2\r\n").unwrap();
    let id = execute(soctl, "./copy.dtsx", &["--logging-level", "performance"]);
    let report = soctl.json(&["executions", "report", &id, "--page", "components"]);
    let mut components = names(&report["components"], "component");
    components.sort_unstable();
    assert_eq!(components, ["Read", "Write"], "{report:#}");
    for one in report["components"].as_array().unwrap() {
        assert!(
            one["active_ms"].as_i64() <= one["total_ms"].as_i64(),
            "{one}"
        );
    }
}
