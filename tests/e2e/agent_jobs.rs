//! Packages that start and stop jobs of the catalog that they are executions of: the Execute SQL
//! Server Agent Job task, `sp_start_job` in an Execute SQL task, and the sample of the old way.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::tasks::TaskPackage;
use crate::support::{Ran, Site, Soctl, project};

const AGENT_JOB: &str = "Microsoft.DbMaintenanceExecuteAgentJobTask";
/// A connection of a package that was built for SQL Server Agent.
const SQL01: &str =
    "Data Source=SQL01;Initial Catalog=msdb;Provider=SQLNCLI11.1;Integrated Security=SSPI;";

/// The data of an Execute SQL Server Agent Job task.
fn agent_job(connection: &str, job: &str) -> String {
    format!(
        r#"<SQLTask:SqlTaskData xmlns:SQLTask="www.microsoft.com/sqlserver/dts/tasks/sqltask" SQLTask:Connection="{connection}" SQLTask:AgentJobID="{job}"/>"#
    )
}

/// The attributes of an Execute SQL task.
fn statement(connection: &str, sql: &str) -> String {
    format!(r#"SQLTask:Connection="{connection}" SQLTask:SqlStatementSource="{sql}""#)
}

fn id_of(connection: u8) -> String {
    format!("{{00000000-0000-4000-8000-0000000000{connection:02}}}")
}

/// A site whose worker takes SQL01 for the catalog.
fn site() -> Site {
    let map = json!({"SQL01/msdb": "Provider=ScaleOut"});
    let settings = json!({"ConnectionMap": map, "DisplayName": "worker1"});
    Site::start_set(Soctl::new(), &["--workers", "1"], settings)
}

fn deploy(soctl: &Soctl, package: &TaskPackage) {
    project::write(
        &soctl.home().join("p"),
        "Parts",
        &[("parent.dtsx", package.text())],
    );
    soctl.json(&["deploy", "p", "--folder", "F"]);
}

/// Runs the package; gives what came of it and its errors.
fn execute(soctl: &Soctl, more: &[&str]) -> (Value, String) {
    let mut arguments = vec!["execute", "-p", "parent.dtsx", "--folder", "F"];
    arguments.extend(["--output", "json"]);
    arguments.extend(more);
    let ran = soctl.run(&arguments).json()[0].clone();
    let id = ran["execution_id"].to_string();
    let shown = soctl.run(&["executions", "show", &id, "--all"]).success();
    (ran, shown.stdout)
}

/// A job that says a word into a file.
fn job(soctl: &Soctl, name: &str, more: &[&str]) -> String {
    let made = soctl.json(&[&["job", "create", name], more].concat());
    let line = format!("echo {name} >> {}", said(soctl).display());
    soctl.json(&["job", "step", "add", name, "say", "--cmd", &line]);
    made["job_id"].as_str().unwrap().to_owned()
}

fn said(soctl: &Soctl) -> std::path::PathBuf {
    soctl.home().join("said.txt")
}

#[test]
fn a_package_starts_jobs_of_its_catalog() {
    let site = site();
    let soctl = &site.soctl;
    let known = "b0ba6cd0-1f2e-4e6a-9b3e-0d7c6d1a2b3c";
    assert_eq!(job(soctl, "by-known-id", &["--id", known]), known);
    for name in ["by-name", "by-variable", "by-its-name", "stopped"] {
        job(soctl, name, &[]);
    }
    soctl.json(&["job", "step", "delete", "stopped", "1", "--yes"]);
    soctl.json(&["job", "step", "add", "stopped", "s", "--cmd", "sleep 600"]);
    soctl.json(&["job", "start", "stopped"]);
    let binding = r#"<SQLTask:ParameterBinding SQLTask:ParameterName="0" SQLTask:DtsVariableName="User::Job" SQLTask:ParameterDirection="Input" SQLTask:DataType="130" SQLTask:ParameterSize="-1"/>"#;
    let (mapped, direct) = (id_of(1), id_of(2));
    let package = TaskPackage::new("parent")
        .connection("SQL01", "OLEDB", SQL01)
        .connection("Agent", "OLEDB", "Provider=ScaleOut")
        .variable("Job", 8, "by-variable")
        .task(
            "Known id",
            AGENT_JOB,
            &agent_job(&mapped, &format!("{{{known}}}")),
        )
        .task(
            "Name in the task",
            AGENT_JOB,
            &agent_job(&direct, "by-its-name"),
        )
        .sql(
            "Name",
            &statement(&mapped, "EXEC msdb.dbo.sp_start_job N'by-name'"),
            "",
        )
        .sql(
            "Variable",
            &statement(&direct, "EXEC msdb.dbo.sp_start_job @job_name = ?"),
            binding,
        )
        .sql(
            "Stop",
            &statement(&direct, "EXEC msdb.dbo.sp_stop_job @job_name = N'stopped'"),
            "",
        );
    deploy(soctl, &package);
    let (ran, log) = execute(soctl, &[]);
    assert_eq!(ran["status"], "succeeded", "{log}");
    for name in ["by-known-id", "by-name", "by-variable", "by-its-name"] {
        soctl.run(&["job", "watch", name]).success();
        let entries = soctl.json(&["job", "history", name]);
        let message = entries[0]["message"].as_str().unwrap();
        let who = format!("(execution {})", ran["execution_id"]);
        assert!(message.contains(&who), "{message}");
    }
    let said = std::fs::read_to_string(said(soctl)).unwrap();
    let mut said: Vec<&str> = said.lines().collect();
    said.sort_unstable();
    assert_eq!(
        said,
        ["by-its-name", "by-known-id", "by-name", "by-variable"]
    );
    assert_eq!(soctl.run(&["job", "watch", "stopped"]).code, 3);
}

#[test]
fn a_task_succeeds_when_its_job_was_started_and_says_why_it_was_not() {
    let site = site();
    let soctl = &site.soctl;
    // How the job ends is nobody's concern.
    soctl.json(&["job", "create", "bad"]);
    soctl.json(&["job", "step", "add", "bad", "fail", "--cmd", "exit 1"]);
    soctl.json(&["job", "create", "busy"]);
    soctl.json(&["job", "step", "add", "busy", "wait", "--cmd", "sleep 600"]);
    soctl.json(&["job", "start", "busy"]);
    let starts = |sql: &str| {
        TaskPackage::new("parent")
            .connection("Agent", "OLEDB", "Provider=ScaleOut")
            .sql("Start", &statement(&id_of(1), sql), "")
    };
    deploy(soctl, &starts("EXEC msdb.dbo.sp_start_job N'bad'"));
    let (ran, log) = execute(soctl, &[]);
    assert_eq!(ran["status"], "succeeded", "{log}");
    assert_eq!(soctl.run(&["job", "watch", "bad"]).code, 1);
    for (sql, words) in [
        ("EXEC sp_start_job N'absent'", &["SO7410", "absent"][..]),
        ("EXEC sp_start_job N'busy'", &["SO7417", "runs already"]),
        (
            "EXEC sp_delete_job N'busy'",
            &["only starts and stops jobs", "`sp_delete_job`"],
        ),
        ("SELECT 1", &["only starts and stops jobs", "SELECT 1"]),
    ] {
        deploy(soctl, &starts(sql));
        let (ran, log) = execute(soctl, &[]);
        assert_eq!(ran["status"], "failed", "{sql}: {log}");
        for word in words {
            assert!(log.contains(word), "{word} in {log}");
        }
    }
    assert_eq!(soctl.json(&["job", "list"]).as_array().unwrap().len(), 2);

    // A catalog that is not this one, and no catalog at all.
    let other = starts("EXEC sp_start_job N'busy'").text();
    let other = other.replace("Provider=ScaleOut", "Provider=ScaleOut;Data Source=SQL02");
    let files = [("parent.dtsx", other)];
    project::write(&soctl.home().join("p"), "Parts", &files);
    soctl.json(&["deploy", "p", "--folder", "F"]);
    let (ran, log) = execute(soctl, &[]);
    assert_eq!(ran["status"], "failed", "{log}");
    assert!(log.contains("leave `Data Source` out"), "{log}");
    let file = soctl.home().join("alone.dtsx");
    std::fs::write(&file, starts("EXEC sp_start_job N'busy'").text()).unwrap();
    let alone = soctl.dtexec(&["/F", &file.display().to_string()]);
    assert_eq!(alone.code, 1, "{}", alone.stdout);
    assert!(
        alone.stdout.contains("SO6011") || alone.stdout.contains("only tasks of its executions"),
        "{}",
        alone.stdout
    );
}

#[test]
fn a_package_starts_what_who_started_it_may_start() {
    let site = site();
    let soctl = &site.soctl;
    job(soctl, "load", &[]);
    let package = TaskPackage::new("parent")
        .connection("Agent", "OLEDB", "Provider=ScaleOut")
        .task("Start", AGENT_JOB, &agent_job(&id_of(1), "load"));
    deploy(soctl, &package);
    std::fs::write(soctl.home().join("anna"), "Zaunkoenig-4711").unwrap();
    soctl.json(&["logins", "create", "anna", "--password-file", "anna"]);
    soctl.json(&["logins", "grant", "anna", "ssis_cluster_executor"]);
    let local = soctl.json(&["context", "show", "local"]);
    let (master, thumbprint) = (&local["master"], &local["thumbprint"]);
    let login = [
        "login",
        "--login",
        "anna",
        "--password-file",
        "anna",
        "--context",
        "anna",
        "--master",
        master.as_str().unwrap(),
        "--thumbprint",
        thumbprint.as_str().unwrap(),
    ];
    soctl.run(&login).success();
    soctl.run(&["context", "use", "local"]).success();
    let run = "READ,READ_OBJECTS,EXECUTE_OBJECTS";
    soctl
        .run(&["permissions", "grant", run, "--to", "anna", "--folder", "F"])
        .success();
    for (role, code) in [
        ("SQLAgentUserRole", "SO7410"),
        ("SQLAgentReaderRole", "SO7412"),
    ] {
        soctl.run(&["logins", "grant", "anna", role]).success();
        let (ran, log) = execute(soctl, &["--context", "anna"]);
        assert_eq!(ran["status"], "failed", "{log}");
        assert!(log.contains(code), "{log}");
    }
    soctl
        .run(&["logins", "grant", "anna", "SQLAgentOperatorRole"])
        .success();
    let (ran, log) = execute(soctl, &["--context", "anna"]);
    assert_eq!(ran["status"], "succeeded", "{log}");
    soctl.run(&["job", "watch", "load"]).success();
    let entries = soctl.json(&["job", "history", "load"]);
    let message = entries[0]["message"].as_str().unwrap();
    assert!(message.contains("anna (execution"), "{message}");
}

/// Makes the jobs of the sample, with units of a fraction of a second.
fn jobs_of_the_sample(soctl: &Soctl) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/load-balancing");
    for way in ["new-way", "old-way"] {
        let folder = samples.join(way).display().to_string();
        soctl.json(&["deploy", &folder, "--folder", "Samples"]);
    }
    let of_soctl = soctl.command(&[]);
    let mut script = Command::new("sh");
    script.arg(samples.join("old-way/jobs.sh")).arg("0.2");
    for (name, value) in of_soctl.get_envs() {
        script.env(name, value.unwrap());
    }
    script.env("SOCTL", of_soctl.get_program());
    let made = Ran::from(script.output().unwrap());
    assert_eq!(made.code, 0, "{}", made.stderr);
}

#[test]
fn the_sample_of_the_old_way_starts_eight_jobs_on_four_workers_and_hears_no_more_of_them() {
    let soctl = Soctl::new();
    for number in 1..=4 {
        let folder = soctl.home().join(format!("data/worker{number}"));
        std::fs::create_dir_all(&folder).unwrap();
        let settings = json!({
            "AgentId": format!("6f1b7d3e-0000-4000-8000-0000000000c{number}"),
            "DisplayName": format!("worker{number}"), "TaskRequestMaxCPU": 100.0,
            "ConnectionMap": {
                "SQL01": "Provider=ScaleOut", "SQL02": "Provider=ScaleOut",
                "SQL03": "Provider=ScaleOut", "SQL04": "Provider=ScaleOut",
            },
        });
        std::fs::write(folder.join("WorkerSettings.config"), settings.to_string()).unwrap();
    }
    let site = Site::start_up(soctl, &["--workers", "4"]);
    let soctl = &site.soctl;
    jobs_of_the_sample(soctl);
    // One of the loads is to fail, and one cannot be started.
    soctl.json(&[
        "job",
        "step",
        "update",
        "load 3",
        "1",
        "--package",
        "Samples/load-balancing/load3.dtsx",
        "--parameter",
        "Fail=load3",
    ]);
    let parent = [
        "execute",
        "-p",
        "parent.dtsx",
        "--folder",
        "Samples",
        "--project",
        "load-balancing-old-way",
        "--output",
        "json",
    ];
    let ran = soctl.run(&parent).json()[0].clone();
    let id = ran["execution_id"].to_string();
    let report = soctl.json(&["executions", "report", &id]);
    assert_eq!(ran["status"], "succeeded", "{report:#}");
    let tasks: Vec<&str> = report["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["name"].as_str().unwrap())
        .collect();
    assert!(tasks.contains(&"All started"), "{tasks:?}");
    assert!(!tasks.contains(&"A start failed"), "{tasks:?}");
    let mut used = Vec::new();
    for (number, worker) in [1, 2, 3, 4, 4, 2, 3, 4].iter().enumerate() {
        let name = format!("load {}", number + 1);
        let watched = soctl.run(&["job", "watch", &name]);
        assert_eq!(watched.code, i32::from(name == "load 3"), "{name}");
        let entries = soctl.json(&["job", "history", &name]);
        let own = entries[1]["execution_id"].to_string();
        let shown = soctl.json(&["executions", "show", &own]);
        let on = shown["worker_name"].as_str().unwrap_or_default().to_owned();
        assert_eq!(on, format!("worker{worker}"), "{shown:#}");
        used.push(on);
    }
    // The parent does not hear of the failure; a job that cannot be started fails its task.
    soctl.json(&["job", "delete", "load 5", "--yes"]);
    let ran = soctl.run(&parent).json()[0].clone();
    assert_eq!(ran["status"], "failed");
    let id = ran["execution_id"].to_string();
    let log = soctl.run(&["executions", "show", &id, "--all"]).success();
    assert!(log.stdout.contains("SO7410"), "{}", log.stdout);
}
