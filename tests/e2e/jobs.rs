//! Jobs through `soctl`: a package, a command, a script and a file, with a real master and worker.

use serde_json::Value;

use crate::support::package;
use crate::support::{Site, Soctl};

/// Deploys a package that runs a program, to folder `f`, project `p`.
fn deploy(soctl: &Soctl, name: &str, program: &str, arguments: &str) {
    let file = soctl.home().join(format!("{name}.dtsx"));
    std::fs::write(&file, package::process(name, program, arguments)).unwrap();
    let file = file.display().to_string();
    let words = ["deploy", &file, "--folder", "f", "--project", name];
    soctl.run(&words).success();
}

/// The entries of a job, as step and outcome, oldest first.
fn outcomes(soctl: &Soctl, job: &str) -> Vec<(i64, i64)> {
    let entries = soctl.json(&["job", "history", job]);
    let number = |entry: &Value, column: &str| entry[column].as_i64().unwrap();
    let entries = entries.as_array().unwrap().iter().rev();
    entries
        .map(|entry| (number(entry, "step_id"), number(entry, "run_status")))
        .collect()
}

#[test]
fn a_job_runs_packages_commands_and_scripts_in_order() {
    let site = Site::start();
    let soctl = &site.soctl;
    deploy(soctl, "load", "/bin/true", "");
    let run = |words: &[&str]| soctl.run(words).success();
    run(&["job", "create", "nightly", "--description", "the load"]);
    run(&[
        "job",
        "step",
        "add",
        "nightly",
        "load",
        "--package",
        "f/load/load.dtsx",
    ]);
    let shell = "echo said $((20 + 22)); exit 3";
    run(&[
        "job",
        "step",
        "add",
        "nightly",
        "report",
        "--cmd",
        shell,
        "--success-code",
        "3",
        "--output-file",
        "report.log",
    ]);
    run(&[
        "job",
        "step",
        "add",
        "nightly",
        "tidy",
        "--tsql",
        "EXEC msdb.dbo.sp_help_job",
    ]);
    let file = soctl.home().join("load.dtsx").display().to_string();
    run(&["job", "step", "add", "nightly", "file", "--file", &file]);
    run(&[
        "job",
        "schedule",
        "add",
        "nightly",
        "--daily",
        "--at",
        "02:00",
        "--time-zone",
        "Europe/Berlin",
    ]);

    let ran = soctl.run(&["job", "start", "nightly", "--wait"]).success();
    assert!(ran.stderr.contains("The job succeeded."), "{}", ran.stderr);
    assert_eq!(
        outcomes(soctl, "nightly"),
        [(1, 1), (2, 1), (3, 1), (4, 1), (0, 1)]
    );
    let entries = soctl.json(&["job", "history", "nightly"]);
    let text = entries[3]["message"].as_str().unwrap();
    assert!(
        text.contains("said 42") && text.contains("Process exit code 3."),
        "{text}"
    );
    let listed = soctl.json(&["job", "list"]);
    assert_eq!(listed[0]["last_run_outcome"], 1);
    let shown = soctl.run(&["job", "show", "nightly"]).success().stdout;
    assert!(
        shown.contains("every day at 02:00:00 (Europe/Berlin)"),
        "{shown}"
    );
    run(&["job", "delete", "nightly", "--yes"]);
    assert_eq!(soctl.json(&["job", "list"]).as_array().unwrap().len(), 0);
}

#[test]
fn a_failure_says_why_and_a_stop_ends_what_runs() {
    let site = Site::start();
    let soctl = &site.soctl;
    deploy(soctl, "bad", "/bin/false", "");
    deploy(soctl, "long", "/bin/sleep", "600");
    let run = |words: &[&str]| soctl.run(words).success();
    run(&["job", "create", "bad"]);
    run(&[
        "job",
        "step",
        "add",
        "bad",
        "load",
        "--package",
        "f/bad/bad.dtsx",
        "--on-failure",
        "next",
    ]);
    run(&[
        "job",
        "step",
        "add",
        "bad",
        "missing",
        "--package",
        "f/none/none.dtsx",
    ]);
    let failed = soctl.run(&["job", "start", "bad", "--wait"]);
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    assert_eq!(outcomes(soctl, "bad"), [(1, 0), (2, 0), (0, 0)]);
    let entries = soctl.json(&["job", "history", "bad"]);
    let text = entries[1]["message"].as_str().unwrap();
    assert!(text.contains("there is no project `none`"), "{text}");
    let text = entries[2]["message"].as_str().unwrap();
    assert!(text.contains("soctl executions messages"), "{text}");

    run(&["job", "create", "long"]);
    run(&[
        "job",
        "step",
        "add",
        "long",
        "wait",
        "--package",
        "f/long/long.dtsx",
        "--retries",
        "3",
    ]);
    run(&["job", "start", "long"]);
    soctl
        .run(&["job", "start", "long"])
        .fails(6, &["SO7417", "runs already"]);
    run(&["job", "stop", "long"]);
    let stopped = soctl.run(&["job", "watch", "long"]);
    assert_eq!(stopped.code, 3, "{}", stopped.stderr);
    soctl.run(&["job", "start", "absent"]).fails(4, &["SO7410"]);
}

#[test]
fn a_script_of_ssms_is_imported_and_runs() {
    let site = Site::start();
    let soctl = &site.soctl;
    deploy(soctl, "load", "/bin/true", "");
    let script = r#"USE [msdb]
GO
BEGIN TRANSACTION
DECLARE @ReturnCode INT
SELECT @ReturnCode = 0
DECLARE @jobId BINARY(16)
EXEC @ReturnCode =  msdb.dbo.sp_add_job @job_name=N'from ssms', @enabled=1, @notify_level_eventlog=2,
    @owner_login_name=N'CORP\dba', @job_id = @jobId OUTPUT
IF (@@ERROR <> 0 OR @ReturnCode <> 0) GOTO QuitWithRollback
EXEC @ReturnCode = msdb.dbo.sp_add_jobstep @job_id=@jobId, @step_name=N'load', @step_id=1, @subsystem=N'SSIS',
    @command=N'/ISSERVER "\"\SSISDB\f\load\load.dtsx\"" /SERVER "\"SQL01\"" /CALLERINFO SQLAGENT /REPORTING E'
IF (@@ERROR <> 0 OR @ReturnCode <> 0) GOTO QuitWithRollback
EXEC @ReturnCode = msdb.dbo.sp_add_jobserver @job_id = @jobId, @server_name = N'(local)'
EXEC msdb.dbo.sp_set_sqlagent_properties @jobhistory_max_rows=-1
COMMIT TRANSACTION
GOTO EndSave
QuitWithRollback:
    IF (@@TRANCOUNT > 0) ROLLBACK TRANSACTION
EndSave:
"#;
    let path = soctl.home().join("job.sql");
    std::fs::write(&path, script).unwrap();
    let path = path.display().to_string();
    let imported = soctl.json(&["job", "import", &path]);
    assert_eq!(imported["jobs"], serde_json::json!(["from ssms"]));
    let listed = imported["without_meaning"].to_string();
    for expected in [
        "sp_set_sqlagent_properties",
        "CORP",
        "@notify_level_eventlog",
    ] {
        assert!(listed.contains(expected), "{expected} in {listed}");
    }
    soctl
        .run(&["job", "start", "from ssms", "--wait"])
        .success();
    // Once more: the name is taken, and nothing is left half-done.
    soctl
        .run(&["job", "import", &path])
        .fails(6, &["SO7411", "line 7"]);
    assert_eq!(soctl.json(&["job", "list"]).as_array().unwrap().len(), 1);
}

/// A login with a role of jobs, and its context.
fn login(soctl: &Soctl, name: &str, role: &str) {
    std::fs::write(soctl.home().join(name), "Zaunkoenig-4711").unwrap();
    soctl.json(&["logins", "create", name, "--password-file", name]);
    soctl.json(&["logins", "grant", name, role]);
    let local = soctl.json(&["context", "show", "local"]);
    let words = |key: &str| local[key].as_str().unwrap().to_owned();
    let (master, thumbprint) = (words("master"), words("thumbprint"));
    let login = [
        "login",
        "--login",
        name,
        "--password-file",
        name,
        "--context",
        name,
        "--master",
        &master,
        "--thumbprint",
        &thumbprint,
    ];
    soctl.run(&login).success();
    soctl.run(&["context", "use", "local"]).success();
}

#[test]
fn a_proxy_is_another_user_of_the_worker_for_those_who_may_name_it() {
    let site = Site::start_with(&["--workers", "1"]);
    let soctl = &site.soctl;
    login(soctl, "anna", "SQLAgentUserRole");
    let anna = |words: &[&str]| soctl.run(&[words, &["--context", "anna"]].concat());
    let run = |words: &[&str]| soctl.run(words).success();
    run(&[
        "proc",
        "sp_add_proxy",
        "--param",
        "proxy_name=etl",
        "--param",
        "credential_name=nobody",
    ]);
    anna(&["job", "create", "own"]).success();
    let line = "echo I am $(id -un), $(id -Gn), ${HOME:-nowhere}; env | grep -c SOCTL; exit 0";
    let step = ["job", "step", "add", "own", "who", "--cmd", line];
    anna(&step).fails(6, &["SO7422", "needs a proxy"]);
    let step = [&step[..], &["--proxy", "etl"]].concat();
    anna(&step).fails(6, &["SO7421", "sp_grant_login_to_proxy"]);
    run(&[
        "proc",
        "sp_grant_login_to_proxy",
        "--param",
        "login_name=anna",
        "--param",
        "proxy_name=etl",
    ]);
    anna(&step).success();
    let ran = anna(&["job", "start", "own", "--wait"]);
    let entries = soctl.json(&["job", "history", "own"]);
    let message = entries[1]["message"].as_str().unwrap();
    if nix::unistd::getuid().is_root() {
        assert_eq!(ran.code, 0, "{message}");
        assert!(message.contains("I am nobody, "), "{message}");
        assert!(!message.contains("root"), "{message}");
    } else {
        assert_eq!(ran.code, 1, "{message}");
        assert!(
            message.contains("only a worker that runs as root"),
            "{message}"
        );
    }
    // A right that is taken away counts for the next run.
    run(&[
        "proc",
        "sp_revoke_login_from_proxy",
        "--param",
        "name=anna",
        "--param",
        "proxy_name=etl",
    ]);
    assert_eq!(anna(&["job", "start", "own", "--wait"]).code, 1);
    let entries = soctl.json(&["job", "history", "own"]);
    let message = entries[1]["message"].as_str().unwrap();
    assert!(message.contains("may not use the proxy"), "{message}");
}
