//! A site whose catalog is on PostgreSQL.

use crate::support::package;
use crate::support::postgres::PostgresCluster;
use crate::support::{Site, Soctl};

#[test]
fn a_site_on_postgresql_runs_packages_and_psql_reads_its_views() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    let location = cluster.url("postgres");
    let site = Site::start_with(&["--workers", "1", "--catalog", &location]);
    let soctl = &site.soctl;
    let file = soctl.home().join("quick.dtsx");
    std::fs::write(&file, package::process("quick", "true", "")).unwrap();
    let file = file.to_str().unwrap();
    soctl.json(&["deploy", file, "--folder", "Finance"]);

    let report = soctl.json(&["execute", "--package", "quick.dtsx", "--folder", "finance"]);
    assert_eq!(report[0]["status"], "succeeded", "{report:#}");
    let id = report[0]["execution_id"].to_string();
    let shown = soctl.json(&["executions", "show", &id]);
    assert_eq!(shown["status"], "succeeded");
    let rows = soctl.json(&["view", "executions", "--where", "status=7"]);
    assert_eq!(rows[0]["execution_id"], report[0]["execution_id"]);

    let seen = cluster.psql(
        "postgres",
        "SELECT Execution_ID, folder_name, package_name, status, end_time >= start_time
         FROM catalog.executions",
    );
    assert_eq!(seen, format!("{id}|Finance|quick.dtsx|7|t\n"));
    assert!(!soctl.home().join("data/master/catalog.db").exists());
}

#[test]
fn a_password_on_the_command_line_is_refused_and_not_repeated() {
    let soctl = Soctl::new();
    let location = "postgres://me:hunter2@127.0.0.1:9/db";
    for command in ["up", "master run"] {
        let mut arguments: Vec<&str> = command.split(' ').collect();
        arguments.extend(["--data", "d", "--port", "0", "--catalog", location]);
        let ran = soctl
            .run(&arguments)
            .fails(6, &["SO7061", "PGPASSWORD", "~/.pgpass"]);
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    }
}
