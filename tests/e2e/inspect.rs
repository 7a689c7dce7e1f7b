//! `soctl inspect`.

use crate::support::Soctl;
use crate::support::tasks::TaskPackage;

fn package() -> String {
    TaskPackage::new("night")
        .connection(
            "Db",
            "OLEDB",
            "Provider=SQLite;Data Source=x.db;Password=geheim42",
        )
        .parameter("Target", "Data Source=h;Password=geheim42")
        .variable("Day", 8, "1")
        .sql(
            "Truncate",
            r#"SQLTask:Connection="Db" SQLTask:SqlStatementSource="DELETE FROM t""#,
            "",
        )
        .task("Run &lt;it&gt;", "Microsoft.ScriptTask", "<ScriptProject/>")
        .text()
}

#[test]
fn a_package_is_a_tree_json_and_a_diagram_without_secrets() {
    let soctl = Soctl::new();
    std::fs::write(soctl.home().join("night.dtsx"), package()).unwrap();
    let tree = soctl.run(&["inspect", "night.dtsx"]).reports(
        0,
        &[
            "night.dtsx (project night, format 8",
            "Db: OLEDB (package) Provider=SQLite;Data Source=x.db;Password=***;",
            "$Package::Target: String = Data Source=h;Password=***;",
            "├─ variables User::Day",
            "├─ Truncate: Execute SQL task",
            "└─ Run <it>: Script task [does not run here] <- Truncate success",
        ],
    );
    assert!(!tree.stdout.contains("geheim42"), "{}", tree.stdout);

    let json = soctl.json(&["inspect", "night.dtsx"]);
    assert_eq!(json["root"]["children"][1]["runs_here"], false);
    assert_eq!(json["root"]["constraints"][0]["condition"], "success");
    assert!(!json.to_string().contains("geheim42"), "{json}");

    soctl
        .run(&["inspect", "night.dtsx", "--format", "mermaid"])
        .reports(
            0,
            &[
                "flowchart TD\n",
                "n0[\"Truncate: Execute SQL task\"]",
                "n1[\"Run #lt;it#gt;: Script task (does not run here)\"]",
                "n0 --> n1",
            ],
        );
}

#[test]
fn of_several_packages_one_is_named() {
    let soctl = Soctl::new();
    soctl
        .run(&["inspect", "gone.dtsx"])
        .fails(4, &["gone.dtsx"]);
    std::fs::write(soctl.home().join("night.dtsx"), package()).unwrap();
    soctl
        .run(&["inspect", "night.dtsx", "--package", "day"])
        .fails(4, &["no package `day`", "there are: night.dtsx"]);
    soctl
        .run(&["inspect", "night.dtsx", "--package", "NIGHT"])
        .success();
}
